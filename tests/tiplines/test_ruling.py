"""Rules change by two supervisors, after a trial on past tiplines."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from accounts.services import leave
from audit.models import Event
from cases.services import assigning
from districts.gazetteer import forget
from districts.loading import load_boundaries, load_gazetteer
from districts.models import GazetteerSnapshot
from districts.rules import DEFAULT, EvidenceKind, RegistersAt, Rules
from tests.cases.made import make_case
from tests.districts.made import square
from tests.districts.test_loading import collection, feature
from tests.factories import NOON, make_officer, make_rules, make_tipline
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines import nudges, tasks
from tiplines.models import Candidate, KeptBasis, RuleMove, RuleSet, Tipline
from tiplines.services import ruling
from tiplines.services.deciding import NotAllowed
from tiplines.services.placing import keys_of, locate_next, mark_stale
from tiplines.services.rulebook import present_rules
from tiplines.services.trying import try_next

pytestmark = pytest.mark.django_db
SINCE = NOON - timedelta(days=90)
AT_CYBER = replace(DEFAULT, registers_at={"ROH": RegistersAt.CYBER})
STRICT = replace(DEFAULT, decide_from=1.0)
SPLIT = "990000003"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    keys_of.cache_clear()
    yield
    forget()
    keys_of.cache_clear()


@pytest.fixture
def proposer() -> User:
    return make_officer(Role.SUPERVISOR)


@pytest.fixture
def second() -> User:
    return make_officer(Role.SUPERVISOR)


@pytest.fixture
def located() -> list[Tipline]:
    """Two of Prashant Vihar, one of which another address says Mumbai, and one of Dwarka."""
    load_gazetteer(at=NOON)
    reports = {
        "990000001": [],
        SPLIT: [
            {"street1": "C-9, Prashant Vihar", "city": "Delhi", "postalCode": "110085"},
            {"street1": "D-1, Prashant Vihar", "city": "Delhi", "postalCode": "110085"},
            {"street1": "Andheri", "city": "Mumbai"},
        ],
    }
    files: dict[str, Any] = {}
    for number, more in reports.items():
        report = json_report(number)
        [person] = report["reportedInformation"]["reportedPeople"]["reportedPersons"]
        person["addresses"]["addresses"] += more
        files[f"{number}.json"] = report
    dwarka = json_report("990000002")
    [person] = dwarka["reportedInformation"]["reportedPeople"]["reportedPersons"]
    person["addresses"]["addresses"] = [{"street1": "Sector 10, Dwarka", "postalCode": "110075"}]
    files["2.json"] = dwarka
    bring(zip_of(files))
    work(located=True)
    return list(Tipline.objects.order_by("number"))


def propose(rules: Rules, by: User) -> RuleSet:
    return ruling.propose(
        rules=rules, why="Returned hand-offs.", period_from=SINCE, by=by, at=NOON, back_to=None
    )


def tried(rules: Rules, by: User) -> RuleSet:
    made = propose(rules, by)
    RuleSet.objects.filter(pk=made.pk).update(period_until=NOON + timedelta(seconds=1))
    while try_next(at=NOON):
        pass
    return RuleSet.objects.get(pk=made.pk)


def test_the_trial_lists_exactly_what_would_move(located: list[Tipline], proposer: User) -> None:
    made = tried(replace(AT_CYBER, decide_from=1.0), proposer)

    moves = {each.tipline.number: each for each in made.moves.select_related("tipline")}
    assert (made.total, made.done) == (3, 3)
    assert set(moves) == {"990000001", SPLIT}
    assert moves["990000001"].parts == ["registering"]
    assert moves["990000001"].before["registering"] == "ROH-PRASHANT-VIHAR"
    assert "CYBER" in moves["990000001"].after["registering"]
    assert {"outcome", "registering"} <= set(moves[SPLIT].parts)
    assert (moves[SPLIT].before["outcome"], moves[SPLIT].after["outcome"]) == (
        *("delhi", "cannot_say"),
    )
    assert present_rules() == DEFAULT
    assert not Tipline.objects.filter(located_at__isnull=True).exists()


def test_a_trial_goes_on_where_it_stood_and_the_newest_come_first(
    located: list[Tipline], proposer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiplines.services.trying.BATCH", 2)
    made = propose(STRICT, proposer)
    RuleSet.objects.filter(pk=made.pk).update(period_until=NOON + timedelta(seconds=1))

    steps = []
    while count := try_next(at=NOON):
        row = RuleSet.objects.get(pk=made.pk)
        steps.append((count, row.done, row.total, row.replayed_at is not None))

    assert steps == [(2, 2, 3, False), (1, 3, 3, True)]
    assert row.next_key == min(each.pk for each in located)


def test_other_periods_are_left_out_and_what_was_decided_before_is_tried(
    located: list[Tipline], proposer: User
) -> None:
    make_tipline(received_at=SINCE - timedelta(days=1))
    KeptBasis.objects.all().delete()

    made = tried(STRICT, proposer)

    assert (made.done, made.moves.get().tipline.number) == (3, SPLIT)


@pytest.mark.django_db(transaction=True)
def test_the_workers_find_what_was_located_by_other_rules_gazetteer_or_engine(
    located: list[Tipline],
) -> None:
    GazetteerSnapshot.objects.all().delete()
    Tipline.objects.filter(pk=located[0].pk).update(rules_number=None)
    Tipline.objects.filter(pk=located[1].pk).update(gazetteer_version="7")
    Tipline.objects.filter(pk=located[2].pk).update(engine=1)

    tasks.locate_again()

    due = Tipline.objects.due_for_location().order_by("number")
    assert [each.pk for each in due] == [each.pk for each in located]
    assert GazetteerSnapshot.objects.count() == 1


def test_another_gazetteer_starts_the_trial_again(
    located: list[Tipline], proposer: User, second: User
) -> None:
    made = tried(STRICT, proposer)
    layer = collection(feature("ROH-PRASHANT-VIHAR", square(28.72, 77.13)))
    load_boundaries(layer=layer, source="made", at=NOON)

    with pytest.raises(ruling.NotTried):
        ruling.confirm(number=made.number, by=second, at=NOON)
    while try_next(at=NOON):
        pass
    confirmed = ruling.confirm(number=made.number, by=second, at=NOON)

    assert (confirmed.gazetteer_version, confirmed.done) == (2, 3)


def test_confirmed_rules_are_in_force_and_only_what_awaits_is_located_again(
    located: list[Tipline], proposer: User, second: User
) -> None:
    station = located[2].best_station
    assert station is not None
    assigning.assign(
        tipline_ids=[located[2].pk],
        district_id=station.district_id,
        station_id=station.pk,
        by=make_officer(),
        at=NOON,
    )
    made = tried(STRICT, proposer)

    ruling.confirm(number=made.number, by=second, at=NOON)
    marked = mark_stale()
    while locate_next(at=NOON):
        pass

    assert present_rules() == replace(STRICT, number=made.number)
    assert (marked, mark_stale()) == (2, 0)
    numbers = dict(Tipline.objects.values_list("number", "rules_number"))
    assert numbers == {"990000001": 1, "990000002": 1, SPLIT: 0}
    decided = Tipline.objects.get(number=SPLIT)
    assert (decided.outcome, decided.holder_station) == ("delhi", station)
    assert Candidate.objects.filter(tipline=decided).exists()
    event = Event.objects.get(verb="rules.confirmed")
    assert event.detail == {"proposed_by": proposer.pk, "instead_of": 0, "moves": 1, "of": 3}


def test_earlier_rules_come_back_in_two_acts(
    located: list[Tipline], proposer: User, second: User
) -> None:
    for rules, back_to in ((STRICT, None), (None, 0)):
        made = (
            tried(rules, proposer)
            if rules
            else ruling.roll_back(
                number=0, why="Too strict.", period_from=SINCE, by=proposer, at=NOON
            )
        )
        while try_next(at=NOON):
            pass
        confirmed = ruling.confirm(number=made.number, by=second, at=NOON)
        assert confirmed.back_to == back_to

    assert present_rules() == replace(DEFAULT, number=2)
    assert RuleSet.objects.get(number=1).until_at == NOON
    again = ruling.roll_back(number=1, why="After all.", period_from=SINCE, by=second, at=NOON)
    assert again.rules == replace(STRICT, number=3)
    with pytest.raises(ruling.NeverInForce):
        ruling.roll_back(number=3, why="x", period_from=SINCE, by=second, at=NOON)


@pytest.mark.usefixtures("located")
def test_nobody_confirms_or_refuses_ones_own(proposer: User, second: User) -> None:
    made = tried(STRICT, proposer)

    with pytest.raises(ruling.OnesOwn):
        ruling.confirm(number=made.number, by=proposer, at=NOON)
    with pytest.raises(ruling.OnesOwn):
        ruling.refuse(number=made.number, reason="no", by=proposer, at=NOON)
    with pytest.raises(ruling.NotOnesOwn):
        ruling.withdraw(number=made.number, by=second, at=NOON)
    assert present_rules() == DEFAULT


@pytest.mark.usefixtures("located")
def test_who_proposed_still_stands_for_it(proposer: User, second: User) -> None:
    made = tried(STRICT, proposer)
    leave(user=proposer, last_on=date(2026, 11, 11), by=second, at=NOON)

    with pytest.raises(ruling.ProposerGone):
        ruling.confirm(number=made.number, by=second, at=NOON)


@pytest.mark.usefixtures("located")
def test_a_proposal_is_answered_once_and_one_waits_at_a_time(proposer: User, second: User) -> None:
    made = propose(STRICT, proposer)
    with pytest.raises(ruling.AnotherWaits):
        propose(AT_CYBER, second)
    with pytest.raises(ruling.NotTried):
        ruling.confirm(number=made.number, by=second, at=NOON)
    ruling.refuse(number=made.number, reason="Too strict.", by=second, at=NOON)

    with pytest.raises(ruling.NotWaiting):
        ruling.confirm(number=made.number, by=second, at=NOON)
    assert try_next(at=NOON) == 0
    ruling.withdraw(number=propose(AT_CYBER, second).number, by=second, at=NOON)
    verbs = Event.objects.filter(subject__startswith="rules:").order_by("pk")
    assert list(verbs.values_list("verb", "subject")) == [
        ("rules.proposed", "rules:1"),
        ("rules.refused", "rules:1"),
        ("rules.proposed", "rules:2"),
        ("rules.withdrawn", "rules:2"),
    ]


def test_what_is_no_change_or_has_no_reason_is_refused(proposer: User) -> None:
    same = replace(DEFAULT, number=9)
    with pytest.raises(ruling.NothingChanged):
        propose(same, proposer)
    with pytest.raises(ruling.ReasonMissing):
        ruling.propose(rules=STRICT, why=" ", period_from=SINCE, by=proposer, at=NOON, back_to=None)
    with pytest.raises(ruling.NoSuchProposal):
        ruling.confirm(number=7, by=proposer, at=NOON)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPERVISOR])
def test_only_supervisors_touch_the_rules(role: Role) -> None:
    officer = make_officer(role)
    made = make_rules(replace(STRICT, number=1), from_at=None)

    acts: tuple[Callable[[], object], ...] = (
        lambda: propose(AT_CYBER, officer),
        lambda: ruling.roll_back(number=0, why="x", period_from=SINCE, by=officer, at=NOON),
        lambda: ruling.confirm(number=made.number, by=officer, at=NOON),
        lambda: ruling.refuse(number=made.number, reason="x", by=officer, at=NOON),
        lambda: ruling.withdraw(number=made.number, by=officer, at=NOON),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()


def test_restricted_tiplines_are_neither_tried_nor_shown(
    located: list[Tipline], proposer: User
) -> None:
    case = make_case(tipline=located[2])
    Tipline.objects.filter(pk=located[2].pk).update(restricted_case=case)

    made = tried(STRICT, proposer)

    assert (made.total, made.moves.count()) == (2, 0)
    RuleMove.objects.create(
        rule_set=made, tipline=located[2], before={}, after={}, parts=["outcome"]
    )
    assert not RuleMove.objects.visible_to(proposer).exists()


def test_a_lost_nudge_is_found_by_the_sweep(
    located: list[Tipline], proposer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(nudges, "send", lambda *names: sent.extend(names))
    propose(replace(DEFAULT, weights=dict(DEFAULT.weights) | {EvidenceKind.FREE_TEXT: 1}), proposer)

    tasks.sweep()
    tasks.try_rules()
    found = RuleSet.objects.get()
    again = len(sent)
    tasks.sweep()

    assert nudges.TRY_RULES in sent[:again]
    assert found.replayed_at is not None
    assert nudges.TRY_RULES not in sent[again:]
