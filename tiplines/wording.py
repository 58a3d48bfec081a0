"""The reasons of an assessment in words that an officer can read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

INCIDENT_TYPES = {
    "Child Pornography (possession, manufacture, and distribution)": gettext_lazy(
        "CSEAM: possession, making or distribution"
    ),
    "Child Sex Trafficking": gettext_lazy("Child trafficking"),
    "Child Sex Tourism": gettext_lazy("Child exploitation by travellers"),
    "Child Sexual Molestation": gettext_lazy("Child molestation"),
    "Misleading Domain Name": gettext_lazy("Misleading domain name"),
    "Misleading Words or Digital Images on the Internet": gettext_lazy(
        "Misleading words or pictures"
    ),
    "Online Enticement of Children for Sexual Acts": gettext_lazy("Online enticement"),
    "Unsolicited Obscene Material Sent to a Child": gettext_lazy(
        "Obscene material sent to a child"
    ),
}
ANNOTATIONS = {
    "sextortion": gettext_lazy("sextortion"),
    "csamSolicitation": gettext_lazy("asking for CSEAM"),
    "minorToMinorInteraction": gettext_lazy("between minors"),
    "spam": gettext_lazy("spam"),
    "sadisticOnlineExploitation": gettext_lazy("sadistic online exploitation"),
    "informational": gettext_lazy("informational"),
    "potentialAggravatingFactors": gettext_lazy("possible aggravating factors"),
    "animeDrawingVirtualHentai": gettext_lazy("drawing or virtual"),
    "potentialMeme": gettext_lazy("possible meme"),
    "viral": gettext_lazy("viral"),
    "possibleSelfProduction": gettext_lazy("possibly self-produced"),
    "physicalHarm": gettext_lazy("physical harm"),
    "violenceGore": gettext_lazy("violence"),
    "bestiality": gettext_lazy("with an animal"),
    "liveStreaming": gettext_lazy("live streaming"),
    "infant": gettext_lazy("infant"),
    "generativeAi": gettext_lazy("made by AI"),
}
MISSING = {
    "contact": gettext_lazy("phone or e-mail"),
    "account": gettext_lazy("account at the provider"),
    "ip": gettext_lazy("IP address"),
    "ip-time": gettext_lazy("exact time with zone for an IP address"),
    "ip-port": gettext_lazy("source port for an IP address"),
    "name": gettext_lazy("name of the suspect"),
    "address": gettext_lazy("address or PIN code"),
    "file-hash": gettext_lazy("file hash"),
    "incident-time": gettext_lazy("time of the incident with zone"),
}
NOT_FOUND = {
    **MISSING,
    "number": gettext_lazy("report number"),
    "received-time": gettext_lazy("time of receipt by NCMEC"),
    "priority": gettext_lazy("NCMEC's priority"),
    "provider": gettext_lazy("reporting company"),
    "incident-type": gettext_lazy("type of incident"),
    "suspect": gettext_lazy("suspect"),
    "files": gettext_lazy("files"),
    "hash": gettext_lazy("file hash"),
}
"""What a reader looked for in a printed report and did not find."""


def word_not_found(code: str) -> str:
    return str(NOT_FOUND.get(code, code))


def word_type(incident_type: str) -> str:
    """The incident type in the unit's own words; an unknown one as written."""
    return str(INCIDENT_TYPES.get(incident_type, incident_type))


def word_annotation(name: str) -> str:
    return str(ANNOTATIONS.get(name, name))


def word_missing(code: str) -> str:
    return str(MISSING.get(code, code))


def word_urgency(reason: dict[str, Any]) -> str:
    """One reason of `Tipline.urgency_reasons`, without its points."""
    params: dict[str, Any] = reason.get("params", {})
    match reason.get("code"):
        case "type":
            return word_type(params["type"])
        case "escalated":
            return _("The provider asks for high priority")
        case "annotation":
            return _("The provider marks it: %(name)s") % {"name": word_annotation(params["name"])}
        case "priority":
            return str(_("NCMEC's priority %(letter)s") % params)
        case "class":
            return str(_("Graver file class %(class)s") % params)
        case "file":
            return _("A file is marked: %(name)s") % {"name": word_annotation(params["name"])}
        case "meme":
            return _("Every file is marked as a meme or viral")
        case "viewed":
            return _("The provider looked at a file")
        case "victim":
            return _("A child victim is named")
        case "prior":
            return ngettext(
                "%(count)s earlier report on the same account",
                "%(count)s earlier reports on the same account",
                params["count"],
            ) % {"count": params["count"]}
        case "supplements":
            return ngettext(
                "%(count)s supplement adds to it; what it says counts here too",
                "%(count)s supplements add to it; what they say counts here too",
                params["count"],
            ) % {"count": params["count"]}
        case "fresh":
            return str(_("The incident is less than %(days)s days old") % params)
        case "expiring":
            return ngettext(
                "The provider's records lapse in %(days)s day",
                "The provider's records lapse in %(days)s days",
                params["days"],
            ) % {"days": params["days"]}
        case "organised":
            return str(_("In an organised nexus, N-%(nexus)04d") % params)
        case "batched":
            return _("A batched viral report: it stands at the end of the queue")
    return str(reason.get("code", ""))
