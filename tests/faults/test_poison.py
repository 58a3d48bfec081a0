"""A document that fells whoever reads it is set apart; one that was only near such an end is not.

Each reader here is a process of its own that ends by SIGKILL.
"""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.factories import NOON
from tests.faults.conftest import HOME
from tests.processes import worker_environment
from tests.tiplines.intake import bring, json_report, zip_of
from tiplines.models import Document, QuarantineItem, Tipline
from tiplines.models.dispatch import DocumentState
from tiplines.services.receiving import unpack_next
from tiplines.services.reconciling import reconcile
from tiplines.services.waiting import ALONE_FROM, FELLED_FROM

pytestmark = [pytest.mark.workers, pytest.mark.django_db(transaction=True)]
REPORTS = 8
TOO_OFTEN = 30  # a test that needs more readers than this goes round in circles


def bring_reports(**others: bytes) -> None:
    good = {f"{n}.json": json_report(str(990000000 + n)) for n in range(REPORTS)}
    bring(zip_of({**good, **others}))
    unpack_next(at=NOON)


def read_until_it_ends(ends_at: str) -> int:
    """Start readers until one finds nothing due; return how many were killed."""
    command = [sys.executable, "-m", "tests.faults.killed_reader", ends_at]
    for killed in range(TOO_OFTEN):
        ended = subprocess.run(  # noqa: S603  # a command of ours
            command, env=worker_environment(), cwd=HOME, capture_output=True, check=False
        )
        [account] = reconcile()
        assert account.holds, account.faults
        if ended.returncode == 0:
            return killed
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    raise AssertionError(f"still not read after {TOO_OFTEN} readers")


def test_a_document_that_fells_its_reader_ends_in_quarantine_and_all_others_go_in() -> None:
    bring_reports(**{"3-poison.json": b"{}"})

    killed = read_until_it_ends("3-poison.json")

    assert killed == FELLED_FROM
    item = QuarantineItem.objects.get()
    assert item.document.name == "3-poison.json"
    assert "felled its reader" in item.reason
    assert Tipline.objects.count() == REPORTS


def test_readers_that_are_killed_often_send_no_valid_document_to_quarantine() -> None:
    bring_reports()

    killed = read_until_it_ends("3")

    assert killed > ALONE_FROM
    assert not QuarantineItem.objects.exists()
    assert Tipline.objects.count() == REPORTS
    assert set(Document.objects.values_list("state", flat=True)) == {DocumentState.READ}
