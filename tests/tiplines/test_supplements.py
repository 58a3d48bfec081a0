"""Which report adds to which: the rule as tables, and the stage that ties them."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from audit.models import Event
from tests.factories import NOON, make_officer, make_tipline
from tests.tiplines.rows import add_account, add_party
from tiplines import supplements
from tiplines.assessment import Facts, assess, with_supplements
from tiplines.models import Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.parsing.records import PartyRole
from tiplines.services import deciding
from tiplines.services.assessing import assess_next
from tiplines.supplements import Told, case_numbers, is_earlier, parent_of

LATER = NOON + timedelta(days=2)


# --- The rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Internal case number: ABC-12345.", {"ABC-12345"}, id="stated"),
        pytest.param("See Google Case #4-8723000034899 for more", {"4-8723000034899"}, id="hash"),
        pytest.param("our case ref. TS_99881", {"TS_99881"}, id="reference"),
        pytest.param("case no. 12345 and case id 67890", {"12345", "67890"}, id="two"),
        pytest.param("Police case no. 12345", set(), id="the police's"),
        pytest.param("law enforcement case number 556677", set(), id="the police's, in words"),
        pytest.param("In this case 12345 files were found", set(), id="no number of a case"),
        pytest.param("case number 123", set(), id="too short"),
        pytest.param("case number pending", set(), id="no digits"),
        pytest.param("showcase id 12345", set(), id="another word"),
    ],
)
def test_only_a_plainly_stated_number_of_the_company_counts(text: str, found: set[str]) -> None:
    assert case_numbers(text) == found


def test_of_a_long_text_only_the_beginning_is_looked_at() -> None:
    said = "our case number: ABC-12345"
    blank = " " * (supplements.TEXT_CHARACTERS_AT_MOST - len(said))

    assert case_numbers(f"{blank}{said}") == {"ABC-12345"}
    assert case_numbers(f"{blank}  {said}") != {"ABC-12345"}


@pytest.mark.parametrize("gap", ["", " ", "\n   ", " " * 200])
def test_a_case_number_may_stand_far_behind_its_name(gap: str) -> None:
    assert case_numbers(f"the case{gap}number{gap}is{gap}:{gap}#ABC-12345") == {"ABC-12345"}
    assert case_numbers(f"Police{gap or ' '}case number{gap}ABC-12345") == set()


def test_a_number_of_the_police_is_not_the_companys() -> None:
    assert case_numbers("case number 2026-5566", not_these="Delhi Police, 2026-5566") == frozenset()


@pytest.mark.parametrize(
    ("number", "than", "earlier"),
    [
        pytest.param("99", "100", True, id="by value, not by letters"),
        pytest.param("100", "100", False, id="itself"),
        pytest.param("100", "U-abc", True, id="before one without a number"),
        pytest.param("U-abc", "100", False, id="one without a number comes before none"),
    ],
)
def test_reports_are_in_the_order_of_their_numbers(
    number: str, than: str, *, earlier: bool
) -> None:
    assert is_earlier(number, than) is earlier


def told(number: str, **said: object) -> Told:
    return Told(**{"key": int(number), "number": number, "provider_key": "google", **said})  # type: ignore[arg-type]


FIRST = told("100", case_numbers=frozenset({"A-1234"}), accounts=frozenset({7}))


@pytest.mark.parametrize(
    ("later", "tied"),
    [
        pytest.param(told("200", prior_reports=frozenset({"100"})), True, id="names it"),
        pytest.param(
            told("200", prior_reports=frozenset({"100"}), provider_key="meta"),
            False,
            id="another company",
        ),
        pytest.param(told("50", prior_reports=frozenset({"100"})), False, id="came before"),
        pytest.param(
            told("200", case_numbers=frozenset({"A-1234"}), accounts=frozenset({7, 8})),
            True,
            id="same account and case",
        ),
        pytest.param(told("200", accounts=frozenset({7})), False, id="same account only"),
        pytest.param(
            told("200", case_numbers=frozenset({"A-1234"})), False, id="same case number only"
        ),
    ],
)
def test_what_a_supplement_is(later: Told, *, tied: bool) -> None:
    assert (parent_of(later, [FIRST]) is FIRST) is tied


def test_of_several_parents_it_is_the_first() -> None:
    second = told("150")
    later = told("200", prior_reports=frozenset({"150", "100"}))

    assert parent_of(later, [second, FIRST]) is FIRST


def test_a_report_takes_in_what_is_graver_in_its_supplements() -> None:
    own = Facts(worst_class="B2", has=frozenset({"account"}), has_files=True, all_files_meme=True)
    added = Facts(
        worst_class="A1", escalated=True, victim_named=True, has=frozenset({"ip", "contact"})
    )

    whole = with_supplements(own, [added])

    assert (whole.worst_class, whole.escalated, whole.victim_named) == ("A1", True, True)
    assert whole.has == {"account", "ip", "contact"}
    assert whole.all_files_meme
    assert assess(whole, at=NOON).urgency > assess(own, at=NOON).urgency
    assert "supplements" in {reason.code for reason in assess(whole, at=NOON).reasons}


def test_without_supplements_a_report_is_judged_as_before() -> None:
    own = Facts(worst_class="B2")

    assert with_supplements(own, []) is own


# --- The stage ------------------------------------------------------------------------------------


def due(number: str, *, priors: list[str] | None = None, **changes: object) -> Tipline:
    """A tipline that has yet to be judged."""
    tip = make_tipline(number=number)
    Tipline.objects.filter(pk=tip.pk).update(
        assessed_at=None, prior_reports=priors or [], **changes
    )
    tip.refresh_from_db()
    return tip


def judge() -> None:
    while assess_next(at=LATER):
        pass


def parents() -> dict[str, str | None]:
    rows = Tipline.objects.order_by("number").values_list("number", "parent__number")
    return dict(rows)


@pytest.mark.django_db
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["parent", "supplement"])
def test_a_supplement_is_tied_whichever_comes_first(first: str, *, together: bool) -> None:
    reports = [("100", None), ("200", ["100"])]
    for number, priors in reports if first == "parent" else reports[::-1]:
        due(number, priors=priors)
        if not together:
            judge()

    judge()

    assert parents() == {"100": None, "200": "100"}
    assert not Tipline.objects.due_for_assessment().exists()
    codes = [reason["code"] for reason in Tipline.objects.get(number="100").urgency_reasons]
    assert "supplements" in codes


@pytest.mark.django_db
@pytest.mark.parametrize(
    "order", [("100", "200", "300"), ("300", "200", "100"), ("200", "300", "100")]
)
def test_a_chain_belongs_to_its_first_report(order: tuple[str, ...]) -> None:
    priors = {"100": [], "200": ["100"], "300": ["200"]}
    for number in order:
        due(number, priors=priors[number])
        judge()

    assert parents() == {"100": None, "200": "100", "300": "100"}


@pytest.mark.django_db
def test_prior_reports_that_are_not_held_tie_nothing() -> None:
    due("200", priors=["100"])

    judge()

    assert parents() == {"200": None}


@pytest.mark.django_db
def test_two_that_name_each_other_make_no_ring() -> None:
    due("100", priors=["200"])
    due("200", priors=["100"])

    judge()

    assert parents() == {"100": None, "200": "100"}


@pytest.mark.django_db
def test_the_same_account_and_case_number_tie() -> None:
    first = due("100", narrative="Internal case number: TS-55123. He wrote.")
    second = due("200", narrative="More on our case TS. Case no. TS-55123, see there.")
    third = due("300", narrative="Case no. TS-55123")
    for tip, value in ((first, "google:u1"), (second, "google:u1"), (third, "google:u2")):
        add_account(tip, value)

    judge()

    assert parents() == {"100": None, "200": "100", "300": None}


@pytest.mark.django_db
def test_a_supplement_that_names_another_parent_in_a_new_version_moves() -> None:
    due("100")
    due("150")
    later = due("200", priors=["150"])
    judge()
    Tipline.objects.filter(pk=later.pk).update(prior_reports=["100"], assessed_at=None)

    judge()

    assert parents() == {"100": None, "150": None, "200": "100"}
    for number, told_of in (("100", True), ("150", False)):
        codes = [reason["code"] for reason in Tipline.objects.get(number=number).urgency_reasons]
        assert ("supplements" in codes) is told_of


@pytest.mark.django_db
def test_an_ended_report_comes_back_when_a_supplement_makes_it_graver() -> None:
    tip = due("100")
    judge()
    deciding.close(tipline_ids=[tip.pk], reason=CloseReason.NO_LEAD, by=make_officer(), at=NOON)
    before = Tipline.objects.get(pk=tip.pk).urgency
    child = due("200", priors=["100"])
    Tipline.objects.filter(pk=child.pk).update(escalation="a child is at risk")

    judge()

    tip.refresh_from_db()
    assert (tip.status, tip.urgency > before) == (Status.AWAITING, True)
    assert f"from {before} to {tip.urgency}" in tip.came_back
    assert Event.objects.get(verb="tipline.reopened").actor_id is None


@pytest.mark.django_db
def test_a_supplement_without_weight_leaves_an_ended_report_ended() -> None:
    tip = due("100", incident_type="", batched_reason="VIRAL")
    due("150", priors=["100"], incident_type="", batched_reason="VIRAL")
    judge()
    deciding.close(tipline_ids=[tip.pk], reason=CloseReason.VIRAL, by=make_officer(), at=NOON)
    Tipline.objects.filter(pk=tip.pk).update(assessed_at=None)

    judge()

    assert Tipline.objects.get(pk=tip.pk).status == Status.CLOSED


@pytest.mark.django_db
def test_a_victim_named_in_a_supplement_counts_for_its_parent() -> None:
    due("100")
    child = due("200", priors=["100"])
    add_party(child, role=PartyRole.VICTIM, name="x")

    judge()

    codes = [reason["code"] for reason in Tipline.objects.get(number="100").urgency_reasons]
    assert "victim" in codes


@pytest.mark.django_db(transaction=True)
def test_a_parent_in_other_hands_is_not_waited_for() -> None:
    parent = due("100")
    judge()
    due("200", priors=["100"])
    judged: list[int] = []

    def work() -> None:
        try:
            judged.append(assess_next(at=LATER))
        finally:
            connection.close()

    with transaction.atomic():
        Tipline.objects.select_for_update().get(pk=parent.pk)
        worker = Thread(target=work)
        worker.start()
        worker.join(10)

    assert judged == [0]
    assert parents()["200"] is None
    assert assess_next(at=LATER) == 1
    assert parents()["200"] == "100"
