"""What a worker takes up at once, and what is held against a document that it could not read."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError

from tests.factories import NOON
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.test_quarantine import check_law
from tiplines.models import Document, QuarantineItem, Tipline
from tiplines.services import reading, waiting
from tiplines.services.reading import read_next
from tiplines.services.receiving import unpack_next
from tiplines.services.storing import store

pytestmark = pytest.mark.django_db


def test_a_batch_is_bounded_by_bytes_and_never_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(zip_of({f"{n}.json": json_report(str(990000000 + n)) for n in range(5)}))
    unpack_next(at=NOON)
    size = Document.objects.order_by("pk")[0].size_bytes
    monkeypatch.setattr(waiting, "BYTES_A_BATCH", size + 1)

    assert [read_next(at=NOON) for _ in range(4)] == [2, 2, 1, 0]

    monkeypatch.setattr(waiting, "BYTES_A_BATCH", 1)
    bring(zip_of({"large.json": json_report("990000009")}))
    unpack_next(at=NOON)
    assert read_next(at=NOON) == 1


def test_a_database_that_gives_way_is_not_held_against_the_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring(zip_of({"1.json": json_report()}))
    unpack_next(at=NOON)

    def give_way(*args: object, **kwargs: object) -> None:
        raise OperationalError("no space left on device")

    with monkeypatch.context() as full:
        full.setattr(reading, "keep_batch", give_way)
        for _ in range(2 * waiting.FELLED_FROM):
            with pytest.raises(OperationalError):
                read_next(at=NOON)

    assert Document.objects.get().attempts == 0
    work()
    assert Tipline.objects.count() == 1


def test_a_fault_of_ours_in_storing_one_report_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring(zip_of({"1.json": json_report("990000001"), "2.json": json_report("990000002")}))
    unpack_next(at=NOON)

    def fail_for_one(arrivals: Any, *, at: datetime) -> None:
        if any(each.number == "990000002" for each in arrivals):
            raise KeyError("a fault of ours")
        store(arrivals, at=at)

    monkeypatch.setattr(reading, "store", fail_for_one)
    while Document.objects.due().exists():
        with suppress(KeyError):
            read_next(at=NOON)

    assert [each.number for each in Tipline.objects.all()] == ["990000001"]
    assert "felled its reader" in QuarantineItem.objects.get().reason
    check_law()
