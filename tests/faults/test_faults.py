"""Nothing is lost and nothing is done twice when a worker or the broker dies in mid-import."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import redis
from django.conf import settings
from django.core.management import call_command

from districts.gazetteer import forget
from districts.loading import load_gazetteer
from tests.factories import NOON
from tests.faults.conftest import Workers, wait_until
from tests.tiplines.intake import bring
from tiplines.making.dispatch import MadeDispatch, make_dispatch
from tiplines.models import Dispatch, Receipt, Tipline, Version
from tiplines.services.reconciling import reconcile

REPORTS = 500
pytestmark = pytest.mark.workers


@pytest.fixture
def made(transactional_db: None) -> MadeDispatch:
    """A made dispatch received and not yet worked."""
    forget()
    load_gazetteer(at=NOON)
    target = io.BytesIO()
    made = make_dispatch(REPORTS, 5, to=target)
    bring(target.getvalue())
    return made


def in_the_middle() -> bool:
    return Receipt.objects.count() >= REPORTS // 5


def finished() -> bool:
    return Dispatch.objects.filter(finished_at__isnull=False).exists()


def check_complete(made: MadeDispatch) -> None:
    [account] = reconcile()
    assert account.holds, account.faults
    assert (account.stored, account.quarantined) == (made.reports, made.broken)
    assert Tipline.objects.count() == Version.objects.count() == made.reports
    assert all(tipline.is_ready for tipline in Tipline.objects.all())
    call_command("reconcile", stdout=io.StringIO())


def kill_and_restart(workers: Workers) -> None:
    workers.kill()
    assert not finished()
    assert all(account.holds for account in reconcile()), "the law holds at every instant"
    workers.start()


def flush(workers: Workers) -> None:
    redis.Redis.from_url(settings.REDIS_URL).flushall()


@pytest.mark.parametrize("fault", [kill_and_restart, flush])
def test_a_dispatch_ends_complete_after_a_fault_in_mid_import(
    workers: Workers, made: MadeDispatch, fault: Callable[[Workers], None]
) -> None:
    workers.start()
    wait_until(in_the_middle, seconds=60, what="the middle of the import")

    fault(workers)

    wait_until(finished, seconds=120, what="the end of the import")
    check_complete(made)
