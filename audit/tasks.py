"""The timetable's way in to the record."""

import logging

from celery import shared_task
from django.utils import timezone

from audit.alarms import alarms

log = logging.getLogger(__name__)


@shared_task
def tell_alarms() -> None:
    """Write each alarm of the record to the log, as long as it lasts. Safe twice: it only tells."""
    for alarm in alarms(at=timezone.now()):
        log.error("alarm of the record", extra={"alarm": alarm.value})
