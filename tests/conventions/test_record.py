"""What leaves an event: every act of every service, every route by which something can be read."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import table
from accounts.models import User
from accounts.roles import Role
from audit.models import Event, Outcome
from districts.rules import Rules
from operations.models import Operation
from operations.services.reviewing import READINGS
from tests.cases.made import make_case, make_letter, make_proposal
from tests.conventions.acts import acts, verbs_of
from tests.factories import (
    NOON,
    make_dispatch,
    make_officer,
    make_reorganisation,
    make_rules,
    make_tipline,
)
from tests.nexus.ties import make_nexus
from tests.operations.rows import make_quarantine_item
from tests.tiplines.test_mapping import HALF_KNOWN, send

pytestmark = pytest.mark.django_db

# Services

DECIDED = {"tipline.*"}  # by the kind of decision
ACTS: dict[str, set[str]] = {
    "accounts.services.certifying.certify": {"officer.certified"},
    "accounts.services.factors.confirm_app": {"factor.added"},
    "accounts.services.factors.remove_app": {"factor.removed"},
    "accounts.services.factors.remove_passkey": {"factor.removed"},
    "accounts.services.factors.renew_recovery_codes": {"factor.codes-renewed"},
    "accounts.services.factors.reset_factors": {"officer.factors-reset"},
    "accounts.services.officers.change_password": {"officer.password-changed"},
    "accounts.services.officers.enlist": {"officer.enlisted"},
    "accounts.services.officers.set_active": {"officer.enabled", "officer.disabled"},
    "accounts.services.officers.set_one_time_password": {"officer.password-set"},
    "accounts.services.passkeys.add_passkey": {"factor.added"},
    "accounts.services.postings.cancel_posting": {"officer.posting-cancelled"},
    "accounts.services.postings.leave": {"officer.left"},
    "accounts.services.postings.post": {"officer.posted"},
    "accounts.services.sessions.end_session": {"session.ended"},
    "accounts.services.sessions.end_other_sessions": {"session.others-ended"},
    "accounts.services.sessions.show_on_wall": {"session.put-on-wall"},
    "accounts.services.signing_in.note_failed_try": {
        *("officer.sign-in-failed", "officer.locked-out"),
    },
    "accounts.services.signing_in.note_held_try": {"officer.locked-out"},
    "accounts.services.signing_in.note_not_vouched": {"officer.sign-in-failed"},
    "accounts.services.signing_in.note_refused_sleeper": {"officer.dormant-refused"},
    "accounts.services.signing_in.note_sign_in": {"officer.signed-in"},
    "accounts.services.signing_in.note_sign_out": {"officer.signed-out"},
    "accounts.services.signing_in.unlock": {"officer.unlocked"},
    "accounts.services.tokens.make_token": {"token.made"},
    # An act on a tipline and one on the case that holds it are told each of its own subject.
    "cases.services.assigning._open": {"case.opened", *DECIDED},
    "cases.services.assigning._record_opened": {"case.opened"},
    "cases.services.assigning.assign": {"case.opened", *DECIDED},
    "cases.services.assigning.assign_each": {"case.opened", *DECIDED},
    "cases.services.assigning.undo": {
        *("case.withdrawn", "letter.withdrawn", "tipline.decision-undone"),
    },
    "cases.services.assigning.withdraw_cases": {"case.withdrawn"},
    "cases.services.ending.send_back": {"letter.sent", *DECIDED},
    "cases.services.ending.transfer": {"letter.sent", *DECIDED},
    "cases.services.following.follow": DECIDED,
    "cases.services.following.send_after": {"case.supplemented", "letter.sent", *DECIDED},
    "cases.services.holding.accept": {"case.accepted"},
    "cases.services.holding.acknowledge": {"case.acknowledged"},
    "cases.services.holding.allot_station": {"case.allotted"},
    "cases.services.holding.return_case": {"case.returned", "tipline.came-back"},
    "cases.services.lettering.acknowledge": {"letter.acknowledged"},
    "cases.services.lettering.remind": {"letter.reminded"},
    "cases.services.lettering.withdraw": {"letter.withdrawn"},
    "cases.services.lettering.write": {"letter.sent"},
    "cases.services.news.mark_seen": {"case.news-seen"},
    # Each tipline decided tells it too, and the case that it joins.
    "cases.services.proposing.confirm": {
        *("proposal.confirmed", "case.supplemented", "letter.sent"),
        *DECIDED,
    },
    # Alone the decisions, else the proposal.
    "cases.services.proposing.end": {
        *("proposal.made", "case.supplemented", "letter.sent"),
        *DECIDED,
    },
    "cases.services.proposing.propose": {"proposal.made"},
    "cases.services.proposing.refuse": {"proposal.refused"},
    "cases.services.proposing.send_after": {
        *("proposal.made", "case.supplemented", "letter.sent"),
        *DECIDED,
    },
    "cases.services.proposing.withdraw": {"proposal.withdrawn"},
    "cases.services.registering.add_accused": {"case.accused-added"},
    "cases.services.registering.record_arrest": {"case.arrest-recorded"},
    "cases.services.registering.record_production": {"case.production-recorded"},
    "cases.services.registering.record_progress": {"case.informant-told"},
    "cases.services.registering.register_fir": {"case.fir-registered"},
    "cases.services.restricting.answer": {
        *("case.access-granted", "case.access-refused"),
        *("case.access-justified", "case.access-not-justified"),
    },
    "cases.services.restricting.ask": {"case.access-asked"},
    "cases.services.restricting.break_glass": {"case.glass-broken"},
    "cases.services.restricting.lift": {"case.restriction-lifted"},
    "cases.services.restricting.name_officer": {"case.officer-named"},
    "cases.services.restricting.restrict": {"case.restricted"},
    "cases.services.restricting.strike_officer": {"case.officer-struck"},
    "cases.services.revealing.reveal": {"party.revealed"},
    "cases.services.uniting._join": {"case.joined", *DECIDED},
    "cases.services.uniting.hand_over": {"case.opened", "case.joined", *DECIDED},
    "cases.services.uniting.join": {"case.joined", *DECIDED},
    "operations.services.drives.add": {"operation.cases-added"},
    "operations.services.drives.add_chosen": {"operation.cases-added"},
    "operations.services.drives.add_matching": {"operation.cases-added"},
    "operations.services.drives.begin": {"operation.begun"},
    "operations.services.drives.end": {"operation.ended"},
    "operations.services.reviewing.sign_off": {"record.week-signed"},
    "tiplines.services.bundling.dissolve": {"bundle.dissolved"},
    "tiplines.services.bundling.leave": {"tipline.left-bundle"},
    "tiplines.services.bundling.rejoin": {"tipline.rejoined-bundle"},
    "tiplines.services.bundling.restore": {"bundle.restored"},
    "tiplines.services.correcting.correct": {"tipline.corrected"},
    "tiplines.services.correcting.undo": {"tipline.correction-undone"},
    "tiplines.services.deciding.close": DECIDED,
    "tiplines.services.deciding.decide": DECIDED,
    "tiplines.services.deciding.send_back": DECIDED,
    "tiplines.services.deciding.transfer": DECIDED,
    # The list and the items of it that the approval settles.
    "tiplines.services.mapping.approve": {"list.mapped", "quarantine.*"},
    "tiplines.services.quarantine.read_again": {"quarantine.*"},
    "tiplines.services.quarantine.replace": {"quarantine.*"},
    "tiplines.services.quarantine.set_aside": {"quarantine.*"},
    "tiplines.services.quarantine.settle": {"quarantine.*"},
    "nexus.services.judging._judge": {"nexus.judged"},
    "nexus.services.judging.end_judgement": {"nexus.judgement-ended"},
    "nexus.services.judging.judge_nexus": {"nexus.judged"},
    "nexus.services.judging.judge_value": {"nexus.judged"},
    "nexus.services.judging.put_apart": {"nexus.judged"},
    "nexus.services.judging.put_together": {"nexus.judged"},
    "tiplines.services.reorganising.call_off": {"reorganisation.called-off"},
    "tiplines.services.reorganising.confirm": {"reorganisation.confirmed"},
    "tiplines.services.reorganising.propose": {"reorganisation.proposed"},
    "tiplines.services.reorganising.put_back": {"reorganisation.proposed"},
    "tiplines.services.reorganising.refuse": {"reorganisation.refused"},
    "tiplines.services.reorganising.withdraw": {"reorganisation.withdrawn"},
    "tiplines.services.ruling.confirm": {"rules.confirmed"},
    "tiplines.services.ruling.propose": {"rules.proposed"},
    "tiplines.services.ruling.refuse": {"rules.refused"},
    "tiplines.services.ruling.roll_back": {"rules.proposed"},
    "tiplines.services.ruling.withdraw": {"rules.withdrawn"},
    "tiplines.services.receiving.receive": {"dispatch.received", "dispatch.repeated"},
    "tiplines.services.receiving.receive_files": {"dispatch.received", "dispatch.repeated"},
    "tiplines.services.receiving.receive_paths": {"dispatch.received", "dispatch.repeated"},
}
PARTS = {
    "accounts.services.factors.use_app_code",
    "accounts.services.factors.use_recovery_code",
    "accounts.services.passkeys.use_passkey",
    "accounts.services.sessions.begin_session",
    "cases.services.following.join_cases",
    "cases.services.restricting.tell",
    "cases.services.holding.take_up",
    "cases.services.registering.record_about",
    "operations.services.drives.lock_running",
    "tiplines.services.bundling.record_each",
    "tiplines.services.bundling.recorded",
    "tiplines.services.correcting.tell",
    "tiplines.services.deciding.put_back",
    "tiplines.services.ruling.refused",
    "tiplines.services.ruling.withdrawn",
}
"""No act by themselves: the act that calls them names the verb."""


def test_every_service_leaves_the_events_that_the_table_says() -> None:
    found = {name: set(verbs_of(function)) for name, function in acts().items()}

    assert found == ACTS | {name: set() for name in PARTS}


# Routes


@dataclass(frozen=True)
class Reading:
    """A route that shows something, and the verb of the one event that it leaves."""

    verb: str
    role: Role = Role.SUPERVISOR
    post: dict[str, str] | None = None
    """What is sent where the reading is a POST, as a search is."""
    also_by_post: dict[str, str] | None = None
    """What is sent where the reading is a POST too, as the search of a list is."""
    also: dict[str, str] = field(default_factory=dict)
    """The query."""


@dataclass(frozen=True)
class Act:
    """A route that acts. Its event is that of the service: the verbs of `ACTS`."""

    service: str


@dataclass(frozen=True)
class Nothing:
    """A route that leaves nothing, and why."""

    why: str
    role: Role = Role.SUPERVISOR


FIGURES_ONLY = "figures only, asked for again every few seconds; the rows behind one are a reading"
ONE_S_OWN = "one's own account; what is done there leaves the service's event"
PART_OF_UPLOAD = "a piece of a file that is no dispatch yet"

LEAVES: dict[str, Reading | Act | Nothing] = {
    "home": Nothing("sends on to a desk"),
    "health": Nothing("shows nothing"),
    "accounts:sign-in": Act("accounts.services.signing_in.note_sign_in"),
    "accounts:oidc-start": Act("accounts.services.signing_in.note_sign_in"),  # by the way back
    "accounts:oidc-callback": Act("accounts.services.signing_in.note_sign_in"),
    "accounts:sign-out": Act("accounts.services.signing_in.note_sign_out"),
    "accounts:language": Nothing("the language of one's own pages"),
    "accounts:password": Act("accounts.services.officers.change_password"),
    "accounts:officers": Reading(
        "officers.read", Role.ADMINISTRATOR, also_by_post={"text": "Nair"}
    ),
    "accounts:new-officer": Act("accounts.services.officers.enlist"),
    "accounts:officer": Reading("officer.opened", Role.ADMINISTRATOR),
    "accounts:post": Act("accounts.services.postings.post"),
    "accounts:access": Act("accounts.services.officers.set_active"),
    "accounts:unlock": Act("accounts.services.signing_in.unlock"),
    "accounts:one-time-password": Act("accounts.services.officers.set_one_time_password"),
    "accounts:second-factor": Act("accounts.services.signing_in.note_sign_in"),
    "accounts:sessions": Nothing(ONE_S_OWN),
    "accounts:end-session": Act("accounts.services.sessions.end_session"),
    "accounts:end-other-sessions": Act("accounts.services.sessions.end_other_sessions"),
    "accounts:seen": Nothing(ONE_S_OWN),
    "accounts:lock": Nothing(ONE_S_OWN),
    "accounts:locked": Nothing(ONE_S_OWN),
    "accounts:confirm": Nothing(ONE_S_OWN),
    "accounts:factors": Nothing(ONE_S_OWN),
    "accounts:app": Act("accounts.services.factors.confirm_app"),
    "accounts:remove-app": Act("accounts.services.factors.remove_app"),
    "accounts:passkey": Act("accounts.services.passkeys.add_passkey"),
    "accounts:remove-passkey": Act("accounts.services.factors.remove_passkey"),
    "accounts:recovery-codes": Act("accounts.services.factors.renew_recovery_codes"),
    "accounts:reset-factors": Act("accounts.services.factors.reset_factors"),
    "accounts:leave": Act("accounts.services.postings.leave"),
    "accounts:cancel-posting": Act("accounts.services.postings.cancel_posting"),
    "accounts:certify": Reading("officers.read", Role.ADMINISTRATOR),
    "accounts:roles": Nothing("the rules themselves", Role.ADMINISTRATOR),
    "tiplines:dispatches": Reading("dispatches.read"),
    "tiplines:dispatch": Reading("dispatch.opened"),
    "tiplines:upload": Act("tiplines.services.receiving.receive_files"),
    "tiplines:upload-begin": Nothing(PART_OF_UPLOAD),
    "tiplines:upload-chunk": Nothing(PART_OF_UPLOAD),
    "tiplines:upload-finish": Act("tiplines.services.receiving.receive_files"),
    "tiplines:receipt": Reading("receipt.taken"),
    "tiplines:missing": Reading("missing.taken"),
    "tiplines:quarantine": Reading("quarantine.read"),
    "tiplines:read-again": Act("tiplines.services.quarantine.read_again"),
    "tiplines:quarantine-item": Reading("quarantine.opened"),
    "tiplines:replace": Act("tiplines.services.quarantine.replace"),
    "tiplines:set-aside": Act("tiplines.services.quarantine.set_aside"),
    "tiplines:columns": Reading("document.opened"),
    "api:nexuses": Reading("nexus.opened"),  # without a number it is nexuses.read
    "api:dispatches": Reading("receipt.taken"),  # a POST to it is receive_files
    "cases:queue": Reading("queue.read"),
    "cases:tipline": Reading("tipline.opened"),
    "cases:decide": Act("cases.services.assigning.assign"),
    "cases:follow": Act("cases.services.following.send_after"),
    "cases:undo": Act("cases.services.assigning.undo"),
    "cases:proposals": Reading("proposals.read"),
    "cases:proposal": Reading("proposal.opened"),
    "cases:confirm-proposal": Act("cases.services.proposing.confirm"),
    "cases:refuse-proposal": Act("cases.services.proposing.refuse"),
    "cases:withdraw-proposal": Act("cases.services.proposing.withdraw"),
    "cases:nexuses": Reading("nexuses.read"),
    "cases:nexus": Reading("nexus.opened"),
    "cases:judge-nexus": Act("nexus.services.judging.put_together"),
    "cases:hand-over-nexus": Act("cases.services.uniting.hand_over"),
    "cases:end-judgement": Act("nexus.services.judging.end_judgement"),
    "cases:letters": Reading("letters.read"),
    "cases:letter": Reading("letter.opened"),
    "cases:letter-pdf": Reading("letter.printed"),
    "cases:acknowledge-letter": Act("cases.services.lettering.acknowledge"),
    "cases:remind-letter": Act("cases.services.lettering.remind"),
    "cases:leave-bundle": Act("tiplines.services.bundling.leave"),
    "cases:rejoin-bundle": Act("tiplines.services.bundling.rejoin"),
    "cases:dissolve-bundle": Act("tiplines.services.bundling.dissolve"),
    "cases:restore-bundle": Act("tiplines.services.bundling.restore"),
    "cases:correct": Reading("tipline.opened"),
    "cases:undo-correction": Act("tiplines.services.correcting.undo"),
    "cases:search": Reading("search.made", post={"text": "Ravi Nair"}),
    "cases:locate": Reading("address.located", post={"text": "7 Kesar Bagh, Delhi"}),
    "cases:desk": Reading("desk.read", Role.STATION),
    "cases:cases": Reading("cases.read"),
    "cases:case": Reading("case.seen"),
    "cases:mark-seen": Act("cases.services.news.mark_seen"),
    "cases:acknowledge": Act("cases.services.holding.acknowledge"),
    "cases:accept": Act("cases.services.holding.accept"),
    "cases:return": Act("cases.services.holding.return_case"),
    "cases:allot": Act("cases.services.holding.allot_station"),
    "cases:register-fir": Act("cases.services.registering.register_fir"),
    "cases:record-progress": Act("cases.services.registering.record_progress"),
    "cases:add-accused": Act("cases.services.registering.add_accused"),
    "cases:record-arrest": Act("cases.services.registering.record_arrest"),
    "cases:record-production": Act("cases.services.registering.record_production"),
    "cases:restricted": Reading("restricted.read"),
    "cases:restrict": Act("cases.services.restricting.restrict"),
    "cases:lift-restriction": Act("cases.services.restricting.lift"),
    "cases:name-officers": Act("cases.services.restricting.name_officer"),
    "cases:strike-officer": Act("cases.services.restricting.strike_officer"),
    "cases:ask-access": Act("cases.services.restricting.ask"),
    "cases:break-glass": Act("cases.services.restricting.break_glass"),
    "cases:answer-access": Act("cases.services.restricting.answer"),
    "cases:reveal": Act("cases.services.revealing.reveal"),
    "cases:looked": Reading("record.read"),
    "operations:board": Nothing(FIGURES_ONLY),
    "operations:balance": Nothing(FIGURES_ONLY),
    "operations:wall": Act("accounts.services.sessions.show_on_wall"),
    "operations:figure": Reading("figure.read"),
    "operations:misroutes": Reading("misroutes.read"),
    "operations:operations": Nothing("names and days of operations"),
    "operations:operation": Nothing(FIGURES_ONLY),
    "operations:operation-figure": Reading("figure.read"),
    "operations:cohort": Reading("cohort.previewed", also={"stages": "handed-over"}),
    "operations:end": Act("operations.services.drives.end"),
    "operations:rules": Nothing("the rules themselves"),
    "operations:propose-rules": Act("tiplines.services.ruling.propose"),
    "operations:rule-set": Reading("rules.opened"),
    "operations:confirm-rules": Act("tiplines.services.ruling.confirm"),
    "operations:refuse-rules": Act("tiplines.services.ruling.refuse"),
    "operations:withdraw-rules": Act("tiplines.services.ruling.withdraw"),
    "operations:roll-back-rules": Act("tiplines.services.ruling.roll_back"),
    "operations:reorganisations": Nothing("stations and days, no tiplines"),
    "operations:propose-reorganisation": Act("tiplines.services.reorganising.propose"),
    "operations:reorganisation": Reading("reorganisation.opened"),
    "operations:confirm-reorganisation": Act("tiplines.services.reorganising.confirm"),
    "operations:refuse-reorganisation": Act("tiplines.services.reorganising.refuse"),
    "operations:withdraw-reorganisation": Act("tiplines.services.reorganising.withdraw"),
    "operations:call-off-reorganisation": Act("tiplines.services.reorganising.call_off"),
    "operations:put-back-reorganisation": Act("tiplines.services.reorganising.put_back"),
    "operations:record": Reading("record.read"),
    "operations:review": Reading("record.week-read", Role.AUDITOR),
    "operations:sign-off": Act("operations.services.reviewing.sign_off"),
}


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    assert set(table()) == set(LEAVES)


def test_every_act_of_a_route_is_one_of_the_services() -> None:
    assert {each.service for each in LEAVES.values() if isinstance(each, Act)} <= set(ACTS)


def test_the_weekly_review_counts_every_reading_as_one() -> None:
    readings = {each.verb for each in LEAVES.values() if isinstance(each, Reading)}
    uncovering = ACTS[
        "cases.services.revealing.reveal"
    ]  # an act by its form, a reading by what it is

    assert set(READINGS) == readings | uncovering


@dataclass(frozen=True)
class World:
    """One row of each kind that an address may name."""

    keys: dict[str, object]

    def address(self, name: str, given: dict[str, str]) -> str:
        wanted = {
            "cases:tipline": ["number"],
            "cases:correct": ["number"],
            "cases:looked": ["number"],
            "cases:case": ["case_id"],
            "cases:proposal": ["proposal_id"],
            "cases:letter": ["letter_id"],
            "cases:nexus": ["nexus_id"],
            "cases:letter-pdf": ["letter_id", "language"],
            "accounts:officer": ["officer_id"],
            "operations:figure": ["key"],
            "operations:operation": ["operation_id"],
            "operations:operation-figure": ["operation_id", "key"],
            "operations:cohort": ["operation_id"],
            "operations:rule-set": ["rules_number"],
            "operations:reorganisation": ["reorganisation_number"],
            "tiplines:quarantine-item": ["item_id"],
            "tiplines:columns": ["document_id"],
        }
        for route in ("dispatch", "receipt", "missing"):
            wanted[f"tiplines:{route}"] = ["dispatch_id"]
        wanted["api:dispatches"] = ["dispatch_id"]
        wanted["api:nexuses"] = ["nexus_id"]
        kwargs = {key: self.keys[key] for key in wanted.get(name, [])}
        return reverse(name, kwargs=kwargs, query=given)


@pytest.fixture
def world() -> World:
    case = make_case()
    officer = make_officer(Role.SUPERVISOR)
    operation = Operation.objects.create(name="MASOOM", from_at=NOON, made_at=NOON, made_by=officer)
    return World(
        {
            "number": make_tipline().number,
            "case_id": case.pk,
            "proposal_id": make_proposal([make_tipline()], by=officer).pk,
            "letter_id": make_letter().pk,
            "nexus_id": make_nexus(make_tipline(), make_tipline()).pk,
            "language": "en",
            "officer_id": officer.pk,
            "key": "cases",
            "operation_id": operation.pk,
            "rules_number": make_rules(Rules(number=1)).number,
            "reorganisation_number": make_reorganisation().number,
            "dispatch_id": make_dispatch().pk,
            "item_id": make_quarantine_item().pk,
            "document_id": send(HALF_KNOWN).pk,
            "district": str(case.district_id),
        }
    )


def signed_in(role: Role) -> tuple[Client, User]:
    officer, browser = make_officer(role), Client()
    browser.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return browser, officer


def left_since(key: int) -> list[str]:
    return list(Event.objects.filter(pk__gt=key).order_by("pk").values_list("verb", flat=True))


def newest() -> int:
    return Event.objects.latest("pk").pk


@pytest.mark.parametrize("name", [n for n, each in LEAVES.items() if isinstance(each, Reading)])
def test_each_reading_leaves_exactly_its_event(world: World, name: str) -> None:
    reading = LEAVES[name]
    assert isinstance(reading, Reading)
    browser, officer = signed_in(reading.role)
    also = reading.also | ({"districts": str(world.keys["district"])} if reading.also else {})
    address, before = world.address(name, also), newest()

    answer = browser.post(address, reading.post) if reading.post else browser.get(address)

    assert answer.status_code == 200
    assert left_since(before) == [reading.verb]
    event = Event.objects.latest("pk")
    assert (event.actor_id, event.role, event.outcome) == (officer.pk, reading.role, Outcome.DONE)
    assert (len(event.session), len(event.request_id), event.source) == (16, 16, "127.0.0.1")
    if reading.also_by_post:
        before = newest()
        assert browser.post(address, reading.also_by_post).status_code == 200
        assert left_since(before) == [reading.verb]


@pytest.mark.parametrize("name", [n for n, each in LEAVES.items() if isinstance(each, Nothing)])
def test_what_shows_nothing_leaves_nothing(world: World, name: str) -> None:
    nothing = LEAVES[name]
    assert isinstance(nothing, Nothing)
    if nothing.why == PART_OF_UPLOAD:
        return  # takes no GET, or needs an upload that is begun
    browser, _officer = signed_in(nothing.role)
    before = newest()

    browser.get(world.address(name, {}))

    assert left_since(before) == []
