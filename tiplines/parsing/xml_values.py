"""What the blocks of a report share in ispws: contacts, captures, devices, addresses, flags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tiplines.parsing import moments, normalising
from tiplines.parsing.records import Address, IdentifierKind, Mention, Moment
from tiplines.parsing.xml_tree import (
    Node,
    attribute,
    content,
    each,
    parts_of,
    text_of,
    texts_of,
)


def mention(
    kind: IdentifierKind,
    original: str,
    value: str,
    place: str,
    *,
    label: str = "",
    event: str = "",
    moment: Moment | None = None,
) -> Mention:
    return Mention(
        kind=kind,
        original=original,
        value=value,
        place=place,
        label=label,
        event=event,
        moment=moment,
    )


def joined(parts: Iterable[str], by: str) -> str:
    return by.join(part for part in parts if part)


def flags_of(node: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return the flags set below a child: `<viral/>` and `<viral>true</viral>` alike."""
    found: list[str] = []
    for flags in parts_of(node, name):
        for flag in flags:
            if flag[0] in "@#":
                continue
            if any(normalising.flag(content(one)) is not False for one in each(flags, flag)):
                found.append(flag)
    return tuple(dict.fromkeys(found))


def name_of(person: dict[str, Any]) -> str:
    names = ("firstName", "middleName", "lastName")
    return joined((text_of(person, name) for name in names), " ")


def prose_of(node: dict[str, Any], names: Iterable[str], place: str) -> list[tuple[str, str]]:
    """Return (place, text) of the prose children, to be mined."""
    return [
        (f"{place}/{name}[{n}]", text)
        for name in names
        for n, text in enumerate(texts_of(node, name), 1)
    ]


def contacts(person: dict[str, Any], place: str) -> list[Mention]:
    return [*phones(person, "phone", place), *emails(person, "email", place)]


def phones(node: dict[str, Any], name: str, place: str) -> Iterable[Mention]:
    for n, one in enumerate(each(node, name), 1):
        if not (number := content(one)):
            continue
        code, extension = attribute(one, "countryCallingCode"), attribute(one, "extension")
        yield _verified(
            IdentifierKind.PHONE,
            one,
            joined((code, number, f"ext. {extension}" if extension else ""), " "),
            normalising.phone(number, code),
            f"{place}/{name}[{n}]",
        )


def emails(node: dict[str, Any], name: str, place: str) -> Iterable[Mention]:
    for n, one in enumerate(each(node, name), 1):
        if text := content(one):
            yield _verified(
                IdentifierKind.EMAIL, one, text, normalising.email(text), f"{place}/{name}[{n}]"
            )


def _verified(kind: IdentifierKind, node: Node, original: str, value: str, place: str) -> Mention:
    when = attribute(node, "verificationDate")
    return Mention(
        kind=kind,
        original=original,
        value=value,
        place=place,
        label=attribute(node, "type"),
        verified=normalising.flag(attribute(node, "verified")),
        verified_moment=moments.moment(when) if when else None,
    )


def captures(node: dict[str, Any], place: str) -> Iterable[Mention]:
    for n, one in enumerate(parts_of(node, "ipCaptureEvent"), 1):
        text = text_of(one, "ipAddress")
        if not text:
            continue
        value, written_port = normalising.ip_and_port(text)
        when = text_of(one, "dateTime")
        yield Mention(
            kind=IdentifierKind.IP,
            original=text,
            value=value,
            place=f"{place}/ipCaptureEvent[{n}]",
            event=text_of(one, "eventName"),
            moment=moments.moment(when) if when else None,
            port=normalising.port(text_of(one, "port")) or written_port,
            possible_proxy=normalising.flag(text_of(one, "possibleProxy")),
        )


def devices(node: dict[str, Any], place: str) -> Iterable[Mention]:
    for n, one in enumerate(parts_of(node, "deviceId"), 1):
        text, kind = text_of(one, "idValue"), text_of(one, "idType")
        if not text:
            continue
        when = text_of(one, "dateTime")
        yield mention(
            IdentifierKind.DEVICE,
            text,
            normalising.device(kind, text),
            f"{place}/deviceId[{n}]",
            label=kind,
            event=text_of(one, "eventName"),
            moment=moments.moment(when) if when else None,
        )


def addresses(person: dict[str, Any], place: str, name: str = "address") -> Iterable[Address]:
    for n, one in enumerate(parts_of(person, name), 1):
        address = Address(
            place=f"{place}/{name}[{n}]",
            text=text_of(one, "address") or content(one),
            city=text_of(one, "city"),
            postal_code=text_of(one, "zipCode"),
            state=text_of(one, "nonUsaState") or text_of(one, "state"),
            country=text_of(one, "country"),
            label=attribute(one, "type"),
        )
        if any((address.text, address.city, address.postal_code, address.state, address.country)):
            yield address


def estimates(node: dict[str, Any], place: str) -> Iterable[Address]:
    for one in parts_of(node, "estimatedLocation"):
        yield Address(
            place=f"{place}/estimatedLocation",
            city=text_of(one, "city"),
            state=text_of(one, "region"),
            country=text_of(one, "countryCode"),
            label="estimated",
        )


def fact(node: Node) -> str:
    """Return an element's text with its attributes in brackets: "true (disabledDate 2025-…)"."""
    if type(node) is not dict:
        return content(node)
    details = ", ".join(f"{key[1:]} {value}" for key, value in node.items() if key[0] == "@")
    return joined((content(node), f"({details})" if details else ""), " ")


def hash_mention(value: str, algorithm: str, place: str) -> Mention:
    return mention(
        IdentifierKind.HASH, value, normalising.digest(algorithm, value), place, label=algorithm
    )
