"""The pages of nexuses: what they tell, to whom, and what officers say there."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from math import log2
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from accounts.scope import scoped
from accounts.services import make_token
from cases.services import restricting
from nexus.evidence import SharedValue
from nexus.kinds import Kind
from nexus.models import Judgement, Membership, Nexus, Tie, Tier, Verdict
from nexus.services import judging
from nexus.services.explaining import explain
from nexus.services.linking import link_next
from nexus.services.rebuilding import rebuild
from tests.cases.made import make_case
from tests.cases.test_triage_pages import add_party, signed_in
from tests.factories import NOON, make_district, make_officer, make_tipline
from tests.nexus.stored import store
from tests.nexus.ties import fold, make_nexus, make_tie, shared
from tests.nexus.world import DISTRICTS, make_world
from tests.statements import Statements
from tests.tiplines.rows import add_sighting
from tiplines.models import Identifier, Tipline
from tiplines.parsing.records import PartyRole
from tiplines.sounding import name_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> User:
    return make_officer(Role.SUPERVISOR)


@pytest.fixture
def browser(client: Client) -> Client:
    return signed_in(client, make_officer())


def page(browser: Client, nexus: Nexus) -> str:
    answer = browser.get(f"/nexuses/{nexus.pk}/")
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def judge(browser: Client, nexus: Nexus, **said: Any) -> Any:
    return browser.post(f"/nexuses/{nexus.pk}/judge/", {"reason": "seen", **said})


def test_the_list_ranks_and_counts(browser: Client) -> None:
    low, high = (
        make_nexus(*(make_tipline() for _ in range(size)), score=score)
        for size, score in ((2, 1.0), (3, 5.0))
    )
    related = make_nexus(make_tipline(), make_tipline(), tier=Tier.RELATED)

    text = browser.get("/nexuses/").content.decode()

    assert text.index(high.label) < text.index(low.label)
    assert related.label not in text
    assert related.label in browser.get("/nexuses/?which=related").content.decode()
    for wrong in ("?which=x", "?page=0", "?page=999", "?page=x"):
        assert browser.get(f"/nexuses/{wrong}").status_code == 400


def test_a_nexus_tells_its_accounts_and_what_ties_them(browser: Client) -> None:
    tips = [make_tipline() for _ in range(4)]
    fold(tips[2], tips[3])
    seen = add_sighting(tips[0], value="+919800000001")
    make_tie(tips[0], tips[1], shared(seen, holders=3, bits=12.5), bits=8.5)
    make_tie(tips[1], tips[2], shared(seen, holders=3, bits=12.5), bits=8.5)
    nexus = make_nexus(*tips)

    text = page(browser, nexus)

    assert all(tip.number in text for tip in tips)
    assert "3 accounts" in text
    assert "Phone +919800000001: 12.5 bits" in text
    assert "Without it the accounts part into 1 + 1 + 1." in text
    assert text.count("<circle") == 3


def test_names_that_sound_alike_are_told_as_they_are_spelt(browser: Client) -> None:
    tips = [make_tipline(), make_tipline()]
    for tip, name in zip(tips, ("Zubair Lakhanpal", "ज़ुबैर लखनपाल"), strict=True):
        add_party(tip, role=PartyRole.SUSPECT, name=name)
    sound = name_sound("Zubair Lakhanpal")
    assert sound is not None
    value = SharedValue(kind=Kind.NAME, value=sound, holders=2, core=0, bits=3.1)
    make_tie(tips[0], tips[1], value)

    of_nexus = page(browser, make_nexus(*tips))
    of_tipline = browser.get(f"/tiplines/{tips[1].number}/").content.decode()

    assert "Name, as it sounds Zubair Lakhanpal · ज़ुबैर लखनपाल: 3.1 bits" in of_nexus
    assert "Name, as it sounds ज़ुबैर लखनपाल: 3.1 bits" in of_tipline


def test_a_protected_name_is_covered_in_a_value(browser: Client) -> None:
    tips = [make_tipline(), make_tipline()]
    add_party(tips[0], role=PartyRole.VICTIM, name="Meena Rawat", age=11)
    seen = add_sighting(tips[1], kind="email", value="meena.rawat@example.com")
    value = shared(seen)
    make_tie(tips[0], tips[1], value)

    text = page(browser, make_nexus(*tips))

    assert "rawat" not in text.casefold()
    assert "example.com" in text


def test_a_nexus_costs_the_same_however_large_it_is(browser: Client) -> None:
    spent = []
    page(browser, make_nexus(make_tipline(), make_tipline()))
    for size in (2, 12):
        tips = [make_tipline() for _ in range(size)]
        for one, other in pairwise(tips):
            make_tie(one, other, shared(add_sighting(one, value=f"+9198{one.pk:08d}")))
        nexus = make_nexus(*tips)
        with Statements() as asked:
            page(browser, nexus)
        spent.append(len(asked))

    assert spent[0] == spent[1]


def test_what_became_part_of_another_leads_there(browser: Client) -> None:
    tips = [make_tipline(), make_tipline()]
    target, old = make_nexus(*tips), make_nexus(make_tipline())
    Nexus.objects.filter(pk=old.pk).update(ended_at=NOON, into=target)

    answer = browser.get(f"/nexuses/{old.pk}/", follow=True)

    assert answer.redirect_chain == [(f"/nexuses/{target.pk}/", 302)]
    assert f"{old.label} is part of this nexus now." in answer.content.decode()


def test_what_has_ended_shows_its_last_members(browser: Client) -> None:
    tip = make_tipline()
    nexus, later = make_nexus(tip), NOON + timedelta(days=1)
    Nexus.objects.filter(pk=nexus.pk).update(ended_at=later)
    Membership.objects.filter(nexus=nexus).update(until=later)

    text = page(browser, nexus)

    assert "This nexus has ended" in text
    assert tip.number in text
    assert 'value="together"' not in text


def test_outside_the_unit_there_are_no_nexuses(client: Client) -> None:
    nexus = make_nexus(make_tipline(), make_tipline())
    browser = signed_in(client, make_officer(Role.DISTRICT))

    assert browser.get("/nexuses/").status_code == 403
    assert browser.get(f"/nexuses/{nexus.pk}/").status_code == 403
    assert judge(browser, nexus, verdict="dismissed").status_code == 403


def test_ticked_accounts_are_judged_with_all_their_tiplines(browser: Client) -> None:
    tips = [make_tipline() for _ in range(4)]
    fold(tips[0], tips[1])
    nexus = make_nexus(*tips)

    answer = judge(browser, nexus, verdict="apart", account=[tips[0].pk])

    assert answer.status_code == 302
    said = Judgement.objects.get()
    assert (said.verdict, said.nexus, said.reason) == (Verdict.APART, nexus, "seen")
    sides = dict(said.judged.values_list("tipline_id", "side"))
    assert sides == {tip.pk: int(at > 1) for at, tip in enumerate(tips)}
    assert "Do not belong together" in page(browser, nexus)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({"verdict": "together"}, "Tick two accounts or more", id="none ticked"),
        pytest.param({"verdict": "apart"}, "Tick two accounts or more", id="no side"),
        pytest.param({"verdict": "never", "value": "999999"}, "Tick two", id="no such value"),
        pytest.param({"verdict": "dismissed", "reason": ""}, "Say why", id="no reason"),
        pytest.param({"verdict": "x"}, "has changed meanwhile", id="no such verdict"),
        pytest.param(
            {"verdict": "together", "account": ["1"]}, "has changed meanwhile", id="a stranger"
        ),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_page(
    browser: Client, said: dict[str, Any], words: str
) -> None:
    nexus = make_nexus(make_tipline(), make_tipline())

    answer = judge(browser, nexus, **said)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Judgement.objects.exists()


def test_a_contradiction_names_who_said_the_opposite(browser: Client) -> None:
    tips = [make_tipline(), make_tipline()]
    nexus, other = make_nexus(*tips), make_officer()
    judging.put_together(tips, nexus=nexus, reason="one school", by=other, at=NOON)

    answer = judge(browser, nexus, verdict="apart", account=[tips[0].pk])

    assert answer.status_code == 422
    assert "one school" in answer.content.decode()
    assert other.title in answer.content.decode()


def test_a_dismissed_nexus_leaves_the_list_until_that_is_ended(browser: Client) -> None:
    nexus = make_nexus(make_tipline(), make_tipline())

    judge(browser, nexus, verdict="dismissed")

    assert nexus.label not in browser.get("/nexuses/").content.decode()
    assert nexus.label in browser.get("/nexuses/?which=dismissed").content.decode()
    said = Judgement.objects.get()
    back = {"nexus": str(nexus.pk)}
    browser.post(f"/judgements/{said.pk}/end/", back)
    assert Judgement.objects.standing().exists()  # without a reason
    browser.post(f"/judgements/{said.pk}/end/", back | {"reason": "more came in"})
    assert nexus.label in browser.get("/nexuses/").content.decode()
    assert "more came in" in page(browser, nexus)


def test_dismissing_the_value_that_the_page_names_does_split_the_nexus(browser: Client) -> None:
    for number in range(DISTRICTS):
        make_district(code=f"D{number}", name=f"District {number}")
    store(make_world(800, seed=5))
    rebuild(at=NOON)
    tried = 0
    for nexus in Nexus.objects.filter(ended_at=None, accounts__gte=3).order_by("-accounts")[:12]:
        nexus.refresh_from_db()
        if nexus.ended_at:
            continue
        sheet = browser.get(f"/nexuses/{nexus.pk}/").context["sheet"]
        named = [value for value in sheet.values if value.parts]
        if not named:
            continue
        assert sheet.values[0] is named[0]
        before = {tip.pk for line in sheet.accounts for tip in line.tiplines}

        judge(browser, nexus, verdict="never", value=named[0].identifier)
        while link_next(at=NOON + timedelta(hours=1)):
            pass

        now = Membership.objects.filter(tipline__in=before, until=None)
        groups = set(now.values_list("nexus_id", flat=True))
        alone = before - set(now.values_list("tipline_id", flat=True))
        assert len(groups) + bool(alone) >= 2
        tried += 1
    assert tried >= 3


def test_a_value_is_trusted_once(browser: Client) -> None:
    tips = [make_tipline(), make_tipline()]
    seen = add_sighting(tips[0], value="+919800000001")
    make_tie(tips[0], tips[1], shared(seen))
    nexus = make_nexus(*tips)

    judge(browser, nexus, verdict="always", value=seen.identifier_id)
    again = judge(browser, nexus, verdict="never", value=seen.identifier_id)

    assert again.status_code == 422
    assert "That is said already, or the opposite is." in again.content.decode()
    assert Judgement.objects.get().identifier == Identifier.objects.get(kind="phone")
    assert "Always ties" in page(browser, nexus)
    assert set(Tipline.objects.due_for_links()) == {tips[0]}


def test_machines_are_told_the_same(client: Client) -> None:
    analyst = make_officer()
    key = make_token(officer=analyst, name="board", route="api:nexuses", at=NOON)
    tips = [make_tipline(), make_tipline()]
    seen = add_sighting(tips[0], value="+919800000001")
    make_tie(tips[0], tips[1], shared(seen, holders=3, bits=12.5), bits=8.5)
    nexus = make_nexus(*tips)
    asked: dict[str, Any] = {"headers": {"Authorization": f"Bearer {key}"}}

    head = client.get("/api/v1/nexuses?tier=alert", **asked).json()
    told = client.get(f"/api/v1/nexuses/{nexus.pk}", **asked).json()

    assert [each["nexus_id"] for each in head["nexuses"]] == [nexus.pk]
    assert head["more"] is False
    assert [[tip["report_id"] for tip in each["tiplines"]] for each in told["accounts"]] == [
        [tip.number] for tip in tips
    ]
    assert told["ties"] == [
        {
            "accounts": [1, 2],
            "bits": 8.5,
            "values": [
                {"kind": "phone", "value": "+919800000001", "bits": 12.5},
            ],
        }
    ]
    assert told["holds_it_together"][0]["accounts"] == [1, 1]
    for wrong in ("?tier=x", "?page=0", "?page=x", "?page=101", "?page=00000000199999999999"):
        assert client.get(f"/api/v1/nexuses{wrong}", **asked).status_code == 400
    assert client.get("/api/v1/nexuses/999999", **asked).status_code == 404


def test_page_machine_and_command_give_the_bits_that_are_stored(browser: Client) -> None:
    for number in range(DISTRICTS):
        make_district(code=f"D{number}", name=f"District {number}")
    store(make_world(800, seed=5))
    run = rebuild(at=NOON)
    prior = 1 - log2(run.accounts)
    seen = 0
    for nexus in Nexus.objects.filter(ended_at=None, accounts__gte=2)[:25]:
        ties = browser.get(f"/api/v1/nexuses/{nexus.pk}").json()["ties"]
        on_page = browser.get(f"/nexuses/{nexus.pk}/").context["sheet"].edges
        assert [tie["bits"] for tie in ties] == [edge.bits for edge in on_page]
        for tie, edge in zip(ties, on_page, strict=True):
            ends = sorted((edge.one.key, edge.other.key))
            kept = Tie.objects.get(first=ends[0], second=ends[1])
            told = explain(*ends)
            assert told is not None
            shown = sum(value["bits"] for value in tie["values"])
            assert prior + kept.context + shown == pytest.approx(kept.bits, abs=1e-9)
            assert told.bits == pytest.approx(kept.bits, abs=1e-9)
            assert tie["bits"] == kept.bits
            seen += 1
    assert seen > 20


def test_a_reason_does_not_name_a_child_and_stays_with_what_it_is_about(
    client: Client, supervisor: User
) -> None:
    case = make_case()
    hidden = case.entries.get().tipline
    tips = [hidden, *(make_tipline() for _ in range(3))]
    add_party(tips[1], role=PartyRole.VICTIM, name="Meena Rawat", age=11)
    nexus = make_nexus(*tips)
    for of, reason in ((tips[:2], "about the hidden"), (tips[1:3], "Meena Rawat said so")):
        judging.put_together(of, nexus=nexus, reason=reason, by=supervisor, at=NOON)
    with scoped(supervisor):
        restricting.restrict(
            case_id=case.pk,
            officers=[],
            hides_existence=True,
            reason="one of ours",
            by=supervisor,
            at=NOON,
        )
    browser = signed_in(client, make_officer())

    text = page(browser, nexus)
    listed = browser.get("/nexuses/").content.decode()

    assert "about the hidden" not in text
    assert hidden.number not in text
    assert "said so" in text
    assert "Rawat" not in text
    assert "persons behind it" not in text
    assert nexus.label in listed
    assert "9.0 bits" not in listed


def test_a_nexus_of_hidden_members_is_not_listed(client: Client, supervisor: User) -> None:
    case = make_case()
    hidden, once = case.entries.get().tipline, make_tipline()
    nexus = make_nexus(hidden)
    Membership.objects.create(nexus=nexus, tipline=once, since=NOON, until=NOON)
    with scoped(supervisor):
        restricting.restrict(
            case_id=case.pk,
            officers=[],
            hides_existence=True,
            reason="one of ours",
            by=supervisor,
            at=NOON,
        )
    browser = signed_in(client, make_officer())

    assert nexus.label not in browser.get("/nexuses/").content.decode()
    assert browser.get("/api/v1/nexuses").json()["nexuses"] == []


def test_only_a_value_of_its_members_is_judged_on_a_page(browser: Client) -> None:
    nexus = make_nexus(make_tipline(), make_tipline())
    elsewhere = add_sighting(make_tipline(), value="+919800000009").identifier_id

    assert judge(browser, nexus, verdict="never", value=elsewhere).status_code == 422
    assert not Judgement.objects.exists()


def test_a_reason_with_what_no_database_keeps_is_no_error(browser: Client) -> None:
    nexus = make_nexus(make_tipline(), make_tipline())
    judge(browser, nexus, verdict="dismissed", reason="a\x00b")
    judge(browser, nexus, verdict="dismissed")
    said = Judgement.objects.get()

    answer = browser.post(f"/judgements/{said.pk}/end/", {"reason": "a\x00b"})

    assert answer.status_code == 302
