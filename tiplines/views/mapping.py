"""What the columns of a covering list mean: a page to approve it, once for each sender."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.http import OfficerRequest
from audit.services import record
from tiplines.grouping import LISTS
from tiplines.models import Dispatch, Document
from tiplines.parsing.limits import UnreadableReport
from tiplines.parsing.list_headers import HEADERS
from tiplines.parsing.list_reader import Head
from tiplines.services import mapping

FIELD_WORDS = {
    "number": gettext_lazy("Report number"),
    "received": gettext_lazy("Received by NCMEC"),
    "name": gettext_lazy("Name of the suspect"),
    "screen_name": gettext_lazy("Screen name"),
    "display_name": gettext_lazy("Display name"),
    "account": gettext_lazy("Account at the provider"),
    "url": gettext_lazy("Address of a page"),
    "ip": gettext_lazy("IP address"),
    "port": gettext_lazy("Port"),
    "ip_moment": gettext_lazy("Moment of the IP address"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail address"),
    "imei": gettext_lazy("IMEI"),
    "device": gettext_lazy("Device"),
    "md5": gettext_lazy("MD5 of a file"),
    "sha1": gettext_lazy("SHA-1 of a file"),
    "file_name": gettext_lazy("Name of a file"),
    "file_count": gettext_lazy("Number of files"),
    "dob": gettext_lazy("Date of birth"),
    "age": gettext_lazy("Age in years"),
    "address": gettext_lazy("Address"),
    "city": gettext_lazy("City"),
    "postal_code": gettext_lazy("PIN code"),
    "state": gettext_lazy("State or Union Territory"),
    "district": gettext_lazy("District"),
    "country": gettext_lazy("Country"),
    "priority": gettext_lazy("NCMEC's priority"),
    "provider": gettext_lazy("Provider"),
    "platform": gettext_lazy("Platform"),
    "incident_type": gettext_lazy("Type of incident"),
    "incident_moment": gettext_lazy("Moment of the incident"),
    "prior": gettext_lazy("Earlier reports"),
    "remarks": gettext_lazy("Remarks"),
    "serial": gettext_lazy("Serial number of the row"),
}


@dataclass(frozen=True, kw_only=True)
class Column:
    header: str
    samples: tuple[str, ...]
    field: forms.BoundField
    proposed: object
    """The field in words as it is read now; None where the column is only kept."""


class ColumnsForm(forms.Form):
    """What each column of one sheet means."""

    def __init__(self, data: QueryDict | None, *, head: Head, sheet: int) -> None:
        super().__init__(data, prefix=f"sheet-{sheet}")
        self.head = head
        self.names = [f"column-{n}" for n in range(len(head.headers))]
        choices = [("", _("only kept")), *((each, FIELD_WORDS[each]) for each in HEADERS)]
        for name, header, field in zip(self.names, head.headers, head.fields, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=header, choices=choices, required=False, initial=field
            )

    @property
    def chosen(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.names]

    @property
    def columns(self) -> list[Column]:
        return [
            Column(
                header=header, samples=samples, field=self[name], proposed=FIELD_WORDS.get(field)
            )
            for name, header, samples, field in zip(
                self.names, self.head.headers, self.head.samples, self.head.fields, strict=True
            )
        ]

    def clean(self) -> None:
        if not self.errors and mapping.NUMBER not in self.chosen:
            raise forms.ValidationError(_("One column must hold the report number."))


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: OfficerRequest, document_id: int) -> HttpResponse:
    """What the columns mean: proposed by their headers, approved by an officer."""
    visible = Dispatch.objects.visible_to(request.user)
    document = get_object_or_404(
        Document.objects.filter(
            dispatch__in=visible, kind__in=LISTS, offset__isnull=False
        ).select_related("dispatch"),
        pk=document_id,
    )
    now = timezone.now()
    try:
        heads = mapping.heads(document)
    except (UnreadableReport, OSError) as error:
        raise Http404 from error
    posted = request.POST.get("sheet", "")
    sheets = [
        ColumnsForm(request.POST if posted == str(n) else None, head=head, sheet=n)
        for n, head in enumerate(heads)
    ]
    asked = next((form for form in sheets if form.is_bound), None)
    if asked is not None and asked.is_valid():
        is_changed = mapping.approve(
            document=document,
            head=asked.head,
            fields=asked.chosen,
            by=request.user,
            at=now,
        )
        messages.success(
            request,
            _("Approved and remembered. The list is read again.")
            if is_changed
            else _("Approved and remembered. The list was read in this way already."),
        )
        return redirect("tiplines:columns", document_id=document.pk)
    record(verb="document.opened", subject=f"document:{document.pk}", actor=request.user, at=now)
    return render(
        request,
        "tiplines/mapping.html",
        {"document": document, "dispatch": document.dispatch, "sheets": sheets},
        status=422 if asked is not None else 200,
    )
