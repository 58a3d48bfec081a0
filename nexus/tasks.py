"""The workers' ways in to linking and to full runs."""

from celery import shared_task
from django.utils import timezone

from nexus.services import linking, rebuilding
from tiplines import nudges
from tiplines.tasks import work


@shared_task
def link() -> None:
    """Link due tiplines. Safe twice: a linked tipline is not due."""
    work(lambda: linking.link_next(at=timezone.now()), again=nudges.LINK)


@shared_task
def regroup() -> None:
    """Learn and group anew; left to the run under way, if there is one."""
    try:
        rebuilding.rebuild(at=timezone.now())
    except rebuilding.AlreadyRunningError:
        return


@shared_task
def regroup_if_grown() -> None:
    """A full run between the nightly ones, where much has come in since the last."""
    if rebuilding.has_grown():
        regroup()
