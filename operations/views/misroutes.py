"""How often hand-offs go to the wrong place, by what placed them; every number opens its rows."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import OfficerRequest
from audit.services import record_list
from cases.models import HandOff
from districts.rules import EvidenceKind
from districts.wording import kind_label
from operations.misroutes import Rate, by_kind, by_version, rows, whole
from operations.periods import ALWAYS

ROWS_AT_MOST = 200


@require_GET
def misroutes(request: OfficerRequest) -> HttpResponse:
    officer, now = request.user, timezone.now()
    version, kind = request.GET.get("version"), request.GET.get("kind")
    found = rows(officer, ALWAYS, version=version, kind=kind)
    shown = list(found.select_related("case__district", "case__station")[:ROWS_AT_MOST])
    returned = {
        each.case_id: each
        for each in HandOff.objects.filter(
            case__in=[row.case_id for row in shown], returned_at__isnull=False
        ).select_related("district", "station", "better_district", "better_station")
    }
    record_list(
        verb="misroutes.read",
        subject="misroutes:all",
        seen=[row.case_id for row in shown],
        actor=officer,
        at=now,
    )
    return render(
        request,
        "operations/misroutes.html",
        {
            "whole": whole(officer, ALWAYS),
            "tables": [
                ("version", [line(rate, "version") for rate in by_version(officer, ALWAYS)]),
                ("kind", [line(rate, "kind") for rate in by_kind(officer, ALWAYS)]),
            ],
            "lines": [(row, returned[row.case_id]) for row in shown if row.case_id in returned],
            "is_narrowed": version is not None or kind is not None,
            "at_most": ROWS_AT_MOST,
        },
    )


def line(rate: Rate, name: str) -> dict[str, object]:
    words = rate.key
    if name == "kind" and rate.key in set(EvidenceKind):
        words = kind_label(rate.key)
    return {"rate": rate, "words": words, "href": f"?{urlencode({name: rate.key})}#rows"}
