"""The timetable's way in to the accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.services.thinning import thin


@shared_task
def thin_out() -> None:
    """Delete wrong tries and sessions kept long enough. Safe twice: what is gone is not there."""
    thin(at=timezone.now())
