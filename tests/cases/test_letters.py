"""Letters to other States and senders: numbered, the same whenever printed, waited for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pypdf import PdfReader

from accounts.models import User
from accounts.roles import Role
from accounts.services.duties import duty_of
from audit.models import Event
from cases.letters import Envelope, dispatch_number, sorted_into_letters
from cases.models import Letter, Proposal
from cases.services import assigning, ending, following, lettering, proposing, restricting
from cases.services.assigning import CannotUndo
from cases.services.letter_pdf import letter_pdf
from cases.services.proposing import Wish
from operations.counting import Scope, count
from operations.figures import UNANSWERED_LETTERS
from tests.cases.made import make_case, make_letter
from tests.cases.test_following import make_supplement
from tests.factories import NOON, make_dispatch, make_officer, make_tipline
from tests.tiplines.rows import add_party
from tiplines.models import Dispatch, Tipline
from tiplines.models.tipline import Status
from tiplines.parsing.records import PartyRole
from tiplines.services import deciding
from tiplines.services.receipt_pdf import has_hindi

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def signed_in(client: Client, officer: User) -> Client:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return re.sub(
        r"\s+", " ", " ".join(page.extract_text() for page in pages).replace("\u200b", "")
    )


def answer(
    letter: Letter, *, by: User | None = None, on: date | None = None, days: int = 1
) -> None:
    lettering.acknowledge(
        letter_id=letter.pk,
        reference="HR/CYB/77",
        on=on or (NOON + days * DAY).date(),
        from_="SP Cyber, Panchkula",
        by=by or make_officer(),
        at=NOON + days * DAY,
    )


# --- The rule -------------------------------------------------------------------------------------


def test_the_number_says_unit_year_and_place_in_it() -> None:
    assert dispatch_number(unit="IFSO", year=2026, number=42) == "IFSO/TL/2026/00042"


def test_one_letter_for_each_act_and_addressee_and_restricted_case() -> None:
    haryana = Envelope(kind="transfer", addressee="Haryana")
    apart = Envelope(kind="transfer", addressee="Haryana", restricted_case=7)
    back = Envelope(kind="send-back", addressee="NCRB")

    found = sorted_into_letters([(haryana, 1), (back, 2), (apart, 3), (haryana, 4)])

    assert found == [(back, [2]), (haryana, [1, 4]), (apart, [3])]


# --- Written with the act -------------------------------------------------------------------------


def test_a_bulk_transfer_writes_one_letter_to_each_state() -> None:
    tips = [make_tipline() for _ in range(5)]
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips[:3]]).update(state_name="Haryana")
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips[3:]]).update(state_name="Bihar")

    ending.transfer(
        tipline_ids=[tip.pk for tip in tips], state_name=None, by=make_officer(), at=NOON
    )

    letters = Letter.objects.order_by("number")
    assert [(each.reference, each.addressee, each.tipline_count) for each in letters] == [
        ("IFSO/TL/2026/00001", "Bihar", 2),
        ("IFSO/TL/2026/00002", "Haryana", 3),
    ]
    assert [each.entries.count() for each in letters] == [2, 3]
    sent = Event.objects.filter(verb="letter.sent").values_list("subject", flat=True)
    assert set(sent) == {f"letter:{each.pk}" for each in letters}


def test_a_return_writes_one_letter_to_each_sender() -> None:
    first, other = make_dispatch(), make_dispatch(reference="I4C/9")
    Dispatch.objects.filter(pk=other.pk).update(sender="I4C")
    tips = [
        make_tipline(dispatch=first),
        make_tipline(dispatch=first),
        make_tipline(dispatch=other),
    ]

    ending.send_back(
        tipline_ids=[tip.pk for tip in tips], note="Which account?", by=make_officer(), at=NOON
    )

    letters = Letter.objects.order_by("addressee")
    assert [(each.addressee, each.tipline_count) for each in letters] == [("I4C", 1), ("NCRB", 2)]
    assert "Which account?" in text_of(letter_pdf(letters[0], "en"))


def test_numbers_run_through_a_year_and_begin_anew() -> None:
    late = datetime(2026, 12, 31, 18, 29, tzinfo=UTC)  # 23:59 in India

    numbers = [make_letter(at=at).reference for at in (NOON, late, late + timedelta(minutes=2))]

    assert numbers == ["IFSO/TL/2026/00001", "IFSO/TL/2026/00002", "IFSO/TL/2027/00001"]


def test_an_act_that_fails_takes_no_number() -> None:
    with pytest.raises(deciding.NotVisible):
        ending.transfer(tipline_ids=[0], state_name="Haryana", by=make_officer(), at=NOON)

    assert make_letter().number == 1


def test_a_supplement_that_follows_its_parent_has_its_letter() -> None:
    parent = make_tipline()
    make_letter(parent, note="the account holder lives there")
    child = make_supplement(parent)

    following.send_after(tipline_ids=[child.pk], by=make_officer(), at=NOON + DAY)

    letter = Letter.objects.latest("pk")
    assert letter.entries.get().tipline == child
    assert letter.addressee == "Haryana"


def test_the_letter_of_a_confirmed_proposal_names_both_officers() -> None:
    tips = [make_tipline() for _ in range(proposing.ALONE_AT_MOST + 1)]
    wish = Wish(wanted=Proposal.Wanted.TRANSFER, state_name="Haryana")
    first, second = make_officer(), make_officer()
    proposal = proposing.propose(wish=wish, tipline_ids=[tip.pk for tip in tips], by=first, at=NOON)

    proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)

    letter = Letter.objects.get()
    assert (letter.by, letter.confirmed_by, letter.tipline_count) == (first, second, len(tips))


def test_statements_do_not_grow_with_tiplines_or_states() -> None:
    def statements(tiplines: int, states: int) -> int:
        tips = [make_tipline() for _ in range(tiplines)]
        for number, tip in enumerate(tips):
            name = ["Haryana", "Bihar", "Kerala", "Assam"][number % states]
            Tipline.objects.filter(pk=tip.pk).update(state_name=name)
        officer = make_officer()
        with CaptureQueriesContext(
            connection,
        ) as told:
            ending.transfer(
                tipline_ids=[tip.pk for tip in tips], state_name=None, note="n", by=officer, at=NOON
            )
        return len(told)

    statements(1, 1)

    assert statements(60, 4) == statements(1, 1)


# --- What it says ---------------------------------------------------------------------------------


def test_the_pdf_says_what_when_to_whom_in_both_languages_the_same_each_time() -> None:
    tips = [make_tipline(provider="Instagram") for _ in range(7)]
    letter = Letter.objects.get(pk=make_letter(*tips, note="House 7").pk)

    english = letter_pdf(letter, "en")
    said = text_of(english)

    for words in ("IFSO/TL/2026/00001", "12-11-2026", "Haryana", "House 7", "Instagram", "POCSO"):
        assert words in said
    assert all(tip.number in said for tip in tips)
    assert "27-11-2026" in said  # by when it is to be acknowledged
    with translation.override("hi"):
        again = letter_pdf(Letter.objects.get(pk=letter.pk), "en")
    assert again == english
    if has_hindi():
        hindi = letter_pdf(letter, "hi")
        assert hindi == letter_pdf(Letter.objects.get(pk=letter.pk), "hi")
        assert hindi != english
        assert "हरियाणा" in letter.page_in("hi")["to"]


def test_it_names_no_protected_person_whatever_the_note_says() -> None:
    tip = make_tipline()
    add_party(tip, role=PartyRole.VICTIM, name="Meena Rawat", age=11)

    letter = make_letter(tip, note="Meena Rawat goes to school in Panipat")

    assert "Meena" not in str(letter.content)
    assert "goes to school in Panipat" in str(letter.content)
    assert "Meena" not in text_of(letter_pdf(letter, "en"))


def test_a_moment_without_a_zone_is_told_as_it_is_written() -> None:
    tip = make_tipline()
    Tipline.objects.filter(pk=tip.pk).update(zone_missing=True, incident_original="13/10/2026 1 am")

    assert "13/10/2026 1 am, zone not stated" in text_of(letter_pdf(make_letter(tip), "en"))


def test_a_hostile_text_stays_text() -> None:
    hostile = '#image("/etc/passwd") $x$ *bold* <label>'

    said = text_of(letter_pdf(make_letter(note=hostile), "en"))

    assert hostile in said.replace("“", '"').replace("”", '"')


# --- Waiting, acknowledged, reminded, withdrawn ---------------------------------------------------


def test_it_is_overdue_after_its_limit_and_counts_on_the_board() -> None:
    make_letter()
    supervisor = make_officer(Role.SUPERVISOR)

    for at, number in ((NOON + 15 * DAY, 0), (NOON + 15 * DAY + timedelta(seconds=1), 1)):
        assert Letter.objects.overdue(at=at).count() == number
        counted = count([UNANSWERED_LETTERS], Scope(officer=supervisor, now=at))
        assert counted["letters-overdue"].total == number


def test_an_acknowledgement_ends_the_waiting() -> None:
    letter = make_letter()

    answer(letter)

    letter.refresh_from_db()
    assert (letter.answer_reference, letter.answer_from) == ("HR/CYB/77", "SP Cyber, Panchkula")
    assert not Letter.objects.waiting().exists()
    assert Event.objects.filter(verb="letter.acknowledged", subject=f"letter:{letter.pk}").exists()
    with pytest.raises(lettering.NotWaiting):
        answer(letter, days=2)


@pytest.mark.parametrize(
    ("on", "refusal"),
    [
        pytest.param(date(2026, 11, 11), lettering.AnswerBeforeTheLetter, id="before it"),
        pytest.param(date(2026, 11, 14), lettering.AnswerInTheFuture, id="tomorrow"),
    ],
)
def test_a_day_that_cannot_be_is_refused(on: date, refusal: type[Exception]) -> None:
    letter = make_letter()

    with pytest.raises(refusal):
        answer(letter, on=on)

    assert Letter.objects.waiting().count() == 1


def test_a_reminder_has_its_own_number_and_starts_the_clock_anew() -> None:
    letter = make_letter()

    reminder = lettering.remind(letter_id=letter.pk, by=make_officer(), at=NOON + 20 * DAY)

    letter.refresh_from_db()
    assert (reminder.number, reminder.reminds) == (2, letter)
    assert letter.asked_at == NOON + 20 * DAY
    assert not Letter.objects.overdue(at=NOON + 30 * DAY).exists()
    assert Letter.objects.overdue(at=NOON + 36 * DAY).get() == letter
    said = text_of(letter_pdf(reminder, "en"))
    assert "IFSO/TL/2026/00001" in said
    assert "has not been acknowledged" in said
    with pytest.raises(lettering.NotWaiting):
        lettering.remind(letter_id=reminder.pk, by=make_officer(), at=NOON + 21 * DAY)


def test_undo_withdraws_the_letter_which_is_kept_and_says_so() -> None:
    tip, officer = make_tipline(), make_officer()
    letter = make_letter(tip, by=officer)
    before = letter_pdf(letter, "en")

    assert letter.batch is not None
    assigning.undo(batch=letter.batch, by=officer, at=NOON + timedelta(hours=1))

    letter.refresh_from_db()
    tip.refresh_from_db()
    assert tip.status == Status.AWAITING
    assert (letter.withdrawn_by, letter.withdrawn_at) == (officer, NOON + timedelta(hours=1))
    assert not Letter.objects.waiting().exists()
    assert "WITHDRAWN on 12-11-2026 13:00 IST" in text_of(letter_pdf(letter, "en"))
    assert "WITHDRAWN" not in text_of(before)
    assert make_letter(tip, at=NOON + DAY).number == 2


def test_what_is_acknowledged_is_not_undone() -> None:
    tips, officer = [make_tipline(), make_tipline()], make_officer()
    Tipline.objects.filter(pk=tips[0].pk).update(state_name="Haryana")
    Tipline.objects.filter(pk=tips[1].pk).update(state_name="Bihar")
    decided = ending.transfer(
        tipline_ids=[tip.pk for tip in tips], state_name=None, by=officer, at=NOON
    )
    answer(Letter.objects.get(addressee="Bihar"), on=NOON.date(), days=0)

    assert assigning.undo(batch=decided.batch, by=officer, at=NOON + timedelta(hours=1)) == 1

    assert [tip.status for tip in Tipline.objects.order_by("pk")] == [
        Status.AWAITING,
        Status.TRANSFERRED,
    ]
    with pytest.raises(CannotUndo):
        assigning.undo(batch=decided.batch, by=officer, at=NOON + timedelta(hours=1))


def test_it_waits_no_more_once_all_its_tiplines_are_decided_anew() -> None:
    tip = make_tipline()
    make_letter(tip)

    deciding.put_back({tip.pk}, verb="tipline.reopened", by=None, at=NOON + DAY)

    assert not Letter.objects.waiting().exists()


# --- Who sees it ----------------------------------------------------------------------------------


def test_a_district_sees_no_letter() -> None:
    make_letter()

    for role in (Role.DISTRICT, Role.STATION, Role.AUDITOR, Role.ADMINISTRATOR):
        assert not Letter.objects.visible_to(make_officer(role)).exists()


def test_the_letter_of_a_tipline_that_becomes_restricted_is_for_the_named_only() -> None:
    parent = make_tipline()
    case, child = make_case(tipline=parent), make_supplement(parent)
    letter = make_letter(child)
    reminder = lettering.remind(letter_id=letter.pk, by=make_officer(), at=NOON + DAY)
    owner, analyst = make_officer(Role.SUPERVISOR), make_officer()

    restricting.restrict(
        case_id=case.pk,
        officers=[],
        hides_existence=True,
        reason="an officer is among the accused",
        by=owner,
        at=NOON + DAY,
    )

    owner.duty = duty_of(owner, at=NOON + DAY)
    assert not Letter.objects.visible_to(analyst).exists()
    assert set(Letter.objects.visible_to(owner)) == {letter, reminder}
    restricting.lift(case_id=case.pk, by=owner, at=NOON + 2 * DAY)
    assert set(Letter.objects.visible_to(analyst)) == {letter, reminder}


# --- The pages ------------------------------------------------------------------------------------


def test_the_list_filters_and_the_page_takes_the_acknowledgement(client: Client) -> None:
    letter = make_letter()
    browser = signed_in(client, make_officer())
    address = f"/letters/{letter.pk}/"

    assert letter.reference in browser.get("/letters/").content.decode()
    assert letter.reference not in browser.get("/letters/?which=acknowledged").content.decode()
    page = browser.get(address).content.decode()
    assert "Enter the acknowledgement" in page
    said = {"reference": "HR/7", "on": "2026-11-12", "from_whom": "SP Cyber"}
    refused = browser.post(f"{address}acknowledge/", said | {"on": "2031-01-01"})
    assert refused.status_code == 422
    assert "This day has not come yet." in refused.content.decode()

    browser.post(f"{address}acknowledge/", said)

    letter.refresh_from_db()
    assert letter.answer_reference == "HR/7"
    assert letter.reference in browser.get("/letters/?which=acknowledged").content.decode()
    again = browser.post(f"{address}acknowledge/", said)
    assert again.status_code == 422
    assert "It does not wait any more" in again.content.decode()


def test_the_page_writes_a_reminder_and_gives_the_pdf(client: Client) -> None:
    letter = make_letter()
    browser = signed_in(client, make_officer())

    answered = browser.post(f"/letters/{letter.pk}/remind/")
    pdf = browser.get(f"/letters/{letter.pk}/en.pdf")

    assert answered.status_code == 302
    assert letter.reminders.count() == 1
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content == letter_pdf(Letter.objects.get(pk=letter.pk), "en")
    assert browser.get(f"/letters/{letter.pk}/xx.pdf").status_code == 404


def test_what_is_no_filter_is_a_bad_request(client: Client) -> None:
    browser = signed_in(client, make_officer())

    assert browser.get("/letters/?which=burnt").status_code == 400
    assert browser.get("/letters/?after=-1").status_code == 400
