"""Restricted cases: nobody but the named sees them, and everyone who gets in is known."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import CaseGrant, User
from accounts.roles import Role
from accounts.scope import scoped
from accounts.services.duties import duty_of
from audit.models import Event
from cases.models import Access, Case, Restriction
from cases.models.case import ReturnReason
from cases.queue import for_list
from cases.services import assigning, following, holding, restricting
from cases.services.reach import CaseNotVisible
from nexus.models import Membership, Tie
from tests.cases.made import make_case
from tests.cases.test_triage_pages import signed_in
from tests.factories import (
    NOON,
    make_dispatch,
    make_district,
    make_officer,
    make_station,
    make_tipline,
)
from tests.nexus.ties import make_nexus, make_tie
from tests.tiplines.rows import add_party, add_sighting
from tiplines.models import Identifier, Tipline
from tiplines.parsing.records import PartyRole
from tiplines.services.deciding import NotAllowed

pytestmark = pytest.mark.django_db
REASON = "The suspect is an officer of this very station."
SECRET = "Zanzibari"


@pytest.fixture
def supervisor() -> User:
    return make_officer(Role.SUPERVISOR, full_name="Meera Joshi")


@pytest.fixture
def case() -> Case:
    return make_case(at=timezone.now() - timedelta(hours=1))


def restrict(
    case: Case, *named: User, by: User, hides: bool = False, reason: str = REASON
) -> Restriction:
    with scoped(by):
        made = restricting.restrict(
            case_id=case.pk,
            officers=named,
            hides_existence=hides,
            reason=reason,
            by=by,
            at=NOON,
        )
    renew(by, *named)
    return made


def renew(*officers: User) -> None:
    for officer in officers:
        officer.duty = duty_of(officer, at=timezone.now())


def district_officer() -> User:
    return make_officer(Role.DISTRICT, district=make_district())


def seen(officer: User) -> tuple[list[int], list[str]]:
    """Keys of the cases and numbers of the tiplines that the officer's queries find."""
    with scoped(officer):
        return (
            list(Case.objects.visible_to(officer).values_list("pk", flat=True)),
            list(Tipline.objects.visible_to(officer).values_list("number", flat=True)),
        )


# --- Who sees it --------------------------------------------------------------------------------


def test_only_the_named_see_a_restricted_case_and_what_hangs_on_it(
    case: Case, supervisor: User
) -> None:
    named, other = district_officer(), district_officer()
    analyst, colleague = make_officer(), make_officer(Role.SUPERVISOR)
    tip = case.entries.get().tipline

    restrict(case, named, by=supervisor)

    assert seen(named) == ([case.pk], [tip.number])
    assert seen(supervisor) == ([case.pk], [tip.number])
    for unnamed in (other, analyst, colleague):
        assert seen(unnamed) == ([], [])


def test_pages_searches_and_lists_of_the_unnamed_do_not_hold_it(
    client: Client, case: Case, supervisor: User
) -> None:
    tip = case.entries.get().tipline
    Tipline.objects.filter(pk=tip.pk).update(suspect_line=SECRET, urgency=90)
    Case.objects.filter(pk=case.pk).update(headline=SECRET)
    party = add_party(tip, role=PartyRole.SUSPECT, name=SECRET)
    add_sighting(tip, value="+919812345678", party=party)
    restrict(case, by=supervisor)
    browser = signed_in(client, make_officer(Role.SUPERVISOR))

    pages = ["/queue/", "/cases/", "/board/", "/restricted/", "/record/"]
    assert [page for page in pages if SECRET in browser.get(page).content.decode()] == []
    assert browser.get(f"/tiplines/{tip.number}/").status_code == 404
    for text in (SECRET, "+919812345678"):
        answer = browser.post("/search/", {"text": text})
        assert tip.number not in answer.content.decode()
        assert "/tiplines/" not in answer.headers.get("Location", "")
    named = signed_in(Client(), supervisor).post("/search/", {"text": SECRET})
    assert tip.number in named.content.decode()


def test_counts_of_the_unnamed_are_those_without_it(client: Client, supervisor: User) -> None:
    browser = signed_in(client, make_officer(Role.SUPERVISOR))
    dispatch, at = make_dispatch(), timezone.now() - timedelta(hours=1)
    make_case(tipline=make_tipline(dispatch=dispatch), at=at)
    before = figures(browser)

    case = make_case(tipline=make_tipline(dispatch=dispatch), at=at)
    between = figures(browser)
    restrict(case, by=supervisor, hides=True)

    assert between != before
    assert figures(browser) == before


def test_the_conservation_law_counts_it_for_everyone(
    client: Client, case: Case, supervisor: User
) -> None:
    browser = signed_in(client, make_officer(Role.SUPERVISOR))
    before = browser.get("/board/balance/").context["sums"]

    restrict(case, by=supervisor, hides=True)

    page = browser.get("/board/balance/").context
    assert page["sums"] == before
    assert page["sums"]["held"] == 1


def figures(browser: Client) -> list[str]:
    """The pages that count, without the clock and the form's token."""
    clock = re.compile(r"\d\d:\d\d(:\d\d)?|datetime=\S+")
    pages = ("/board/", "/cases/", "/queue/")
    return [clock.sub("", stripped(browser.get(page).content.decode())) for page in pages]


def test_supplements_follow_it_into_restriction(case: Case, supervisor: User) -> None:
    tip = case.entries.get().tipline
    child = make_tipline()
    Tipline.objects.filter(pk=child.pk).update(parent=tip)

    restrict(case, by=supervisor)

    assert seen(make_officer()) == ([], [])
    with scoped(supervisor):
        following.send_after(tipline_ids=[child.pk], by=supervisor, at=NOON)
    child.refresh_from_db()
    assert child.restricted_case_id == case.pk


def test_a_tie_to_it_is_neither_shown_nor_counted(
    client: Client, case: Case, supervisor: User
) -> None:
    tip, other, third = case.entries.get().tipline, make_tipline(), make_tipline()
    make_tie(tip, other)
    make_nexus(tip, other, third)

    restrict(case, by=supervisor)

    analyst = make_officer()
    with scoped(analyst):
        assert not Tie.objects.exists()
        assert Membership.objects.count() == 2
        assert related(other) == 1
    page = signed_in(client, analyst).get(f"/tiplines/{other.number}/").content.decode()
    assert "1 other tipline" in page
    assert tip.number not in page
    with scoped(supervisor):
        restricting.lift(case_id=case.pk, by=supervisor, at=NOON)
    with scoped(analyst):
        assert Tie.objects.exists()
        assert related(other) == 2


def related(tipline: Tipline) -> int:
    """The number in its row of the queue."""
    row: Any = for_list(Tipline.objects.filter(pk=tipline.pk)).get()
    return int(row.related_count or 0)


def test_an_identifier_of_it_counts_nowhere_else(
    client: Client, case: Case, supervisor: User
) -> None:
    tip, other = case.entries.get().tipline, make_tipline()
    for each in (tip, other):
        add_sighting(each, value="+919812345678", party=None, place="report")
    restrict(case, by=supervisor)

    browser = signed_in(client, make_officer())
    page = browser.get(f"/tiplines/{other.number}/").content.decode()

    assert Identifier.objects.count() == 1
    assert "1 other" not in page
    assert tip.number not in page


# --- Whose existence ----------------------------------------------------------------------------


def test_who_may_know_of_it_meets_the_blocked_page(
    client: Client, case: Case, supervisor: User
) -> None:
    restrict(case, by=supervisor)

    answer = signed_in(client, district_officer()).get(f"/cases/{case.pk}/")

    text = answer.content.decode()
    assert answer.status_code == 403
    assert "is restricted" in text
    assert "Meera Joshi" in text
    assert REASON not in text


@pytest.mark.parametrize("where", ["hidden", "out of reach"])
def test_others_meet_the_page_of_a_case_that_does_not_exist(
    client: Client, case: Case, supervisor: User, where: str
) -> None:
    restrict(case, by=supervisor, hides=where == "hidden")
    elsewhere = make_district(code="DWA", name="Dwarka")
    officer = (
        district_officer() if where == "hidden" else make_officer(Role.DISTRICT, district=elsewhere)
    )
    browser = signed_in(client, officer)

    for path in ("", "ask/", "break-glass/"):
        answers = [
            browser.post(f"/cases/{key}/{path}", {"reason": REASON})
            if path
            else browser.get(f"/cases/{key}/")
            for key in (case.pk, case.pk + 1000)
        ]
        assert [each.status_code for each in answers] == [404, 404]
        here, absent = (
            stripped(each.content.decode()).replace(each.request["PATH_INFO"], "")
            for each in answers
        )
        assert here == absent
    assert not Access.objects.exists()


def stripped(text: str) -> str:
    """Without the token of the form, which differs each time."""
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


# --- Getting in ---------------------------------------------------------------------------------


def test_asking_and_being_granted(client: Client, case: Case, supervisor: User) -> None:
    officer = district_officer()
    restrict(case, by=supervisor)
    asking, owning = signed_in(client, officer), signed_in(Client(), supervisor)

    asking.post(f"/cases/{case.pk}/ask/", {"reason": REASON})
    asking.post(f"/cases/{case.pk}/ask/", {"reason": REASON})
    access = Access.objects.get()
    assert REASON in owning.get("/restricted/").content.decode()
    owning.post(f"/accesses/{access.pk}/answer/", {"well": "1", "note": "Joint team"})

    assert asking.get(f"/cases/{case.pk}/").status_code == 200
    assert "Joint team" in asking.get("/restricted/").content.decode()
    assert list(Event.objects.filter(verb__startswith="case.access").values_list("verb")) == [
        ("case.access-asked",),
        ("case.access-granted",),
    ]


def test_a_request_is_answered_by_the_owner_or_the_named_only(
    client: Client, case: Case, supervisor: User
) -> None:
    restrict(case, by=supervisor)
    access = restricting.ask(case_id=case.pk, reason=REASON, by=district_officer(), at=NOON)
    stranger = signed_in(client, make_officer(Role.SUPERVISOR))

    assert REASON not in stranger.get("/restricted/").content.decode()
    answer = stranger.post(f"/accesses/{access.pk}/answer/", {"well": "1"})

    assert answer.status_code == 404
    access.refresh_from_db()
    assert access.answered_at is None


def test_breaking_the_glass_opens_at_once_for_four_hours_and_tells_everyone(
    client: Client, case: Case, supervisor: User
) -> None:
    officer, colleague = district_officer(), make_officer(Role.SUPERVISOR)
    restrict(case, by=supervisor)
    browser = signed_in(client, officer)

    browser.post(f"/cases/{case.pk}/break-glass/", {"reason": REASON})

    assert browser.get(f"/cases/{case.pk}/").status_code == 200
    for told in (supervisor, colleague):
        assert REASON in signed_in(Client(), told).get("/restricted/").content.decode()
    event = Event.objects.get(verb="case.glass-broken")
    assert event.actor_id == officer.pk
    now = timezone.now()
    assert case.pk in duty_of(officer, at=now + timedelta(hours=3, minutes=59)).case_ids
    assert case.pk not in duty_of(officer, at=now + timedelta(hours=4, minutes=1)).case_ids


@pytest.mark.parametrize("reason", ["", "urgent", " " * 30])
def test_without_a_reason_no_glass_breaks(
    client: Client, case: Case, supervisor: User, reason: str
) -> None:
    restrict(case, by=supervisor)

    answer = signed_in(client, district_officer()).post(
        f"/cases/{case.pk}/break-glass/", {"reason": reason}
    )

    assert answer.status_code == 422
    assert not Access.objects.exists()
    assert CaseGrant.objects.count() == 1


def test_an_access_found_unjustified_ends_at_once_and_nobody_reviews_the_own(
    client: Client, case: Case, supervisor: User
) -> None:
    breaker, reviewer = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    restrict(case, by=supervisor)
    browser = signed_in(client, breaker)
    browser.post(f"/cases/{case.pk}/break-glass/", {"reason": REASON})
    access = Access.objects.get()

    own = browser.post(f"/accesses/{access.pk}/answer/", {"well": "1"})
    signed_in(Client(), reviewer).post(f"/accesses/{access.pk}/answer/", {"well": "0"})

    assert own.status_code == 404
    assert browser.get(f"/cases/{case.pk}/").status_code == 403
    access.refresh_from_db()
    assert (access.answer, access.answered_by) == (Access.Answer.NOT_JUSTIFIED, reviewer)


# --- Naming and striking ------------------------------------------------------------------------


def test_a_named_officer_is_in_and_a_struck_one_out_at_the_next_request(
    client: Client, case: Case, supervisor: User
) -> None:
    officer = district_officer()
    restrict(case, by=supervisor)
    browser, owning = signed_in(client, officer), signed_in(Client(), supervisor)

    owning.post(f"/cases/{case.pk}/name/", {"officers": officer.username})
    named = browser.get(f"/cases/{case.pk}/").status_code
    owning.post(f"/cases/{case.pk}/strike/", {"officer": officer.pk})

    assert (named, browser.get(f"/cases/{case.pk}/").status_code) == (200, 403)


def test_unknown_numbers_are_told(client: Client, case: Case, supervisor: User) -> None:
    answer = signed_in(client, supervisor).post(
        f"/cases/{case.pk}/restrict/", {"officers": "99999", "reason": REASON}
    )

    assert answer.status_code == 422
    assert "99999" in answer.content.decode()
    assert not Restriction.objects.exists()


def test_the_owner_cannot_be_struck(case: Case, supervisor: User) -> None:
    restrict(case, by=supervisor)

    with pytest.raises(restricting.OwnerStays):
        restricting.strike_officer(case_id=case.pk, officer=supervisor, by=supervisor, at=NOON)


def test_who_sees_a_case_held_elsewhere_does_not_act_for_its_holder(
    client: Client, case: Case, supervisor: User
) -> None:
    guest = make_officer(Role.DISTRICT, district=make_district(code="DWA", name="Dwarka"))
    restrict(case, guest, by=supervisor)

    page = signed_in(client, guest).get(f"/cases/{case.pk}/")

    assert page.status_code == 200
    assert "/acknowledge/" not in page.content.decode()
    assert "/accept/" not in page.content.decode()
    with pytest.raises(NotAllowed):
        holding.acknowledge(case_id=case.pk, by=guest, at=NOON)


def test_only_a_supervisor_restricts(case: Case) -> None:
    for officer in (make_officer(), district_officer()):
        with pytest.raises(NotAllowed):
            restricting.restrict(
                case_id=case.pk,
                officers=[],
                hides_existence=False,
                reason=REASON,
                by=officer,
                at=NOON,
            )


def test_the_restriction_cannot_be_asked_about_where_it_is_lifted(
    case: Case, supervisor: User
) -> None:
    restrict(case, by=supervisor)
    with scoped(supervisor):
        restricting.lift(case_id=case.pk, by=supervisor, at=NOON)

    analyst = make_officer()
    assert case.pk in seen(analyst)[0]
    assert not CaseGrant.objects.exists()
    with pytest.raises(CaseNotVisible):
        restricting.ask(case_id=case.pk, reason=REASON, by=analyst, at=NOON)


# --- The way back -------------------------------------------------------------------------------


def test_returned_and_assigned_anew_it_stays_restricted(case: Case, supervisor: User) -> None:
    named, other = district_officer(), district_officer()
    restrict(case, named, by=supervisor)
    tip = case.entries.get().tipline

    with scoped(named):
        holding.return_case(
            case_id=case.pk, reason=ReturnReason.OTHER_STATION, note="", by=named, at=NOON
        )
    assert tip.number not in seen(make_officer())[1]
    assert tip.number in seen(supervisor)[1]
    with scoped(supervisor):
        assigning.assign(
            tipline_ids=[tip.pk],
            district_id=make_station().district_id,
            by=supervisor,
            at=NOON,
        )

    anew = Case.objects.latest("pk")
    renew(named, supervisor)
    assert anew.is_restricted
    assert anew.pk in seen(named)[0]
    assert seen(other) == ([], [])
    tip.refresh_from_db()
    assert tip.restricted_case_id == anew.pk


def test_owner_and_supervisors_are_told_on_every_page(case: Case, supervisor: User) -> None:
    restrict(case, by=supervisor)
    colleague, analyst = make_officer(Role.SUPERVISOR), make_officer()
    officer = district_officer()
    browsers = {each: signed_in(Client(), each) for each in (supervisor, colleague, analyst)}
    assert told(browsers[supervisor]) == 0

    with scoped(officer):
        restricting.break_glass(case_id=case.pk, reason=REASON, by=officer, at=NOON)

    assert [told(browser) for browser in browsers.values()] == [1, 1, 0]
    assert told(browsers[colleague], "/cases/987654321/") == 1


def told(browser: Client, page: str = "/queue/") -> int:
    found = re.search(r">(\d+) new<", browser.get(page).content.decode())
    return int(found[1]) if found else 0
