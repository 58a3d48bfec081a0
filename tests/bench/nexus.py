"""Whether the organised groups are found, in made worlds with planted truth, beside simpler ways.

`./dev bench nexus [COUNT] [PROFILE …]`. On arrays: the rules of `nexus/` alone, without intake,
database and workers. Marks are of tiplines of rings (B-cubed); the ceiling is what a perfect judge
could tell from what the tiplines say. Time is of the rules alone.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from nexus.calibrating import calibrate
from nexus.clustering import groups_of, is_alert, persons_of
from nexus.holdings import fold
from nexus.kinds import ALERT_FROM, RELATED_FROM
from tests.nexus.judging import (
    STRONG,
    Marks,
    alerts_right,
    by_any_value,
    ceiling,
    marks_of,
)
from tests.nexus.world import PROFILES, World, make_world

COUNT = 200_000
SEED = 11
F1_OF_CEILING = {"default": 0.85, "hard": 0.78}
ALERTS_RIGHT, HALF_FOUND, LARGEST, NOISE_ALONE = 0.95, 0.70, 1.5, 0.995


def show(name: str, marks: Marks, best: Marks, more: str = "") -> None:
    print(
        f"{name:<24}{marks.precision:>7.3f}{marks.recall:>7.3f}{marks.f1:>7.3f}"
        f"{marks.f1 / best.f1:>9.3f}{marks.noise_alone:>9.4f}{marks.half_found:>7.3f}"
        f"{marks.largest:>9,}  {more}"
    )


def goals_of(profile: str, marks: Marks, best: Marks) -> dict[str, bool]:
    """Whether groups of the lower tier are as good as they must be, beside the ceiling."""
    goals = {
        "largest group": marks.largest <= LARGEST * best.largest,
        "noise alone": marks.noise_alone >= NOISE_ALONE,
        "rings half found": marks.half_found >= HALF_FOUND,
    }
    if profile in F1_OF_CEILING:
        goals["F1 of the ceiling"] = marks.f1 >= F1_OF_CEILING[profile] * best.f1
    return goals


def run(profile: str, world: World) -> dict[str, bool]:
    began = time.monotonic()
    held = fold(world.mentions)
    learned = calibrate(held)
    groups = {bits: groups_of(learned, least_bits=bits) for bits in (RELATED_FROM, ALERT_FROM)}
    took = time.monotonic() - began
    best = marks_of(world, ceiling(world, held))
    print(f"\n{profile}: {world.count:,} tiplines, {len(world.mentions.report):,} values named")
    print(f"{'':<24}{'P':>7}{'R':>7}{'F1':>7}{'of best':>9}{'noise':>9}{'half':>7}{'largest':>9}")
    show("ceiling", best, best)
    show("every tipline alone", marks_of(world, np.arange(world.count)), best)
    show("any shared value", marks_of(world, by_any_value(held)), best)
    for cap in (3, 20):
        marks = marks_of(world, by_any_value(held, at_most=cap))
        show(f"capped at {cap}", marks, best)
    show("strong kinds only", marks_of(world, by_any_value(held, kinds=STRONG)), best)
    goals: dict[str, bool] = {}
    for bits, name in ((RELATED_FROM, "related"), (ALERT_FROM, "tied for an alert")):
        group = groups[bits][held.account_of_report]
        marks = marks_of(world, group)
        alert = is_alert(persons_of(learned, groups[bits]))
        count, right = alerts_right(world, group, alert)
        show(name, marks, best, f"{count:,} alerts, {right:.3f} of them right")
        goals[f"alerts right among those {name}"] = right >= ALERTS_RIGHT
        if bits == RELATED_FROM:
            goals |= goals_of(profile, marks, best)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"rules: {took:.1f} s, {len(learned.pairs):,} pairs; the whole bench {peak:,.0f} MiB")
    return {f"{profile}: {words}": met for words, met in goals.items()}


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    goals: dict[str, bool] = {}
    for profile in sys.argv[2:] or list(PROFILES):
        goals |= run(profile, make_world(count, profile=profile, seed=SEED))
    print()
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
