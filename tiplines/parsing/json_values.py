"""Values of a JSON report, which may be anything: null, one value, or a list where one is usual."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tiplines.parsing import moments, normalising
from tiplines.parsing.records import IdentifierKind, Mention


def object_of(value: Any) -> dict[str, Any]:
    """Return an object; of a list its first object; of anything else an empty one."""
    if isinstance(value, list):
        value = next((entry for entry in value if isinstance(entry, dict)), None)
    return value if isinstance(value, dict) else {}


def items(value: Any, inner: str = "") -> list[dict[str, Any]]:
    """Return the objects of a list, which may stand bare or under `inner`, or be one object."""
    if isinstance(value, dict):
        return items(value[inner]) if inner and inner in value else [value] if value else []
    if isinstance(value, list):
        return [found for entry in value for found in items(entry, inner)]
    return [{"value": value}] if text_of(value) else []


def valued(value: Any, inner: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Return (text, object around it) for each `{"value": text}`, bare text or list of these."""
    return [(text, one) for one in items(value, inner) if (text := text_of(one.get("value")))]


def text_of(value: Any) -> str:
    """Return a scalar as stripped text; null, objects and lists of several as ""."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, dict):
        return text_of(value.get("value"))
    if isinstance(value, list) and len(value) == 1:
        return text_of(value[0])
    return ""


def prose(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for entry in value for text in prose(entry)]
    if isinstance(value, dict):
        return prose(value.get("value"))
    text = text_of(value)
    return [text] if text else []


def prose_of(node: dict[str, Any], names: Iterable[str], place: str) -> list[tuple[str, str]]:
    """Return (place, text) of the prose under some names, to be mined."""
    return [
        (f"{place}/{name}[{n}]", text)
        for name in names
        for n, text in enumerate(prose(node.get(name)), 1)
    ]


def flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else normalising.flag(text_of(value))


def name_of(node: dict[str, Any]) -> str:
    parts = (text_of(node.get(name)) for name in ("firstName", "middleName", "lastName"))
    return " ".join(filter(None, parts))


def mention(
    kind: IdentifierKind, original: str, value: str, place: str, label: str = ""
) -> Mention:
    return Mention(kind=kind, original=original, value=value, place=place, label=label)


def verified(
    kind: IdentifierKind, original: str, value: str, place: str, node: dict[str, Any]
) -> Mention:
    when = text_of(node.get("verifiedDate"))
    return Mention(
        kind=kind,
        original=original,
        value=value,
        place=place,
        label=text_of(node.get("type")),
        verified=flag(node.get("verified")),
        verified_moment=moments.moment(when) if when else None,
    )
