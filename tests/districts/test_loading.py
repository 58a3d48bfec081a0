import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from districts import reference
from districts.evidence import Evidence, Outcome
from districts.folding import fold
from districts.gazetteer import NoGazetteer, forget, present_gazetteer
from districts.layer_file import UnreadableBoundaries
from districts.loading import load_boundaries, load_gazetteer
from districts.locating import locate
from districts.models import (
    Boundary,
    District,
    GazetteerVersion,
    Locality,
    PinStation,
    PoliceStation,
    StationAlias,
    SubDivision,
)
from districts.rules import EvidenceKind
from tests.districts.made import square

PLACES = 100  # rows of each table of places that most tests load
AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
REAL_LAYER = Path(__file__).resolve().parents[3] / "shared" / "data" / "ps_boundaries.geojson"
needs_layer = pytest.mark.skipif(
    not REAL_LAYER.exists(), reason="the unlicensed layer is not shipped"
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


def feature(code: str, geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"ps_code": code}, "geometry": geometry}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def comb(*, teeth: int) -> dict[str, Any]:
    """A valid area with four points a tooth and three more."""
    width = 0.02 / teeth
    lefts = [77.1 + tooth * width for tooth in range(teeth)]
    points = [
        point
        for left in lefts
        for point in (
            [left, 28.70],
            [left, 28.72],
            [left + width / 2, 28.72],
            [left + width / 2, 28.70],
        )
    ]
    ring = [*points, [77.12, 28.69], [77.1, 28.69], points[0]]
    return {"type": "Polygon", "coordinates": [ring]}


def copy_of(source: Path, folder: Path) -> Path:
    for name in reference.FILES:
        (folder / f"{name}.csv").write_bytes((source / f"{name}.csv").read_bytes())
    return folder


def copy_of_data(folder: Path) -> Path:
    return copy_of(reference.DATA, folder)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the project with a few of the places, which are most of the rows."""
    folder = copy_of(reference.DATA, tmp_path_factory.mktemp("few"))
    for name in ("localities", "places"):
        lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        (folder / f"{name}.csv").write_text("\n".join(lines[:PLACES]) + "\n", encoding="utf-8")
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_all_files_are_loaded_and_counted() -> None:
    report = load_gazetteer(at=AT)

    assert (report.version, report.is_new) == (1, True)
    assert District.objects.territorial().count() == 15
    assert PoliceStation.objects.territorial().count() == 180
    assert PoliceStation.objects.cyber().count() == 15
    for model, name in [
        (District, "districts"),
        (SubDivision, "sub-divisions"),
        (PoliceStation, "stations"),
        (StationAlias, "aliases"),
        (PinStation, "stations of PINs"),
        (Locality, "localities"),
    ]:
        assert (
            model._default_manager.count() == report.tables[name].total == report.tables[name].added
        )
    known = present_gazetteer().names
    meaning_nothing = [
        name for name, _ in reference.other_names() if "".join(fold(name)) not in known
    ]
    assert meaning_nothing == []


def test_loading_again_changes_nothing(few: Path) -> None:
    load_gazetteer(at=AT, folder=few)
    before = list(PoliceStation.objects.order_by("pk").values())

    report = load_gazetteer(at=LATER, folder=few)

    assert (report.version, report.is_new) == (1, False)
    assert not any(table.any for table in report.tables.values())
    assert list(PoliceStation.objects.order_by("pk").values()) == before
    assert GazetteerVersion.objects.count() == 1


def test_loading_takes_the_same_statements_for_any_number_of_rows(few: Path) -> None:
    with CaptureQueriesContext(connection) as queries:
        load_gazetteer(at=AT, folder=few)

    assert len(queries) < 60


def test_a_changed_file_makes_a_version_that_marks_its_rows(few: Path, tmp_path: Path) -> None:
    load_gazetteer(at=AT, folder=few)
    folder = copy_of(few, tmp_path)
    change(folder / "districts.csv", "ROH,Rohini,", "ROH,Rohini West,")

    report = load_gazetteer(at=LATER, folder=folder)

    assert (report.version, report.tables["districts"].changed) == (2, 1)
    rohini = District.objects.select_related("version").get(code="ROH")
    assert (rohini.name, rohini.version.number) == ("Rohini West", 2)
    assert District.objects.filter(version__number=1).count() == District.objects.count() - 1


def test_a_station_that_leaves_the_list_is_closed_and_kept(few: Path, tmp_path: Path) -> None:
    load_gazetteer(at=AT, folder=few)
    folder = copy_of(few, tmp_path)
    stations = (folder / "police_stations.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in stations if not line.startswith("NDD-IITF")]
    (folder / "police_stations.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    aliases = (folder / "ps_aliases.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in aliases if "NDD-IITF" not in line]
    (folder / "ps_aliases.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")

    report = load_gazetteer(at=LATER, folder=folder)

    station = PoliceStation.objects.get(code__startswith="NDD-IITF")
    assert station.valid_to == date(2026, 12, 1)
    assert report.tables["stations"].removed == 1
    assert not PoliceStation.objects.in_force(date(2026, 12, 1)).filter(pk=station.pk).exists()
    assert PoliceStation.objects.in_force(date(2026, 11, 30)).filter(pk=station.pk).exists()


def test_dates_parents_and_centres_come_from_the_files(few: Path) -> None:
    load_gazetteer(at=AT, folder=few)

    newer = PoliceStation.objects.get(code="NDD-KARTAVYA-PATH")
    assert newer.valid_from == date(2022, 9, 21)
    assert newer.parents.count() == 3
    assert all(s.valid_from == date(2021, 12, 1) for s in PoliceStation.objects.cyber())
    assert District.objects.get(code="OND").valid_from == date(2019, 1, 1)
    for district in District.objects.territorial():
        assert district.centre is not None
        lat, lon = district.centre
        assert 28.4 < lat < 28.9
        assert 76.8 < lon < 77.4
    assert District.objects.get(code="RLY").centre is None


def test_names_follow_the_language(few: Path) -> None:
    load_gazetteer(at=AT, folder=few)
    district = District.objects.get(code="ROH")
    station = PoliceStation.objects.get(code="ROH-PRASHANT-VIHAR")

    with translation.override("hi"):
        assert district.local_name == "रोहिणी"
        assert station.local_name == "प्रशांत विहार"
        assert District(name="Made").local_name == "Made"
    with translation.override("en"):
        assert (district.local_name, station.local_name) == ("Rohini", "Prashant Vihar")


def test_the_gazetteer_is_read_once_per_version(few: Path) -> None:
    with pytest.raises(NoGazetteer):
        present_gazetteer()
    load_gazetteer(at=AT, folder=few)

    first, second = present_gazetteer(), present_gazetteer()
    load_boundaries(
        layer=collection(feature("ROH-PRASHANT-VIHAR", square(28.72, 77.13))), source="made", at=AT
    )
    third = present_gazetteer()

    assert first is second
    assert (third.version, third.has_areas) == (2, True)


@pytest.mark.parametrize(
    ("address", "outcome", "district"),
    [
        pytest.param("H 12, Prashant Vihar, Delhi 110085", Outcome.DELHI, "ROH", id="Rohini"),
        pytest.param("Dwarka Sector 6, New Delhi 110075", Outcome.DELHI, "DWK", id="Dwarka"),
        pytest.param("Lajpat Nagar II, New Delhi-24", Outcome.DELHI, "SED", id="South East"),
        pytest.param("करोल बाग, नई दिल्ली", Outcome.DELHI, "CEN", id="Hindi"),
        pytest.param("Sector 62, Noida", Outcome.OTHER_STATE, None, id="Noida"),
    ],
)
def test_the_real_data_places_real_addresses(
    address: str, outcome: Outcome, district: str | None
) -> None:
    load_gazetteer(at=AT)

    location = locate(
        [Evidence(kind=EvidenceKind.DECLARED_ADDRESS, text=address)], present_gazetteer()
    )

    assert location.outcome is outcome
    assert next(iter(location.district_shares), None) == district


def test_boundaries_are_loaded_and_loading_again_changes_nothing(few: Path) -> None:
    load_gazetteer(at=AT, folder=few)
    layer = collection(
        feature("ROH-PRASHANT-VIHAR", square(28.72, 77.13)), feature("XXX", square(28.6, 77.2))
    )

    first = load_boundaries(layer=layer, source="made", at=AT)
    again = load_boundaries(layer=layer, source="made", at=LATER)

    assert (first.version, first.changes.added, first.unknown) == (2, 1, ("XXX",))
    assert len(first.without) == 179
    assert (again.version, again.changes.any) == (2, False)
    assert Boundary.objects.get().loaded_at == AT
    assert load_gazetteer(at=LATER, folder=few).is_new is False


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        pytest.param([], "FeatureCollection", id="not an object"),
        pytest.param({"type": "Feature"}, "FeatureCollection", id="one feature"),
        pytest.param(collection(), "no features", id="empty"),
        pytest.param(collection("x"), "ps_code is missing", id="not a feature"),
        pytest.param(
            collection(feature("", square(28.7, 77.1))), "ps_code is missing", id="no code"
        ),
        pytest.param(
            collection(*[feature("ROH-PRASHANT-VIHAR", square(28.7, 77.1))] * 2),
            "twice",
            id="twice",
        ),
        pytest.param(
            collection(feature("ROH-PRASHANT-VIHAR", {"type": "Point", "coordinates": [77, 28]})),
            "not a Polygon",
            id="a point",
        ),
        pytest.param(
            collection(feature("ROH-\ud800", square(28.7, 77.1))), "this ps_code", id="no such code"
        ),
        pytest.param(
            collection(feature("ROH-PRASHANT-VIHAR", {"type": [], "coordinates": []})),
            "not a Polygon",
            id="a list of types",
        ),
        pytest.param(
            collection(
                feature(
                    "ROH-PRASHANT-VIHAR",
                    {"type": "Polygon", "coordinates": [[[10**399, 28]] * 4]},
                )
            ),
            "cannot be read",
            id="a number of 400 digits",
        ),
        pytest.param(
            collection(feature("ROH-PRASHANT-VIHAR", comb(teeth=5_000))),
            r"feature 1 \(ROH-PRASHANT-VIHAR\): the area has more than 20000 points",
            id="an area of very many points",
        ),
        pytest.param(
            collection(*(feature(f"ROH-{n}", comb(teeth=4_900)) for n in range(11))),
            "the layer has more than 200000 points; simplify the areas",
            id="a layer of very many points",
        ),
        pytest.param(
            collection(feature("ROH-PRASHANT-VIHAR", {"type": "MultiPolygon"})),
            "cannot be read",
            id="a geometry without coordinates",
        ),
        pytest.param(
            collection(feature("ROH-PRASHANT-VIHAR", {"type": "Polygon", "coordinates": "?"})),
            "cannot be read",
            id="no coordinates",
        ),
        pytest.param(
            collection(
                feature(
                    "ROH-PRASHANT-VIHAR",
                    {
                        "type": "Polygon",
                        "coordinates": [[[77, 28], [77.1, 28.1], [77.1, 28], [77, 28.1], [77, 28]]],
                    },
                )
            ),
            "Self-intersection",
            id="crossing itself",
        ),
        pytest.param(
            collection(feature("ROH-PRASHANT-VIHAR", square(77.1, 28.7))),
            "far from Delhi",
            id="swapped",
        ),
        pytest.param(
            collection(feature("XXX", square(28.7, 77.1))), "no feature names", id="unknown"
        ),
    ],
)
def test_a_faulty_layer_is_refused_whole(few: Path, layer: Any, said: str) -> None:
    load_gazetteer(at=AT, folder=few)

    with pytest.raises(UnreadableBoundaries, match=said):
        load_boundaries(layer=layer, source="made", at=AT)

    assert not Boundary.objects.exists()
    assert GazetteerVersion.objects.count() == 1


def test_the_commands_say_what_they_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "areas.geojson"
    file.write_text(json.dumps(collection(feature("ROH-PRASHANT-VIHAR", square(28.7, 77.1)))))

    call_command("load_gazetteer")
    call_command("load_boundaries", file)
    said = capsys.readouterr().out

    assert "stations: 227 rows; 227 added" in said
    assert "Gazetteer version 1 is new." in said
    assert "1 areas; 1 added" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "cannot be opened", id="no file"),
        pytest.param(b"{", "is not JSON", id="not JSON"),
        pytest.param(b"\xff\xfe\x00", "is not UTF-8", id="not text"),
        pytest.param(b"[]", "FeatureCollection", id="not a layer"),
    ],
)
def test_the_command_refuses_a_bad_file(
    few: Path, tmp_path: Path, content: bytes | None, said: str
) -> None:
    load_gazetteer(at=AT, folder=few)
    file = tmp_path / "areas.geojson"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=said):
        call_command("load_boundaries", file)


def test_places_are_spread_anew_over_a_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer, places = tmp_path / "areas.geojson", tmp_path / "places.csv"
    layer.write_text(json.dumps(collection(feature("ROH-PRASHANT-VIHAR", square(28.7, 77.1)))))
    places.write_text(
        "name,kind,lat,lon,stations,source,confidence\n"
        "Amid,landmark,28.7,77.1,OLD:1.00,MADE,low\nFar,landmark,28.5,77.3,OLD:1.00,MADE,low\n"
    )

    call_command("spread_places", layer, places=places)

    assert places.read_text().splitlines()[1:] == [
        "Amid,landmark,28.7,77.1,ROH-PRASHANT-VIHAR:1.00,MADE,low"
    ]
    assert "Left out: Far" in capsys.readouterr().out


@needs_layer
def test_the_places_are_spread_as_the_layer_says(tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    committed = (reference.DATA / "places.csv").read_text(encoding="utf-8")
    places.write_text(committed, encoding="utf-8")

    call_command("spread_places", REAL_LAYER, places=places)

    assert places.read_text(encoding="utf-8") == committed


@needs_layer
def test_the_real_layer_places_known_points() -> None:
    load_gazetteer(at=AT)
    layer = json.loads(REAL_LAYER.read_text(encoding="utf-8"))

    report = load_boundaries(layer=layer, source="GSDL", at=AT)

    assert report.changes.added == 180
    assert set(report.without) == {"NDD-KARTAVYA-PATH", "CEN-EAST-PAHARGANJ"}
    gazetteer = present_gazetteer()
    for station in PoliceStation.objects.territorial().filter(area_lat__isnull=False):
        evidence = Evidence(
            kind=EvidenceKind.DEVICE_POINT, lat=station.area_lat, lon=station.area_lon
        )
        best = locate([evidence], gazetteer).best
        assert best is not None
        assert best.station_code == station.code


def test_each_other_name_stands_for_one_place() -> None:
    names = ["".join(fold(other)) for other, _same_as in reference.other_names()]

    assert [name for name, count in Counter(names).items() if count > 1] == []
