"""Dispatches: bring one in, watch it being worked, see what became of every part of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import OfficerRequest
from tiplines import inbox
from tiplines.forms import UploadForm
from tiplines.models import Dispatch, QuarantineItem
from tiplines.models.dispatch import Channel, DocumentState
from tiplines.services.receipts import account_of, progress_of
from tiplines.services.receiving import DuplicateDispatch, receive
from tiplines.services.reconciling import reconcile

A_PAGE = 50
LISTED_AT_MOST = 200


@require_GET
def dispatches(request: OfficerRequest) -> HttpResponse:
    return render(request, "tiplines/dispatches.html", page_of_dispatches(request, UploadForm()))


def page_of_dispatches(request: OfficerRequest, form: UploadForm) -> dict[str, object]:
    rows = Dispatch.objects.visible_to(request.user).order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows[: A_PAGE + 1])
    accounts = {each.dispatch_id: each for each in reconcile([row.pk for row in shown[:A_PAGE]])}
    return {
        "form": form,
        "rows": [(row, accounts[row.pk]) for row in shown[:A_PAGE]],
        "next": f"?before={shown[A_PAGE - 1].pk}" if len(shown) > A_PAGE else "",
        "first": "?" if before else "",
    }


@require_POST
def upload(request: OfficerRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            dispatch = receive(
                source=file,
                name=file.name,
                channel=Channel.BROWSER,
                by=request.user,
                at=timezone.now(),
                reference=form.cleaned_data["reference"],
                sender=form.cleaned_data["sender"],
            )
        except DuplicateDispatch as repeated:
            messages.info(request, _("This dispatch was received before. Nothing has changed."))
            return redirect("tiplines:dispatch", dispatch_id=repeated.held.pk)
        except inbox.NotText:
            form.add_error("file", _("This is not text. Pictures and videos are never taken in."))
        else:
            return redirect("tiplines:dispatch", dispatch_id=dispatch.pk)
    return render(
        request, "tiplines/dispatches.html", page_of_dispatches(request, form), status=422
    )


@require_GET
def dispatch(request: OfficerRequest, dispatch_id: int) -> HttpResponse:
    row = get_object_or_404(
        Dispatch.objects.visible_to(request.user).select_related("received_by"), pk=dispatch_id
    )
    progress = progress_of(row.pk)
    quarantine = QuarantineItem.objects.visible_to(request.user).filter(dispatch=row)
    return render(
        request,
        "tiplines/dispatch.html",
        {
            "dispatch": row,
            "account": account_of(row.pk),
            "progress": progress | {"read": progress["documents"] - progress["waiting"]},
            "quarantine": quarantine.select_related("document").order_by("pk")[:LISTED_AT_MOST],
            "not_text": row.documents.filter(state=DocumentState.LISTED).order_by("position")[
                :LISTED_AT_MOST
            ],
        },
    )
