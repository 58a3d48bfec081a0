"""Write to the record. Called inside the transaction of the act itself: both happen, or neither."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils.crypto import salted_hmac

from audit.models import Event, Outcome
from audit.requests import REQUEST

SEEN_AT_MOST = 200  # keys of a list that one event names; no page shows more
POLL_QUIET = timedelta(minutes=15)
"""For so long a page that asks again by itself, and shows nothing new, leaves no further event."""


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
    purpose: str = "",
    outcome: Outcome = Outcome.DONE,
) -> None:
    """Append one event."""
    record_many(
        verb=verb,
        subjects=[subject],
        actor=actor,
        at=at,
        detail=detail,
        purpose=purpose,
        outcome=outcome,
    )


def record_many(
    *,
    verb: str,
    subjects: Iterable[str],
    actor: Actor | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    purpose: str = "",
    outcome: Outcome = Outcome.DONE,
) -> None:
    """Append one event for each subject, in one statement. `purpose` is a code, never free text."""
    same = dict(detail or {})
    record_each(
        verb=verb,
        details=((subject, same) for subject in subjects),
        actor=actor,
        at=at,
        purpose=purpose,
        outcome=outcome,
    )


def record_each(
    *,
    verb: str,
    details: Iterable[tuple[str, Mapping[str, Any]]],
    actor: Actor | None,
    at: datetime,
    purpose: str = "",
    outcome: Outcome = Outcome.DONE,
) -> None:
    """The same with a detail of its own for each subject."""
    request = REQUEST.get()
    Event.objects.bulk_create(
        (
            Event(
                at=at,
                actor_id=None if actor is None else actor.pk,
                actor_name="" if actor is None else actor.username,
                role=request.role,
                district_id=request.district_id,
                session=request.session,
                source=request.source,
                verb=verb,
                subject=subject,
                outcome=outcome,
                purpose=purpose,
                detail=dict(detail),
                request_id=request.id,
            )
            for subject, detail in details
        ),
        batch_size=1000,
    )


def record_list(
    *,
    verb: str,
    subject: str,
    seen: Iterable[object],
    actor: Actor,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    is_poll: bool = False,
) -> None:
    """That a list was read, and the keys of the rows it showed.

    `is_poll` where the page asked by itself: it is recorded if it showed a row that this session
    had not been shown in the last quarter of an hour, or had not read the list at all.
    """
    keys = list(seen)
    if is_poll and nothing_new(keys, verb=verb, subject=subject, actor=actor, at=at):
        return
    told = {"count": len(keys), "seen": keys[:SEEN_AT_MOST], **(detail or {})}
    record(verb=verb, subject=subject, actor=actor, at=at, detail=told)


def nothing_new(keys: list[object], *, verb: str, subject: str, actor: Actor, at: datetime) -> bool:
    lately = Event.objects.filter(
        subject=subject,
        at__gt=at - POLL_QUIET,
        verb=verb,
        actor_id=actor.pk,
        session=REQUEST.get().session,
    ).values_list("detail__seen", flat=True)
    shown = list(lately)
    return bool(shown) and set(keys) <= {key for each in shown for key in each}


def keyed(text: str) -> str:
    """A hash of `text` that only this system can make: equal texts compare, none can be read.

    Case and spacing do not count.
    """
    plain = " ".join(text.casefold().split())
    return salted_hmac("audit.keyed", plain, algorithm="sha256").hexdigest()
