"""What is covered on the page of a tipline is uncovered one by one; and who looked."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import OfficerRequest
from accounts.roles import Act, Role
from accounts.scope import counting
from audit.services import record
from cases.forms import RevealForm
from cases.looking import LOOKS_AT_MOST, looks_at
from cases.services import revealing
from cases.services.revealing import NothingCovered, Purpose, PurposeMissing
from tiplines.models import Tipline


@sensitive_variables("found", "shown")
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: OfficerRequest, number: str) -> HttpResponse:
    """The form names what is asked for; only the answer to it says it, and nothing keeps that."""
    asked = (request.POST if request.method == "POST" else request.GET).get("what", "")
    form = RevealForm(request.POST or None, initial={"what": asked})
    shown = None
    try:
        found = revealing.find(number=number, asked=asked, by=request.user)
        if form.is_valid():
            shown = revealing.reveal(
                number=number,
                asked=asked,
                purpose=Purpose(form.cleaned_data["code"]),
                words=form.cleaned_data["words"],
                by=request.user,
                at=timezone.now(),
            )
    except NothingCovered as error:
        raise Http404 from error
    except PurposeMissing:
        form.add_error("words", form.fields["words"].error_messages["required"])
    return render(
        request,
        "triage/reveal.html",
        {
            "number": number,
            "form": form,
            "whose": found.whose,
            "what": found.what,
            "value": shown.value if shown else "",
        },
        status=422 if form.errors else 200,
    )


@require_safe
@transaction.atomic
def looked(request: OfficerRequest, number: str) -> HttpResponse:
    """Who looked at a child's record. That this was read is itself recorded."""
    duty = request.user.duty
    held = Tipline.objects.visible_to(request.user).filter(number=number).first()
    if held is None and not (duty.role == Role.AUDITOR and is_one_of_ours(number)):
        raise Http404
    since = None
    if held is not None and not duty.may(Act.READ_RECORD):
        if duty.role != Role.DISTRICT:
            raise Http404
        since = held.status_at
    subject = f"tipline:{number}"
    looks = looks_at(subject, since=since)
    record(verb="record.read", subject=subject, actor=request.user, at=timezone.now())
    return render(
        request,
        "triage/looked.html",
        {"number": number, "looks": looks, "at_most": LOOKS_AT_MOST, "since": since},
    )


def is_one_of_ours(number: str) -> bool:
    """For the auditor, who sees the record of every tipline and none of them."""
    with counting():
        return Tipline.objects.filter(number=number).exists()
