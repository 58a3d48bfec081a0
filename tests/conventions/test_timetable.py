"""Every timed task exists, and every nudge names one."""

import pytest

from ifso.celery import app
from tiplines import nudges


@pytest.mark.parametrize(
    "name",
    [
        *(entry["task"] for entry in app.conf.beat_schedule.values()),
        *(
            nudges.UNPACK,
            nudges.READ,
            *nudges.STAGES,
            nudges.LOCATE_AGAIN,
            nudges.TRY_RULES,
            nudges.REGROUP,
        ),
    ],
)
def test_a_named_task_exists(name: str) -> None:
    app.loader.import_default_modules()

    assert name in app.tasks
