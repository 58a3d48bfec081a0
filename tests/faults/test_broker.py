"""The broker is no door: what is put there is run only if it is one of our tasks, as JSON."""

from __future__ import annotations

import base64
import inspect
import json
import os
import pickle
import uuid
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.conf import settings

from ifso.celery import app
from tests.factories import NOON
from tests.faults.conftest import Workers, wait_until
from tests.tiplines.intake import bring, json_report, zip_of
from tiplines.models import Tipline

QUEUE = "celery"


class Evil:
    """Unpickling it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def put(body: bytes, *, kind: str, task: str = "tiplines.tasks.read") -> None:
    """A message as kombu lays it into Redis, by whoever has got to the broker."""
    key = str(uuid.uuid4())
    message = {
        "body": base64.b64encode(body).decode(),
        "content-type": kind,
        "content-encoding": "binary",
        "headers": {"task": task, "id": key, "lang": "py", "argsrepr": "()", "kwargsrepr": "{}"},
        "properties": {
            "delivery_tag": key,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "delivery_mode": 2,
            "body_encoding": "base64",
            "priority": 0,
        },
    }
    redis.Redis.from_url(settings.REDIS_URL).lpush(QUEUE, json.dumps(message))


def done() -> bool:
    return Tipline.objects.filter(assessed_at__isnull=False).exists()


@pytest.mark.workers
def test_a_forged_message_is_refused_and_the_next_task_is_done(
    workers: Workers, tmp_path: Path
) -> None:
    made = tmp_path / "made-by-pickle"
    forged = pickle.dumps(((Evil(made),), {}, {}))
    pickle.loads(forged)  # noqa: S301  # it does what it is meant to
    assert made.exists()
    made.rmdir()
    log = Path(settings.DATA) / "worker.log"
    workers.start()
    for kind in ("application/x-python-serialize", "application/x-yaml", "application/data"):
        put(forged, kind=kind)
    for content in (b"{no json", b'"text"', b"[1]", b"{}"):
        put(content, kind="application/json")
    put(json.dumps(((), {}, {})).encode(), kind="application/json", task="os.system")
    wait_until(lambda: log.exists() and b"os.system" in log.read_bytes(), seconds=60, what="a word")
    process = workers.process
    bring(zip_of({"1.json": json_report()}), at=NOON)

    wait_until(done, seconds=60, what="the next proper task")

    assert process is not None
    assert process.poll() is None
    assert not made.exists()
    said = log.read_text()
    assert said.count("Refusing to deserialize untrusted content") == 2
    assert "Unrecoverable" not in said
    assert redis.Redis.from_url(settings.REDIS_URL).llen(QUEUE) <= 5  # the timetable's own


def test_nothing_but_json_is_written_or_read() -> None:
    kinds = {"json"}
    assert set(app.conf.accept_content) == kinds
    assert set(app.conf.result_accept_content) == kinds
    assert {
        *(app.conf.task_serializer, app.conf.result_serializer, app.conf.event_serializer),
    } == kinds
    assert set(Celery().conf.accept_content) == kinds  # what events are read by, if not by ours


def test_no_task_takes_text() -> None:
    """Tasks look at the rows: what stands in a message is no more than their name."""
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert len(ours) >= 7
    for name, task in ours.items():
        assert not inspect.signature(task.run).parameters, name
