"""What the page of a tipline says about others that belong with it, within the officer's reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    ExpressionWrapper,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from cases.counting import Capped, capped
from cases.sounds import sounds_of
from nexus.evidence import SharedValue, adding, from_rows
from nexus.models import OTHERS_AT_MOST, Folded, Joined, Nexus, Tie
from nexus.wording import word_added, word_strength
from tiplines.covering import Mask
from tiplines.models import Sighting, Tipline

TIES_AT_MOST = 20


@dataclass(frozen=True, kw_only=True)
class TieLine:
    """Another account that likely belongs with that of the tipline."""

    other: Tipline
    """The first about it."""
    more: int
    """Others about it."""
    bits: float
    strength: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TiesSheet:
    nexus: Nexus | None
    others: Capped
    """Tiplines of the nexus beside this one."""
    ties: tuple[TieLine, ...]
    """The strongest."""
    ties_in_all: int

    @property
    def others_words(self) -> str:
        shown = {"shown_number": intcomma(self.others.number)}
        if self.others.is_more:
            return _("more than %(shown_number)s other tiplines") % shown
        words = ngettext(
            "%(shown_number)s other tipline",
            "%(shown_number)s other tiplines",
            self.others.number,
        )
        return words % shown


def ties_of(tipline: Any, sightings: Iterable[Sighting], mask: Mask, officer: User) -> TiesSheet:
    """Of a tipline with `nexus.models.in_nexus`. Values are told as far as they stand in this one,
    too; how many hold them is told to the unit only.
    """
    others = capped(tipline.related_count or 0, OTHERS_AT_MOST)
    key = Coalesce(Subquery(account_of(tipline)), tipline.pk)
    every = (
        Tie.objects.visible_to(officer)
        .filter(Q(first=key) | Q(second=key))
        .annotate(is_first=ExpressionWrapper(Q(first=key), BooleanField()))
        .annotate(
            of_first=_tiplines_of("first", officer), of_second=_tiplines_of("second", officer)
        )
        .select_related("first", "second")
        .defer("first__narrative", "second__narrative")
        .order_by("-bits", "pk")
    )
    ties: list[Any] = list(every[: TIES_AT_MOST + 1])
    in_all = len(ties) if len(ties) <= TIES_AT_MOST else every.count()
    ties = ties[:TIES_AT_MOST]
    texts = _texts(tipline, ties, sightings, mask)
    return TiesSheet(
        nexus=Nexus(pk=tipline.nexus_key, tier=tipline.nexus_tier) if others.number else None,
        others=others,
        ties=tuple(
            TieLine(
                other=tie.second if tie.is_first else tie.first,
                more=max(0, ((tie.of_second if tie.is_first else tie.of_first) or 0) - 1),
                bits=tie.bits,
                strength=word_strength(tie.bits),
                reasons=tuple(
                    word_added(
                        value,
                        bits,
                        text=texts.get(value.value, "") if value.is_told else "",
                    )
                    for value, bits in adding(from_rows(tie.evidence))
                ),
            )
            for tie in ties
        ),
        ties_in_all=in_all,
    )


def account_of(tipline: Tipline) -> Any:
    """The key of its account; none where it stands alone."""
    return Folded.objects.filter(tipline=tipline).values("account")


def _tiplines_of(end: str, officer: User) -> Subquery:
    """How many tiplines about the account of one end of a tie; null if it is one only."""
    visible = Tipline.objects.visible_to(officer)
    of = Folded.objects.filter(account=OuterRef(end), tipline__in=visible)
    return Subquery(of.order_by().values("account").annotate(n=Count("pk")).values("n"))


def _texts(
    tipline: Tipline, ties: list[Tie], sightings: Iterable[Sighting], mask: Mask
) -> dict[int, str]:
    """What stands in this tipline, by the number of the value, covered."""
    values = [value for tie in ties for value in _values(tie)]
    told = {value.value for value in values if value.is_identifier}
    originals = {seen.identifier_id: seen.original for seen in sightings}
    if lacking := told - originals.keys():  # of files that are not shown, or of the account
        same = Joined.objects.filter(value=OuterRef("identifier")).values("stands_for")
        rows = tipline.sightings.annotate(
            root=Coalesce(Subquery(same), "identifier_id", output_field=BigIntegerField())
        ).filter(Q(identifier__in=lacking) | Q(root__in=lacking))
        for pk, of, original in rows.values_list("identifier_id", "root", "original"):
            originals |= {pk: original, of: original}
    texts = {pk: mask.text(originals[pk]) for pk in told & originals.keys()}
    return texts | sounds_of(values, [tipline], mask)


def _values(tie: Tie) -> list[SharedValue]:
    return list(from_rows(tie.evidence))
