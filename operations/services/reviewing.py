"""The weekly review of the record: who did what, what stands out, and that somebody looked.

That a week was reviewed is itself an event; there is no other place where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Count

from accounts.models import User
from accounts.roles import Act
from audit.models import Event, Origin, Outcome
from audit.services import keyed, record
from operations.periods import IST, midnight

READINGS_AN_HOUR = 200
"""More than these within any hour are bulk browsing: no officer decides that fast."""
READINGS = (
    *("tipline.opened", "case.seen", "document.opened", "quarantine.opened", "dispatch.opened"),
    *("queue.read", "cases.read", "desk.read", "figure.read", "quarantine.read"),
    *("dispatches.read", "restricted.read", "record.read", "record.week-read"),
    *("officers.read", "officer.opened", "cohort.previewed", "search.made", "party.revealed"),
    "address.located",
    *("receipt.taken", "missing.taken", "proposals.read", "proposal.opened"),
    *("letters.read", "letter.opened", "letter.printed", "misroutes.read"),
    *("nexuses.read", "nexus.opened"),
    *("rules.opened", "reorganisation.opened"),
)
SIGNED = "record.week-signed"
WEEKS_LISTED = 12

BUSIEST_HOUR = """
select actor_id, max(readings) from (
  select actor_id, count(*) over (
    partition by actor_id order by at range between interval '1 hour' preceding and current row
  ) as readings
  from audit_event where at >= %s and at < %s and verb = any(%s) and actor_id is not null
) hours group by actor_id having max(readings) > %s
"""


class Finding(StrEnum):
    """What the reviewer found: a code, for the record holds no free text."""

    NOTHING = "nothing"
    FOLLOWED_UP = "followed-up"


class NotOver(Exception):
    """A week is signed once it is over."""


class AlreadySigned(Exception):
    """The officer signed this week before."""


class NotAllowed(Exception):
    """The officer may not read the record."""


class FlagKind(StrEnum):
    REFUSED = "refused"  # looked for what is not the officer's to see
    BULK = "bulk"
    OWN_NAME = "own-name"
    BY_SQL = "by-sql"  # rows changed and no service said why
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Flag:
    kind: FlagKind
    officer: str
    """The number; empty where no officer is known."""
    count: int


@dataclass(frozen=True, kw_only=True)
class OfficerLine:
    officer: str
    readings: int
    acts: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class Signature:
    officer: str
    at: datetime
    finding: str


@dataclass(frozen=True, kw_only=True)
class Review:
    officers: list[OfficerLine]
    verbs: list[tuple[str, int]]
    flags: list[Flag]
    signatures: list[Signature]


def week_of(day: date) -> date:
    """The Monday of a day's week; it names the week."""
    return day - timedelta(days=day.weekday())


def is_over(monday: date, *, at: datetime) -> bool:
    return at >= midnight(monday + timedelta(days=7))


def subject_of(monday: date) -> str:
    return f"week:{monday.isoformat()}"


def review_of(monday: date) -> Review:
    from_at, until_at = midnight(monday), midnight(monday + timedelta(days=7))
    events = Event.objects.filter(at__gte=from_at, at__lt=until_at)
    counted = list(
        events.values("actor_id", "actor_name", "verb", "outcome", "origin").annotate(
            count=Count("pk")
        )
    )
    names = {row["actor_id"]: row["actor_name"] for row in counted}
    verbs: dict[str, int] = {}
    lines: dict[str, dict[str, int]] = {}
    flags: dict[tuple[FlagKind, str], int] = {}
    for row in counted:
        count, officer = row["count"], row["actor_name"]
        verbs[row["verb"]] = verbs.get(row["verb"], 0) + count
        line = lines.setdefault(officer, {"readings": 0, "acts": 0, "refused": 0})
        if row["outcome"] == Outcome.DONE:
            line["readings" if row["verb"] in READINGS else "acts"] += count
        else:
            line["refused"] += count
        if kind := kind_of(row["outcome"], row["origin"]):
            flags[kind, officer] = flags.get((kind, officer), 0) + count
    with connection.cursor() as cursor:
        cursor.execute(BUSIEST_HOUR, [from_at, until_at, list(READINGS), READINGS_AN_HOUR])
        for actor_id, count in cursor.fetchall():
            flags[FlagKind.BULK, names[actor_id]] = count
    for actor_id, count in own_names(from_at, until_at).items():
        flags[FlagKind.OWN_NAME, names[actor_id]] = count
    order = list(FlagKind)
    return Review(
        officers=[OfficerLine(officer=name, **line) for name, line in sorted(lines.items())],
        verbs=sorted(verbs.items(), key=lambda each: (-each[1], each[0])),
        flags=[
            Flag(kind=kind, officer=officer, count=count)
            for (kind, officer), count in sorted(
                flags.items(), key=lambda each: (order.index(each[0][0]), -each[1], each[0][1])
            )
        ],
        signatures=signatures_of(monday)[monday],
    )


def kind_of(outcome: str, origin: str) -> FlagKind | None:
    if origin == Origin.SQL:
        return FlagKind.BY_SQL
    return {Outcome.REFUSED: FlagKind.REFUSED, Outcome.FAILED: FlagKind.FAILED}.get(
        Outcome(outcome)
    )


def own_names(from_at: datetime, until_at: datetime) -> dict[int, int]:
    """How often each officer searched for the officer's own name: hashes are compared."""
    searches = (
        Event.objects.filter(at__gte=from_at, at__lt=until_at, verb="search.made")
        .values_list("actor_id", "detail__query")
        .annotate(count=Count("pk"))
    )
    asked = {(actor_id, query): count for actor_id, query, count in searches}
    officers = User.objects.filter(pk__in={actor_id for actor_id, _query in asked})
    return {
        officer.pk: asked[officer.pk, keyed(officer.full_name)]
        for officer in officers
        if (officer.pk, keyed(officer.full_name)) in asked
    }


def signatures_of(*weeks: date) -> dict[date, list[Signature]]:
    """Who signed each of these weeks, in the order of signing."""
    found: dict[str, list[Signature]] = {subject_of(week): [] for week in weeks}
    for event in Event.objects.filter(subject__in=found, verb=SIGNED).order_by("pk"):
        found[event.subject].append(
            Signature(officer=event.actor_name, at=event.at, finding=event.purpose)
        )
    return {week: found[subject_of(week)] for week in weeks}


def last_weeks(at: datetime) -> list[date]:
    """Those that are over, the newest first."""
    monday = week_of(at.astimezone(IST).date())
    return [monday - timedelta(days=7 * number) for number in range(1, WEEKS_LISTED + 1)]


@transaction.atomic
def sign_off(*, monday: date, finding: Finding, by: User, at: datetime) -> None:
    """Say that one looked at a week of the record. Raises NotAllowed, NotOver, AlreadySigned."""
    if not by.duty.may(Act.READ_RECORD):
        raise NotAllowed
    if not is_over(monday, at=at):
        raise NotOver
    subject = subject_of(monday)
    User.objects.select_for_update().get(pk=by.pk)  # of two clicks at once the second is refused
    if Event.objects.filter(subject=subject, verb=SIGNED, actor_id=by.pk).exists():
        raise AlreadySigned
    record(verb="record.week-signed", subject=subject, actor=by, at=at, purpose=finding.value)
