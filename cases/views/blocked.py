"""The page of a case that an officer may know of but not see."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.http import OfficerRequest
from cases.models import Access, Restriction
from cases.restricted_forms import ReasonForm


def blocked(
    request: OfficerRequest,
    case_id: int,
    *,
    ask_form: ReasonForm | None = None,
    break_form: ReasonForm | None = None,
) -> HttpResponse:
    """It offers to ask and to break the glass; 404 for a case that the officer may not know of."""
    restriction = (
        Restriction.objects.known_to(request.user)
        .select_related("owner")
        .filter(case=case_id)
        .first()
    )
    if restriction is None:
        raise Http404
    return render(
        request,
        "cases/blocked.html",
        {
            "case_id": case_id,
            "owner": restriction.owner,
            "ask_form": ask_form or ReasonForm(auto_id="ask_%s"),
            "break_form": break_form or ReasonForm(auto_id="break_%s"),
            "is_asked": Access.objects.filter(
                case=case_id,
                officer=request.user,
                kind=Access.Kind.REQUEST,
                answered_at__isnull=True,
            ).exists(),
        },
        status=422 if ask_form or break_form else 403,
    )
