"""New stations and areas are loaded for a day: shown before, in force then, old cases untouched."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event
from districts.gazetteer import forget, present_gazetteer, present_version
from districts.loading import load_boundaries, load_gazetteer
from districts.models import Boundary, GazetteerVersion, Locality, PoliceStation
from districts.relocating import COLUMNS, apply_due
from tests.cases.made import make_case
from tests.districts.made import square
from tests.districts.test_loading import collection, feature
from tests.factories import NOON
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Tipline
from tiplines.services.placing import keys_of, locate_next, mark_stale
from tiplines.services.replaying import replay

pytestmark = pytest.mark.django_db
OLD, NEW = "ROH-PRASHANT-VIHAR", "ROH-NAYA-VIHAR"
AREA = square(28.718, 77.127, half=0.02)
STATIONS = f"""{",".join(COLUMNS)}
opens,{NEW},Naya Vihar,नया विहार,ROH,{OLD}
closes,{OLD},,,,
"""


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    keys_of.cache_clear()
    yield
    forget()
    keys_of.cache_clear()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The layer and the list of stations; two tiplines of the station that closes."""
    load_gazetteer(at=NOON)
    load_boundaries(layer=collection(feature(OLD, AREA)), source="made", at=NOON)
    bring(zip_of({f"{n}.json": json_report(f"99000000{n}") for n in (1, 2)}))
    work(located=True)
    layer, stations = tmp_path / "areas.geojson", tmp_path / "stations.csv"
    layer.write_text(json.dumps(collection(feature(NEW, AREA))), encoding="utf-8")
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


def test_it_comes_in_force_on_its_day_and_old_cases_keep_their_station(
    files: tuple[Path, Path],
) -> None:
    case = make_case(
        tipline=Tipline.objects.get(number="990000001"),
        station=PoliceStation.objects.get(code=OLD),
    )
    day = timezone.localdate() + timedelta(days=30)
    load(files, day)
    load(files, day)  # in the place of the one that waits
    assert present_version().number == 2
    assert (apply_due(today=day - timedelta(days=1), at=NOON), mark_stale()) == (0, 0)

    number = apply_due(today=day, at=NOON)
    mark_stale()
    while locate_next(at=NOON):
        pass

    old, new = (PoliceStation.objects.get(code=code) for code in (OLD, NEW))
    assert present_version().number == number == present_gazetteer().version
    assert (old.valid_to, new.valid_from, new.name_hi) == (day, day, "नया विहार")
    assert list(new.parents.all()) == [old]
    case.refresh_from_db()
    assert case.station == old
    assert Tipline.objects.get(number="990000001").best_station == old
    assert Tipline.objects.get(number="990000002").best_station == new
    assert not Locality.objects.filter(station=old).exists()
    assert [each.station for each in Boundary.objects.all()] == [new]
    assert replay(since=None, at=NOON).same == 1
    assert apply_due(today=day, at=NOON) == 0
    told = Event.objects.filter(subject__startswith="gazetteer:").order_by("pk")
    assert list(told.values_list("verb", flat=True)) == [
        "gazetteer.reorganisation-loaded",
        "gazetteer.reorganisation-loaded",
        "gazetteer.in-force",
    ]
    with pytest.raises(CommandError, match=f"is of before gazetteer {number}"):
        call_command("load_gazetteer", stdout=StringIO())


def test_nothing_else_is_loaded_while_one_waits(files: tuple[Path, Path]) -> None:
    load(files, timezone.localdate() + timedelta(days=30))

    with pytest.raises(CommandError, match="waits for its day"):
        call_command("load_gazetteer", stdout=StringIO())
    with pytest.raises(CommandError, match="waits for its day"):
        call_command("load_boundaries", str(files[0]), stdout=StringIO())


def test_a_wrong_list_or_day_is_refused(files: tuple[Path, Path]) -> None:
    day = timezone.localdate() + timedelta(days=30)
    with pytest.raises(CommandError, match="not a day to come"):
        load(files, timezone.localdate())
    for text, said in (
        ("change,ps_code\n", "no column name"),
        (STATIONS.replace("closes", "ends"), "neither opens nor closes"),
        (STATIONS.replace(f"closes,{OLD}", "closes,ROH-X"), "ROH-X closes and is not known"),
    ):
        files[1].write_text(text, encoding="utf-8")
        with pytest.raises(CommandError, match=said):
            load(files, day)
