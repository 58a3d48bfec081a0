"""Who looked at what a tipline says of a child: openings, names uncovered, prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import Event
from cases.naming import UNCOVERED
from cases.services.revealing import Purpose
from cases.tipline_lines import KIND_LABELS

LOOKS_AT_MOST = 500
VERBS: Mapping[str, Promise] = {
    "tipline.opened": _("opened the page"),
    "tipline.printed": _("printed everything"),
    "party.revealed": _("uncovered"),
}


@dataclass(frozen=True, kw_only=True)
class Look:
    at: datetime
    officer: str
    words: str
    what: str
    purpose: str
    own_words: str
    is_reveal: bool


def looks_at(subject: str, *, since: datetime | None) -> tuple[Look, ...]:
    """The newest looks; for a district those since it has the tipline."""
    found = Event.objects.about(subject).filter(verb__in=VERBS)
    if since is not None:
        found = found.filter(at__gte=since)
    events = list(found[:LOOKS_AT_MOST])
    officers = User.objects.in_bulk({event.actor_id for event in events if event.actor_id})
    return tuple(look(event, officers) for event in events)


def look(event: Event, officers: Mapping[int, User]) -> Look:
    field, code = event.detail.get("field", ""), event.purpose
    officer = officers.get(event.actor_id or 0)
    return Look(
        at=event.at,
        officer=officer.title if officer else event.actor_name,
        words=str(VERBS[event.verb]),
        what=str(UNCOVERED.get(field) or KIND_LABELS.get(field) or OTHERS.get(field, field)),
        purpose=str(Purpose(code).label) if code in Purpose.values else code,
        own_words=event.detail.get("words", ""),
        is_reveal=event.verb == "party.revealed",
    )


OTHERS: Mapping[str, Promise] = {"address": _("Address")}
