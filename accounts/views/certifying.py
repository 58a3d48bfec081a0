"""Who still needs access: the quarterly list; and the table of roles."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.access import table
from accounts.http import OfficerRequest
from accounts.models import ROLE_LABELS
from accounts.recertifying import CERTIFY_EVERY
from accounts.roles import MAY, Act, Role, needs_second_factor
from accounts.views.own_account import not_own_account
from accounts.wording import ACT_LABELS
from audit.services import record


@require_http_methods(["GET", "HEAD", "POST"])
def certify(request: OfficerRequest) -> HttpResponse:
    """All units, or the officers of one; POST certifies those that are ticked."""
    today = timezone.localdate()
    if request.method == "POST" and "end" in request.POST:
        return end(request, request.POST["end"])
    if request.method == "POST":
        ticked = [int(key[:18]) for key in request.POST.getlist("posting") if key.isdecimal()]
        count = services.certify(posting_ids=ticked, by=request.user, at=timezone.now(), on=today)
        messages.success(
            request,
            ngettext("%(count)d officer certified.", "%(count)d officers certified.", count)
            % {"count": count},
        )
        return back_to_unit(request)
    units = services.units(on=today)
    wanted = request.GET.get("unit", "")
    chosen = next((unit for unit in units if unit.key == wanted), None)
    if wanted and chosen is None:
        raise Http404
    record(
        verb="officers.read",
        subject=f"officers:{chosen.key if chosen else 'units'}",
        actor=request.user,
        at=timezone.now(),
    )
    return render(
        request,
        "accounts/certify.html",
        {"units": units, "chosen": chosen, "days": CERTIFY_EVERY.days},
    )


def end(request: OfficerRequest, officer_id: str) -> HttpResponse:
    """The officer is no longer needed: today is the last day."""
    found = services.officers_visible_to(request.user)
    user = get_object_or_404(found, pk=officer_id[:18] if officer_id.isdecimal() else None)
    with not_own_account(request):
        services.leave(user=user, last_on=timezone.localdate(), by=request.user, at=timezone.now())
        messages.success(request, _("Access closes by itself after the last day."))
    return back_to_unit(request)


def back_to_unit(request: OfficerRequest) -> HttpResponse:
    """The unit's list, or that of all when it has nobody left."""
    key = request.POST.get("unit", "")
    keys = {unit.key for unit in services.units(on=timezone.localdate())}
    return redirect(f"{request.path}?{urlencode({'unit': key})}" if key in keys else request.path)


@require_safe
def roles(request: OfficerRequest) -> HttpResponse:
    """The rules themselves as a table: `accounts.roles` and the access table."""
    return render(
        request,
        "accounts/roles.html",
        {
            "roles": [ROLE_LABELS[role] for role in Role],
            "acts": [
                {"name": ACT_LABELS[act], "may": [act in MAY[role] for role in Role]} for act in Act
            ],
            "second_factor": [needs_second_factor(role) for role in Role],
            "routes": [
                {
                    "name": name,
                    "strangers": access.strangers,
                    "may": [
                        access.strangers or access.signed_in or bool(access.acts & MAY[role])
                        for role in Role
                    ],
                }
                for name, access in sorted(table().items())
            ],
        },
    )
