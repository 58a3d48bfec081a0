"""The workers' ways in to linking and to full runs."""

from celery import shared_task
from django.utils import timezone

from nexus.kinds import ENGINE
from nexus.models import Run
from nexus.services import alerting, linking
from tiplines import nudges
from tiplines.models import Tipline
from tiplines.tasks import work

GROWN_BY = 0.05  # of the tiplines of the last run, from which another is worth its minute


@shared_task
def link() -> None:
    """Link due tiplines, after the first run. Safe twice: a linked tipline is not due."""
    if not Run.objects.exists():
        regroup()
    work(lambda: linking.link_next(at=timezone.now()), again=nudges.LINK)
    nudges.send(nudges.ALERT)


@shared_task
def regroup() -> None:
    """Learn and group anew; left to the run under way, if there is one."""
    from nexus.services import rebuilding  # its arrays are for those who group

    try:
        rebuilding.rebuild(at=timezone.now())
    except rebuilding.AlreadyRunningError:
        return
    nudges.send(nudges.ALERT)


@shared_task
def alert() -> None:
    """Do what follows from organised nexuses. Safe twice: what was done differs no more."""
    work(lambda: alerting.alert_next(at=timezone.now()), again=nudges.ALERT)
    while alerting.tell_holders(at=timezone.now()):
        pass


@shared_task
def regroup_if_grown() -> None:
    """A full run between the nightly ones, where much has come in since the last."""
    if has_grown():
        regroup()


def has_grown() -> bool:
    """Whether so much came in since the last run that values may be worth something else by now, or
    that run knew other rules.
    """
    last = Run.objects.order_by("-pk").first()
    if last is not None and last.engine != ENGINE:
        return True
    known = 0 if last is None else last.tiplines
    return Tipline.objects.count() > known * (1 + GROWN_BY)
