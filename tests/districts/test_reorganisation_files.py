"""The two files of a reorganisation: what is wrong with them is said by row, with what to do."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from districts.layer_file import UnreadableBoundaries
from districts.models import PoliceStation
from districts.reorganisation_files import (
    COLUMNS,
    WrongReorganisation,
    layer_of,
    read_change,
    text_of,
)
from tests.districts.made import AREAS, square
from tests.districts.test_loading import collection, feature
from tests.districts.test_reorganising import AFTER, ROWS
from tests.factories import make_station

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)
HEAD = ",".join(COLUMNS)
OPENS = "opens,AAA-NAYAPUR,Nayapur,नयापुर,AAA,AAA-AMRAIPUR"
CLOSES = "closes,BBB-DEVSAR,,,,"
LAYER = collection(*(feature(code, area) for code, area in AFTER.items()))


def read(*rows: str, layer: Any = LAYER, head: str = HEAD) -> Any:
    return read_text("\r\n".join((head, *rows)), layer)


def read_text(stations: str, layer: Any) -> Any:
    return read_change(stations=stations, layer=layer, present=ROWS.build(version=1), from_on=DAY)


def test_what_opens_and_closes_is_read() -> None:
    change = read(OPENS, CLOSES)

    [opened] = change.opens
    assert (opened.code, opened.name, opened.name_hi) == ("AAA-NAYAPUR", "Nayapur", "नयापुर")
    assert (opened.district_code, opened.parents) == ("AAA", ("AAA-AMRAIPUR",))
    assert change.closes == ("BBB-DEVSAR",)
    assert set(change.areas) == set(AFTER)


def test_a_new_station_may_have_the_name_of_one_that_closes() -> None:
    assert read(OPENS.replace("Nayapur", "Devsar"), CLOSES).opens[0].name == "Devsar"


def test_areas_alone_are_a_change() -> None:
    areas = dict(AREAS) | {"AAA-AMRAIPUR": AFTER["AAA-AMRAIPUR"]}

    change = read_text("", layer_with(areas))

    assert (change.opens, change.closes, change.areas) == ((), (), plain(areas))


def layer_with(areas: Any) -> Any:
    return collection(*(feature(code, area) for code, area in areas.items()))


def test_what_changes_nothing_is_refused() -> None:
    with pytest.raises(UnreadableBoundaries, match="it opens, closes and changes nothing"):
        read_text("", layer_with(dict(AREAS)))


@pytest.mark.parametrize(
    ("half", "said"),
    [(0.0101, ""), (0.012, "areas of AAA-AMRAIPUR and AAA-NAYAPUR overlap by more than 5 %")],
)
def test_areas_that_lie_on_one_another_are_refused(half: float, said: str) -> None:
    areas = AFTER | {"AAA-NAYAPUR": square(28.74, 77.1, half=half)}
    if not said:
        assert read(OPENS, CLOSES, layer=layer_with(areas)).areas == plain(areas)
        return
    with pytest.raises(UnreadableBoundaries, match=said):
        read(OPENS, CLOSES, layer=layer_with(areas))


def plain(areas: Any) -> Any:
    return json.loads(json.dumps(areas))


def without(code: str) -> Any:
    return collection(*(feature(each, area) for each, area in AFTER.items() if each != code))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((OPENS.replace("AAA-NAYAPUR", ""), CLOSES), "row 2: no station is named"),
        ((OPENS, OPENS, CLOSES), "row 3: AAA-NAYAPUR is there twice"),
        ((OPENS, CLOSES.replace("closes", "ends")), "row 3: BBB-DEVSAR neither opens nor closes"),
        ((OPENS, CLOSES + ",,x"), "row 3: more cells than columns"),
        ((OPENS, *(f"closes,X-{n},,,," for n in range(1000))), "has more than 1000 rows"),
        ((OPENS, "closes,BBB-X,,,,"), "row 3: BBB-X closes and is not known"),
        ((OPENS.replace("AAA-NAYAPUR", "nayapur"), CLOSES), "row 2: a station cannot have this"),
        ((OPENS.replace("AAA-NAYAPUR", "AAA-\0"), CLOSES), "row 2: a station cannot have this"),
        ((OPENS, CLOSES, "closes,BBB-\ud800,,,,"), "row 4: a station cannot have this code"),
        ((OPENS.replace("AAA-NAYAPUR", "AAA-BELGRAM"), CLOSES), "row 2: AAA-BELGRAM is there al"),
        ((OPENS.replace("Nayapur", "\x00"), CLOSES), "row 2: AAA-NAYAPUR needs a name"),
        ((OPENS.replace("Nayapur", "12"), CLOSES), "row 2: AAA-NAYAPUR needs a name"),
        ((OPENS.replace("Nayapur", "Naya\u202epur"), CLOSES), "row 2: a name .* cannot be seen"),
        ((OPENS.replace("नयापुर", "@नयापुर"), CLOSES), "row 2: a name .* begins with = "),
        ((OPENS.replace("Nayapur", "BELGRAM"), CLOSES), "row 2: .* name that another station has"),
        ((OPENS.replace("Nayapur", "Amrai-Pur Kalan"), CLOSES), "row 2: .* or is known by"),
        (
            (OPENS, OPENS.replace("AAA-NAYAPUR", "AAA-N").replace("नयापुर", ""), CLOSES),
            "row 2: AAA-NAYAPUR has a name that another station has .*; row 3: ",
        ),
        ((OPENS.replace("Nayapur", "n" * 121), CLOSES), "row 2: AAA-NAYAPUR needs a name"),
        ((OPENS.replace(",AAA,", ",X,"), CLOSES), "row 2: the district of AAA-NAYAPUR"),
        ((OPENS.replace("AAA-AMRAIPUR", "X"), CLOSES), "row 2: AAA-NAYAPUR comes out of a station"),
    ],
)
def test_a_wrong_list_is_refused_by_row(rows: tuple[str, ...], said: str) -> None:
    make_station(code="AAA-BELGRAM", name="Belgram")

    with pytest.raises(WrongReorganisation, match=said):
        read(*rows)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("AAA-NAYAPUR", "row 2: AAA-NAYAPUR opens without an area"),
        ("AAA-AMRAIPUR", "row 2: AAA-NAYAPUR comes out of a station that stays and has no area"),
    ],
)
def test_a_layer_that_leaves_out_a_touched_station_is_refused(missing: str, said: str) -> None:
    with pytest.raises(WrongReorganisation, match=said):
        read(OPENS, CLOSES, layer=without(missing))


def test_a_layer_that_is_not_of_all_stations_there_will_be_is_refused() -> None:
    with pytest.raises(UnreadableBoundaries, match=r"there will not be \(AAA-NAYAPUR\)"):
        read(CLOSES)
    with pytest.raises(UnreadableBoundaries, match=r"lacks areas .* one now \(AAA-BELGRAM\)"):
        read(OPENS, CLOSES, layer=without("AAA-BELGRAM"))


def test_a_station_closes_on_a_day_after_it_opened() -> None:
    station = make_station(code="BBB-DEVSAR", name="Devsar")
    PoliceStation.objects.filter(pk=station.pk).update(valid_from=DAY)

    with pytest.raises(WrongReorganisation, match="row 3: BBB-DEVSAR opens on the day it would"):
        read(OPENS, CLOSES)
    PoliceStation.objects.filter(pk=station.pk).update(valid_from=DAY - timedelta(days=1))

    assert read(OPENS, CLOSES).closes == ("BBB-DEVSAR",)


def test_all_faults_are_said_at_once_in_the_reader_s_language() -> None:
    with pytest.raises(WrongReorganisation) as english:
        read(OPENS.replace(",AAA,", ",X,"), "closes,BBB-X,,,,")
    with translation.override("hi"), pytest.raises(WrongReorganisation) as hindi:
        read(OPENS.replace(",AAA,", ",X,"), "closes,BBB-X,,,,")

    assert len(english.value.faults) == len(hindi.value.faults) == 2
    assert not set(english.value.faults) & set(hindi.value.faults)


def test_a_list_without_a_column_says_which() -> None:
    with pytest.raises(WrongReorganisation, match="no column name; its first line must be change"):
        read(head="change,ps_code")


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"a": NaN}', '{"a": Infinity}'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UnreadableBoundaries, match="not JSON"):
        layer_of(text)


def test_text_is_utf_8_with_or_without_a_mark() -> None:
    assert text_of("\ufeffchange".encode()) == "change"
    with pytest.raises(UnreadableBoundaries, match="not UTF-8"):
        text_of(b"\xff\xfe")


def test_heights_are_left_out_of_areas() -> None:
    high = plain(AFTER)
    for area in high.values():
        area["coordinates"] = [[[*point, 1e999] for point in ring] for ring in area["coordinates"]]
    change = read(OPENS, CLOSES, layer=layer_with(high))

    assert change.areas == plain(AFTER)
