"""The demo's half day of work is legal work: the law holds after it, every desk has something."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from cases.models import Arrest, Case, Fir
from districts.gazetteer import forget
from districts.loading import load_gazetteer
from ifso import demo
from operations import unexplained
from operations.models import Operation
from tests.factories import NOON
from tests.tiplines.intake import bring, work
from tiplines.making.dispatch import make_dispatch
from tiplines.services.reconciling import reconcile

REPORTS = 600


@pytest.mark.django_db
def test_the_law_holds_after_the_demo() -> None:
    forget()
    load_gazetteer(at=NOON)
    demo.enlist(at=NOON)
    target = io.BytesIO()
    made = make_dispatch(REPORTS, demo.SEED, to=target, sent_on=NOON.date())
    bring(target.getvalue())
    work(located=True)

    demo.work_half_a_day(at=NOON)

    [account] = reconcile()
    assert account.holds, account.faults
    assert unexplained.rows() == []
    assert account.stored == made.reports == account.awaiting + account.held + account.ended
    assert min(account.awaiting, account.held, account.ended) > 0
    assert Case.objects.exists()
    assert Fir.objects.exists()
    assert Arrest.objects.exists()
    assert Operation.objects.get().entries.exists()
    call_command("reconcile", stdout=io.StringIO())
