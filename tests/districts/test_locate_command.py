"""`manage.py locate`: a table of addresses in, one answer for each out."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from districts import asked
from districts.gazetteer import forget
from districts.loading import load_gazetteer
from tests.districts.rows import made_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def gazetteer() -> None:
    forget()
    load_gazetteer(at=timezone.now())


def locate(folder: Path, table: str | bytes) -> tuple[list[dict[str, str]], str]:
    """The rows of the answer, and what was said beside them."""
    (folder / "in.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    said = io.StringIO()
    call_command("locate", csv=folder / "in.csv", out=folder / "out.csv", stdout=said, stderr=said)
    with (folder / "out.csv").open(encoding="utf-8", newline="") as answers:
        rows = csv.DictReader(answers)
        assert tuple(rows.fieldnames or ()) == asked.ANSWERED
        return list(rows), said.getvalue()


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            '"Pocket 3, Sector 24, Rohini, Delhi",110085,,',
            {"outcome": ("assign", "review"), "district_code": ("ROH",)},
            id="ours",
        ),
        pytest.param(
            '"Sector 62, Noida",201301,,',
            {"outcome": ("other_state",), "station_code": ("",), "district_code": ("",)},
            id="beside Delhi",
        ),
        pytest.param('"home",,51.5072,-0.1276', {"outcome": ("abroad",)}, id="abroad"),
        pytest.param('"near the temple",,,', {"outcome": ("unknown",)}, id="nothing said"),
    ],
)
def test_each_outcome(tmp_path: Path, row: str, expected: dict[str, tuple[str, ...]]) -> None:
    [found], _said = locate(tmp_path, f"id,address,pin,lat,lon\n7,{row}\n")

    assert found["id"] == "7"
    assert found["reason"]
    for name, allowed in expected.items():
        assert found[name] in allowed, found


@pytest.mark.usefixtures("gazetteer")
def test_another_state_is_named_in_the_reason(tmp_path: Path) -> None:
    [found], _said = locate(tmp_path, "id,address\n1,Sector 62 Noida\n")

    assert "Uttar Pradesh" in found["reason"]


@pytest.mark.usefixtures("gazetteer")
def test_stations_come_with_a_confidence_and_each_once(tmp_path: Path) -> None:
    [found], _said = locate(tmp_path, 'id,address,pin\n1,"Prashant Vihar, Delhi",110085\n')

    codes = [found[f"{name}station_code"] for name in ("", "second_", "third_")]
    assert found["district_code"] == "ROH"
    assert len({code for code in codes if code}) == len([code for code in codes if code])
    assert 0 < float(found["confidence"]) <= 1


def test_an_open_answer_says_the_check_that_would_decide(tmp_path: Path) -> None:
    with made_rows():
        rows, _said = locate(tmp_path, 'id,address\n1,"Lalkothi, Delhi"\n2,"near the temple"\n')

    assert [row["outcome"] for row in rows] == ["review", "unknown"]
    assert rows[0]["reason"].startswith(
        "Check: The house or plot number would decide between Amraipur and Belgram"
    )
    assert "Check:" not in rows[1]["reason"]


@pytest.mark.usefixtures("gazetteer")
def test_what_is_decided_names_no_check(tmp_path: Path) -> None:
    rows, _said = locate(tmp_path, "id,address,pin\n1,Noida,\n2,,560001\n")

    assert not [row for row in rows if "Check:" in row["reason"]]


@pytest.mark.usefixtures("gazetteer")
def test_every_row_is_answered_in_its_place(tmp_path: Path) -> None:
    table = (
        "\ufeffaddress,note,id,lat\n"
        '"1, Model Town\nPhase 2, Delhi",x,b,\n'
        "काली मंदिर के पास,x,,\n"
        ",x,a,\n"
        "short\n"
    )

    rows, said = locate(tmp_path, table)

    assert [row["id"] for row in rows] == ["b", "", "a", ""]
    assert said.startswith("4 addresses: ")


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize("point", ["north,77.1", "28.7,", "nan,77.1", "inf,77.1", "28.7,771"])
def test_what_is_no_point_is_said_and_the_address_counts(tmp_path: Path, point: str) -> None:
    rows, said = locate(tmp_path, f'id,address,lat,lon\n1,"Sector 62, Noida",{point}\n')

    assert rows[0]["outcome"] == "other_state"
    assert rows[0]["reason"].startswith("lat '")
    assert "not a point" in rows[0]["reason"]
    assert "1 rows had a lat or lon" in said


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize(
    ("table", "words"),
    [
        pytest.param("", "line 1: no column is called id or address", id="empty"),
        pytest.param("id,adress\n1,x\n", "line 1: no column is called address", id="misspelt"),
        pytest.param(b"id,address\n1,\xff\n", "not UTF-8", id="another encoding"),
    ],
)
def test_what_cannot_be_read_says_what_and_where(
    tmp_path: Path, table: str | bytes, words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        locate(tmp_path, table)


@pytest.mark.usefixtures("gazetteer")
def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv: No such file"):
        call_command("locate", csv=tmp_path / "none.csv", out=tmp_path / "out.csv")


def test_without_a_gazetteer_it_says_what_to_do(tmp_path: Path) -> None:
    forget()
    with pytest.raises(CommandError, match="load_gazetteer"):
        locate(tmp_path, "id,address\n1,x\n")


@pytest.mark.usefixtures("gazetteer")
def test_the_language_of_the_session_changes_nothing(tmp_path: Path) -> None:
    table = 'id,address,pin\n1,"Model Town",110009\n2,Noida,\n'
    first = locate(tmp_path, table)[0]

    with translation.override("hi"):
        again: Any = locate(tmp_path, table)[0]

    assert first == again
