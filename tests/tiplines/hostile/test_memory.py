"""What the worst files cost a worker: it lives, and its memory stays bounded.

Each dispatch is received and worked on by a process of its own, on the test's database.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import worker_environment
from tests.tiplines.hostile.offering import GOOD, OURS, numbers
from tests.tiplines.hostile.worst import WORST
from tiplines.models import Document, QuarantineItem
from tiplines.models.dispatch import DocumentState
from tiplines.services.reconciling import reconcile

pytestmark = [pytest.mark.workers, pytest.mark.django_db(transaction=True)]
HOME = Path(__file__).resolve().parents[3]
PEAK_MIB = 400


def test_no_file_fells_a_worker_or_fills_its_memory(tmp_path: Path) -> None:
    for name, made in WORST.items():
        (tmp_path / name).write_bytes(made())

    told = worked_on(*(tmp_path / name for name in WORST))

    assert [line["name"] for line in told if line["ended"] != 0] == []
    assert {line["name"]: line["peak"] for line in told if line["peak"] > PEAK_MIB} == {}
    assert set(GOOD) <= numbers()
    assert not Document.objects.filter(state=DocumentState.WAITING).exists()
    assert [fault for account in reconcile() for fault in account.faults] == []
    reasons = QuarantineItem.objects.values_list("dispatch__name", "reason")
    assert [reason for reason in reasons if reason[1].startswith(OURS)] == []


def worked_on(*dispatches: Path) -> list[dict[str, int]]:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.tiplines.hostile.worker", *map(str, dispatches)],
        env=worker_environment(),
        cwd=HOME,
        capture_output=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
