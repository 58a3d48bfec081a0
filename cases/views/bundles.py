"""What an officer does with a viral bundle: take tiplines out, dissolve it, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.http import OfficerRequest
from cases.queue import PAGE, QueueFilter
from cases.views.triage import filter_back, to_queue
from tiplines.models import Bundle, Tipline
from tiplines.services import bundling
from tiplines.services.bundling import NotInABundle
from tiplines.services.cleaning import clean


@require_POST
def leave(request: OfficerRequest) -> HttpResponse:
    """Take the ticked tiplines out of their bundle."""
    shown = filter_back(request)
    numbers = [clean(each, 40) for each in request.POST.getlist("number")[:PAGE]]
    named = Tipline.objects.visible_to(request.user).filter(number__in=numbers)
    keys = list(named.values_list("pk", flat=True))
    try:
        count = bundling.leave(tipline_ids=keys, by=request.user, at=timezone.now())
    except NotInABundle:
        messages.error(request, _("None of these stands in a bundle. Nothing was changed."))
    else:
        words = ngettext(
            "%(count)s tipline was taken out of its bundle and stands by itself.",
            "%(count)s tiplines were taken out of their bundle and stand by themselves.",
            count,
        )
        messages.success(request, words % {"count": count})
    return to_queue(shown)


@require_POST
def rejoin(request: OfficerRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Tipline.objects.visible_to(request.user), number=number)
    try:
        bundling.rejoin(tipline_id=found.pk, by=request.user, at=timezone.now())
    except NotInABundle:
        messages.error(request, _("Nobody took it out of a bundle. Nothing was changed."))
    else:
        messages.success(request, _("It goes back into its bundle as soon as it is assessed."))
    return redirect("cases:tipline", number=number)


@require_POST
def dissolve(request: OfficerRequest, bundle_id: int) -> HttpResponse:
    found = get_object_or_404(Bundle, pk=bundle_id)
    try:
        count = bundling.dissolve(bundle_id=found.pk, by=request.user, at=timezone.now())
    except NotInABundle:
        messages.error(request, _("The bundle is dissolved already."))
    else:
        words = ngettext(
            "The bundle is dissolved: %(count)s tipline stands by itself.",
            "The bundle is dissolved: %(count)s tiplines stand by themselves.",
            count,
        )
        messages.success(request, words % {"count": count})
    return to_bundle(found)


@require_POST
def restore(request: OfficerRequest, bundle_id: int) -> HttpResponse:
    found = get_object_or_404(Bundle, pk=bundle_id)
    try:
        count = bundling.restore(bundle_id=found.pk, by=request.user, at=timezone.now())
    except NotInABundle:
        messages.error(request, _("The bundle is not dissolved."))
    else:
        words = ngettext(
            "The bundle stands again with %(count)s tipline.",
            "The bundle stands again with %(count)s tiplines.",
            count,
        )
        messages.success(request, words % {"count": count})
    return to_bundle(found)


def to_bundle(found: Bundle) -> HttpResponse:
    return to_queue(QueueFilter(bundle=found.pk))
