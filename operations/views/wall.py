"""The board on a wall: a session that shows it alone and does not lock."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import services
from accounts.gate import safe_next
from accounts.http import OfficerRequest
from operations.forms import WallForm


@require_POST
def wall(request: OfficerRequest) -> HttpResponse:
    """From here on this session shows the board that it was asked from, and nothing else."""
    session, now = request.officer_session, timezone.now()
    form = WallForm(request.POST, session=session, now=now)
    if form.is_valid():
        services.show_on_wall(session, hours=form.cleaned_data["hours"], by=request.user, at=now)
        return redirect(safe_next(request))
    messages.error(request, _("Choose until when the board is shown."))
    return redirect("operations:board")
