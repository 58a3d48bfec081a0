"""The pages of the rule lab, as two supervisors use them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from districts.gazetteer import forget
from districts.loading import load_gazetteer
from districts.rules import DEFAULT, EvidenceKind, RegistersAt
from tests.factories import make_move, make_officer, make_rules, make_tipline
from tests.statements import Statements
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import RuleSet, Tipline
from tiplines.services.placing import keys_of
from tiplines.services.trying import try_next

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    keys_of.cache_clear()
    yield
    forget()
    keys_of.cache_clear()


def supervisor() -> Client:
    client = Client()
    client.force_login(
        make_officer(Role.SUPERVISOR), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def form(**changes: Any) -> dict[str, Any]:
    weights = {f"weight_{kind.value}": DEFAULT.weights[kind] for kind in EvidenceKind}
    since = timezone.localdate() - timedelta(days=30)
    settings = {"decide_from": 66, "assign_from": 95, "cyber": [], "since": since}
    return {**weights, **settings, "why": "Measured.", **changes}


def text(client: Client, name: str, *args: object, query: str = "") -> str:
    return client.get(reverse(name, args=args) + query).content.decode()


def test_a_change_is_proposed_tried_confirmed_and_brought_back() -> None:
    now = timezone.now()
    load_gazetteer(at=now)
    bring(zip_of({"1.json": json_report("990000001")}), at=now)
    work(at=now, located=True)
    one, two = supervisor(), supervisor()

    answer = one.post(reverse("operations:propose-rules"), form(cyber=["ROH"]))
    assert answer.headers["Location"] == reverse("operations:rule-set", args=[1])
    while try_next(at=timezone.now()):
        pass
    page = text(two, "operations:rule-set", 1)
    own = text(one, "operations:rule-set", 1)
    two.post(reverse("operations:confirm-rules", args=[1]))

    assert "1 tipline would move" in page
    assert "990000001" in page
    assert "registering station: <span" in page
    assert "Confirm</button>" in page
    assert "Confirm</button>" not in own
    assert "Withdraw</button>" in own
    assert RuleSet.objects.in_force().get().rules.registers_at == {"ROH": RegistersAt.CYBER}
    history = text(one, "operations:rules")
    assert "Measured." in history
    assert "Propose rules 0 again" in history

    answer = one.post(reverse("operations:roll-back-rules", args=[0]), {"why": "No."})

    assert answer.headers["Location"] == reverse("operations:rule-set", args=[2])
    assert RuleSet.objects.get(number=2).content == DEFAULT.as_data()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "These are the rules in force"),
        ({"decide_from": 40}, "greater than or equal to 50"),
        ({"weight_ip-lookup": 0}, "ip-lookup must be above 0"),
        ({"why": "", "assign_from": 90}, "This field is required"),
        ({"since": "2100-01-01", "assign_from": 90}, "still to come"),
    ],
)
def test_a_form_that_cannot_be_proposed_says_why(changes: dict[str, Any], said: str) -> None:
    answer = supervisor().post(reverse("operations:propose-rules"), form(**changes))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not RuleSet.objects.exists()


def test_a_refusal_needs_a_reason_and_says_it() -> None:
    make_rules(replace(DEFAULT, number=1, assign_from=0.9), from_at=None)
    client = supervisor()
    address = reverse("operations:refuse-rules", args=[1])

    client.post(address, {"why": " "})
    assert RuleSet.objects.get().is_waiting
    client.post(address, {"why": "Not measured."})

    assert "Not measured." in text(client, "operations:rule-set", 1)


def test_the_list_of_moves_is_filtered_paged_and_costs_the_same() -> None:
    make_rules(replace(DEFAULT, number=1, assign_from=0.9), from_at=None)
    waiting, client = RuleSet.objects.get(), supervisor()

    def move(part: str) -> Tipline:
        tipline = make_tipline()
        make_move(waiting, tipline, part=part)
        return tipline

    first = move("station")
    text(client, "operations:rule-set", 1)
    with Statements() as few:
        text(client, "operations:rule-set", 1)
    others = [move("answer") for _ in range(60)]
    with Statements() as many:
        page = text(client, "operations:rule-set", 1)

    assert len(few) == len(many)
    assert first.number not in page
    assert others[-1].number in page
    assert "station named → an officer looks: <strong>60" in page
    assert first.number in text(client, "operations:rule-set", 1, query="?part=station")
    last = others[11].pk
    assert first.number in text(client, "operations:rule-set", 1, query=f"?before={last}")


def test_what_is_still_tried_shows_how_far_it_is() -> None:
    made = make_rules(replace(DEFAULT, number=1, assign_from=0.9), from_at=None, replayed_at=None)
    RuleSet.objects.filter(pk=made.pk).update(done=300, total=1200)

    page = text(supervisor(), "operations:rule-set", 1)

    assert "300 of 1,200" in page
    assert 'hx-trigger="every 2s' in page
    assert "Confirm</button>" not in page
