"""The worker application and its timetable."""

import os
from collections.abc import Callable
from typing import Any

from celery import Celery, Task
from celery.exceptions import InvalidTaskError
from celery.schedules import crontab
from celery.signals import beat_init, worker_init
from celery.worker.strategy import default

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ifso.settings")


class SystemTask(Task):  # type: ignore[type-arg]
    """Every task acts for the system; one that acts for an officer takes that scope in itself."""

    Strategy = "ifso.celery:only_arguments"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from accounts.scope import as_the_system

        with as_the_system():
            return super().__call__(*args, **kwargs)


def only_arguments(task: Any, app: Any, consumer: Any, **said: Any) -> Callable[..., None]:
    """Celery's own way to take up a message, once it holds arguments. What kombu hands through
    unread (`application/data`) would end the worker there.
    """
    take_up = default(task, app, consumer, **said)

    def handle(message: Any, *args: Any, **more: Any) -> None:
        match message.payload:
            case [list() | tuple(), dict(), *_]:
                take_up(message, *args, **more)
            case _:
                raise InvalidTaskError("no arguments in the message")

    return handle


app = Celery("ifso", task_cls=SystemTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Every timed task asks the rows what is due now: a lost nudge or a missed run costs only time.
app.conf.beat_schedule = {
    "sweep": {"task": "tiplines.tasks.sweep", "schedule": 5.0, "options": {"expires": 30}},
    "watch": {"task": "tiplines.tasks.watch", "schedule": 10.0, "options": {"expires": 30}},
    "locate-again": {
        "task": "tiplines.tasks.locate_again",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "regroup": {"task": "nexus.tasks.regroup", "schedule": crontab(hour=2, minute=30)},
    "regroup-if-grown": {
        "task": "nexus.tasks.regroup_if_grown",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "alert": {"task": "nexus.tasks.alert", "schedule": 60.0, "options": {"expires": 60}},
    "tidy": {"task": "tiplines.tasks.tidy", "schedule": 3600.0},
    "thin-out": {"task": "accounts.tasks.thin_out", "schedule": crontab(hour=3, minute=15)},
    "record": {"task": "audit.tasks.tell_alarms", "schedule": 60.0, "options": {"expires": 60}},
}


@beat_init.connect
@worker_init.connect
def check_settings(**_: object) -> None:
    """Neither workers nor timetable start with settings that are too weak, or without the keys of
    names. Celery swallows other exceptions.
    """
    from django.core.exceptions import ImproperlyConfigured

    from ifso.starting import refuse_weak_settings
    from tiplines import sealing

    try:
        refuse_weak_settings()
        sealing.check_keys()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
