"""The check that would decide, and what speaks against a candidate, in the officer's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy_

from .evidence import Reason
from .wording import state_words

AGAINST: Mapping[str, Promise] = {
    "pin-elsewhere": lazy_("Holds nothing of PIN %(pin)s; %(station)s does"),
    "pin-more-elsewhere": lazy_("%(station)s holds more of PIN %(pin)s: %(percent)s %%"),
    "locality-elsewhere": lazy_("Holds nothing of %(name)s; %(station)s does"),
    "reported-elsewhere": lazy_("%(name)s is said to be under %(station)s"),
    "locality-more-elsewhere": lazy_("%(station)s holds more of %(name)s: %(percent)s %%"),
    "other-station-stated": lazy_("The text itself gives another police station, %(station)s"),
    "point-elsewhere": lazy_("The point lies in the area of %(station)s"),
}
"""One wording for each code of `against`."""

CHECKS: Mapping[str, Promise] = {
    "ask-for-ips": lazy_(
        "Ask the platform for IP addresses with port and time; its own estimate names no station"
    ),
    "ask-port": lazy_(
        "Ask the platform for the source port and the exact time of the IP address; without them "
        "no provider can name one subscriber"
    ),
    "ask-installation": lazy_(
        "Ask the internet provider for the subscriber and the installation address of the "
        "connection"
    ),
    "no-such-pin": lazy_("Ask for the right PIN code: no State has %(pin)s"),
    "which-town": lazy_("Is it the %(name)s in Delhi? The city or the PIN code would decide"),
    "which-country": lazy_("Ask which country and State the subscriber lives in"),
    "delhi-or-abroad": lazy_(
        "In Delhi or abroad? The provider's subscriber record or recent IP addresses would decide"
    ),
    "pin-or-delhi": lazy_(
        "Is PIN %(pin)s right, which is in %(state)s, or the rest, which says Delhi? Ask the "
        "provider for the installation address"
    ),
    "delhi-or-city": lazy_(
        "In Delhi or in %(city)s, %(state)s? The PIN code or the sector would decide"
    ),
    "delhi-or-state": lazy_("In Delhi or in %(state)s? The PIN code would decide"),
    "delhi-or-elsewhere": lazy_("In Delhi or outside? The PIN code would decide"),
    "pin-or-locality": lazy_(
        "Which of the two is right, PIN %(pin)s or %(name)s? The house number and street, or a "
        "call to the number given, would decide"
    ),
    "stated-station": lazy_(
        "The text gives PS %(station)s, the rest points to PS %(other)s: ask PS %(station)s "
        "whether the address is theirs"
    ),
    "installation-decides": lazy_(
        "The evidence is divided between %(station)s and %(other)s: ask the provider for the "
        "installation address"
    ),
    "which-is-current": lazy_(
        "The evidence is divided between %(station)s and %(other)s: ask which address is the "
        "present one"
    ),
    "point-or-address": lazy_(
        "The point lies in %(station)s, the address in %(other)s: find out when the point was "
        "taken and whether the address is the present one"
    ),
    "point-near-limit": lazy_(
        "The point is %(metres)s m from the limit of %(station)s: the house address would decide "
        "between it and %(other)s"
    ),
    "point-beside-delhi": lazy_(
        "The point is %(metres)s m outside Delhi, beside %(station)s: the house address would "
        "decide on which side it is"
    ),
    "point-without-areas": lazy_(
        "Load the stations' boundaries, or look up the point on a map: without them it names no "
        "station"
    ),
    "is-it-spelt": lazy_("Is “%(written)s” %(name)s? The spelling of the locality would decide"),
    "where-on-road": lazy_(
        "Where on %(name)s? A house number, the locality or the PIN code would decide"
    ),
    "near-station": lazy_(
        "%(name)s is known only as a station's name: the locality or the PIN code would decide"
    ),
    "which-sector": lazy_(
        "Which sector of %(name)s, and which pocket or block? One that is given already is not "
        "in the gazetteer: look it up"
    ),
    "which-district": lazy_(
        "Is it the %(name)s in %(district)s or the %(name)s in %(other)s? The PIN code would decide"
    ),
    "pin-decides": lazy_(
        "The PIN code would decide: %(pin)s for %(station)s, %(other_pin)s for %(other)s"
    ),
    "which-pocket": lazy_(
        "Which pocket or block of %(name)s? It would decide between %(station)s and %(other)s"
    ),
    "house-number": lazy_(
        "The house or plot number would decide between %(station)s and %(other)s, which share "
        "%(name)s"
    ),
    "house-in-pin": lazy_(
        "The house number and street would decide between %(station)s and %(other)s, which share "
        "PIN %(pin)s"
    ),
    "locality-in-pin": lazy_(
        "The locality, sector or block would decide between %(station)s and %(other)s, which "
        "share PIN %(pin)s"
    ),
    "which-name": lazy_(
        "Is the house in %(name)s, which is %(station)s's, or in %(other_name)s, which is "
        "%(other)s's?"
    ),
    "ask-parent": lazy_(
        "Ask PS %(parent)s whether the address has gone to %(station)s, which was carved out of it"
    ),
    "ask-declared": lazy_(
        "Ask the platform for the declared or billing address: so far only free text names a place"
    ),
    "place-in-pin": lazy_("Ask for the locality: the stations of PIN %(pin)s are not known here"),
    "only-delhi": lazy_("Only Delhi is named: ask for the locality or the PIN code"),
    "full-address": lazy_("The house number and the PIN code would make %(station)s sure"),
    "station-in-district": lazy_(
        "The locality or the PIN code would name a station of %(district)s"
    ),
    "ask-address": lazy_("Ask the provider for the subscriber's address: no place is given"),
}
"""One wording for each code of `deciding_check`."""

_CODES = {"station", "other", "district"}
"""Parameters that are codes of stations or districts; what is no code, stays as it is."""


def check_words(check: Reason, names: Mapping[str, str]) -> str:
    """`names` are those of stations and districts by code; a code without a name stays."""
    return str(CHECKS[check.code]) % _named(check, names)


def against_words(reason: Reason, names: Mapping[str, str]) -> str:
    """`names` are those of stations and districts by code; a code without a name stays."""
    return str(AGAINST[reason.code]) % _named(reason, names)


def _named(reason: Reason, names: Mapping[str, str]) -> dict[str, str | int]:
    out: dict[str, str | int] = {}
    for name, value in reason.params:
        if name in _CODES:
            out[name] = names.get(str(value), value)
        else:
            out[name] = state_words(str(value)) if name == "state" else value
    return out
