"""Dispatches: bring one in, watch it being worked, see what became of every part of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import OfficerRequest
from audit.services import record, record_list
from tiplines import inbox
from tiplines.forms import UploadForm
from tiplines.models import Dispatch, QuarantineItem
from tiplines.models.dispatch import Channel, DocumentState
from tiplines.services.receipt_pdf import receipt_pdf
from tiplines.services.receipts import (
    account_of,
    comparison_of,
    coverage_of,
    missing_of,
    numbers_as_csv,
    progress_of,
    rates_of,
)
from tiplines.services.receiving import DuplicateDispatch, receive_files
from tiplines.services.reconciling import reconcile

A_PAGE = 50
LISTED_AT_MOST = 200


@require_GET
def dispatches(request: OfficerRequest) -> HttpResponse:
    return show_dispatches(request, UploadForm())


def show_dispatches(request: OfficerRequest, form: UploadForm) -> HttpResponse:
    page = page_of_dispatches(request, form)
    record_list(
        verb="dispatches.read",
        subject="dispatches:all",
        seen=page["seen"],
        actor=request.user,
        at=timezone.now(),
    )
    status = 422 if form.errors else 200
    return render(request, "tiplines/dispatches.html", page, status=status)


def page_of_dispatches(request: OfficerRequest, form: UploadForm) -> dict[str, Any]:
    rows = Dispatch.objects.visible_to(request.user).order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    shown = list(rows[: A_PAGE + 1])
    accounts = {each.dispatch_id: each for each in reconcile([row.pk for row in shown[:A_PAGE]])}
    return {
        "form": form,
        "seen": [row.pk for row in shown[:A_PAGE]],
        "rows": [(row, accounts[row.pk]) for row in shown[:A_PAGE]],
        "next": f"?before={shown[A_PAGE - 1].pk}" if len(shown) > A_PAGE else "",
        "first": "?" if before else "",
    }


@require_POST
def upload(request: OfficerRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        uploads = form.cleaned_data["file"]
        try:
            dispatch = receive_files(
                files=[(each.name, Path(each.temporary_file_path())) for each in uploads],
                name=uploads[0].name if len(uploads) == 1 else f"{uploads[0].name}.zip",
                channel=Channel.BROWSER,
                by=request.user,
                at=timezone.now(),
                reference=form.cleaned_data["reference"],
                sender=form.cleaned_data["sender"],
            )
        except DuplicateDispatch as repeated:
            messages.info(request, _("This dispatch was received before. Nothing has changed."))
            return go_to(request, repeated.held)
        except inbox.NotText:
            form.add_error("file", _("This is not text. Pictures and videos are never taken in."))
        else:
            return go_to(request, dispatch)
    return show_dispatches(request, form)


def go_to(request: OfficerRequest, dispatch: Dispatch) -> HttpResponse:
    """To the page of a dispatch: by the script that sent the file, or by the browser itself."""
    href = reverse("tiplines:dispatch", kwargs={"dispatch_id": dispatch.pk})
    return HttpResponseClientRedirect(href) if request.htmx else redirect(href)


@require_GET
def dispatch(request: OfficerRequest, dispatch_id: int) -> HttpResponse:
    row = dispatch_seen_by(request, dispatch_id)
    progress = progress_of(row.pk)
    is_worked = row.finished_at is None
    quarantine = QuarantineItem.objects.visible_to(request.user).filter(dispatch=row).open()
    now = timezone.now()
    record_list(
        verb="dispatch.opened",
        subject=f"dispatch:{row.pk}",
        seen=(),
        actor=request.user,
        at=now,
        is_poll=request.htmx.target == "became",
    )
    return render(
        request,
        "tiplines/dispatch.html",
        {
            "dispatch": row,
            "account": account_of(row.pk),
            "progress": progress | {"read": progress["documents"] - progress["waiting"]},
            "rates": rates_of(row.pk, at=now) if is_worked else {},
            "compared": comparison_of(row.pk),
            "missing": missing_of(row.pk)[:LISTED_AT_MOST],
            "coverage": coverage_of(row.pk),
            "quarantine": quarantine.select_related("document").order_by("pk")[:LISTED_AT_MOST],
            "not_text": row.documents.filter(state=DocumentState.LISTED).order_by("position")[
                :LISTED_AT_MOST
            ],
        },
    )


def dispatch_seen_by(request: OfficerRequest, dispatch_id: int) -> Dispatch:
    return get_object_or_404(
        Dispatch.objects.visible_to(request.user).select_related("received_by"), pk=dispatch_id
    )


@require_GET
def receipt(request: OfficerRequest, dispatch_id: int) -> HttpResponse:
    row = dispatch_seen_by(request, dispatch_id)
    now = timezone.now()
    record(verb="receipt.taken", subject=f"dispatch:{row.pk}", actor=request.user, at=now)
    return HttpResponse(
        receipt_pdf(row.pk, at=now),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="receipt-{row.pk}.pdf"'},
    )


@require_GET
def missing(request: OfficerRequest, dispatch_id: int) -> HttpResponse:
    """The missing numbers, all of them, as a list to send back."""
    row = dispatch_seen_by(request, dispatch_id)
    subject = f"dispatch:{row.pk}"
    record(verb="missing.taken", subject=subject, actor=request.user, at=timezone.now())
    return HttpResponse(
        "".join(numbers_as_csv(missing_of(row.pk).iterator())),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="missing-{row.pk}.csv"'},
    )
