"""Rows that stand as no service left them: for each what it says there must be the event that a
service wrote at that very moment.

The triggers of `operations/watched.py` see a change as it is committed, unless somebody switched
them off. This looks afterwards, at what the rows say now, and needs no trigger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from audit.models import Event, Origin

CASE_VERBS = {
    "handed-over": ("case.opened", "case.allotted"),
    "acknowledged": ("case.acknowledged",),
    # One act did both until acknowledging and accepting were told apart.
    "under-enquiry": ("case.accepted", "case.acknowledged"),
    "registered": ("case.fir-registered",),
    "returned": ("case.returned",),
    "withdrawn": ("case.withdrawn",),
}
TIPLINE_VERBS = {
    "awaiting": ("tipline.decision-undone", "tipline.came-back", "tipline.reopened"),
    "held": ("tipline.assigned",),
    "transferred": ("tipline.transferred",),
    "closed": ("tipline.closed",),
    "sent-back": ("tipline.sent-back",),
}
"""Which acts leave a row in which status."""


def at_moment(subject: str, moment: str, verbs: dict[str, tuple[str, ...]] | None = None) -> str:
    """SQL: a service's event about `subject` at `moment`, by an act that leaves that status."""
    fits = ""
    if verbs is not None:
        cases = " or ".join(
            f"(r.status = '{status}' and e.verb in ({', '.join(map(repr, allowed))}))"
            for status, allowed in verbs.items()
        )
        fits = f" and ({cases})"
    return f"e.subject = {subject} and e.at = {moment}{fits}"


CASE_OF_FIR = "'case:' || (select f.case_id from cases_fir f where f.id = r.fir_id)"
CASE_OF_ARREST = (
    "'case:' || (select f.case_id from cases_fir f join cases_accused a on a.fir_id = f.id"
    " where a.id = r.accused_id)"
)
FACTS: tuple[tuple[str, str, str], ...] = (
    ("cases_case", "true", at_moment("'case:' || r.id", "r.status_at", CASE_VERBS)),
    ("cases_case", "true", at_moment("'case:' || r.id", "r.handed_over_at")),
    ("cases_handoff", "true", at_moment("'case:' || r.case_id", "r.at")),
    (
        "cases_handoff",
        "r.acknowledged_at is not null",
        at_moment("'case:' || r.case_id", "r.acknowledged_at"),
    ),
    (
        "cases_handoff",
        "r.accepted_at is not null",
        at_moment("'case:' || r.case_id", "r.accepted_at"),
    ),
    (
        "cases_handoff",
        "r.returned_at is not null",
        at_moment("'case:' || r.case_id", "r.returned_at"),
    ),
    ("cases_letter", "true", at_moment("'letter:' || r.id", "r.at")),
    (
        "cases_letter",
        "r.acknowledged_at is not null",
        at_moment("'letter:' || r.id", "r.acknowledged_at"),
    ),
    (
        "cases_letter",
        "r.withdrawn_at is not null",
        at_moment("'letter:' || r.id", "r.withdrawn_at"),
    ),
    ("cases_fir", "true", at_moment("'case:' || r.case_id", "r.recorded_at")),
    ("cases_accused", "true", at_moment(CASE_OF_FIR, "r.recorded_at")),
    ("cases_arrest", "true", at_moment(CASE_OF_ARREST, "r.recorded_at")),
    (
        "tiplines_tipline",
        "r.status <> 'awaiting'"
        " or exists (select from tiplines_decision d where d.tipline_id = r.id)",
        at_moment("'tipline:' || r.number", "r.status_at", TIPLINE_VERBS),
    ),
    (
        "tiplines_ruleset",
        "r.from_at is not null",
        "e.subject = 'rules:' || r.number and e.verb = 'rules.confirmed' and e.at = r.from_at",
    ),
    (
        "tiplines_reorganisation",
        "r.answer = 'confirmed'",
        "e.subject = 'reorganisation:' || r.number and e.verb = 'reorganisation.confirmed'"
        " and e.at = r.settled_at",
    ),
    ("accounts_user", "true", "e.subject = 'officer:' || r.id and e.verb = 'officer.enlisted'"),
    (
        "accounts_posting",
        "true",
        "e.subject = 'officer:' || r.user_id and e.verb = 'officer.posted'"
        " and e.detail->>'from' = r.from_on::text and e.detail->>'role' = r.role",
    ),
    (
        "accounts_apitoken",
        "true",
        "e.subject = 'token:' || r.id and e.verb = 'token.made' and e.at = r.created_at",
    ),
)
"""Table, which of its rows are meant, and the event `e` that explains row `r`."""

UNEXPLAINED = """
select r.id from {table} r where ({meant}) and not exists (
  select from audit_event e where e.origin = 'service' and {explained}
) order by r.id limit {limit}
"""


@dataclass(frozen=True, order=True)
class Unexplained:
    table: str
    key: int

    def __str__(self) -> str:
        return f"{self.table} {self.key} stands as no service left it"


def rows(*, at_most: int = 100) -> list[Unexplained]:
    """So many of each table, the oldest first."""
    found = set()
    with connection.cursor() as cursor:
        for table, meant, explained in FACTS:
            cursor.execute(
                UNEXPLAINED.format(table=table, meant=meant, explained=explained, limit=at_most)
            )
            found |= {Unexplained(table, key) for (key,) in cursor.fetchall()}
    return sorted(found)


def noted(*, since: datetime) -> list[Event]:
    """What the triggers noted themselves."""
    return list(Event.objects.filter(origin=Origin.SQL, at__gte=since).order_by("pk"))
