"""Compile the translations and gather the static files; does nothing when neither has changed."""

import hashlib
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from ifso.assets import VENDOR_FILES


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for catalog in sorted(Path(settings.HOME).glob("locale/*/LC_MESSAGES/django.po")):
            compiled = catalog.with_suffix(".mo")
            if not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime:
                with catalog.open("rb") as source, compiled.open("wb") as target:
                    write_mo(target, read_po(source, locale=catalog.parent.parent.name))
        own = sorted(path for path in (settings.HOME / "static").rglob("*") if path.is_file())
        digest = hashlib.sha256()
        for path in [*own, *VENDOR_FILES.values()]:
            digest.update(str(path).encode() + path.read_bytes())
        stamp = Path(settings.STATIC_ROOT).with_suffix(".stamp")
        if not stamp.exists() or stamp.read_text() != digest.hexdigest():
            call_command("collectstatic", "--no-input", "--clear", verbosity=0)
            stamp.write_text(digest.hexdigest())
