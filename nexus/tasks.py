"""The worker's way in to linking."""

from celery import shared_task
from django.utils import timezone

from nexus.services import linking
from tiplines import nudges
from tiplines.tasks import work


@shared_task
def link() -> None:
    """Link due tiplines. Safe twice: a linked tipline is not due."""
    work(lambda: linking.link_next(at=timezone.now()), again=nudges.LINK)
