"""The record of acts and of reading."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import OfficerRequest
from accounts.models import User
from accounts.roles import Act
from audit.models import Event, EventQuerySet
from audit.services import keyed
from audit.services import record as record_event
from operations.forms import RecordForm
from operations.periods import Reach, period

EVENTS_A_PAGE = 50
SUBJECT = re.compile(r"[a-z_]+:[0-9a-z-]+")
"""A kind and a key, as events name what they are about."""


@require_safe
def record(request: OfficerRequest) -> HttpResponse:
    """Newest first. That it was read, and with which filter, is itself recorded."""
    now = timezone.now()
    form = RecordForm(request.GET or None)
    asked = form.asked() if form.is_bound and form.is_valid() else {}
    found = visible_to(request.user)
    if form.errors:
        found = found.none()
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(pk__lt=int(before[:18]))
    page = list(matching(found, form, asked).newest_first()[: EVENTS_A_PAGE + 1])
    shown = page[:EVENTS_A_PAGE]
    record_event(
        verb="record.read",
        subject="record:all",
        actor=request.user,
        at=now,
        detail=without_free_text(asked),
    )
    next_query = asked | {"before": str(shown[-1].pk)} if len(page) > EVENTS_A_PAGE else {}
    return render(
        request,
        "operations/record.html",
        {
            "events": shown,
            "form": form,
            "asked": asked,
            "first": f"?{urlencode(asked)}" if before else "",
            "next": f"?{urlencode(next_query)}" if next_query else "",
            "now": now,
        },
        status=422 if form.errors else 200,
    )


def without_free_text(asked: dict[str, str]) -> dict[str, str]:
    """The filter as it may stand in the record: whoever types may type a name."""
    return {
        name: value if name in {"verb", "day"} or SUBJECT.fullmatch(value) else keyed(value)
        for name, value in asked.items()
    }


def visible_to(officer: User) -> EventQuerySet:
    """`audit` stands below `accounts` and knows no duties."""
    every = Event.objects.all()
    return every if officer.duty.may(Act.READ_RECORD) else every.none()


def matching(found: EventQuerySet, form: RecordForm, asked: dict[str, str]) -> EventQuerySet:
    if "officer" in asked:
        officer = User.objects.filter(username=asked["officer"]).first()
        found = found.by_officer(officer.pk) if officer else found.none()
    if "verb" in asked:
        found = found.filter(verb=asked["verb"])
    if "subject" in asked:
        found = found.filter(subject=asked["subject"])
    if "day" in asked:
        day = form.cleaned_data["day"]
        within = period(Reach.CUSTOM, now=timezone.now(), first_on=day, last_on=day)
        found = found.filter(at__gte=within.from_at, at__lt=within.until_at)
    return found
