"""Reasons of the locator in the officer's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from . import reference
from .evidence import Outcome, Reason
from .rules import EvidenceKind

KIND_LABELS: Mapping[EvidenceKind, Promise] = {
    EvidenceKind.INSTALLATION_ADDRESS: lazy_("Installation address from a provider's reply"),
    EvidenceKind.BILLING_ADDRESS: lazy_("Billing or KYC address"),
    EvidenceKind.DECLARED_ADDRESS: lazy_("Address declared to the platform"),
    EvidenceKind.DEVICE_POINT: lazy_("Point reported by the device"),
    EvidenceKind.PHONE_ADDRESS: lazy_("Address of the phone's subscriber"),
    EvidenceKind.FREE_TEXT: lazy_("Free text"),
    EvidenceKind.PROVIDER_ESTIMATE: lazy_("Platform's estimate of the place"),
    EvidenceKind.IP_LOOKUP: lazy_("Look-up of the IP address"),
}

OUTCOME_LABELS: Mapping[Outcome, Promise] = {
    Outcome.DELHI: lazy_("Delhi"),
    Outcome.OTHER_STATE: lazy_("Another State"),
    Outcome.ABROAD: lazy_("Abroad"),
    Outcome.CANNOT_SAY: lazy_("Cannot say"),
}

REASONS: Mapping[str, Promise] = {
    "pin-one-station": lazy_("PIN %(pin)s lies in one station only: %(station)s"),
    "pin-share": lazy_("Holds %(percent)s %% of PIN %(pin)s"),
    "pin-not-mapped": lazy_("PIN %(pin)s is Delhi's, but its stations are not known here"),
    "pin-unknown": lazy_("PIN %(pin)s belongs to no State's postal circle"),
    "pin-other-state": lazy_("PIN %(pin)s belongs to %(state)s"),
    "pin-other-district": lazy_("PIN %(pin)s belongs to %(district)s, %(state)s"),
    "locality-name": lazy_("%(name)s is named; %(station)s holds %(percent)s %% of it"),
    "reported-name": lazy_("%(name)s is named, which is said to be under %(station)s"),
    "reported-under": lazy_("%(name)s is said to be under it"),
    "locality-like": lazy_("“%(written)s” is read as %(name)s, mostly in %(station)s"),
    "locality-share": lazy_("Holds %(percent)s %% of %(name)s"),
    "locality-against-pin": lazy_("%(name)s does not lie in PIN %(pin)s: one of the two is wrong"),
    "common-name": lazy_("Places called %(name)s are found in many towns"),
    "road-named": lazy_("%(name)s is named as a road only, and a road leads elsewhere"),
    "station-name-only": lazy_(
        "%(name)s is known only as the name of a station; a name alone does not decide"
    ),
    "station-stated": lazy_("The text itself gives police station %(station)s"),
    "point-in-area": lazy_(
        "The point lies in the area of %(station)s, %(metres)s m from its limit"
    ),
    "point-just-outside": lazy_("The point lies %(metres)s m outside Delhi, beside %(station)s"),
    "point-near-places": lazy_(
        "The point is %(metres)s m from the nearest named place; no boundaries are loaded"
    ),
    "point-between": lazy_(
        "The point is %(metres)s m from the nearest named place, too far to say without boundaries"
    ),
    "point-outside-delhi": lazy_("The point lies outside Delhi"),
    "point-abroad": lazy_("The point lies outside India"),
    "place-abroad": lazy_("%(place)s is named, which is in %(country)s"),
    "country-named": lazy_("The country given is %(country)s"),
    "state-named": lazy_("%(state)s is named"),
    "city-named": lazy_("%(city)s is named, which is in %(state)s"),
    "near-delhi-city": lazy_(
        "%(city)s is named: it lies beside Delhi but in %(state)s, even if Delhi is written with it"
    ),
    "delhi-named": lazy_("Delhi is named"),
    "coarse-kind": lazy_("Evidence of this kind says at most whether it is Delhi, never a station"),
    "claims-conflict": lazy_("The evidence is divided: %(first)s, and nearly as much %(second)s"),
    "claims-outweighed": lazy_(
        "%(percent)s %% of the weight of the evidence agrees; some says %(against)s"
    ),
    "states-disagree": lazy_("Both %(first)s and %(second)s are named"),
    "pieces-disagree": lazy_("The pieces of evidence point to %(count)s different stations"),
    "newer-station": lazy_(
        "%(station)s was since carved out of %(parent)s; its limits are not in the data, so check"
    ),
    "too-little": lazy_("What is said of the place is too little to decide on"),
    "nothing-said": lazy_("No place is given"),
}
"""One wording for each code, but for `pin-stations`, whose count is spoken as a plural."""

_PLACES = {"state", "first", "second", "against"}


def reason_words(reason: Reason) -> str:
    """One reason in the active language, without the kind of evidence it rests on."""
    return words_of(code=reason.code, params=dict(reason.params))


def words_of(*, code: str, params: Mapping[str, str | int]) -> str:
    """A reason kept as data, in the active language. Raises KeyError for an unknown code."""
    filled = {name: _localised(name, value) for name, value in params.items()}
    if code == "pin-stations":
        sentence = ngettext(
            "PIN %(pin)s reaches into %(count)s station; %(station)s holds %(percent)s %% of it",
            "PIN %(pin)s reaches into %(count)s stations; %(station)s holds %(percent)s %% of it",
            int(params["count"]),
        )
        return sentence % filled
    return str(REASONS[code]) % filled


reason_words_lazy = lazy(reason_words, str)
"""The same as `reason_words`, put into words when it is shown."""


def kind_label(kind: str) -> str:
    """The name of a kind of evidence; empty for a reason that rests on all of it."""
    return str(KIND_LABELS[EvidenceKind(kind)]) if kind else ""


def state_words(name: str) -> str:
    """A State's name in the active language; English where there is no other."""
    if not name:
        return _("a State not known")
    is_hindi = (get_language() or "").startswith("hi")
    return _states_in_hindi().get(name, name) if is_hindi else name


def _localised(name: str, value: str | int) -> str | int:
    if name not in _PLACES or not isinstance(value, str):
        return value
    if value in set(Outcome):
        return str(OUTCOME_LABELS[Outcome(value)])
    return state_words(value)


@lru_cache(maxsize=1)
def _states_in_hindi() -> dict[str, str]:
    return reference.state_names_in_hindi()
