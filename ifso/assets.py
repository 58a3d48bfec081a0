"""Static files that come from packages: the fonts from npm, htmx from django-htmx. Named one by
one.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import django_htmx
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

NODE = Path(settings.HOME) / "node_modules" / "@fontsource"
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx"

VENDOR_FILES = {
    "htmx.min.js": HTMX / "htmx-2.min.js",
    **{
        f"noto-sans-{part}-{weight}.woff2": NODE
        / family
        / "files"
        / f"{family}-{part}-{weight}-normal.woff2"
        for family, part in (
            ("noto-sans", "latin"),
            ("noto-sans", "latin-ext"),
            ("noto-sans-devanagari", "devanagari"),
        )
        for weight in (400, 600)
    },
}


class VendorFinder(BaseFinder):
    """Finds exactly `VENDOR_FILES`, under `vendor/`."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        file = VENDOR_FILES.get(path.removeprefix("vendor/"))
        if file is None or not path.startswith("vendor/"):
            return []
        return [str(file)] if find_all else str(file)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name, file in VENDOR_FILES.items():
            if not file.exists():
                raise FileNotFoundError(f"{file.name} is missing: run npm ci")
            yield f"vendor/{name}", _One(file)


class _One(FileSystemStorage):
    """A storage of a single file, whatever name it is asked by."""

    prefix = ""  # collectstatic looks for it

    def __init__(self, file: Path) -> None:
        super().__init__(location=str(file.parent))
        self.file = file

    def path(self, name: str) -> str:
        return str(self.file)
