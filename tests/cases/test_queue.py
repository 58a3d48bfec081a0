"""The queue's filters, its pages by keyset, its counts, and what a page costs."""

from __future__ import annotations

import contextlib
import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.counting import Capped, counts
from cases.queue import (
    BadFilter,
    QueueFilter,
    Sort,
    beyond,
    mark,
    next_number,
    page,
    parse,
    providers,
)
from cases.queue_lines import bundle_sizes
from cases.services.bundles import spread_of
from tests.factories import NOON, SERIAL, make_dispatch, make_district, make_officer, make_tipline
from tests.statements import Statements
from tiplines.models import Bundle, Decision, Tipline
from tiplines.models.tipline import Outcome, Status

STATEMENTS_AT_MOST = 12


@pytest.fixture
def analyst(db: None) -> User:
    return make_officer(Role.ANALYST)


@pytest.fixture
def browser(client: Client, analyst: User) -> Client:
    client.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("colour=red", id="a name that is no filter"),
        pytest.param("best_district__name=Rohini", id="a look-up"),
        pytest.param("_connector=OR", id="an argument of a look-up"),
        pytest.param("urgent=1&urgent=1", id="a name twice"),
        pytest.param("urgent=yes", id="a flag that is none"),
        pytest.param("district=-1", id="a key below 1"),
        pytest.param("district=%D9%A3", id="a digit of another script"),
        pytest.param("outcome=mars", id="an unknown outcome"),
        pytest.param("sort=-narrative", id="an unknown order"),
        pytest.param("outcome=delhi&viral=1", id="two that share no index"),
        pytest.param("outcome=delhi&sort=age", id="an order without an index"),
        pytest.param("status=closed&urgent=1", id="urgency of what is closed"),
    ],
)
def test_what_is_not_served_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        parse(QueryDict(text))


def test_a_filter_survives_its_own_query_string() -> None:
    for shown in every_filter():
        assert parse(QueryDict(shown.query().removeprefix("?"))) == shown


def test_every_chip_leads_to_a_list_that_is_served() -> None:
    chips = [("urgent", True), ("expiring", True), ("viral", True), ("outcome", "delhi")]
    for shown, (name, value) in itertools.product(every_filter(), chips):
        if shown.status == Status.AWAITING:
            pressed = shown.toggled(name, value)

            assert getattr(pressed, name) == (
                value if getattr(shown, name) != value else type(value)()
            )


def every_filter() -> list[QueueFilter]:
    """Every filter that can be made, of all combinations of a value for each name."""
    values: dict[str, list[Any]] = {
        "status": list(Status),
        "outcome": ["", "delhi"],
        "district": [None, 3],
        "provider": ["", "google"],
        "dispatch": [None, 4],
        "viral": [False, True],
        "expiring": [False, True],
        "supplement": [False, True],
        "orphan": [False, True],
        "bundle": [None, 5],
        "urgent": [False, True],
    }
    found = []
    for chosen in itertools.product(*values.values()):
        with contextlib.suppress(BadFilter):
            found.append(QueueFilter(**dict(zip(values, chosen, strict=True))))
    return found


def fill(*, rows: int) -> list[Tipline]:
    """Tiplines of few different urgencies and ages, so that the key decides most of the order."""
    dispatch, district = make_dispatch(), make_district()
    return [
        make_tipline(
            dispatch=dispatch,
            urgency=place % 3 * 40,
            received_at=NOON - timedelta(days=place % 4),
            best_district=district,
            batched_reason="VIRAL" if place % 5 == 0 else "",
        )
        for place in range(rows)
    ]


@pytest.mark.parametrize("sort", [Sort.URGENCY, Sort.AGE, Sort.EXPIRY])
def test_pages_forth_and_back_show_every_row_once(analyst: User, sort: Sort) -> None:
    fill(rows=23)
    found = QueueFilter(asked_sort=sort).rows(analyst, now=NOON)

    shown = page(found, sort, size=5)
    forth = [shown.rows]
    while shown.next:
        shown = page(found, sort, after=shown.next, size=5)
        forth.append(shown.rows)
    back = [shown.rows]
    while shown.previous:
        shown = page(found, sort, before=shown.previous, size=5)
        back.insert(0, shown.rows)

    whole = list(QueueFilter(asked_sort=sort).ordered(analyst, now=NOON))
    assert list(itertools.chain(*forth)) == whole
    assert list(itertools.chain(*back)) == whole
    assert back == forth


@pytest.mark.parametrize("text", ["x.1", "1", "1.x", "-1.5", f"{2**60}.1", "1.1.1", "101.1"])
def test_a_place_in_the_list_that_is_none_is_refused(analyst: User, text: str) -> None:
    found = QueueFilter().rows(analyst, now=NOON)

    with pytest.raises(BadFilter):
        page(found, Sort.URGENCY, after=text)


def test_counts_stop_at_their_cap_and_cost_one_statement(analyst: User) -> None:
    fill(rows=7)
    every = QueueFilter().rows(analyst, now=NOON)
    viral = QueueFilter(viral=True).rows(analyst, now=NOON)

    with Statements() as asked:
        found = counts({"some": (every, 5), "all": (every, 7), "viral": (viral, 7)})

    assert found == {"some": Capped(5, is_more=True), "all": Capped(7), "viral": Capped(2)}
    assert len(asked) == 1


def test_nothing_is_counted_or_listed_for_an_officer_without_a_duty(db: None) -> None:
    fill(rows=2)

    assert not QueueFilter().rows(User(username="nobody"), now=NOON).exists()


def test_after_a_decision_the_next_of_the_list_comes(analyst: User) -> None:
    first, second = make_tipline(urgency=90), make_tipline(urgency=80)
    last = make_tipline(urgency=70)

    assert next_number(QueueFilter(), analyst, decided=first, now=NOON) == second.number
    assert next_number(QueueFilter(), analyst, decided=last, now=NOON) == first.number


def test_after_the_last_decision_none_comes(analyst: User) -> None:
    only = make_tipline()

    assert next_number(QueueFilter(), analyst, decided=only, now=NOON) is None


def test_expiring_takes_what_lapses_within_30_days(analyst: User) -> None:
    soon = make_tipline()
    make_tipline()
    Tipline.objects.filter(pk=soon.pk).update(preserved_until=NOON + timedelta(days=29))

    found = QueueFilter(expiring=True).rows(analyst, now=NOON)

    assert [tip.pk for tip in found] == [soon.pk]


def test_providers_come_from_what_awaits(analyst: User) -> None:
    make_tipline(provider="Google")
    make_tipline(provider="Google")
    make_tipline(provider="Instagram")
    make_tipline(provider="Closed Inc", status=Status.CLOSED)

    assert providers(analyst) == ["google", "instagram"]


@pytest.mark.parametrize("query", ["", "?urgent=1&outcome=delhi", "?sort=age", "?status=closed"])
def test_the_page_costs_the_same_for_1_15_and_60_rows(browser: Client, query: str) -> None:
    spent = []
    for rows in (1, 15, 60):
        Tipline.objects.all().delete()
        fill(rows=rows)
        with Statements() as asked:
            answer = browser.get(f"/queue/{query}")
        assert answer.status_code == 200
        spent.append(len(asked))

    assert len(set(spent)) == 1, spent
    assert spent[0] <= STATEMENTS_AT_MOST


def test_a_filter_that_does_not_exist_is_a_bad_request(browser: Client) -> None:
    assert browser.get("/queue/?colour=red").status_code == 400


@pytest.mark.parametrize("query", ["", "outcome=delhi", "provider=google", "sort=age"])
def test_a_page_reads_its_index_and_sorts_nothing(analyst: User, query: str) -> None:
    fill(rows=3)
    shown = parse(QueryDict(query))
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):  # a few rows would be read in any way
            cursor.execute(f"set local enable_{way} = off")

    plan = shown.ordered(analyst, now=datetime(2026, 11, 12, tzinfo=NOON.tzinfo))[:50].explain()

    assert "Index" in plan
    assert "Sort" not in plan


def test_a_later_page_is_found_by_its_index(analyst: User) -> None:
    rows = fill(rows=3)
    place = mark(rows[0], Sort.URGENCY)
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"set local enable_{way} = off")

    found = beyond(QueueFilter().rows(analyst, now=NOON), Sort.URGENCY, place)

    assert "Index Cond: (ROW(urgency, id) < ROW" in found[:50].explain()


def test_the_outcomes_of_the_chips_are_those_of_the_locator() -> None:
    assert {each.value for each in Outcome} == {"delhi", "other_state", "abroad", "cannot_say"}


# --- Bundles --------------------------------------------------------------------------------------


def bundled(*, urgencies: list[int], provider: str = "Facebook") -> list[Tipline]:
    """Tiplines of one viral bundle."""
    bundle = Bundle.objects.create(key=f"file/{next(SERIAL)}", provider=provider, made_at=NOON)
    tips = [make_tipline(urgency=urgency, provider=provider) for urgency in urgencies]
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips]).update(bundle=bundle)
    return list(Tipline.objects.filter(bundle=bundle).order_by("pk"))


def test_a_bundle_has_one_row_at_the_place_of_its_most_urgent(analyst: User) -> None:
    first, last = make_tipline(urgency=50), make_tipline(urgency=10)
    members = bundled(urgencies=[5, 40, 20, 40])

    listed = page(QueueFilter().listed(analyst, now=NOON), Sort.URGENCY)

    assert listed.rows == [first, members[1], last]


def test_pages_forth_and_back_hold_with_bundles_of_every_size(analyst: User) -> None:
    fill(rows=9)
    for size in (1, 2, 7, 13):
        bundled(urgencies=[place % 3 * 20 for place in range(size)])
    found = QueueFilter().listed(analyst, now=NOON)

    shown = page(found, Sort.URGENCY, size=3)
    forth = [shown.rows]
    while shown.next:
        shown = page(found, Sort.URGENCY, after=shown.next, size=3)
        forth.append(shown.rows)
    back = [shown.rows]
    while shown.previous:
        shown = page(found, Sort.URGENCY, before=shown.previous, size=3)
        back.insert(0, shown.rows)

    rows = list(itertools.chain(*forth))
    assert len(rows) == 9 + 4
    assert len({row.bundle_id for row in rows if row.bundle_id}) == 4
    assert list(itertools.chain(*back)) == rows


def test_a_bundle_stands_for_those_that_fit_the_filter(analyst: User) -> None:
    members = bundled(urgencies=[40, 20, 10])
    Tipline.objects.filter(pk=members[0].pk).update(outcome=Outcome.ABROAD)
    shown = QueueFilter(outcome="delhi")

    rows = page(shown.listed(analyst, now=NOON), Sort.URGENCY).rows

    assert rows == [members[1]]
    assert bundle_sizes(rows, shown, now=NOON) == {members[0].bundle_id: 2}
    assert bundle_sizes(rows, QueueFilter(), now=NOON) == {members[0].bundle_id: 3}


def test_what_was_taken_out_or_came_back_has_its_own_row(analyst: User) -> None:
    members = bundled(urgencies=[40, 30, 20, 10])
    Tipline.objects.filter(pk=members[1].pk).update(left_bundle=True)
    Tipline.objects.filter(pk=members[2].pk).update(came_back="Rohini: not ours")

    rows = page(QueueFilter().listed(analyst, now=NOON), Sort.URGENCY).rows

    assert rows == members[:3]


def test_a_decided_bundle_leaves_the_queue_and_its_rest_stays(analyst: User) -> None:
    members = bundled(urgencies=[40, 30, 20])
    Tipline.objects.filter(pk=members[0].pk).update(status=Status.CLOSED)

    rows = page(QueueFilter().listed(analyst, now=NOON), Sort.URGENCY).rows

    assert rows == [members[1]]


def test_the_page_shows_a_bundle_in_one_row_and_opens_it(browser: Client) -> None:
    members = bundled(urgencies=[5] * 12)

    whole = browser.get("/queue/")
    opened = browser.get(f"/queue/?bundle={members[0].bundle_id}")

    assert "×12" in whole.content.decode()
    assert [line.size for line in whole.context["lines"]] == [12]
    assert whole.context["count"] == Capped(12)
    assert len(opened.context["lines"]) == 12
    assert "Dissolve the bundle" in opened.content.decode()


def test_ticking_a_bundle_decides_exactly_what_was_shown(browser: Client) -> None:
    members = bundled(urgencies=[5] * 12)
    alone = make_tipline(urgency=5)
    said = {"act": "close", "bundle": members[0].bundle_id, "back": "", "reason": "viral"}

    preview = browser.post("/decide/", said)
    browser.post("/decide/", {**said, "confirmed": preview.context["sealed"]})

    assert preview.context["count"] == 12
    assert Tipline.objects.filter(status=Status.CLOSED).count() == 12
    assert Tipline.objects.get(status=Status.AWAITING) == alone
    browser.post("/undo/", {"batch": str(Decision.objects.latest("pk").batch), "back": ""})
    assert Tipline.objects.awaiting().count() == 13


def test_a_bundle_that_grew_after_the_preview_is_shown_again(browser: Client) -> None:
    members = bundled(urgencies=[5] * 3)
    said = {"act": "close", "bundle": members[0].bundle_id, "back": "", "reason": "viral"}
    preview = browser.post("/decide/", said)
    Tipline.objects.filter(pk=make_tipline().pk).update(bundle=members[0].bundle_id)

    answer = browser.post("/decide/", {**said, "confirmed": preview.context["sealed"]})

    assert answer.status_code == 422
    assert not Decision.objects.exists()


def test_taking_out_dissolving_and_back_from_the_page(browser: Client) -> None:
    members = bundled(urgencies=[5] * 3)
    key = members[0].bundle_id
    back = f"?bundle={key}"

    browser.post("/leave-bundle/", {"number": members[0].number, "back": back})
    assert len(browser.get(f"/queue/{back}").context["lines"]) == 2
    browser.post(f"/bundles/{key}/dissolve/")
    dissolved = browser.get(f"/queue/{back}")
    assert "Put the bundle together again" in dissolved.content.decode()
    assert len(browser.get("/queue/").context["lines"]) == 3
    browser.post(f"/bundles/{key}/restore/")

    assert sorted(line.size for line in browser.get("/queue/").context["lines"]) == [1, 2]
    page_of_one = browser.get(f"/tiplines/{members[0].number}/").content.decode()
    assert "An officer took it out of its bundle" in page_of_one
    browser.post(f"/tiplines/{members[0].number}/rejoin/")
    members[0].refresh_from_db()
    assert (members[0].left_bundle, members[0].assessed_at) == (False, None)


def test_a_bundle_is_counted_as_its_list_shows_it(analyst: User) -> None:
    members = bundled(urgencies=[5] * 6)
    Tipline.objects.filter(pk=members[0].pk).update(left_bundle=True)
    Tipline.objects.filter(pk=members[1].pk).update(came_back="Rohini: not ours")
    Tipline.objects.filter(pk=members[2].pk).update(status=Status.CLOSED)

    spread = spread_of(members[0].bundle_id or 0, officer=analyst)

    assert spread is not None
    assert (spread.awaiting, spread.apart, spread.decided) == (3, 2, 1)
    assert spread.dispatches == len({tip.dispatch_id for tip in members})


def test_bundles_cost_the_queue_one_statement(browser: Client) -> None:
    spent = []
    for bundles in (1, 5, 20):
        for _ in range(bundles):
            bundled(urgencies=[5, 5, 5])
        with Statements() as asked:
            browser.get("/queue/")
        spent.append(len(asked))

    assert len(set(spent)) == 1, spent
    assert spent[0] <= STATEMENTS_AT_MOST
