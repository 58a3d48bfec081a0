"""Bad files in a dispatch between good ones, taken through the whole intake."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Mapping

from tests.tiplines.intake import bring, json_report, work
from tiplines.models import Document, QuarantineItem, Tipline
from tiplines.models.dispatch import DocumentState
from tiplines.services.reconciling import reconcile

GOOD = ("990000097", "990000098")
"""Reports that stand before and behind what is offered."""
OURS = ("The reader failed", "The database refused")
"""How a reason begins that tells of a fault of ours: never what an officer can act on."""
MIB = 1024 * 1024


def between_good(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of the files, with a good report before them and one behind."""
    before, behind = (json.dumps(json_report(number)).encode() for number in GOOD)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in {"0 good.json": before, **files, "~ good.json": behind}.items():
            archive.writestr(name, content)
    return target.getvalue()


def offer(
    files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED
) -> list[QuarantineItem]:
    """Bring the files between good ones and do all the work; return what waits in quarantine."""
    bring(between_good(files, method=method))
    return outcome()


def outcome(*, good: tuple[str, ...] = GOOD) -> list[QuarantineItem]:
    """Work on what was brought; the good reports are in, nothing is left and the law holds."""
    work()
    assert set(good) <= numbers()
    assert not Document.objects.filter(state=DocumentState.WAITING).exists()
    for account in reconcile():
        assert account.holds, account.faults
    items = list(QuarantineItem.objects.select_related("document").order_by("pk"))
    assert not [item.reason for item in items if item.reason.startswith(OURS)]
    return items


def refusal(name: str, data: bytes, *, method: int = zipfile.ZIP_DEFLATED) -> QuarantineItem:
    """Offer one file of which nothing can be read; return why."""
    [item] = offer({name: data}, method=method)
    assert item.document.name == name
    assert numbers() == set(GOOD)
    return item


def read_tipline(name: str, data: bytes, *, method: int = zipfile.ZIP_DEFLATED) -> Tipline:
    """Offer one file that is odd and yet a report; return its tipline."""
    items = offer({name: data}, method=method)
    assert not items, [item.reason for item in items]
    return Tipline.objects.exclude(number__in=GOOD).get()


def numbers() -> set[str]:
    return set(Tipline.objects.values_list("number", flat=True))


def told(item: QuarantineItem) -> str:
    """Reason and place, as the page of the quarantine says them."""
    return f"{item.reason} {item.place}"


def noise(size: int) -> str:
    """Letters that no packer makes small."""
    return random.Random(size).randbytes(size // 2).hex()
