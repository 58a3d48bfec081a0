"""The password or a passkey again, before an act that changes rights or breaks a limit.

Nothing that was typed is lost: the page that asks carries all of it, and its answer is the same
request once more. Files are not carried: no act that asks takes one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.shortcuts import render

from accounts import services, tries
from accounts.forms import PasswordAgainForm
from accounts.models.sessions import Step
from accounts.views.passkeys import fido_of

if TYPE_CHECKING:
    from accounts.http import OfficerRequest

PREFIX = "again"  # keeps our own fields apart from those of the act
PASSWORD, ANSWER = f"{PREFIX}-password", f"{PREFIX}-answer"
OURS = frozenset({PASSWORD, ANSWER, "csrfmiddlewaretoken"})
QUESTION = "again_question"  # in Django's session: the challenge of the passkey


def ask_first(request: OfficerRequest, *, at: datetime) -> HttpResponse | None:
    """The page that asks; None where the act may go on, because the officer gives what is asked
    for or did so a moment ago. A wrong answer counts as a wrong sign-in.
    """
    if services.is_proved(request.officer_session, at=at):
        return None
    if PASSWORD in request.POST:
        is_right = password_is_right
    elif ANSWER in request.POST:
        is_right = passkey_is_right
    else:
        return ask(request)
    if tries.is_held(request, request.user.username, at=at):
        return tries.refuse_held(request, request.user.username, at=at)
    if not is_right(request, at=at):
        return ask(request, is_wrong=True)
    services.confirm_session(request.officer_session, at=at)
    request.session.cycle_key()
    return None


def password_is_right(request: OfficerRequest, *, at: datetime) -> bool:
    username, given = request.user.username, request.POST[PASSWORD]
    if authenticate(request, username=username, password=given) is not None:
        return True
    tries.note_wrong_password(request, username, at=at)
    return False


def passkey_is_right(request: OfficerRequest, *, at: datetime) -> bool:
    state = request.session.pop(QUESTION, None) or {}  # each question is answered once
    answer = request.POST[ANSWER]
    try:
        services.use_passkey(fido_of(request), user=request.user, answer=answer, state=state, at=at)
    except services.WrongFactor:
        tries.note_wrong(request, request.user, Step.SECOND_FACTOR, at=at)
        return False
    return True


def ask(request: OfficerRequest, *, is_wrong: bool = False) -> HttpResponse:
    options = ""
    if services.factors_of(request.user).passkeys:
        options, request.session[QUESTION] = services.ask(fido_of(request), request.user)
    return render(
        request,
        "accounts/again.html",
        {
            "form": PasswordAgainForm(prefix=PREFIX),
            "options": options,
            "is_wrong": is_wrong,
            "kept": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in OURS
                for value in values
            ],
        },
        status=422,
    )
