"""A report comes again with other content: whoever has to know of it does."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.roles import Role
from audit.models import Event
from cases.models import Case
from cases.models.case import ReturnReason
from cases.services import assigning, holding
from tests.factories import NOON, make_officer, make_station
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services import deciding
from tiplines.services.assessing import assess_next
from tiplines.services.finishing import finish_dispatches
from tiplines.services.reading import read_next
from tiplines.services.receiving import unpack_next
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=2)


def arrived(**changes: Any) -> Tipline:
    bring(zip_of({f"{len(changes)}.json": json_report(**changes)}))
    work(at=LATER)
    return Tipline.objects.get()


def minor_report() -> dict[str, Any]:
    information = json_report()["reportedInformation"]
    information["reportedPeople"]["reportedPersons"][0]["approximateAge"] = 16
    return {"reportedInformation": information}


@pytest.mark.parametrize("ending", ["close", "transfer", "send_back"])
def test_what_had_ended_awaits_a_decision_again(ending: str) -> None:
    tip, officer = arrived(), make_officer()
    common: dict[str, Any] = {"tipline_ids": [tip.pk], "by": officer, "at": NOON}
    acts = {
        "close": lambda: deciding.close(**common, reason=CloseReason.NO_LEAD),
        "transfer": lambda: deciding.transfer(**common, state_name="Haryana"),
        "send_back": lambda: deciding.send_back(**common, note="Which account?"),
    }
    acts[ending]()

    again = arrived(dateReceived="2026-10-21T10:00:00Z")

    assert again.status == Status.AWAITING
    assert again.came_back
    assert not Decision.objects.filter(undone_at__isnull=True).exists()
    event = Event.objects.get(verb="tipline.reopened")
    assert (event.subject, event.actor_id) == (f"tipline:{tip.number}", None)
    assert all(account.holds for account in reconcile())


def test_the_same_content_again_reopens_nothing() -> None:
    tip = arrived()
    deciding.close(tipline_ids=[tip.pk], reason=CloseReason.NO_LEAD, by=make_officer(), at=NOON)
    bring(zip_of({"again.json": json_report()}))

    work(at=LATER)

    assert Tipline.objects.get().status == Status.CLOSED


def test_what_a_district_holds_stays_with_it() -> None:
    tip, station = arrived(), make_station()
    assigning.assign(
        tipline_ids=[tip.pk], district_id=station.district_id, by=make_officer(), at=NOON
    )

    again = arrived(dateReceived="2026-10-21T10:00:00Z")

    assert (again.status, again.version) == (Status.HELD, 2)
    assert all(account.holds for account in reconcile())


@pytest.mark.parametrize("returned", [False, True])
def test_no_case_goes_on_naming_a_suspect_who_turns_out_a_child(*, returned: bool) -> None:
    tip, station = arrived(), make_station()
    assigning.assign(
        tipline_ids=[tip.pk], district_id=station.district_id, by=make_officer(), at=NOON
    )
    case = Case.objects.get()
    assert case.headline.startswith("Ravi Nair")
    if returned:
        holding.return_case(
            case_id=case.pk,
            reason=ReturnReason.TOO_LITTLE,
            note="",
            by=make_officer(Role.DISTRICT, district=station.district),
            at=NOON,
        )

    arrived(**minor_report())

    assert Tipline.objects.get().suspect_line == ""
    assert Case.objects.get().headline == ""


def test_a_case_learns_the_suspect_that_a_later_report_names() -> None:
    information = json_report()["reportedInformation"]
    information["reportedPeople"]["reportedPersons"][0]["firstName"] = "Ramesh"
    tip, station = arrived(), make_station()
    assigning.assign(
        tipline_ids=[tip.pk], district_id=station.district_id, by=make_officer(), at=NOON
    )

    arrived(reportedInformation=information)

    assert Case.objects.get().headline.startswith("Ramesh Nair")


def test_a_dispatch_that_brought_it_again_waits_for_it_too() -> None:
    arrived()
    again = bring(zip_of({"2.json": json_report(dateReceived="2026-10-21T10:00:00Z")}))
    for step in (unpack_next, read_next):
        step(at=LATER)

    finish_dispatches(at=LATER)

    again.refresh_from_db()
    assert again.finished_at is None


def test_a_case_opened_before_the_assessment_learns_how_urgent_it_is() -> None:
    bring(zip_of({"1.json": json_report()}))
    for step in (unpack_next, read_next):
        step(at=NOON)
    assigning.assign(
        tipline_ids=[Tipline.objects.get().pk],
        district_id=make_station().district_id,
        by=make_officer(),
        at=NOON,
    )
    assert Case.objects.get().urgency == 0

    work(at=LATER)

    assert Case.objects.get().urgency == Tipline.objects.get().urgency > 0


@pytest.mark.django_db(transaction=True)
def test_a_case_in_use_is_passed_over_and_told_later() -> None:
    tip, station = arrived(), make_station()
    assigning.assign(
        tipline_ids=[tip.pk], district_id=station.district_id, by=make_officer(), at=NOON
    )
    bring(zip_of({"2.json": json_report(**minor_report())}))
    for step in (unpack_next, read_next):
        step(at=LATER)
    judged: list[int] = []

    def judge() -> None:
        try:
            judged.append(assess_next(at=LATER))
        finally:
            connection.close()

    with transaction.atomic():
        Case.objects.select_for_update().get()
        worker = Thread(target=judge)
        worker.start()
        worker.join(10)

    assert judged == [0]
    assert assess_next(at=LATER) == 1
    assert Case.objects.get().headline == ""
