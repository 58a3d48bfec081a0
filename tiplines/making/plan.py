"""Who is behind which report of a dispatch: ends, repeat offenders, rings, viral batches.

The plan is light (one small value per report), so that reports can be made one after another
and forgotten, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random


class End(StrEnum):
    """Where a tipline rightly ends."""

    OTHER_STATE = "other-state"
    NOT_ACTIONABLE = "not-actionable"
    DISTRICT = "district"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The proportions of a made dispatch. Ends are Delhi's of 2025; the rest is our estimate."""

    other_state: float = 0.59  # of all reports
    not_actionable: float = 0.28  # of all reports
    returned: float = 0.01  # of all reports; what is left goes to the districts

    viral: float = 0.45  # of not actionable reports
    batched: float = 0.5  # of viral reports: many accounts in one report
    ring_district: float = 0.2  # of reports for districts
    ring_elsewhere: float = 0.2  # of a ring's reports: members who live in another State
    repeat: float = 0.22  # of the rest: by accounts reported before
    supplement: float = 0.4  # of an account's later reports: name the earlier one
    same_again: float = 0.08  # of an account's later reports: the same content, a new number

    json: float = 0.4  # of reports in one mixed dispatch
    redelivered: float = 0.02  # of reports in one mixed dispatch
    unstated_zone: float = 0.04  # of reports


DELHI_2025 = Shares()


@dataclass(frozen=True, slots=True)
class Slot:
    """One report to be made. -1 means: none."""

    end: End
    actor: int
    ring: int = -1
    viral: int = -1
    batched: bool = False
    supplements: int = -1
    """Index of the report that this one adds to."""
    repeats: int = -1
    """Index of the report that this one says again under a new number."""


def plan_slots(count: int, seed: int, shares: Shares = DELHI_2025) -> list[Slot]:
    """Return `count` slots in the order of their report numbers."""
    rng = Random(f"plan:{seed}:{count}")
    quota = {
        End.OTHER_STATE: round(count * shares.other_state),
        End.NOT_ACTIONABLE: round(count * shares.not_actionable),
        End.RETURNED: round(count * shares.returned),
    }
    quota[End.DISTRICT] = max(0, count - sum(quota.values()))
    draft = _Draft(rng, quota)
    draft.add_rings(round(quota[End.DISTRICT] * shares.ring_district), shares.ring_elsewhere)
    draft.add_viral(round(quota[End.NOT_ACTIONABLE] * shares.viral), shares.batched)
    for end in (End.DISTRICT, End.OTHER_STATE):
        draft.add_repeats(end, round(quota[end] * shares.repeat))
    draft.add_singles()
    slots = draft.slots[:count]
    rng.shuffle(slots)
    return _tie_repeats(slots, rng, shares)


class _Draft:
    def __init__(self, rng: Random, quota: dict[End, int]) -> None:
        self.rng = rng
        self.left = quota
        self.slots: list[Slot] = []
        self.actors = 0
        self.rings = 0
        self.batches = 0

    def new_actor(self) -> int:
        self.actors += 1
        return self.actors - 1

    def add(self, slot: Slot) -> None:
        self.left[slot.end] -= 1
        self.slots.append(slot)

    def add_rings(self, report_count: int, elsewhere: float) -> None:
        while report_count >= 3:
            for _ in range(min(self.rng.randint(3, 8), report_count)):
                away = self.rng.random() < elsewhere and self.left[End.OTHER_STATE] > 3
                end = End.OTHER_STATE if away else End.DISTRICT
                actor = self.new_actor()
                for _ in range(min(self.rng.randint(1, 3), self.left[end])):
                    self.add(Slot(end, actor, ring=self.rings))
                    report_count -= not away
            self.rings += 1

    def add_viral(self, report_count: int, batched: float) -> None:
        while report_count > 0:
            size = min(self.rng.randint(3, 14), report_count)
            as_batch = self.rng.random() < batched
            for _ in range(size):
                actor = self.new_actor()
                self.add(Slot(End.NOT_ACTIONABLE, actor, viral=self.batches, batched=as_batch))
            report_count -= size
            self.batches += 1

    def add_repeats(self, end: End, report_count: int) -> None:
        report_count = min(report_count, self.left[end])
        while report_count > 1:
            actor = self.new_actor()
            size = min(self.rng.choice((2, 2, 2, 3, 3, 4, 6)), report_count)
            for _ in range(size):
                self.add(Slot(end, actor))
            report_count -= size

    def add_singles(self) -> None:
        for end in End:
            for _ in range(self.left[end]):
                self.add(Slot(end, self.new_actor()))


def _tie_repeats(slots: list[Slot], rng: Random, shares: Shares) -> list[Slot]:
    """Let an account's later reports name, or say again, the one before."""
    latest: dict[int, int] = {}
    for index, slot in enumerate(slots):
        earlier = latest.get(slot.actor)
        if earlier is not None:
            drawn = rng.random()
            if drawn < shares.same_again and slots[earlier].repeats < 0:
                slots[index] = replace(slot, repeats=earlier)
                continue  # later reports refer to the first telling
            if drawn < shares.same_again + shares.supplement:
                slots[index] = replace(slot, supplements=earlier)
        latest[slot.actor] = index
    return slots
