"""Sections by the date of offence."""

from datetime import UTC, date, datetime

import pytest

from cases.statutes import (
    UnknownSection,
    is_it_act,
    needs_inspector,
    offence_days,
    section,
    sections_for,
    sections_in_force,
    straddles_change,
    suggested,
    table,
)

LAST_OF_IPC = date(2024, 6, 30)
FIRST_OF_BNS = date(2024, 7, 1)


def codes_on(day: date) -> set[str]:
    return {s.code for s in sections_in_force(day)}


def test_the_day_decides_between_the_codes() -> None:
    before, after = codes_on(LAST_OF_IPC), codes_on(FIRST_OF_BNS)

    assert "IPC-292" in before
    assert "BNS-294" not in before
    assert "IPC-292" not in after
    assert "BNS-294" in after


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2019, 8, 15), False, id="the day before the amendment"),
        pytest.param(date(2019, 8, 16), True, id="the day of the amendment"),
    ],
)
def test_pocso_15_has_limbs_from_16_august_2019(day: date, *, expected: bool) -> None:
    assert ("POCSO-15-1" in codes_on(day)) is expected


def test_procedure_is_no_offence() -> None:
    assert not {"IT-77B", "IT-78", "POCSO-19", "POCSO-20"} & codes_on(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        pytest.param(datetime(2024, 6, 30, 18, 29, tzinfo=UTC), LAST_OF_IPC, id="23:59 in India"),
        pytest.param(datetime(2024, 6, 30, 18, 30, tzinfo=UTC), FIRST_OF_BNS, id="00:00 in India"),
    ],
)
def test_the_day_of_offence_is_that_in_india(moment: datetime, day: date) -> None:
    assert offence_days([moment, None]) == (day,)


def test_a_series_over_the_change_is_offered_both() -> None:
    codes = {s.code for s in sections_for((LAST_OF_IPC, FIRST_OF_BNS))}

    assert {"IPC-292", "BNS-294"} <= codes
    assert straddles_change((LAST_OF_IPC, FIRST_OF_BNS))
    assert not straddles_change((FIRST_OF_BNS,))
    assert not straddles_change(())


def test_without_a_day_both_codes_are_offered() -> None:
    codes = {s.code for s in sections_for(())}

    assert {"IPC-292", "BNS-294", "IT-67B"} <= codes


@pytest.mark.parametrize(
    ("days", "passed_on", "expected"),
    [
        pytest.param((date(2026, 1, 1),), False, ("IT-67B", "POCSO-15-1"), id="kept"),
        pytest.param((date(2026, 1, 1),), True, ("IT-67B", "POCSO-15-2"), id="passed on"),
        pytest.param((date(2018, 1, 1),), False, ("IT-67B",), id="before the limbs of s. 15"),
        pytest.param((), False, ("IT-67B", "POCSO-15-1"), id="day not known"),
    ],
)
def test_suggestions(days: tuple[date, ...], expected: tuple[str, ...], *, passed_on: bool) -> None:
    assert suggested(days, passed_on=passed_on) == expected


@pytest.mark.parametrize("code", list(table()))
def test_only_the_it_act_needs_an_inspector(code: str) -> None:
    assert is_it_act(code) is code.startswith("IT-")
    assert needs_inspector([code, "POCSO-15-1"]) is code.startswith("IT-")


def test_every_row_is_whole() -> None:
    for s in table().values():
        assert s.act
        assert s.section
        assert s.subject
        assert s.valid_from is None or s.valid_to is None or s.valid_from <= s.valid_to


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UnknownSection):
        section("IPC-999")
