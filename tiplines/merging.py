"""Several documents about one report become one report: rule, without Django.

The best document leads; the others fill what it leaves open and add what it does not name. Where
two differ the leading one counts, and the other's word stays in its own version. A value that came
from another document says so in its place: `pdf: page 4/Suspect 1/Phone`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tiplines.parsing.records import Address, FileRecord, IdentifierKind, Mention, Party, TipReport

RANK = {"xml": 3, "json": 3, "pdf": 2, "list": 1}
"""Which format leads: what a machine wrote for machines, then what it printed, then a list."""

FILLED = (
    "provider",
    "platform",
    "incident_type",
    "incident_moment",
    "incident_moment_note",
    "received_moment",
    "ncmec_priority",
    "escalation",
    "batched_reason",
    "stated_file_count",
    "police_reference",
)
"""Fields of which a report has one: taken from the first document that states them."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    report: TipReport
    given: tuple[tuple[str, ...], ...]
    """For each document, in the order they were handed in, the fields that it gave."""


def merge(reports: Sequence[TipReport]) -> Merged:
    """Join documents about one report; of equal rank a whole one leads, then the later one."""
    order = sorted(
        range(len(reports)),
        key=lambda at: (RANK.get(reports[at].format, 0), bool(reports[at].parties), at),
        reverse=True,
    )
    merged = reports[order[0]]
    given: list[tuple[str, ...]] = [()] * len(reports)
    given[order[0]] = tuple(name for name in FILLED if getattr(merged, name) not in ("", None))
    for at in order[1:]:
        merged, filled = _with(merged, reports[at])
        given[at] = filled
    return Merged(report=merged, given=tuple(given))


def _with(first: TipReport, other: TipReport) -> tuple[TipReport, tuple[str, ...]]:
    """`first` with what `other` adds, and the fields that `other` filled."""
    source = "" if other.format == first.format else f"{other.format}: "
    filled = {
        name: getattr(other, name)
        for name in FILLED
        if getattr(first, name) in ("", None) and getattr(other, name) not in ("", None)
    }
    parties = _parties(first.parties, [_party_from(each, source) for each in other.parties])
    files = _files(first.files, [_file_from(each, source) for each in other.files])
    named = {key(each) for party in parties for each in party.mentions}
    named |= {key(each) for file in files for each in file.mentions}
    loose = [each for each in _mentions_from(other.mentions, source) if key(each) not in named]
    return (
        replace(
            first,
            **filled,
            annotations=_union(first.annotations, other.annotations),
            prior_reports=_union(first.prior_reports, other.prior_reports),
            parties=parties,
            files=files,
            mentions=_more_mentions(first.mentions, loose),
            addresses=_more_addresses(
                first.addresses, [_address_from(each, source) for each in other.addresses]
            ),
            narrative=_more_text(first.narrative, other.narrative),
        ),
        tuple(filled),
    )


def key(mention: Mention) -> tuple[IdentifierKind, str]:
    return mention.kind, mention.value


def _parties(ours: Sequence[Party], theirs: Iterable[Party]) -> tuple[Party, ...]:
    result = list(ours)
    open_places = set(range(len(ours)))
    others = list(theirs)
    for party in others:
        at = _same_party(party, result, open_places, others)
        if at is None:
            result.append(party)
            continue
        open_places.discard(at)
        result[at] = _one_party(result[at], party)
    return tuple(result)


def _same_party(
    party: Party, result: Sequence[Party], open_places: set[int], others: Sequence[Party]
) -> int | None:
    """Where `result` has this party: by a shared value, by name, or as the only one of its role."""
    candidates = [at for at in sorted(open_places) if result[at].role is party.role]
    values = {key(each) for each in party.mentions}
    for at in candidates:
        if values & {key(each) for each in result[at].mentions}:
            return at
    folded = " ".join(party.name.casefold().split())
    for at in candidates:
        if folded and folded == " ".join(result[at].name.casefold().split()):
            return at
    is_only = sum(1 for each in others if each.role is party.role) == 1
    if is_only and len(candidates) == 1 and not (folded and result[candidates[0]].name):
        return candidates[0]
    return None


def _one_party(ours: Party, theirs: Party) -> Party:
    return replace(
        ours,
        name=ours.name or theirs.name,
        display_names=_union(ours.display_names, theirs.display_names),
        date_of_birth=ours.date_of_birth or theirs.date_of_birth,
        age=ours.age if ours.age is not None else theirs.age,
        mentions=_more_mentions(ours.mentions, theirs.mentions),
        addresses=_more_addresses(ours.addresses, theirs.addresses),
        text=_more_text(ours.text, theirs.text),
    )


def _files(ours: Sequence[FileRecord], theirs: Iterable[FileRecord]) -> tuple[FileRecord, ...]:
    result = list(ours)
    places: dict[object, list[int]] = defaultdict(list)
    for at, file in enumerate(ours):
        for sign in _signs(file):
            places[sign].append(at)
    taken: set[int] = set()
    for file in theirs:
        same = [at for sign in _signs(file) for at in places.get(sign, ()) if at not in taken]
        if not same:
            result.append(file)
            continue
        taken.add(same[0])
        result[same[0]] = _one_file(result[same[0]], file)
    return tuple(result)


def _signs(file: FileRecord) -> Iterator[object]:
    """What tells a file from others, the surest first."""
    if file.file_id:
        yield "id", file.file_id
    for each in file.mentions:
        if each.kind is IdentifierKind.HASH:
            yield key(each)
    if file.name:
        yield "name", file.name


def _one_file(ours: FileRecord, theirs: FileRecord) -> FileRecord:
    return replace(
        ours,
        file_id=ours.file_id or theirs.file_id,
        name=ours.name or theirs.name,
        mentions=_more_mentions(ours.mentions, theirs.mentions),
        classification=ours.classification or theirs.classification,
        viewed_by_provider=_first_stated(ours.viewed_by_provider, theirs.viewed_by_provider),
        publicly_available=_first_stated(ours.publicly_available, theirs.publicly_available),
        relevance=ours.relevance or theirs.relevance,
        annotations=_union(ours.annotations, theirs.annotations),
        text=_more_text(ours.text, theirs.text),
    )


def _first_stated(*answers: bool | None) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)


def _more_mentions(ours: Sequence[Mention], theirs: Iterable[Mention]) -> tuple[Mention, ...]:
    """Ours, and of theirs each value that we lack, or lack at that moment."""
    known: set[object] = set()
    for each in ours:
        known |= {key(each), (key(each), each.moment and each.moment.utc)}
    added = []
    for each in theirs:
        moment = each.moment and each.moment.utc
        if key(each) not in known or (moment and (key(each), moment) not in known):
            known |= {key(each), (key(each), moment)}
            added.append(each)
    return (*ours, *added)


def _more_addresses(ours: Sequence[Address], theirs: Iterable[Address]) -> tuple[Address, ...]:
    known = {_address_key(each) for each in ours}
    return (*ours, *(each for each in theirs if _address_key(each) not in known))


def _address_key(address: Address) -> tuple[object, ...]:
    return (
        " ".join(address.text.casefold().split()),
        address.postal_code,
        address.city.casefold(),
        address.label == "geo",
    )


def _more_text(ours: str, theirs: str) -> str:
    """Ours, and each line of theirs that it lacks."""
    added = [line for line in theirs.split("\n") if line.strip() and line.strip() not in ours]
    return "\n".join([*([ours] if ours else []), *added])


def _union(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


# Where a value came from


def _mentions_from(mentions: Iterable[Mention], source: str) -> tuple[Mention, ...]:
    return tuple(replace(each, place=source + each.place) for each in mentions)


def _address_from(address: Address, source: str) -> Address:
    return replace(address, place=source + address.place)


def _party_from(party: Party, source: str) -> Party:
    return replace(
        party,
        place=source + party.place,
        mentions=_mentions_from(party.mentions, source),
        addresses=tuple(_address_from(each, source) for each in party.addresses),
    )


def _file_from(file: FileRecord, source: str) -> FileRecord:
    return replace(file, place=source + file.place, mentions=_mentions_from(file.mentions, source))
