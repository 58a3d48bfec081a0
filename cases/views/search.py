"""Search: by POST, so that no name and no number stands in an address or a log."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import OfficerRequest
from accounts.models import User
from audit.services import keyed, record_list
from cases.models import Fir
from cases.queue import for_list
from tiplines.models import Identifier, Party, Sighting, Tipline
from tiplines.parsing import normalising
from tiplines.parsing.records import IdentifierKind
from tiplines.services.cleaning import clean

SHOWN_AT_MOST = 20
TEXT_AT_MOST = 200  # characters
NAME_AT_LEAST = 3  # letters
FIR_NUMBER = re.compile(r"(?:FIR\s*(?:no\.?)?\s*)?0*(\d{1,6})\s*/\s*(\d{4}|\d{2})", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What a search brought, each list capped."""

    tiplines: list[Tipline]
    firs: list[Fir]
    parties: list[Party]

    @property
    def numbers(self) -> list[str]:
        """Of every tipline that the page names, once."""
        named = (*self.tiplines, *(party.tipline for party in self.parties))
        return list(dict.fromkeys(tip.number for tip in named))

    @property
    def is_empty(self) -> bool:
        return not (self.tiplines or self.firs or self.parties)


@require_http_methods(["GET", "POST"])
@transaction.atomic
def search(request: OfficerRequest) -> HttpResponse:
    text = clean(request.POST.get("text", "").strip(), TEXT_AT_MOST)
    if not text:
        return render(request, "triage/search.html", {"at_most": SHOWN_AT_MOST})
    exact = Tipline.objects.visible_to(request.user).filter(number=text).values("number").first()
    found = Found([], [], []) if exact else look_for(text, request.user)
    numbers = [exact["number"]] if exact else found.numbers
    record_list(
        verb="search.made",
        subject=f"officer:{request.user.pk}",
        seen=numbers,
        actor=request.user,
        at=timezone.now(),
        detail={"query": keyed(text), "exact": exact is not None, "firs": len(found.firs)},
    )
    if exact:
        return redirect("cases:tipline", number=exact["number"])
    return render(
        request,
        "triage/search.html",
        {"text": text, "found": found, "at_most": SHOWN_AT_MOST, "name_at_least": NAME_AT_LEAST},
    )


def look_for(text: str, officer: User) -> Found:
    """By identifier, by FIR number, by name: a few statements, whatever the text."""
    return Found(
        tiplines=list(holding(text, officer)),
        firs=list(firs_numbered(text, officer)[:SHOWN_AT_MOST]),
        parties=list(named_like(text, officer)[:SHOWN_AT_MOST]),
    )


def holding(text: str, officer: User) -> QuerySet[Tipline]:
    """The newest tiplines that hold the text as an identifier, in any form it may be kept in, or as
    the whole name of a protected person.
    """
    digests = [Identifier.digest_of(kind, value) for kind, value in readings(text)]
    # Keys first, of identifiers and then of tiplines: the planner then goes by them. With all that
    # a row shows joined in it has too many tables to think of the best order.
    identifiers = list(Identifier.objects.filter(digest__in=digests).values_list("pk", flat=True))
    # A child's identifiers are not found, not even where the report repeats them outside the
    # party: they would give the child away to whoever guesses.
    of_a_child = Party.objects.protected().filter(pk=OuterRef("party"))
    repeated = Sighting.objects.filter(
        tipline=OuterRef("tipline"), identifier=OuterRef("identifier"), party__is_protected=True
    )
    seen = (
        Sighting.objects.filter(identifier__in=identifiers, links=True)
        .exclude(Exists(of_a_child))
        .exclude(Q(party__isnull=True) & Exists(repeated))
    )
    found = Tipline.objects.visible_to(officer).filter(pk__in=seen.values("tipline"))
    newest = list(found.order_by("-pk").values_list("pk", flat=True)[:SHOWN_AT_MOST])
    newest += about_one_called(text, officer)
    return for_list(Tipline.objects.filter(pk__in=newest)).order_by("-pk")[:SHOWN_AT_MOST]


def about_one_called(text: str, officer: User) -> list[int]:
    """The newest tiplines with a protected person of exactly this name. They are found by their
    number: no list says whose name it was.
    """
    called = Party.objects.called(text).values("tipline")
    found = Tipline.objects.visible_to(officer).filter(pk__in=called)
    return list(found.order_by("-pk").values_list("pk", flat=True)[:SHOWN_AT_MOST])


def readings(text: str) -> list[tuple[IdentifierKind, str]]:
    """The text as each kind of identifier that it may be, in the form by which they compare."""
    found = [
        (IdentifierKind.PHONE, normalising.phone(text)),
        (IdentifierKind.EMAIL, normalising.email(text)),
        (IdentifierKind.IP, normalising.ip(text)),
        (IdentifierKind.URL, normalising.url(text)),
        (IdentifierKind.UPI, normalising.upi(text)),
        (IdentifierKind.PAN, normalising.pan(text)),
        (IdentifierKind.VEHICLE, normalising.vehicle(text)),
        (IdentifierKind.GROUP, normalising.group(text)),
    ]
    found += [
        (IdentifierKind.HASH, normalising.digest(algorithm, text))
        for algorithm in ("md5", "sha1", "sha256", "photodna", "pdq")
    ]
    found += [
        (IdentifierKind.DEVICE, normalising.device(kind, text))
        for kind in ("imei", "imsi", "mac", "iccid")
    ]
    for provider in sorted(set(normalising.PROVIDERS.values())):
        found.append((IdentifierKind.ACCOUNT, normalising.account(provider, text)))
        found.append((IdentifierKind.SCREEN_NAME, normalising.screen_name(provider, text)))
    return found


def firs_numbered(text: str, officer: User) -> QuerySet[Fir]:
    match = FIR_NUMBER.fullmatch(text)
    if match is None:
        return Fir.objects.none()
    number, year = int(match[1]), int(match[2])
    year = year + 2000 if year < 100 else year
    return (
        Fir.objects.visible_to(officer)
        .filter(number=number, year=year)
        .select_related("station", "case__district")
        .order_by("-registered_at", "-pk")
    )


def named_like(text: str, officer: User) -> QuerySet[Party]:
    """Parties whose name contains the text; never one whose name is covered."""
    if sum(letter.isalpha() for letter in text) < NAME_AT_LEAST:
        return Party.objects.none()
    return (
        # iregex, not icontains: only it can use the trigram index on the name as it is
        Party.objects.filter(name__iregex=re.escape(text))
        .filter(tipline__in=Tipline.objects.visible_to(officer))
        .nameable()
        .select_related("tipline")
        .only(
            *("name", "role", "age", "tipline__number", "tipline__provider"),
            *("tipline__incident_type", "tipline__received_at", "tipline__status"),
        )
        .order_by("-tipline_id", "position")
    )
