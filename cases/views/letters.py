"""Letters to other States and senders: what waits, what is overdue, what was acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.views.decorators.http import require_GET, require_POST

from accounts.http import OfficerRequest
from audit.services import record, record_list
from cases.clocks import LETTER
from cases.counting import chips
from cases.letter_words import LANGUAGES
from cases.models import Letter, LetterEntry
from cases.models.letter import LetterQuerySet
from cases.queue import key
from cases.services import lettering
from cases.services.letter_pdf import letter_pdf
from cases.services.lettering import (
    AnswerBeforeTheLetter,
    AnswerIncomplete,
    AnswerInTheFuture,
    NoSuchLetter,
    NotWaiting,
)
from cases.triage_forms import AnswerForm
from cases.wording import clock_line
from tiplines.models import Tipline

PAGE = 50  # letters
COUNT_AT_MOST = 1_000
NUMBERS_SHOWN = 200
REFUSALS: Mapping[type[Exception], tuple[str | None, Promise]] = {
    NotWaiting: (
        None,
        lazy_(
            "It does not wait any more: it was acknowledged or withdrawn, or its tiplines moved."
        ),
    ),
    AnswerIncomplete: (None, lazy_("Say their number, the day, and who acknowledged it.")),
    AnswerInTheFuture: ("on", lazy_("This day has not come yet.")),
    AnswerBeforeTheLetter: ("on", lazy_("This is before the letter was written.")),
}


class Which(StrEnum):
    WAITING = "waiting"
    OVERDUE = "overdue"
    ACKNOWLEDGED = "acknowledged"
    ALL = "all"


WORDS: Mapping[Which, Promise] = {
    Which.WAITING: lazy_("Waiting for an acknowledgement"),
    Which.OVERDUE: lazy_("Overdue"),
    Which.ACKNOWLEDGED: lazy_("Acknowledged"),
    Which.ALL: lazy_("All, withdrawn ones and reminders too"),
}


def chosen_by(which: Which, among: LetterQuerySet, *, now: datetime) -> LetterQuerySet:
    match which:
        case Which.WAITING:
            return among.waiting()
        case Which.OVERDUE:
            return among.overdue(at=now)
        case Which.ACKNOWLEDGED:
            return among.filter(acknowledged_at__isnull=False)
        case Which.ALL:
            return among


@require_GET
def letters(request: OfficerRequest) -> HttpResponse:
    """The newest first; what waits longest is what the filter Overdue is for."""
    now = timezone.now()
    try:
        which = Which(request.GET.get("which", Which.WAITING))
        after = key(request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest("which or after") from error
    seen = Letter.objects.visible_to(request.user)
    lists = {each: chosen_by(each, seen, now=now) for each in Which}
    found = lists[which]
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found.select_related("by", "reminds").defer("content").order_by("-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    record_list(
        verb="letters.read",
        subject=f"letters:{which}",
        seen=[letter.pk for letter in shown],
        actor=request.user,
        at=now,
    )
    return render(
        request,
        "triage/letters.html",
        {
            "which": which.value,
            "title": WORDS[which],
            "chips": chips(WORDS, lists, chosen=which, cap=COUNT_AT_MOST),
            "lines": [line_of(letter, now=now) for letter in shown],
            "next": f"?which={which}&after={shown[-1].pk}" if len(rows) > PAGE else "",
            "limit_days": LETTER.limit.days,
        },
    )


def line_of(letter: Letter, *, now: datetime, is_waiting: bool | None = None) -> dict[str, Any]:
    """A letter with its clock, which runs unless it is known not to wait."""
    runs = letter.is_unanswered if is_waiting is None else is_waiting
    return {
        "letter": letter,
        "clock": clock_line(letter.limit(now=now)) if runs else None,
    }


@require_GET
def letter(request: OfficerRequest, letter_id: int) -> HttpResponse:
    return draw(request, letter_id)


def draw(
    request: OfficerRequest, letter_id: int, *, form: AnswerForm | None = None
) -> HttpResponse:
    """The page; with a refused form in its place, as 422."""
    now = timezone.now()
    found = find(request, letter_id)
    record(verb="letter.opened", subject=f"letter:{found.pk}", actor=request.user, at=now)
    entries = LetterEntry.objects.filter(
        letter=found, tipline__in=Tipline.objects.visible_to(request.user)
    ).select_related("tipline", "decision")
    language = translation.get_language() or ""
    is_waiting = Letter.objects.waiting().filter(pk=found.pk).exists()
    return render(
        request,
        "triage/letter.html",
        {
            "line": line_of(found, now=now, is_waiting=is_waiting),
            "letter": found,
            "page": found.page_in(language if language in found.content else LANGUAGES[0]),
            "is_waiting": is_waiting,
            "entries": entries.order_by("tipline__number")[:NUMBERS_SHOWN],
            "more": max(found.tipline_count - NUMBERS_SHOWN, 0),
            "reminders": found.reminders.defer("content").order_by("pk"),
            "form": form or AnswerForm(initial={"on": timezone.localdate()}),
        },
        status=422 if form is not None else 200,
    )


def find(request: OfficerRequest, letter_id: int) -> Letter:
    letters = Letter.objects.visible_to(request.user).select_related(
        "by", "confirmed_by", "acknowledged_by", "withdrawn_by", "reminds"
    )
    return get_object_or_404(letters, pk=letter_id)


@require_GET
def letter_as_pdf(request: OfficerRequest, letter_id: int, language: str) -> HttpResponse:
    """The print. What is asked for again is the same, byte for byte."""
    found = find(request, letter_id)
    if language not in LANGUAGES:
        raise Http404
    record(
        verb="letter.printed",
        subject=f"letter:{found.pk}",
        actor=request.user,
        at=timezone.now(),
        detail={"language": language},
    )
    answer = HttpResponse(letter_pdf(found, language), content_type="application/pdf")
    name = f"{found.reference.replace('/', '-')}-{language}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def acknowledge(request: OfficerRequest, letter_id: int) -> HttpResponse:
    find(request, letter_id)
    form = AnswerForm(request.POST)
    if form.is_valid() and attempt(
        form,
        lambda: lettering.acknowledge(
            letter_id=letter_id,
            reference=form.cleaned_data["reference"],
            on=form.cleaned_data["on"],
            from_=form.cleaned_data["from_whom"],
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(request, _("Acknowledged: what it tells of is theirs to answer for now."))
        return redirect("cases:letter", letter_id=letter_id)
    return draw(request, letter_id, form=form)


@require_POST
def remind(request: OfficerRequest, letter_id: int) -> HttpResponse:
    find(request, letter_id)
    try:
        reminder = lettering.remind(letter_id=letter_id, by=request.user, at=timezone.now())
    except NotWaiting:
        messages.error(request, str(REFUSALS[NotWaiting][1]))
        return redirect("cases:letter", letter_id=letter_id)
    messages.success(request, _("Reminder written. Print it here; the clock starts anew."))
    return redirect("cases:letter", letter_id=reminder.pk)


def attempt(form: AnswerForm, act: Callable[[], object]) -> bool:
    """Run a service; its refusal becomes an error of the form, beside the field it is about."""
    try:
        act()
    except NoSuchLetter as refusal:
        raise Http404 from refusal
    except tuple(REFUSALS) as refusal:
        field, words = REFUSALS[type(refusal)]
        form.add_error(field, str(words))
        return False
    return True
