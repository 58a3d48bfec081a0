"""Quarantine: what could not be read, why, and what an officer does about it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts.http import OfficerRequest
from audit.services import record, record_list
from tiplines import inbox
from tiplines.excerpts import Line, excerpt
from tiplines.forms import ReplaceForm, SetAsideForm
from tiplines.grouping import LISTS
from tiplines.models import Dispatch, QuarantineItem
from tiplines.models.dispatch import DocumentState
from tiplines.parsing.limits import UnreadableReport
from tiplines.services import quarantine
from tiplines.services.originals import beginning

A_PAGE = 50
EVERY_AT_MOST = 2000  # items read again by one act
SHOWN_BYTES = 4 * inbox.MIB
SHOWN_KINDS = frozenset({"xml", "json", "csv", "text"})
FILTERS_AT_MOST = 100


# The list


@require_GET
def items(request: OfficerRequest) -> HttpResponse:
    """All that is open, newest first."""
    visible = QuarantineItem.objects.visible_to(request.user).open()
    dispatch = dispatch_asked(request)
    rows = visible.filter(dispatch=dispatch) if dispatch else visible
    count = rows.count()
    asked = {"dispatch": dispatch.pk} if dispatch else {}
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    found = list(rows.select_related("document", "dispatch").order_by("-pk")[: A_PAGE + 1])
    is_more = len(found) > A_PAGE
    record_list(
        verb="quarantine.read",
        subject="quarantine:all",
        seen=[item.pk for item in found[:A_PAGE]],
        actor=request.user,
        at=timezone.now(),
    )
    return render(
        request,
        "tiplines/quarantine.html",
        {
            "rows": found[:A_PAGE],
            "count": count,
            "every_at_most": EVERY_AT_MOST,
            "dispatch": dispatch,
            "dispatches": visible.values("dispatch_id", "dispatch__reference")
            .annotate(number=Count("pk"))
            .order_by("-dispatch_id")[:FILTERS_AT_MOST],
            "here": request.get_full_path(),
            "first": f"?{urlencode(asked)}" if before else "",
            "next": f"?{urlencode(asked | {'before': found[A_PAGE - 1].pk})}" if is_more else "",
        },
    )


def dispatch_asked(request: OfficerRequest) -> Dispatch | None:
    asked = request.GET.get("dispatch") or request.POST.get("dispatch") or ""
    if not asked.isdecimal():
        return None
    return get_object_or_404(Dispatch.objects.visible_to(request.user), pk=int(asked[:18]))


@require_POST
def read_again(request: OfficerRequest) -> HttpResponse:
    """One item, the ticked ones, or all of the list."""
    if "every" in request.POST:
        rows = QuarantineItem.objects.visible_to(request.user).open()
        if dispatch := dispatch_asked(request):
            rows = rows.filter(dispatch=dispatch)
        rows = rows.filter(document__offset__isnull=False)
        chosen = list(rows.order_by("-pk").values_list("pk", flat=True)[:EVERY_AT_MOST])
    else:
        chosen = [int(each[:18]) for each in request.POST.getlist("item") if each.isdecimal()]
    try:
        settled = quarantine.read_again(item_ids=chosen, by=request.user, at=timezone.now())
    except quarantine.NothingOpen:
        messages.info(request, NOTHING_OPEN)
    except quarantine.NotKept:
        messages.error(
            request, _("This document was never kept: replace it or set it aside instead.")
        )
    else:
        words = ngettext(
            "%(count)d item is read again. What still cannot be read comes back here.",
            "%(count)d items are read again. What still cannot be read comes back here.",
            settled,
        )
        messages.success(request, words % {"count": settled})
    return redirect(where_from(request))


NOTHING_OPEN = gettext_lazy("This was settled already. Nothing has changed.")


def where_from(request: OfficerRequest) -> str:
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else reverse("tiplines:quarantine")


# One item


@require_GET
def item(request: OfficerRequest, item_id: int) -> HttpResponse:
    return show_item(request, item_of(request, item_id), ReplaceForm(), SetAsideForm())


def item_of(request: OfficerRequest, item_id: int) -> QuarantineItem:
    rows = QuarantineItem.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("document__replaces", "dispatch", "settled_by"), pk=item_id
    )


def show_item(
    request: OfficerRequest, found: QuarantineItem, to_replace: ReplaceForm, to_end: SetAsideForm
) -> HttpResponse:
    """It shows what nobody has read yet, so that it was opened is recorded."""
    document = found.document
    told = (
        QuarantineItem.objects.visible_to(request.user)
        .filter(document=document)
        .select_related("settled_by")
        .order_by("pk")
    )
    record(
        verb="quarantine.opened",
        subject=f"quarantine:{found.pk}",
        actor=request.user,
        at=timezone.now(),
    )
    return render(
        request,
        "tiplines/quarantine_item.html",
        {
            "item": found,
            "document": document,
            "lines": lines_of(found),
            "is_kept": document.offset is not None,
            "is_waiting": document.state == DocumentState.WAITING,
            "is_list": document.kind in LISTS and document.offset is not None,
            "told": told,
            "open_beside": sum(1 for each in told if not each.settled_at and each != found),
            "replacements": document.replacements.order_by("pk"),
            "replace_form": to_replace,
            "set_aside_form": to_end,
            "here": request.path,
        },
        status=422 if to_replace.errors or to_end.errors else 200,
    )


def lines_of(found: QuarantineItem) -> list[Line]:
    """The text around the place; nothing for what is not kept, not text or damaged on disk."""
    document = found.document
    if document.offset is None or document.kind not in SHOWN_KINDS:
        return []
    try:
        data = beginning(document, at_most=SHOWN_BYTES)
    except OSError:
        return []
    return excerpt(data, about=f"{found.place} {found.reason}")


@sensitive_post_parameters("password")
@sensitive_variables("form")
@require_POST
def replace(request: OfficerRequest, item_id: int) -> HttpResponse:
    found = item_of(request, item_id)
    form = ReplaceForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            quarantine.replace(
                item_id=found.pk,
                path=Path(upload.temporary_file_path()),
                name=upload.name,
                password=form.cleaned_data["password"],
                by=request.user,
                at=timezone.now(),
            )
        except quarantine.NothingOpen:
            messages.info(request, NOTHING_OPEN)
            return redirect("tiplines:quarantine-item", item_id=found.pk)
        except inbox.NotText:
            form.add_error("file", _("This is not text. Pictures and videos are never taken in."))
        except quarantine.CannotReplace as refusal:
            form.add_error("file", _("This file cannot take its place: %s") % refusal)
        except UnreadableReport as refusal:
            form.add_error("password", _("The file stays locked: %s") % refusal.reason)
        else:
            messages.success(request, _("The new file was taken in and is being read."))
            return redirect("tiplines:quarantine-item", item_id=found.pk)
    return show_item(request, found, form, SetAsideForm())


@require_POST
def set_aside(request: OfficerRequest, item_id: int) -> HttpResponse:
    found = item_of(request, item_id)
    form = SetAsideForm(request.POST)
    if not form.is_valid():
        return show_item(request, found, ReplaceForm(), form)
    try:
        count = quarantine.set_aside(
            item_ids=[found.pk],
            reason=form.cleaned_data["reason"],
            whole=form.cleaned_data["whole"],
            by=request.user,
            at=timezone.now(),
        )
    except quarantine.NothingOpen:
        messages.info(request, NOTHING_OPEN)
    else:
        words = ngettext("%(count)d item set aside.", "%(count)d items set aside.", count)
        messages.success(request, words % {"count": count})
    return redirect("tiplines:quarantine-item", item_id=found.pk)
