"""Where it happened: the blocks of `internetDetails`, whatever kinds there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tiplines.parsing import normalising
from tiplines.parsing.normalising import coordinate
from tiplines.parsing.records import Address, IdentifierKind, Mention
from tiplines.parsing.xml_tree import attribute, parts_of, text_of, texts_of
from tiplines.parsing.xml_values import addresses, captures, emails, mention, phones, prose_of

# Incidents: their plain facts and their prose, told in the narrative.
INCIDENT_FACTS = (
    "chatClient",
    "chatRoomName",
    "gameName",
    "console",
    "name",
    "client",
    "locationName",
    "fileNames",
)
INCIDENT_PROSE = ("content", "additionalInfo")


def read_incidents(
    report: dict[str, Any], provider: str
) -> tuple[list[Mention], list[Address], list[str], list[tuple[str, str]]]:
    """Return identifiers, places, the narrative and (place, prose) to be mined of
    `internetDetails`, whatever kinds it holds.
    """
    mentions: list[Mention] = []
    places: list[Address] = []
    tales: list[str] = []
    told: list[tuple[str, str]] = []
    for n, details in enumerate(parts_of(report, "internetDetails"), 1):
        for kind in details:
            if kind[0] in "@#":
                continue
            found = parts_of(details, kind)
            for m, node in enumerate(found, 1):
                place = f"report/internetDetails[{n}]/{kind}"
                if len(found) > 1:
                    place += f"[{m}]"
                mentions.extend(incident_mentions(node, place, provider))
                places.extend(_incident_places(node, place))
                for name in INCIDENT_FACTS:
                    tales += [f"{name}: {text}" for text in texts_of(node, name)]
                for name in INCIDENT_PROSE:
                    tales += texts_of(node, name)
                told += prose_of(node, INCIDENT_PROSE, place)
    return mentions, places, tales, told


def incident_mentions(node: dict[str, Any], place: str, provider: str) -> Iterable[Mention]:
    for n, page in enumerate(texts_of(node, "url"), 1):
        yield mention(
            IdentifierKind.URL,
            page,
            normalising.url(page),
            f"{place}/url[{n}]",
            label="third-party" if _is_yes(attribute(node, "thirdPartyHostedContent")) else "",
        )
    yield from emails(node, "emailAddress", place)
    yield from phones(node, "phoneNumber", place)
    yield from captures(node, place)
    # A room's name means something only within its service.
    for name, service, label in (
        ("chatRoomName", text_of(node, "chatClient") or provider, "chat room"),
        ("name", "newsgroup", "newsgroup"),
    ):
        for room in texts_of(node, name):
            yield mention(
                IdentifierKind.GROUP,
                room,
                normalising.screen_name(service, room),
                f"{place}/{name}",
                label=label,
            )


def _incident_places(node: dict[str, Any], place: str) -> Iterable[Address]:
    latitude = coordinate(text_of(node, "latitude"), bound=90)
    longitude = coordinate(text_of(node, "longitude"), bound=180)
    if latitude is not None and longitude is not None:
        yield Address(place=place, label="incident", latitude=latitude, longitude=longitude)
    for name in texts_of(node, "locationName"):
        yield Address(place=f"{place}/locationName", text=name, label="incident")
    yield from addresses(node, place, "incidentAddress")


def _is_yes(text: str) -> bool:
    return normalising.flag(text) is True
