"""Rules and what they would move, as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from districts.answering import Answer
from districts.evidence import Outcome
from districts.models import District, PoliceStation
from districts.rules import RegistersAt, Rules
from districts.wording import KIND_LABELS, OUTCOME_LABELS
from tiplines.models import RuleMove

ANSWER_LABELS: Mapping[Answer, Promise] = {
    Answer.ASSIGN: lazy_("station named"),
    Answer.REVIEW: lazy_("an officer looks"),
    Answer.OTHER_STATE: lazy_("other State"),
    Answer.ABROAD: lazy_("abroad"),
    Answer.UNKNOWN: lazy_("not known"),
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    name: str
    value: str
    before: str
    """What it was in the rules compared with; empty where it is the same."""


@dataclass(frozen=True, kw_only=True)
class MoveLine:
    number: str
    status: str
    changes: tuple[tuple[str, str, str], ...]
    """What changes, from, to."""


def settings_of(rules: Rules, base: Rules | None = None) -> list[Setting]:
    """Every setting in words, with what it was in `base`."""
    names = district_names()
    told = told_of(rules, names)
    before = told if base is None else told_of(base, names)
    return [
        Setting(name=name, value=value, before="" if before[name] == value else before[name])
        for name, value in told.items()
    ]


def told_of(rules: Rules, names: Mapping[str, str]) -> dict[str, str]:
    told = {str(KIND_LABELS[kind]): f"{rules.weights[kind]:g}" for kind in KIND_LABELS}
    told[_("Delhi, a State or abroad is said from")] = f"{100 * rules.decide_from:g} %"
    told[_("A station is named for assignment from")] = f"{100 * rules.assign_from:g} %"
    cyber = [code for code, at in rules.registers_at.items() if at is RegistersAt.CYBER]
    listed = ", ".join(sorted(names.get(code, code) for code in cyber))
    told[_("Districts that register at their cyber station")] = listed or _("none")
    return told


def district_names() -> dict[str, str]:
    return {each.code: each.local_name for each in District.objects.all()}


def lines_of(moves: Sequence[RuleMove], names: Mapping[str, str] | None = None) -> list[MoveLine]:
    """Without the names of stations, one query for those in them."""
    names = names or station_names(
        side[part]
        for move in moves
        for side in (move.before, move.after)
        for part in (RuleMove.Part.STATION.value, RuleMove.Part.REGISTERING.value)
    )
    return [
        MoveLine(
            number=move.tipline.number,
            status=move.tipline.get_status_display(),
            changes=tuple(
                (
                    str(RuleMove.Part(part).label),
                    in_words(part, move.before[part], names),
                    in_words(part, move.after[part], names),
                )
                for part in move.parts
            ),
        )
        for move in moves
    ]


def station_names(codes: Iterable[str]) -> dict[str, str]:
    found = PoliceStation.objects.filter(code__in=set(codes))
    return {each.code: each.local_name for each in found}


def in_words(part: str, value: str, names: Mapping[str, str]) -> str:
    match RuleMove.Part(part):
        case RuleMove.Part.OUTCOME:
            return str(OUTCOME_LABELS[Outcome(value)])
        case RuleMove.Part.ANSWER:
            return str(ANSWER_LABELS[Answer(value)])
        case RuleMove.Part.STATION | RuleMove.Part.REGISTERING:
            return names.get(value, value) or _("none")
