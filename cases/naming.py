"""What the protected parties of a tipline are called on pages, and what covers them there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from tiplines.covering import COVER, Guard, Mask, Protected, label_of, texts_of
from tiplines.models import Address, Correction, Party, Sighting, Tipline
from tiplines.parsing.records import PartyRole
from tiplines.services.correcting import standing_of

UNCOVERED: Mapping[str, Promise] = {
    "name": lazy_("Name"),
    "display_names": lazy_("Other names"),
    "date_of_birth": lazy_("Date of birth"),
    "text": lazy_("What else is said"),
}
"""What of a party can be uncovered."""


def names_of(parties: Sequence[Party]) -> dict[int, str]:
    """What each protected party is called on the page: Victim 1, Minor 2 …; others are left out."""
    called: dict[int, str] = {}
    victims = minors = 0
    for party in parties:
        if not party.is_protected:
            continue
        if party.role == PartyRole.VICTIM:
            victims += 1
            called[party.pk] = _("Victim %(number)s") % {"number": victims}
        else:
            minors += 1
            called[party.pk] = _("Minor %(number)s") % {"number": minors}
    return called


def mask_of(
    parties: Iterable[Party],
    names: dict[int, str],
    sightings: Iterable[Sighting],
    addresses: Iterable[Address],
    corrections: Iterable[Correction] = (),
) -> Mask:
    """What covers the protected parties in every text of the tipline."""
    received: dict[str, list[str]] = defaultdict(list)
    for correction in corrections:
        if correction.names_somebody:
            received[correction.place].append(correction.before)
    texts: dict[int, list[str]] = defaultdict(list)
    values: dict[int, str] = {}
    for seen in sightings:
        if seen.party_id in names:
            key = seen.identifier_id
            values[key] = values.get(key) or seen.identifier.told("value")
            texts[seen.party_id] += texts_of(seen.told("original"), values[key])
    for address in addresses:
        if address.party_id in names:
            texts[address.party_id] += [address.told("text"), *received[address.place]]
    own = [party for party in parties if party.pk in names]
    guard = Guard(
        tuple(
            Protected(
                position=party.position,
                label=names[party.pk],
                # The documents go on naming the child as they did before an officer corrected it.
                names=(party.told("name"), *party.told("display_names"), *received[party.place]),
                texts=(*texts[party.pk], party.told("text")),
                values=frozenset(),
            )
            for party in own
        )
    )
    return Mask({**guard.prose.labels, **labels_of(own, names)}, guard.prose.whole)


def labels_of(parties: Iterable[Party], names: Mapping[int, str]) -> dict[str, str]:
    """How the protected parties stand in kept texts, and what the page calls them."""
    return {label_of(each.position): names[each.pk] for each in parties if each.pk in names}


def masks_of(tiplines: Sequence[Tipline]) -> dict[int, Mask]:
    """What covers the protected parties of each tipline, in four statements."""
    if not tiplines:
        return {}
    parties = list(
        Party.objects.filter(tipline__in=tiplines)
        .select_related("tipline")
        .order_by("position", "pk")
    )
    sightings = list(
        Sighting.objects.filter(tipline__in=tiplines, party__isnull=False).select_related(
            "identifier"
        )
    )
    addresses = list(Address.objects.filter(tipline__in=tiplines, party__isnull=False))
    standing = standing_of([tipline.pk for tipline in tiplines])
    masks = {}
    for tipline in tiplines:
        own = [each for each in parties if each.tipline_id == tipline.pk]
        masks[tipline.pk] = mask_of(own, names_of(own), sightings, addresses, standing[tipline.pk])
    return masks


def mask_over(tiplines: Sequence[Tipline]) -> Mask:
    """One mask that covers the protected parties of all these tiplines, for a text about them all.

    In four statements, however many there are.
    """
    if not tiplines:
        return Mask({})
    parties = list(
        Party.objects.filter(tipline__in=tiplines, is_protected=True)
        .select_related("tipline")
        .order_by("pk")
    )
    if not parties:
        return Mask({})
    keys = [party.pk for party in parties]
    sightings = Sighting.objects.filter(party__in=keys).select_related("identifier")
    addresses = Address.objects.filter(party__in=keys)
    standing = standing_of([party.tipline_id for party in parties])
    return mask_of(
        parties,
        dict.fromkeys(keys, COVER),
        sightings,
        addresses,
        [each for corrections in standing.values() for each in corrections],
    )
