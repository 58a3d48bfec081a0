"""Write to the record. Called inside the transaction of the act itself: both happen, or neither."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from audit.models import Event
from audit.requests import REQUEST_ID


class Actor(Protocol):
    """Whoever acts: an officer. None stands for the system itself."""

    @property
    def pk(self) -> Any: ...

    username: str


def record(
    *,
    verb: str,
    subject: str,
    actor: Actor | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append one event."""
    record_many(verb=verb, subjects=[subject], actor=actor, at=at, detail=detail)


def record_many(
    *,
    verb: str,
    subjects: Iterable[str],
    actor: Actor | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append one event for each subject, in one statement."""
    Event.objects.bulk_create(
        (
            Event(
                at=at,
                actor_id=None if actor is None else actor.pk,
                actor_name="" if actor is None else actor.username,
                verb=verb,
                subject=subject,
                detail=dict(detail or {}),
                request_id=REQUEST_ID.get(),
            )
            for subject in subjects
        ),
        batch_size=1000,
    )
