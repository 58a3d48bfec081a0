"""Nudges to the workers. A nudge that is lost costs seconds: the rows themselves say what is
due.
"""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

UNPACK = "tiplines.tasks.unpack"
READ = "tiplines.tasks.read"
ASSESS = "tiplines.tasks.assess"
LOCATE = "tiplines.tasks.locate"
LINK = "nexus.tasks.link"  # by name: nexus stands above this app
REGROUP = "nexus.tasks.regroup"
ALERT = "nexus.tasks.alert"
LOCATE_AGAIN = "tiplines.tasks.locate_again"
TRY_RULES = "tiplines.tasks.try_rules"
TRY_REORGANISATION = "tiplines.tasks.try_reorganisation"
STAGES = (ASSESS, LOCATE, LINK)

logger = logging.getLogger(__name__)


def send(*tasks: str) -> None:
    """Tell a worker that there is work. A broker that does not answer is logged, never an error."""
    for task in tasks:
        try:
            current_app.send_task(task, retry=False, expires=60)
        except (OperationalError, OSError):
            logger.warning("nudge not sent", extra={"task": task})
