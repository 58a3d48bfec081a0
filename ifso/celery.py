"""The worker application and its timetable."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ifso.settings")

app = Celery("ifso")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Every timed task asks the rows what is due now: a lost nudge or a missed run costs only time.
app.conf.beat_schedule = {
    "sweep": {"task": "tiplines.tasks.sweep", "schedule": 5.0, "options": {"expires": 30}},
    "watch": {"task": "tiplines.tasks.watch", "schedule": 10.0, "options": {"expires": 30}},
    "tidy": {"task": "tiplines.tasks.tidy", "schedule": 3600.0},
}
