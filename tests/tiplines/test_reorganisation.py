"""New stations and areas from a day on: shown before, confirmed by another, in force then, old
cases untouched.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from accounts.services import leave
from audit.models import Event
from districts.gazetteer import (
    forget,
    gazetteer_of,
    present_gazetteer,
    present_version,
    rows_in_tables,
)
from districts.layer import forget as forget_map
from districts.layer import present_map
from districts.loading import ReorganisationWaits, load_boundaries, load_gazetteer
from districts.models import (
    Boundary,
    GazetteerSnapshot,
    GazetteerVersion,
    Locality,
    PoliceStation,
)
from districts.reorganisation_files import read_change
from districts.rules import DEFAULT
from tests.cases.made import make_case
from tests.districts.made import square
from tests.districts.test_loading import collection, feature
from tests.factories import NOON, make_officer, make_rules
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.made_reorganisation import AREA, LAYER, NEW, OLD, STATIONS
from tiplines.models import Reorganisation, RuleMove, Tipline
from tiplines.services import reorganising
from tiplines.services.deciding import NotAllowed
from tiplines.services.placing import keys_of, locate_next, mark_stale
from tiplines.services.remapping import try_next
from tiplines.services.reorganising import apply_due
from tiplines.services.replaying import replay
from tiplines.services.ruling import (
    AnotherWaits,
    NoSuchProposal,
    NotOnesOwn,
    NotTried,
    NotWaiting,
    OnesOwn,
    ProposerGone,
    ReasonMissing,
)

pytestmark = pytest.mark.django_db
DAY = timezone.localdate(NOON) + timedelta(days=30)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    forget_map()
    keys_of.cache_clear()
    yield
    forget()
    forget_map()
    keys_of.cache_clear()


@pytest.fixture
def loaded() -> None:
    """Two tiplines of the station that closes."""
    load_gazetteer(at=NOON)
    load_boundaries(layer=collection(feature(OLD, AREA)), source="made", at=NOON)
    bring(zip_of({f"{n}.json": json_report(f"99000000{n}") for n in (1, 2)}))
    work(located=True)


@pytest.fixture
def one() -> User:
    return make_officer(Role.SUPERVISOR)


@pytest.fixture
def two() -> User:
    return make_officer(Role.SUPERVISOR)


def propose(by: User, *, from_on: date = DAY, why: str = "Order 7 of 2026.") -> Reorganisation:
    present = present_gazetteer()
    return reorganising.propose(
        change=read_change(stations=STATIONS, layer=LAYER, present=present, from_on=from_on),
        base=present.version,
        from_on=from_on,
        source="made",
        why=why,
        by=by,
        at=NOON,
    )


def tried() -> Reorganisation:
    while try_next(at=NOON):
        pass
    return Reorganisation.objects.latest("number")


def confirmed(one: User, two: User) -> Reorganisation:
    propose(one)
    return reorganising.confirm(number=tried().number, by=two, at=NOON)


def locate_all() -> None:
    mark_stale()
    while locate_next(at=NOON):
        pass


def test_the_trial_shows_what_would_move_and_changes_nothing(loaded: None, one: User) -> None:
    propose(one)

    made = tried()

    assert (made.done, made.total, made.areas) == (2, 2, None)
    assert ["110085", OLD, NEW] in made.places["pins"]
    assert ["Prashant Vihar", OLD, NEW] in made.places["localities"]
    assert made.places["stay"]["localities"].get(OLD) is None
    assert made.places["stay"]["localities"]["ROH-SOUTH-ROHINI"] > 0
    assert made.places["stay"]["tiplines"] == {}
    moves = made.moves.order_by("tipline__number")
    assert [each.tipline.number for each in moves] == ["990000001", "990000002"]
    assert {(each.before["station"], each.after["station"]) for each in moves} == {(OLD, NEW)}
    assert present_version().number == 2
    assert not PoliceStation.objects.filter(code=NEW).exists()
    assert (apply_due(today=DAY, at=NOON), mark_stale()) == (0, 0)


def test_what_was_shown_is_what_comes_in_force_and_old_cases_keep_their_station(
    loaded: None, one: User, two: User
) -> None:
    case = make_case(
        tipline=Tipline.objects.get(number="990000001"),
        station=PoliceStation.objects.get(code=OLD),
    )
    made = confirmed(one, two)
    shown = {each.tipline.number: each.after["station"] for each in made.moves.all()}
    assert (apply_due(today=DAY - timedelta(days=1), at=NOON), mark_stale()) == (0, 0)

    number = apply_due(today=DAY, at=NOON)
    locate_all()

    old, new = (PoliceStation.objects.get(code=code) for code in (OLD, NEW))
    assert present_version().number == number == present_gazetteer().version
    assert (old.valid_to, new.valid_from, new.name_hi) == (DAY, DAY, "नया विहार")
    assert list(new.parents.all()) == [old]
    case.refresh_from_db()
    assert case.station == old
    assert shown == {"990000002": NEW}
    assert Tipline.objects.get(number="990000001").best_station == old
    assert Tipline.objects.get(number="990000002").best_station == new
    now = present_gazetteer()
    places = {(each.name, each.best[0]) for each in now.names.values()}
    assert {(name, after) for name, _, after in made.places["localities"] if after} <= places
    assert all(max(now.pins[pin].items(), key=by_share)[0] == to for pin, _, to in pins(made))
    assert not Locality.objects.filter(station=old).exists()
    assert [each.station for each in Boundary.objects.all()] == [new]
    assert replay(since=None, at=NOON).same == 1
    assert apply_due(today=DAY, at=NOON) == 0
    made.refresh_from_db()
    assert made.in_force_at == NOON
    told = Event.objects.filter(verb__regex="^(reorganisation|gazetteer)").order_by("pk")
    assert [(each.verb, each.actor_id) for each in told] == [
        ("reorganisation.proposed", one.pk),
        ("reorganisation.tried", None),
        ("reorganisation.confirmed", two.pk),
        ("gazetteer.in-force", None),
    ]
    with pytest.raises(CommandError, match=f"is of before gazetteer {number}"):
        call_command("load_gazetteer", stdout=StringIO())


def by_share(item: tuple[str, float]) -> tuple[float, str]:
    return item[1], item[0]


def pins(made: Reorganisation) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = made.places["pins"]
    assert found
    return found


def test_what_waits_to_be_located_again_is_tried_too(loaded: None, one: User) -> None:
    make_rules(replace(DEFAULT, number=1, assign_from=0.9))
    propose(one)
    assert mark_stale() == 2

    made = tried()

    assert (made.done, made.total, made.moves.count()) == (2, 2, 2)


def test_the_map_has_the_new_station_from_the_day_on(loaded: None, one: User, two: User) -> None:
    confirmed(one, two)
    before = present_map()

    apply_due(today=DAY, at=NOON)

    assert (set(before.layer.areas), set(present_map().layer.areas)) == ({OLD}, {NEW})
    assert present_map().english[NEW] == "Naya Vihar"


def test_the_locator_knows_out_of_which_station_the_new_one_comes(
    loaded: None, one: User, two: User
) -> None:
    version = confirmed(one, two).version
    assert version is not None

    shown = gazetteer_of(version.number).newer
    apply_due(today=DAY, at=NOON)

    assert shown[OLD] == present_gazetteer().newer[OLD] == (NEW,)
    assert rows_in_tables().build(version=9).newer[OLD] == (NEW,)


def test_one_officer_alone_cannot(loaded: None, one: User, two: User) -> None:
    number = propose(one).number
    with pytest.raises(NotTried):
        reorganising.confirm(number=number, by=two, at=NOON)
    tried()

    acts: tuple[Callable[[], object], ...] = (
        lambda: reorganising.confirm(number=number, by=one, at=NOON),
        lambda: reorganising.refuse(number=number, reason="No.", by=one, at=NOON),
    )
    for act in acts:
        with pytest.raises(OnesOwn):
            act()
    with pytest.raises(NotOnesOwn):
        reorganising.withdraw(number=number, by=two, at=NOON)
    leave(user=one, last_on=date(2026, 11, 11), by=two, at=NOON)
    with pytest.raises(ProposerGone):
        reorganising.confirm(number=number, by=two, at=NOON)
    assert apply_due(today=DAY, at=NOON) == 0


def test_only_supervisors_propose_for_a_day_to_come_with_a_reason(loaded: None, one: User) -> None:
    with pytest.raises(NotAllowed):
        propose(make_officer(Role.ANALYST))
    with pytest.raises(reorganising.NotToCome):
        propose(one, from_on=timezone.localdate(NOON))
    with pytest.raises(ReasonMissing):
        propose(one, why=" ")

    number = propose(one).number

    with pytest.raises(AnotherWaits):
        propose(one)
    acts: tuple[Callable[[], object], ...] = (
        lambda: reorganising.confirm(number=9, by=one, at=NOON),
        lambda: reorganising.call_off(number=9, reason="x", by=one, at=NOON),
        lambda: reorganising.put_back(number=9, from_on=DAY, why="x", by=one, at=NOON),
    )
    for act in acts:
        with pytest.raises(NoSuchProposal):
            act()
    with pytest.raises(NotWaiting):
        reorganising.call_off(number=number, reason="x", by=one, at=NOON)


def test_it_is_not_confirmed_after_its_day(loaded: None, one: User, two: User) -> None:
    propose(one)
    number = tried().number

    with pytest.raises(reorganising.NotToCome):
        reorganising.confirm(number=number, by=two, at=NOON + timedelta(days=31))
    reorganising.confirm(number=number, by=two, at=NOON + timedelta(days=30))

    assert apply_due(today=DAY, at=NOON) > 0


def test_what_is_refused_withdrawn_or_called_off_leaves_nothing(
    loaded: None, one: User, two: User
) -> None:
    propose(one)
    with pytest.raises(ReasonMissing):
        reorganising.refuse(number=1, reason=" ", by=two, at=NOON)
    reorganising.refuse(number=1, reason="Not ordered.", by=two, at=NOON)
    assert Reorganisation.objects.get().areas is None
    propose(one)
    reorganising.withdraw(number=tried().number, by=one, at=NOON)
    number = confirmed(one, two).number
    with pytest.raises(AnotherWaits):
        propose(one)
    with pytest.raises(ReasonMissing):
        reorganising.call_off(number=number, reason=" ", by=one, at=NOON)
    reorganising.call_off(number=number, reason="Put off.", by=one, at=NOON)
    with pytest.raises(NotWaiting):
        reorganising.call_off(number=number, reason="Put off.", by=one, at=NOON)

    assert apply_due(today=DAY, at=NOON) == 0

    assert not GazetteerVersion.objects.waiting().exists()
    assert GazetteerSnapshot.objects.count() == 2
    assert not Reorganisation.objects.open().exists()
    load_gazetteer(at=NOON)
    propose(one)


def test_other_rules_start_the_trial_again_and_nothing_is_loaded_beside(
    loaded: None, one: User, two: User
) -> None:
    propose(one)
    number = tried().number
    make_rules(replace(DEFAULT, number=1, assign_from=0.9))

    with pytest.raises(NotTried):
        reorganising.confirm(number=number, by=two, at=NOON)
    with pytest.raises(ReorganisationWaits):
        load_gazetteer(at=NOON)
    with pytest.raises(CommandError, match="is proposed or waits for its day"):
        call_command("load_gazetteer", stdout=StringIO())
    again = tried()

    assert (again.rules_number, again.done) == (1, 2)
    assert RuleMove.objects.count() == 2
    reorganising.confirm(number=number, by=two, at=NOON)


def test_what_was_loaded_between_proposal_and_trial_ends_it(
    loaded: None, one: User, two: User
) -> None:
    propose(one)
    layer = collection(feature(OLD, square(28.72, 77.13)))
    load_boundaries(layer=layer, source="other", at=NOON)

    assert try_next(at=NOON) == 0
    with pytest.raises(NotTried):
        reorganising.confirm(number=1, by=two, at=NOON)


def test_a_trial_goes_on_where_it_stood(
    loaded: None, one: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiplines.services.trying.BATCH", 1)
    propose(one)

    steps = [try_next(at=NOON) for _turn in range(4)]

    assert steps == [1, 1, 0, 0]
    assert (tried().done, tried().moves.count()) == (2, 2)


def test_what_was_before_comes_back_by_two(loaded: None, one: User, two: User) -> None:
    confirmed(one, two)
    with pytest.raises(reorganising.CannotComeBack):
        reorganising.put_back(number=1, from_on=DAY, why="x", by=one, at=NOON)
    apply_due(today=DAY, at=NOON)
    later = DAY + timedelta(days=10)

    made = reorganising.put_back(number=1, from_on=later, why="Set aside.", by=two, at=NOON)
    assert ([each["code"] for each in made.opens], made.closes) == ([OLD], [NEW])
    assert {(each.before["station"], each.after["station"]) for each in tried().moves.all()} == {
        (NEW, OLD)
    }
    reorganising.confirm(number=made.number, by=one, at=NOON)
    apply_due(today=later, at=NOON)
    locate_all()

    old, new = (PoliceStation.objects.get(code=code) for code in (OLD, NEW))
    assert (old.valid_to, new.valid_to) == (None, later)
    assert {each.best_station for each in Tipline.objects.all()} == {old}
    assert [each.station for each in Boundary.objects.all()] == [old]
    load_gazetteer(at=NOON)
    with pytest.raises(reorganising.CannotComeBack):
        reorganising.put_back(number=1, from_on=later, why="x", by=one, at=NOON)


# --- The command ----------------------------------------------------------------------------------


@pytest.fixture
def files(loaded: None, tmp_path: Path) -> tuple[Path, Path]:
    """The layer and the list of stations."""
    layer, stations = tmp_path / "areas.geojson", tmp_path / "stations.csv"
    layer.write_text(json.dumps(LAYER), encoding="utf-8")
    stations.write_text(STATIONS, encoding="utf-8")
    return layer, stations


def load(files: tuple[Path, Path], on: date, *more: str) -> str:
    out = StringIO()
    layer, stations = files
    arguments = ("--stations", str(stations), "--from", on.isoformat(), *more)
    call_command("load_boundaries", str(layer), *arguments, stdout=out)
    return out.getvalue()


def test_a_preview_lists_what_re_maps_and_keeps_nothing(files: tuple[Path, Path]) -> None:
    day = timezone.localdate() + timedelta(days=30)

    told = load(files, day, "--preview")

    assert f"opens: {NEW} out of {OLD}" in told
    assert f"closes: {OLD}" in told
    assert f"tipline 990000001: {OLD} -> {NEW}" in told
    assert "tipline: 2 re-map" in told
    assert f"PIN 110085: {OLD} -> {NEW}" in told
    assert f"locality Prashant Vihar: {OLD} -> {NEW}" in told
    assert not GazetteerVersion.objects.waiting().exists()
    assert not PoliceStation.objects.filter(code=NEW).exists()


def test_the_command_proposes_and_a_second_officer_confirms(
    files: tuple[Path, Path], one: User
) -> None:
    day = timezone.localdate() + timedelta(days=30)
    for more, said in (
        ((), "--by has to name"),
        (("--by", make_officer(Role.ANALYST).username, "--reason", "x"), "does not supervise"),
        (("--by", one.username), "--reason has to say why"),
    ):
        with pytest.raises(CommandError, match=said):
            load(files, day, *more)

    told = load(files, day, "--by", one.username, "--reason", "Order 7 of 2026.")

    assert "another supervisor confirms it at /rules/reorganisations/1/" in told
    assert Reorganisation.objects.get().by == one
    with pytest.raises(CommandError, match="has to be settled or called off first"):
        load(files, day, "--by", one.username, "--reason", "Again.")
    with pytest.raises(CommandError, match="need --from"):
        call_command("load_boundaries", str(files[0]), "--by", one.username)


def test_a_wrong_list_or_day_is_refused(files: tuple[Path, Path]) -> None:
    day = timezone.localdate() + timedelta(days=30)
    with pytest.raises(CommandError, match="not a day to come"):
        load(files, timezone.localdate())
    for text, said in (
        ("change,ps_code\n", "no column name"),
        (STATIONS.replace("closes", "ends"), "row 3: .* neither opens nor closes"),
        (STATIONS.replace(f"closes,{OLD}", "closes,ROH-X"), "row 3: ROH-X closes and is not"),
    ):
        files[1].write_text(text, encoding="utf-8")
        with pytest.raises(CommandError, match=said):
            load(files, day)
