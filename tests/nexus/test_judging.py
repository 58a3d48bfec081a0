"""What officers said holds in every grouping that follows, whatever comes in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from nexus.kinds import KINDS, Kind
from nexus.models import Folded, Judgement, Membership, Nexus, Tie, Verdict
from nexus.parting import part
from nexus.services import attaching, judging, keeping, rebuilding
from nexus.services.explaining import explain
from nexus.services.linking import link_next
from nexus.services.rebuilding import rebuild
from tests.factories import NOON, make_district, make_officer, make_tipline
from tests.nexus.steadiness import LATER, hold_through, link, nexus_of
from tests.nexus.stored import store
from tests.nexus.world import DISTRICTS, make_world
from tests.tiplines.rows import add_account, add_sighting
from tiplines.models import FileRecord, Identifier, Sighting, Tipline
from tiplines.services.deciding import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> None:
    for number in range(DISTRICTS):
        make_district(code=f"D{number}", name=f"District {number}")
    store(make_world(800, seed=5))
    rebuild(at=NOON)


@pytest.fixture
def analyst() -> User:
    return make_officer(Role.ANALYST)


def again(how: str) -> None:
    """A grouping of what is due, or of all."""
    link()
    if how == "run":
        rebuild(at=LATER)


def members(nexus: Nexus | int) -> list[Tipline]:
    of = Membership.objects.filter(nexus=nexus, until=None).values("tipline")
    return list(Tipline.objects.filter(pk__in=of).order_by("number"))


def largest() -> Nexus:
    return Nexus.objects.filter(ended_at=None).order_by("-accounts", "pk")[0]


def strangers(count: int) -> list[Tipline]:
    """Tiplines that are in no nexus."""
    grouped = Membership.objects.filter(until=None).values("tipline")
    return list(Tipline.objects.exclude(pk__in=grouped).order_by("number")[:count])


def together(*tiplines: Tipline, by: User) -> Judgement:
    return judging.put_together(tiplines, nexus=None, reason="known", by=by, at=LATER)


def apart(one: list[Tipline], other: list[Tipline], *, by: User) -> Judgement:
    return judging.put_apart(one, other, nexus=None, reason="brothers", by=by, at=LATER)


HOW = pytest.mark.parametrize("how", ["increment", "run"])


@HOW
def test_strangers_whom_an_officer_puts_together_are_one_nexus(
    world: None, analyst: User, how: str
) -> None:
    tips = strangers(5)

    said = together(*tips, by=analyst)
    again(how)

    assert len({nexus_of(tip) for tip in tips}) == 1
    assert nexus_of(tips[0]) is not None
    told = explain(tips[0].pk, tips[1].pk)
    assert told is not None
    assert [value.kind for value in told.values if value.bits] == [Kind.JUDGED]

    judging.end_judgement(said.pk, reason="mistaken", by=analyst, at=LATER)
    again(how)

    assert {nexus_of(tip) for tip in tips} == {None}


@HOW
def test_whom_an_officer_puts_apart_are_in_no_nexus_together(
    world: None, analyst: User, how: str
) -> None:
    nexus = largest()
    one, other = ends_of(nexus)

    said = apart([one], [other], by=analyst)
    again(how)

    assert nexus_of(one) != nexus_of(other)
    assert len(members(nexus)) >= 1  # who has most of it keeps the number

    judging.end_judgement(said.pk, reason="mistaken", by=analyst, at=LATER)
    again(how)

    assert nexus_of(one) == nexus_of(other) == nexus.pk


def ends_of(nexus: Nexus) -> tuple[Tipline, Tipline]:
    """Two members of different accounts that are tied."""
    of = {tip.pk for tip in members(nexus)}
    tie = Tie.objects.filter(first__in=of, second__in=of).order_by("bits", "pk")[0]
    return Tipline.objects.get(pk=tie.first_id), Tipline.objects.get(pk=tie.second_id)


@HOW
def test_a_whole_side_is_apart_from_the_other(world: None, analyst: User, how: str) -> None:
    nexus = largest()
    of = members(nexus)
    accounts = dict(Folded.objects.filter(tipline__in=of).values_list("tipline_id", "account_id"))
    keys = sorted({accounts.get(tip.pk, tip.pk) for tip in of})
    side = set(keys[: len(keys) // 2])
    one = [tip for tip in of if accounts.get(tip.pk, tip.pk) in side]
    other = [tip for tip in of if accounts.get(tip.pk, tip.pk) not in side]

    apart(one, other, by=analyst)
    again(how)

    assert not {nexus_of(tip) for tip in one} & {nexus_of(tip) for tip in other} - {None}


@HOW
def test_a_value_that_ties_nobody_is_no_evidence(world: None, analyst: User, how: str) -> None:
    tips = [make_tipline() for _ in range(2)]
    seen = [add_sighting(tip, kind="email", value="common@example.com") for tip in tips]
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips]).update(linked_at=None)
    again(how)
    assert nexus_of(tips[0]) == nexus_of(tips[1]) is not None

    said = judge_value(seen[0].identifier, Verdict.NEVER, by=analyst)
    again(how)

    assert nexus_of(tips[0]) is nexus_of(tips[1]) is None
    told = explain(tips[0].pk, tips[1].pk)
    assert told is not None
    assert told.values == ()

    judging.end_judgement(said.pk, reason="mistaken", by=analyst, at=LATER)
    again(how)

    assert nexus_of(tips[0]) == nexus_of(tips[1]) is not None


def judge_value(identifier: Identifier, verdict: Verdict, *, by: User) -> Judgement:
    return judging.judge_value(identifier, verdict, nexus=None, reason="seen", by=by, at=LATER)


@HOW
def test_an_account_that_ties_nobody_folds_nobody(world: None, analyst: User, how: str) -> None:
    tips = [make_tipline() for _ in range(2)]
    for tip in tips:
        seen = add_account(tip, "instagram:unknown")
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips]).update(linked_at=None)
    again(how)
    assert Folded.objects.filter(tipline__in=tips).count() == 2

    judge_value(seen.identifier, Verdict.NEVER, by=analyst)
    again(how)

    assert not Folded.objects.filter(tipline__in=tips).exists()
    assert nexus_of(tips[0]) is None


@HOW
def test_a_value_that_is_trusted_ties_all_who_hold_it(world: None, analyst: User, how: str) -> None:
    """An address that more hold than an address may have holders."""
    holders = strangers(KINDS[Kind.IP].holders_at_most + 5)
    for tip in holders:
        seen = add_sighting(tip, kind="ip", value="203.0.113.9")
    rebuild(at=NOON)
    assert len({nexus_of(tip) for tip in holders} - {None}) == 0

    judge_value(seen.identifier, Verdict.ALWAYS, by=analyst)
    again(how)

    assert len({nexus_of(tip) for tip in holders}) == 1
    assert nexus_of(holders[0]) is not None


@HOW
def test_nothing_joins_or_leaves_a_frozen_nexus(world: None, analyst: User, how: str) -> None:
    nexus = largest()
    before = members(nexus)
    stranger, (of_account, *_) = strangers(1)[0], before
    judging.judge_nexus(nexus, Verdict.FROZEN, reason="charge sheet", by=analyst, at=LATER)

    stranger.prior_reports = [before[0].number]
    stranger.save(update_fields=["prior_reports"])
    Sighting.objects.filter(tipline=of_account).update(links=False)
    Tipline.objects.filter(pk__in=[stranger.pk, of_account.pk]).update(linked_at=None)
    again(how)

    assert members(nexus) == before
    assert nexus_of(stranger) is None
    tied = Tie.objects.filter(first__in=[stranger.pk, before[0].pk])
    assert tied.filter(second__in=[stranger.pk, before[0].pk]).exists()  # what would join is known

    judging.end_judgement(nexus.judgements.get().pk, reason="discharged", by=analyst, at=LATER)
    again(how)

    assert nexus_of(stranger) is not None


def test_of_a_frozen_nexus_nobody_is_moved_by_a_judgement(world: None, analyst: User) -> None:
    nexus = largest()
    judging.judge_nexus(nexus, Verdict.FROZEN, reason="charge sheet", by=analyst, at=LATER)

    with pytest.raises(judging.FrozenError):
        together(members(nexus)[0], strangers(1)[0], by=analyst)
    with pytest.raises(judging.FrozenError):
        apart(members(nexus)[:1], members(nexus)[1:], by=analyst)


def test_a_dismissed_nexus_opens_again_with_what_is_new(world: None, analyst: User) -> None:
    nexus = largest()
    size = len(members(nexus))
    said = judging.judge_nexus(nexus, Verdict.DISMISSED, reason="a class", by=analyst, at=LATER)
    few = int(size * 0.2)
    for at, tip in enumerate(strangers(few + 1)):
        together(members(nexus)[0], tip, by=analyst)
        link()
        said.refresh_from_db()
        assert nexus_of(tip) == nexus.pk
        assert bool(said.ended_at) == (at == few)

    assert (said.ended_by, said.judged.count()) == (None, size)
    assert Event.objects.get(verb="nexus.reopened").detail["new"] == few + 1


def test_judgements_that_contradict_each_other_are_refused(world: None, analyst: User) -> None:
    one, two, three, four = strangers(4)
    joined = together(one, two, by=analyst)
    parted = apart([two], [three], by=analyst)

    with pytest.raises(judging.ContradictsError) as refused:
        apart([one], [two], by=analyst)
    assert refused.value.judgement == joined
    with pytest.raises(judging.ContradictsError) as refused:
        together(one, three, by=analyst)
    assert refused.value.judgement == parted
    together(three, four, by=analyst)
    with pytest.raises(judging.ContradictsError) as refused:
        together(four, one, by=analyst)
    assert refused.value.judgement == parted


def test_reports_about_one_account_are_not_put_apart(world: None, analyst: User) -> None:
    folded = Folded.objects.exclude(tipline_id__in=Folded.objects.values("account"))[0]

    with pytest.raises(judging.ContradictsError) as refused:
        apart(
            [Tipline.objects.get(pk=folded.tipline_id)],
            [Tipline.objects.get(pk=folded.account_id)],
            by=analyst,
        )
    assert refused.value.judgement is None


def test_what_is_said_is_said_once(world: None, analyst: User) -> None:
    nexus, value = largest(), Identifier.objects.filter(kind="phone")[0]
    judge_value(value, Verdict.NEVER, by=analyst)
    judging.judge_nexus(nexus, Verdict.FROZEN, reason="charge sheet", by=analyst, at=LATER)

    with pytest.raises(judging.AlreadyJudgedError):
        judge_value(value, Verdict.ALWAYS, by=analyst)
    with pytest.raises(judging.AlreadyJudgedError):
        judging.judge_nexus(nexus, Verdict.FROZEN, reason="again", by=analyst, at=LATER)
    with pytest.raises(judging.NothingToJudgeError):
        together(strangers(1)[0], by=analyst)
    with pytest.raises(judging.NothingToJudgeError):
        apart(strangers(1), strangers(1), by=analyst)


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.STATION, Role.AUDITOR])
def test_only_the_unit_judges(world: None, role: Role) -> None:
    with pytest.raises(NotAllowed):
        together(*strangers(2), by=make_officer(role))


def test_after_many_groupings_every_judgement_holds(world: None, analyst: User) -> None:
    """A thousand of them: `./dev bench groups`."""
    assert hold_through(turns=40, analyst=analyst) > 0


def test_what_is_judged_while_it_is_linked_stays_due(
    world: None, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tips = strangers(2)
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips]).update(linked_at=None)
    attach = attaching.attach

    def judged(batch: list[int], *, at: datetime) -> None:
        attach(batch, at=at)
        monkeypatch.undo()
        together(*tips, by=analyst)

    monkeypatch.setattr(attaching, "attach", judged)
    assert link_next(at=LATER) == 0
    assert Tipline.objects.due_for_links().count() == 2

    link()

    assert nexus_of(tips[0]) == nexus_of(tips[1]) is not None


@pytest.mark.parametrize("verdict", [None, Verdict.FROZEN])
def test_a_nexus_that_is_frozen_or_freed_during_a_run_is_run_again(
    world: None, analyst: User, monkeypatch: pytest.MonkeyPatch, verdict: Verdict | None
) -> None:
    nexus = largest()
    before = members(nexus)
    if verdict is None:
        judging.judge_nexus(nexus, Verdict.FROZEN, reason="charges", by=analyst, at=LATER)
    tried: list[int] = []

    def meanwhile(*said: Any) -> Any:
        found = keeping.find(*said)
        if not tried and verdict:
            judging.judge_nexus(nexus, verdict, reason="charges", by=analyst, at=LATER)
        elif not tried:
            key = nexus.judgements.get().pk
            judging.end_judgement(key, reason="freed", by=analyst, at=LATER)
        tried.append(1)
        if len(tried) == 1:
            kept.append(Judgement.objects.get())
        return found

    kept: list[Judgement] = []
    monkeypatch.setattr(rebuilding, "find", meanwhile)

    rebuild(at=LATER)

    # What was judged inside the try that was rolled back is gone with it in this one connection.
    assert len(tried) == 2
    assert len(kept) == 1
    assert members(nexus) == before


def test_a_value_that_many_hold_is_not_trusted(world: None, analyst: User) -> None:
    for _ in range(judging.TRUSTED_AT_MOST + 1):
        seen = add_sighting(make_tipline(), kind="ip", value="203.0.113.9")

    with pytest.raises(judging.TooManyHoldersError):
        judge_value(seen.identifier, Verdict.ALWAYS, by=analyst)


def test_the_hash_of_a_trusted_file_goes_on_standing_for_it(world: None, analyst: User) -> None:
    tips = strangers(3)
    for number, tip in enumerate(tips):
        file = FileRecord.objects.create(tipline=tip, position=1, name="1.jpg", place="f")
        for kind in ("md5", "sha1")[number == 0 :] if number else ("md5",):
            seen = add_sighting(tip, kind="hash", value=f"{kind}:{'ab' * 16}", file=file)
    rebuild(at=LATER)
    judge_value(seen.identifier, Verdict.ALWAYS, by=analyst)

    rebuild(at=LATER)
    Tipline.objects.filter(pk=tips[0].pk).update(linked_at=None)
    link()

    assert len({nexus_of(tip) for tip in tips}) == 1
    assert nexus_of(tips[0]) is not None


def test_who_names_a_file_by_one_hash_is_tied_to_who_names_it_by_another(
    world: None, analyst: User
) -> None:
    both, by_first, by_second = strangers(3)
    file = FileRecord.objects.create(tipline=both, position=1, name="1.jpg", place="f")
    first, second = (f"{kind}:{'ab' * 16}" for kind in ("md5", "sha1"))
    for tip, values in ((both, (first, second)), (by_first, (first,)), (by_second, (second,))):
        for value in values:
            seen = add_sighting(tip, kind="hash", value=value, file=file if tip == both else None)
    judge_value(seen.identifier, Verdict.ALWAYS, by=analyst)
    rebuild(at=LATER)
    rebuild(at=LATER)
    Sighting.objects.filter(tipline__in=[both, by_first]).update(links=False)
    Tipline.objects.filter(pk__in=[both.pk, by_first.pk]).update(linked_at=None)
    link()
    assert nexus_of(by_first) is None

    Sighting.objects.filter(tipline=by_first).update(links=True)
    Tipline.objects.filter(pk=by_first.pk).update(linked_at=None)
    link()

    assert nexus_of(by_first) == nexus_of(by_second) is not None


PATH = (np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4]), np.array([9.0, 3.0, 8.0, 5.0]))
WHOLE = np.arange(5)


@pytest.mark.parametrize(
    ("one", "other", "whole", "groups"),
    [
        pytest.param([0], [4], WHOLE, [{0, 1}, {2, 3, 4}], id="at the weakest between"),
        pytest.param([2], [4], WHOLE, [{0, 1, 2, 3}, {4}], id="not at a weaker one elsewhere"),
        pytest.param([0, 4], [2], WHOLE, [{0, 1}, {2, 3}, {4}], id="on both ways"),
        pytest.param([0], [3], np.array([0, 0, 0, 3, 3]), [{0, 1, 2}, {3, 4}], id="of wholes"),
        pytest.param([0, 1], [1, 3], WHOLE, [{0, 1}, {2, 3, 4}], id="one on both sides"),
        pytest.param([1], [1], WHOLE, [{0, 1, 2, 3, 4}], id="nobody to part"),
    ],
)
def test_a_cut_is_made_where_the_evidence_is_weakest(
    one: list[int], other: list[int], whole: NDArray[np.int64], groups: list[set[int]]
) -> None:
    found = part(np.zeros(5, np.int64), whole, PATH, [(np.array(one), np.array(other))])

    assert [set(np.flatnonzero(found == number)) for number in np.unique(found)] == groups
