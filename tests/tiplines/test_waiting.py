"""In which order documents are taken up."""

import pytest

from tests.factories import NOON
from tests.tiplines.intake import bring, json_report, zip_of
from tiplines.models import Receipt, Tipline
from tiplines.services import waiting
from tiplines.services.reading import read_next
from tiplines.services.receiving import unpack_next

pytestmark = pytest.mark.django_db


def test_a_small_dispatch_does_not_wait_behind_a_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "BUNDLES_A_BATCH", 5)
    numbers = [str(990000000 + n) for n in range(12)]
    bulk = bring(zip_of({f"{number}.json": json_report(number) for number in numbers}))
    assert unpack_next(at=NOON)
    assert read_next(at=NOON) == 5

    urgent = bring(zip_of({"990000100.json": json_report("990000100")}))
    assert unpack_next(at=NOON)

    assert read_next(at=NOON) == 1
    assert Receipt.objects.get(dispatch=urgent).number == "990000100"
    assert [read_next(at=NOON) for _ in range(3)] == [5, 2, 0]
    assert Tipline.objects.filter(dispatch=bulk).count() == 12


def test_the_smaller_of_two_dispatches_is_unpacked_first() -> None:
    numbers = [str(990000000 + n) for n in range(12)]
    bulk = bring(zip_of({f"{number}.json": json_report(number) for number in numbers}))
    urgent = bring(zip_of({"990000100.json": json_report("990000100")}))

    assert unpack_next(at=NOON)

    urgent.refresh_from_db()
    bulk.refresh_from_db()
    assert urgent.unpacked_at is not None
    assert bulk.unpacked_at is None
