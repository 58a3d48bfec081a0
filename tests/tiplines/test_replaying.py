"""Every decision replays to the same answer from what was stored with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.services import assigning
from districts.gazetteer import forget
from districts.loading import load_boundaries, load_gazetteer
from districts.models import GazetteerSnapshot, PoliceStation
from districts.replaying import ENGINE, Basis
from districts.rules import DEFAULT, EvidenceKind, RegistersAt
from tests.districts.made import square
from tests.districts.test_loading import change, collection, copy_of_data, feature
from tests.factories import NOON, make_officer, make_rules, make_tipline
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Decision, KeptBasis, RuleSet, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.sealable import about_tipline
from tiplines.sealing import seal_json
from tiplines.services import deciding
from tiplines.services.grounds import opened
from tiplines.services.placing import keys_of
from tiplines.services.replaying import replay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    keys_of.cache_clear()
    yield
    forget()
    keys_of.cache_clear()


@pytest.fixture
def located() -> list[Tipline]:
    """Four tiplines of Prashant Vihar, located by the reference data."""
    load_gazetteer(at=NOON)
    numbers = [str(number) for number in range(990000001, 990000005)]
    bring(zip_of({f"{number}.json": json_report(number) for number in numbers}))
    work(located=True)
    return list(Tipline.objects.order_by("number"))


def assign(tipline: Tipline, *, station: str = "") -> Decision:
    chosen = PoliceStation.objects.get(code=station) if station else tipline.best_station
    assert chosen is not None
    assigning.assign(
        tipline_ids=[tipline.pk],
        district_id=chosen.district_id,
        station_id=chosen.pk,
        by=make_officer(),
        at=NOON,
    )
    return Decision.objects.get(tipline=tipline)


def close(*tiplines: Tipline) -> None:
    deciding.close(
        tipline_ids=[each.pk for each in tiplines],
        reason=CloseReason.NO_LEAD,
        by=make_officer(),
        at=NOON,
    )


def change_everything(folder: Path) -> None:
    """The gazetteer and the rules, twice each; and what was located is located again."""
    copy_of_data(folder)
    change(folder / "police_stations.csv", ",Prashant Vihar,", ",Prashant Gram,")
    load_gazetteer(at=NOON, folder=folder)
    layer = collection(feature("ROH-SOUTH-ROHINI", square(28.717, 77.127)))
    load_boundaries(layer=layer, source="made", at=NOON)
    heavy = dict(DEFAULT.weights) | {EvidenceKind.IP_LOOKUP: 100}
    make_rules(replace(DEFAULT, weights=heavy, number=7))
    make_rules(replace(DEFAULT, decide_from=1.0, registers_at={"ROH": RegistersAt.CYBER}, number=8))
    Tipline.objects.update(located_at=None)
    work(located=True)


def test_a_decision_stores_what_it_rests_on(located: list[Tipline]) -> None:
    decision = assign(located[0])

    assert (decision.gazetteer_version, decision.rules_number, decision.engine) == (1, 0, ENGINE)
    assert decision.residence_station == decision.registering_station == decision.station
    assert decision.sealed_basis is not None
    assert b"Prashant" not in bytes(decision.sealed_basis)
    data = opened(decision.sealed_basis, tipline_id=located[0].pk)
    basis = Basis.from_data(data["basis"])
    assert basis.evidence[0].text == "B-12, Prashant Vihar"
    assert basis.answer["answer"] in {"assign", "review"}
    assert basis.found == "ROH-PRASHANT-VIHAR"
    assert data["decided"]["by"] == decision.by_id


def test_the_registering_station_is_by_the_rules_of_the_day(located: list[Tipline]) -> None:
    before = assign(located[0])
    make_rules(replace(DEFAULT, registers_at={"ROH": RegistersAt.CYBER}, number=2))
    after = assign(located[1])

    assert before.registering_station == before.residence_station
    assert after.residence_station == before.residence_station
    assert after.registering_station is not None
    assert after.registering_station.kind == "cyber"
    assert after.registering_station.district.code == "ROH"
    assert after.rules_number == 0  # by which it had been located
    assert replay(since=None, at=NOON).same == 2


def test_decisions_replay_after_gazetteer_and_rules_have_changed_twice(
    located: list[Tipline], tmp_path: Path
) -> None:
    decision = assign(located[0])
    close(*located[1:3])
    change_everything(tmp_path)
    now = Tipline.objects.get(pk=located[0].pk)
    later = assign(Tipline.objects.get(pk=located[3].pk), station="ROH-PRASHANT-VIHAR")

    found = replay(since=None, at=NOON)

    assert (now.gazetteer_version, now.rules_number) == ("3", 8)
    kept = opened(KeptBasis.objects.get(tipline=now).sealed_basis, tipline_id=now.pk)
    assert decision.sealed_basis is not None
    then = opened(decision.sealed_basis, tipline_id=now.pk)["basis"]
    assert kept["location"] != then["location"]
    assert (later.gazetteer_version, later.rules_number) == (3, 8)
    assert found.differing == []
    assert (found.same, found.total) == (4, 4)


def other_evidence(decision: Decision) -> None:
    """By one who has the keys."""
    assert decision.sealed_basis is not None
    data = opened(decision.sealed_basis, tipline_id=decision.tipline_id)
    data["basis"]["evidence"][0] |= {"text": "Model Town, Mumbai", "postal_code": ""}
    decision.sealed_basis = seal_json(data, about=about_tipline(decision.tipline_id))


def another_s(decision: Decision) -> None:
    other = Decision.objects.exclude(pk=decision.pk).latest("pk")
    decision.sealed_basis = other.sealed_basis


def none_at_all(decision: Decision) -> None:
    decision.sealed_basis = None


def other_station(decision: Decision) -> None:
    decision.registering_station = PoliceStation.objects.cyber().order_by("pk")[0]


def other_officer(decision: Decision) -> None:
    decision.by = make_officer()


def other_rules(decision: Decision) -> None:
    assert decision.sealed_basis is not None
    data = opened(decision.sealed_basis, tipline_id=decision.tipline_id)
    data["basis"]["rules"] = decision.rules_number = 9
    decision.sealed_basis = seal_json(data, about=about_tipline(decision.tipline_id))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (other_evidence, "location"),
        (another_s, "basis cannot be read"),
        (none_at_all, "basis is missing"),
        (other_station, "column registering"),
        (other_officer, "column by"),
        (other_rules, "rules are missing"),
    ],
)
def test_a_tampered_basis_is_found(
    located: list[Tipline], tamper: Callable[[Decision], None], said: str
) -> None:
    decision = assign(located[0])
    close(located[1])
    tamper(decision)
    decision.save()
    errors = StringIO()

    with pytest.raises(CommandError, match="1 decisions differ"):
        call_command("replay_decisions", stderr=errors, stdout=StringIO())

    assert errors.getvalue().startswith(f"decision {decision.pk} of tipline {located[0].number}: ")
    assert said in errors.getvalue()
    assert "Prashant" not in errors.getvalue()


def test_a_damaged_snapshot_is_found(located: list[Tipline]) -> None:
    assign(located[0])
    GazetteerSnapshot.objects.update(content=b"x")
    forget()

    found = replay(since=None, at=NOON)

    assert [each.what for each in found.differing] == [("gazetteer is damaged",)]


def test_what_cannot_be_replayed_is_counted_apart(
    located: list[Tipline], monkeypatch: pytest.MonkeyPatch
) -> None:
    close(located[0])
    GazetteerSnapshot.objects.all().delete()
    forget()
    close(make_tipline())
    Decision.objects.filter(tipline=make_closed()).update(sealed_basis=None)
    out = StringIO()

    call_command("replay_decisions", stdout=out)
    monkeypatch.setattr("tiplines.services.replaying.ENGINE", ENGINE + 1)
    other = replay(since=None, at=NOON)

    assert out.getvalue().splitlines() == [
        "3 decisions: 0 replay to the same answer.",
        "1 not replayed: gazetteer 1 was not kept.",
        "1 decided before the tipline was located.",
        "1 decided before bases were kept.",
    ]
    assert other.other_engine == {ENGINE: 1}


def make_closed() -> Tipline:
    tipline = make_tipline()
    close(tipline)
    return tipline


def test_only_those_since_a_day_are_replayed(located: list[Tipline]) -> None:
    close(located[0])
    out = StringIO()

    call_command("replay_decisions", "--since", "2026-11-13", stdout=out)

    assert out.getvalue().startswith("0 decisions")


def test_many_decisions_take_as_many_statements_as_one(located: list[Tipline]) -> None:
    counts = []
    station = located[0].best_station
    assert station is not None
    for chosen in (located[:1], located[1:]):
        officer = make_officer()
        with CaptureQueriesContext(connection) as captured:
            assigning.assign(
                tipline_ids=[each.pk for each in chosen],
                district_id=station.district_id,
                station_id=station.pk,
                by=officer,
                at=NOON,
            )
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert RuleSet.objects.count() == 0


def test_what_was_decided_before_it_was_located_says_so() -> None:
    tipline = make_tipline()
    close(tipline)
    decision: Any = Decision.objects.get()

    assert opened(decision.sealed_basis, tipline_id=tipline.pk)["basis"] is None
    assert (decision.gazetteer_version, decision.engine) == (None, None)
