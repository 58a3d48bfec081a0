"""The machine interface of nexuses: the list, and one with its members and what ties them.

A key made for `api:nexuses` opens these two addresses and nothing else.
"""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.scope import scoped
from audit.services import record, record_list
from cases.nexus_page import AccountLine, EdgeLine, NexusSheet, sheet_of
from nexus.models import Nexus, Tier, Verdict, is_judged
from tiplines.api import officer_of

PAGE = 100  # nexuses


class Nexuses(APIView):
    """`GET`, with `tier=alert|related` and `page` from 1: those in force, the first in rank first.

    `{"nexuses": [{"nexus_id", "label", "tier", "score", "first_at", "last_at"}], "more": false}`
    """

    def get(self, request: Request) -> Response:
        tier, page = request.query_params.get("tier", ""), request.query_params.get("page", "1")
        if tier not in {"", *Tier.values}:
            raise ValidationError({"tier": [f"One of {', '.join(Tier.values)}, or nothing."]})
        if not (page.isdecimal() and len(page) <= 3 and 1 <= int(page) <= PAGE):
            raise ValidationError({"page": [f"A number from 1 to {PAGE}."]})
        officer = officer_of(request)
        with scoped(officer):
            found = Nexus.objects.present_to(officer).filter(~is_judged(Verdict.DISMISSED))
            if tier:
                found = found.filter(tier=tier)
            start = (int(page) - 1) * PAGE
            found = found.with_shown(officer)
            rows: list[Any] = list(found.order_by("-score", "-pk")[start : start + PAGE + 1])
            record_list(
                verb="nexuses.read",
                subject=f"nexuses:{tier or 'all'}",
                seen=[each.pk for each in rows[:PAGE]],
                actor=officer,
                at=timezone.now(),
            )
        told = [
            head_of(each, is_whole=each.shown_tiplines == each.tiplines) for each in rows[:PAGE]
        ]
        return Response({"nexuses": told, "more": len(rows) > PAGE})


class OneNexus(APIView):
    """`GET` a nexus: its accounts with their tiplines, ties with what each value adds in bits, and
    the judgements about it. Values are covered as on its page.
    """

    def get(self, request: Request, nexus_id: int) -> Response:
        officer = officer_of(request)
        with scoped(officer):
            found = get_object_or_404(Nexus.objects.visible_to(officer), pk=nexus_id)
            now = timezone.now()
            record(verb="nexus.opened", subject=f"nexus:{found.pk}", actor=officer, at=now)
            return Response(as_json(sheet_of(found, officer)))


def head_of(nexus: Nexus, *, is_whole: bool) -> dict[str, Any]:
    """Figures that all members make are told to who may see all of them."""
    figures = {"score": nexus.score, "first_at": nexus.first_at, "last_at": nexus.last_at}
    return {
        "nexus_id": nexus.pk,
        "label": nexus.label,
        "tier": nexus.tier,
        **(figures if is_whole else dict.fromkeys(figures)),
    }


def as_json(sheet: NexusSheet) -> dict[str, Any]:
    return {
        **head_of(sheet.nexus, is_whole=sheet.is_whole),
        "ended_at": sheet.nexus.ended_at,
        "became_part_of": sheet.nexus.into_id,
        "weakest_bits": sheet.nexus.weakest_bits if sheet.is_whole else None,
        "tiplines": sheet.tiplines,
        "accounts": [_account(each) for each in sheet.accounts],
        "ties": [_tie(each) for each in sheet.edges],
        "ties_in_all": sheet.edges_in_all,
        "organised_since": sheet.nexus.alerted_at,
        "months": {each.first.isoformat()[:7]: each.tiplines for each in sheet.months},
        "much_hangs_on": [
            {"account": each.account.number, "tied_to": each.tied, "parts_without_it": each.parts}
            for each in sheet.players
        ],
        "holds_it_together": [
            {"kind": value.label, "value": value.text, "accounts": value.parts}
            for value in sheet.values
            if value.parts
        ],
        "judgements": [
            {
                "judgement_id": each.pk,
                "verdict": each.verdict,
                "reason": reason,
                "at": each.at,
                "ended_at": each.ended_at,
            }
            for each, reason, _ in sheet.judgements
        ],
    }


def _account(line: AccountLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "tiplines": [
            {"report_id": each.number, "provider": each.provider, "status": each.status}
            for each in line.tiplines
        ],
    }


def _tie(edge: EdgeLine) -> dict[str, Any]:
    return {
        "accounts": [edge.one.number, edge.other.number],
        "bits": edge.bits,
        "values": [
            {
                "kind": value.kind.name.lower(),
                "value": text,
                "bits": bits,
            }
            for value, bits, text in edge.values
        ],
    }
