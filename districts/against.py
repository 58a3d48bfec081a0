"""What speaks against a candidate: what another one has and it has not. No Django, no clock.

Stations are named by their code; `wording_of_checks` says their names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .evidence import Reason
from .locating import Candidate
from .rules import EvidenceKind

Key = tuple[str, str]


@dataclass(frozen=True)
class _Held:
    """What one reason for a candidate says: how much of what it holds."""

    about: Key
    percent: int
    evidence: EvidenceKind | None


@dataclass(frozen=True)
class _Kind:
    """How reasons of one code are turned round."""

    about: Callable[[dict[str, str | int]], Key]
    none: str
    """Code of the reason where the candidate holds nothing of it."""
    less: str = ""
    """Code where another one holds more; empty where it is all or nothing."""


KINDS = {
    "pin-share": _Kind(lambda p: ("pin", str(p["pin"])), "pin-elsewhere", "pin-more-elsewhere"),
    "locality-share": _Kind(
        lambda p: ("name", str(p["name"])), "locality-elsewhere", "locality-more-elsewhere"
    ),
    "reported-under": _Kind(lambda p: ("name", str(p["name"])), "reported-elsewhere"),
    "station-stated": _Kind(lambda p: ("station", ""), "other-station-stated"),
    "point-in-area": _Kind(lambda p: ("point", ""), "point-elsewhere"),
}
"""By the code of the locator's reason for a station."""


def against(candidates: Sequence[Candidate]) -> list[tuple[Reason, ...]]:
    """For each candidate what the evidence says for others and not, or less, for it."""
    held = [_held(candidate) for candidate in candidates]
    out = []
    for own in held:
        found: dict[Reason, None] = {}
        for code, kind in KINDS.items():
            for about, (best, most) in _most(held, candidates, code).items():
                mine = own.get((code, about))
                name, value = about
                params: tuple[tuple[str, str | int], ...] = ((name, value),) if value else ()
                station = best.station_code or best.district_code
                if mine is None:
                    said = Reason(kind.none, (*params, ("station", station)), most.evidence)
                elif kind.less and most.percent > mine.percent:
                    params = (*params, ("station", station), ("percent", most.percent))
                    said = Reason(kind.less, params, most.evidence)
                else:
                    continue
                found[said] = None
        out.append(tuple(found))
    return out


def _held(candidate: Candidate) -> dict[tuple[str, Key], _Held]:
    out: dict[tuple[str, Key], _Held] = {}
    for reason in candidate.reasons:
        if kind := KINDS.get(reason.code):
            params = dict(reason.params)
            about = kind.about(params)
            out[reason.code, about] = _Held(about, int(params.get("percent", 100)), reason.evidence)
    return out


def _most(
    held: Sequence[dict[tuple[str, Key], _Held]], candidates: Sequence[Candidate], code: str
) -> dict[Key, tuple[Candidate, _Held]]:
    """Of each thing that reasons of a code are about, who holds most of it."""
    out: dict[Key, tuple[Candidate, _Held]] = {}
    for candidate, own in zip(candidates, held, strict=True):
        for (each, about), share in own.items():
            if each == code and (about not in out or share.percent > out[about][1].percent):
                out[about] = candidate, share
    return out
