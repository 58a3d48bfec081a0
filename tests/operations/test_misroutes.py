"""The misroute rate: which returns count, by which version and evidence, with exactly its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.test import Client

from accounts.roles import Role
from cases.models import Case
from cases.models.case import ReturnReason
from cases.services import holding
from operations.misroutes import MISROUTES, Rate, by_kind, by_version, rows, whole
from operations.periods import ALWAYS
from tests.cases.made import make_case
from tests.factories import NOON, make_district, make_officer, make_station, make_tipline
from tiplines.models import Candidate, Tipline

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def make_placed(kinds: Sequence[str], *, version: str = "3") -> Case:
    """A case of a tipline that placing located in the holder's district by this evidence."""
    tip = make_tipline()
    Tipline.objects.filter(pk=tip.pk).update(gazetteer_version=version)
    if kinds:
        Candidate.objects.create(
            tipline=tip,
            rank=1,
            district=make_district(),
            share=0.9,
            reasons=[{"code": "x", "evidence": kind} for kind in (*kinds, "")],
        )
    return make_case(tipline=tip)


def give_back(case: Case, reason: ReturnReason = ReturnReason.OTHER_STATION) -> None:
    officer = make_officer(Role.DISTRICT, district=case.district)
    holding.return_case(case_id=case.pk, reason=reason, note="", by=officer, at=NOON)


def test_rates_by_version_and_by_kind_with_the_rows_behind() -> None:
    supervisor = make_officer(Role.SUPERVISOR)
    back = make_placed(["declared-address", "ip-lookup"])
    make_placed(["declared-address"])
    other = make_placed([], version="4")
    give_back(back)
    give_back(other, ReturnReason.OTHER_STATE)

    assert whole(supervisor, ALWAYS) == Rate(key="", sent=3, misrouted=2)
    assert by_version(supervisor, ALWAYS) == [
        Rate(key="3", sent=2, misrouted=1),
        Rate(key="4", sent=1, misrouted=1),
    ]
    assert by_kind(supervisor, ALWAYS) == [
        Rate(key="declared-address", sent=2, misrouted=1),
        Rate(key="", sent=1, misrouted=1),
        Rate(key="ip-lookup", sent=1, misrouted=1),
    ]
    for rate in by_kind(supervisor, ALWAYS):
        assert rows(supervisor, ALWAYS, kind=rate.key).count() == rate.misrouted
    for rate in by_version(supervisor, ALWAYS):
        assert rows(supervisor, ALWAYS, version=rate.key).count() == rate.misrouted


@pytest.mark.parametrize("reason", list(ReturnReason))
def test_only_a_wrong_place_is_a_misroute(reason: ReturnReason) -> None:
    give_back(make_placed(["free-text"]), reason)

    found = whole(make_officer(Role.SUPERVISOR), ALWAYS)

    assert (found.sent, found.misrouted) == (1, int(reason in MISROUTES))


def test_what_a_station_returns_that_its_district_passed_it_to_counts_once() -> None:
    case = make_placed(["free-text"])
    other = make_station(code="ROH-2", name="South Rohini")
    officer = make_officer(Role.DISTRICT)
    holding.allot_station(case_id=case.pk, station_id=other.pk, by=officer, at=NOON + HOUR)
    give_back(Case.objects.get())

    assert by_kind(make_officer(Role.SUPERVISOR), ALWAYS) == [
        Rate(key="free-text", sent=1, misrouted=1)
    ]


def test_a_later_placing_does_not_change_what_was_gone_by() -> None:
    give_back(make_placed(["free-text"]))
    Candidate.objects.update(reasons=[{"code": "x", "evidence": "ip-lookup"}])
    Tipline.objects.update(gazetteer_version="9")
    supervisor = make_officer(Role.SUPERVISOR)

    assert [rate.key for rate in by_kind(supervisor, ALWAYS)] == ["free-text"]
    assert [rate.key for rate in by_version(supervisor, ALWAYS)] == ["3"]


def test_the_page_is_for_supervisors_and_opens_the_rows(client: Client) -> None:
    case = make_placed(["free-text"])
    give_back(case)

    def page(role: Role, query: str = "") -> tuple[int, str]:
        client.force_login(make_officer(role), backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(f"/misroutes/{query}")
        return answer.status_code, answer.content.decode()

    status, said = page(Role.SUPERVISOR, "?kind=free-text")
    assert status == 200
    assert f"/cases/{case.pk}/" in said
    assert "100.0" in said
    assert f"/cases/{case.pk}/" not in page(Role.SUPERVISOR, "?kind=ip-lookup")[1]
    assert page(Role.ANALYST)[0] == 403
