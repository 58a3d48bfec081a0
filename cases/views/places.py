"""Where an address belongs: asked by POST, so that none stands in an address or a log."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import OfficerRequest
from audit.services import keyed, record
from cases.place_forms import PlaceForm
from cases.place_page import page_of
from districts.answering import answer_of
from districts.gazetteer import NoGazetteer, present_gazetteer
from districts.locating import locate


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def locate_address(request: OfficerRequest) -> HttpResponse:
    """The answer is recorded with what was asked as a hash, as a search is."""
    form = PlaceForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "places/locate.html", {"form": form}, status=status)
    try:
        gazetteer = present_gazetteer()
    except NoGazetteer:
        form.add_error(None, _("No gazetteer is loaded; nothing can be located."))
        return render(request, "places/locate.html", {"form": form}, status=422)
    location = locate([form.evidence()], gazetteer)
    answered = answer_of(location)
    record(
        verb="address.located",
        subject=f"officer:{request.user.pk}",
        actor=request.user,
        at=timezone.now(),
        detail={
            "query": keyed(form.said()),
            "answer": answered.answer.value,
            "district": answered.district_code,
            "station": answered.stations[0] if answered.stations else "",
            "gazetteer_version": location.gazetteer_version,
        },
    )
    page = page_of(location, gazetteer, point=form.point)
    return render(request, "places/locate.html", {"form": form, "page": page})
