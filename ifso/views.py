"""The front door, the pulse and the error pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from accounts.http import OfficerRequest
from accounts.roles import Act
from audit.requests import REQUEST

# The first page of whoever may do this, in order.
DESKS = (
    (Act.SUPERVISE, "operations:board"),
    (Act.TRIAGE, "cases:queue"),
    (Act.SEE_CASES, "cases:desk"),
    (Act.READ_RECORD, "operations:record"),
    (Act.MANAGE_OFFICERS, "accounts:officers"),
)


def home(request: OfficerRequest) -> HttpResponse:
    """Send each officer to the desk of the role."""
    for act, page in DESKS:
        if request.user.duty.may(act):
            return redirect(page)
    return render(request, "accounts/no_posting.html", status=403)


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 when the web process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"status": "ok"})


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """No query and no session here: whatever failed may be the database."""
    return render(None, "500.html", {"reference": REQUEST.get().id}, status=500)
