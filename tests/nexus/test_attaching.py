"""What comes in is put into the groups of the run in force, by the same rules and bits."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db.models import Q

from nexus.components import chains as chains_of
from nexus.evidence import added, from_rows
from nexus.kinds import KINDS, Kind
from nexus.models import Folded, Lineage, Membership, Nexus, Run, Tie, Worth
from nexus.services.explaining import explain
from nexus.services.linking import link_next
from nexus.services.rebuilding import rebuild
from tests.factories import NOON, make_district, make_tipline
from tests.nexus.stored import store
from tests.nexus.world import DISTRICTS, make_world
from tests.tiplines.rows import add_account, add_sighting
from tiplines.models import FileRecord, Sighting, Tipline

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def districts() -> None:
    for number in range(DISTRICTS):
        make_district(code=f"D{number}", name=f"District {number}")


@pytest.fixture
def world(districts: None) -> None:
    store(make_world(2_500, seed=5))


@pytest.fixture
def small_world(districts: None) -> None:
    store(make_world(400, seed=5))


def come_in(*tiplines: Tipline) -> None:
    """What these tiplines say arrives only now."""
    Tipline.objects.filter(pk__in=[tip.pk for tip in tiplines]).update(linked_at=None)
    while link_next(at=LATER):
        pass


def silent(count: int) -> list[Tipline]:
    """Tiplines, drawn by chance, that say nothing until `speak`."""
    keys = sorted(Tipline.objects.values_list("pk", flat=True))
    drawn = random.Random(3).sample(keys, count)
    Sighting.objects.filter(tipline__in=drawn).update(links=False)
    return list(Tipline.objects.filter(pk__in=drawn))


def speak(tiplines: list[Tipline]) -> None:
    Sighting.objects.filter(tipline__in=tiplines).update(links=True)
    come_in(*tiplines)


def groups() -> set[frozenset[int]]:
    """Members of every nexus in force."""
    found: dict[int, set[int]] = {}
    members = Membership.objects.filter(until=None).values_list("nexus_id", "tipline_id")
    for nexus, tipline in members:
        found.setdefault(nexus, set()).add(tipline)
    return set(map(frozenset, found.values()))


def naming(*earlier: Tipline) -> Tipline:
    """A new tipline whose provider names earlier ones."""
    made = make_tipline()
    made.prior_reports = [tipline.number for tipline in earlier]
    made.save(update_fields=["prior_reports"])
    return made


def nexus_of(tipline: Tipline) -> Nexus | None:
    return Nexus.objects.filter(
        memberships__tipline=tipline, memberships__until__isnull=True
    ).first()


def test_what_comes_in_later_is_grouped_as_a_run_would(world: None) -> None:
    late = silent(250)
    rebuild(at=NOON)
    before = groups()

    speak(late)

    attached = groups()
    rebuild(at=LATER)
    at_once = groups()
    # What the values of so many are worth is learned by the run only.
    assert len(attached & at_once) > 0.9 * len(at_once)
    assert len(before & at_once) < 0.75 * len(at_once)


def test_ties_and_nexuses_say_what_the_page_will_say(world: None) -> None:
    late = silent(250)
    rebuild(at=NOON)
    known = set(Tie.objects.values_list("first_id", "second_id"))

    speak(late)

    fresh = [tie for tie in Tie.objects.all() if (tie.first_id, tie.second_id) not in known]
    assert len(fresh) > 50
    for tie in fresh[:20]:
        told = explain(tie.first_id, tie.second_id)
        assert told is not None
        assert told.bits == pytest.approx(tie.bits, abs=1e-9)
        parts = told.prior + tie.context + added(from_rows(tie.evidence))
        assert parts == pytest.approx(tie.bits, abs=1e-9)
    for nexus in Nexus.objects.filter(ended_at=None):
        of = set(nexus.memberships.filter(until=None).values_list("tipline_id", flat=True))
        accounts = set(
            Folded.objects.filter(tipline__in=of).values_list("account_id", flat=True)
        ) | (of - set(Folded.objects.filter(tipline__in=of).values_list("tipline_id", flat=True)))
        assert (nexus.tiplines, nexus.accounts) == (len(of), len(accounts))
    assert not Membership.objects.filter(until=None, nexus__ended_at__isnull=False).exists()


def test_one_by_one_or_all_at_once_is_the_same(world: None) -> None:
    late = silent(12)
    rebuild(at=NOON)
    start = (list(Tie.objects.values()), groups())

    Sighting.objects.filter(tipline__in=late).update(links=True)
    for tipline in late:
        come_in(tipline)
    by_one = (set(Tie.objects.values_list("first_id", "second_id")), groups())
    come_in(*late)

    assert (set(Tie.objects.values_list("first_id", "second_id")), groups()) == by_one
    assert by_one[1] != start[1]


def test_a_nexus_keeps_its_number_and_gets_a_member(small_world: None) -> None:
    rebuild(at=NOON)
    nexus = Nexus.objects.order_by("-accounts", "pk")[0]
    members = set(nexus.memberships.values_list("tipline_id", flat=True))
    account = Tipline.objects.filter(pk__in=members).order_by("number")[0]
    new = naming(account)

    come_in(new)

    assert nexus_of(new) == nexus
    nexus.refresh_from_db()
    assert nexus.tiplines == len(members) + 1
    joined = nexus.memberships.get(tipline=new)
    assert (joined.since, joined.until) == (LATER, None)
    others = nexus.memberships.filter(since=NOON, until=None)
    assert set(others.values_list("tipline_id", flat=True)) == members


def test_one_that_ties_two_makes_them_one_and_tells_where_it_came_from(small_world: None) -> None:
    rebuild(at=NOON)
    # Small ones: between large ones a bridge of one account is cut.
    larger, smaller = Nexus.objects.filter(accounts=2).order_by("-tiplines", "pk")[:2]
    new = naming(*(nexus.memberships.earliest("pk").tipline for nexus in (larger, smaller)))

    come_in(new)

    smaller.refresh_from_db()
    assert (smaller.ended_at, smaller.into_id) == (LATER, larger.pk)
    assert Lineage.objects.get(source=smaller).target_id == larger.pk
    assert not smaller.memberships.filter(until=None).exists()


def test_what_says_it_no_more_leaves(small_world: None) -> None:
    rebuild(at=NOON)
    new, other = make_tipline(), make_tipline()
    for tipline in (new, other):
        add_sighting(tipline, kind="email", value="fresh@example.com")
    come_in(new, other)
    nexus = nexus_of(new)
    assert nexus is not None
    assert nexus == nexus_of(other)

    Sighting.objects.filter(tipline=other).delete()
    come_in(other)

    assert (nexus_of(new), nexus_of(other)) == (None, None)
    nexus.refresh_from_db()
    assert nexus.ended_at == LATER
    assert not Tie.objects.filter(Q(first=new) | Q(second=new)).exists()


def test_tiplines_about_one_account_are_one(small_world: None) -> None:
    rebuild(at=NOON)
    tips = [make_tipline() for _ in range(3)]
    add_account(tips[0], "made:one")
    add_account(tips[1], "made:two")
    come_in(tips[0], tips[1])
    assert nexus_of(tips[0]) is None

    add_account(tips[2], "made:one")
    come_in(tips[2])
    nexus = nexus_of(tips[0])
    assert nexus is not None
    assert (nexus.accounts, nexus.tiplines) == (1, 2)

    add_account(tips[2], "made:two")
    come_in(tips[2])
    assert set(Folded.objects.filter(tipline__in=tips).values_list("account", flat=True)) == {
        tips[0].pk
    }
    nexus.refresh_from_db()
    assert (nexus.accounts, nexus.tiplines) == (1, 3)


def test_a_value_that_became_a_hub_ties_nobody_any_more(world: None) -> None:
    rebuild(at=NOON)
    most = KINDS[Kind.PHONE].holders_at_most
    first = [make_tipline() for _ in range(most)]
    for tipline in first:
        add_sighting(tipline, kind="phone", value="+919800000099")
    come_in(*first)
    tied = Tie.objects.filter(first=first[0]).count()
    last = make_tipline()
    add_sighting(last, kind="phone", value="+919800000099")

    come_in(last)

    assert tied > 0
    assert not Tie.objects.filter(Q(first__in=first) | Q(second__in=first)).exists()
    assert nexus_of(first[0]) is None


def test_a_hub_is_found_once_and_linking_goes_on(small_world: None) -> None:
    rebuild(at=NOON)
    most = KINDS[Kind.PHONE].holders_at_most
    tips = [make_tipline() for _ in range(3 * most)]
    shared = [add_sighting(tipline, value="+919800000099") for tipline in tips]
    # What the run learned of a report has the number that the phone has.
    Worth.objects.create(
        run=Run.objects.get(),
        kind=Kind.REPORT,
        value=shared[0].identifier_id,
        holders=2,
        chance=0.9,
        beside=1,
        core=[],
    )

    come_in(*tips)

    hub = Worth.objects.get(kind=Kind.PHONE, value=shared[0].identifier_id)
    assert (hub.holders, hub.chance) == (3 * most, 0)
    Tipline.objects.filter(pk=tips[0].pk).update(linked_at=None)
    assert (link_next(at=LATER), link_next(at=LATER)) == (1, 0)


def test_one_who_is_reported_often_makes_no_hub_of_his_address(small_world: None) -> None:
    rebuild(at=NOON)
    most = KINDS[Kind.EMAIL].holders_at_most
    tips = [make_tipline() for _ in range(most + 2)]
    for tipline in tips:
        add_sighting(tipline, kind="email", value="often@example.com")
    for tipline in tips[1:]:
        add_account(tipline, "made:often")

    come_in(*tips)

    told = explain(tips[0].pk, tips[1].pk)
    assert told is not None
    assert [(value.kind, value.holders) for value in told.values] == [(Kind.EMAIL, 2)]
    assert nexus_of(tips[0]) == nexus_of(tips[-1]) is not None


def test_a_corrected_account_stands_apart_again(small_world: None) -> None:
    rebuild(at=NOON)
    tips = [make_tipline() for _ in range(3)]
    add_account(tips[0], "made:x")
    wrong = add_account(tips[1], "made:x")
    come_in(*tips[:2])
    assert nexus_of(tips[0]) == nexus_of(tips[1]) is not None

    wrong.delete()
    add_account(tips[1], "made:y")
    come_in(tips[1])
    assert (nexus_of(tips[0]), nexus_of(tips[1])) == (None, None)

    add_account(tips[2], "made:y")
    come_in(tips[2])
    assert nexus_of(tips[0]) is None
    assert nexus_of(tips[1]) == nexus_of(tips[2]) is not None


def test_what_an_account_says_in_several_tiplines_counts_together(small_world: None) -> None:
    rebuild(at=NOON)
    partner, first, second = (make_tipline() for _ in range(3))
    for tipline in (partner, first):
        add_sighting(tipline, kind="phone", value="+919800000099")
    for tipline in (partner, second):
        add_sighting(tipline, kind="screen-name", value="made:seldom")
    for tipline in (first, second):
        add_account(tipline, "made:one")
    come_in(partner, first)

    come_in(second)

    account = Folded.objects.get(tipline=second).account_id
    told = explain(partner.pk, second.pk)
    assert told is not None
    assert {value.kind for value in told.values} == {Kind.PHONE, Kind.SCREEN_NAME}
    tie = Tie.objects.get(Q(first=partner, second=account) | Q(first=account, second=partner))
    assert tie.bits == pytest.approx(told.bits, abs=1e-9)


def test_a_file_that_joins_two_joins_all_their_hashes(small_world: None) -> None:
    rebuild(at=NOON)
    tips = [make_tipline() for _ in range(6)]
    for tipline, hashes in zip(tips, ("ab", "ab", "cd", "cd", "bc", "d"), strict=True):
        file = FileRecord.objects.create(tipline=tipline, position=1, place="report/file[1]")
        for value in hashes:
            add_sighting(tipline, kind="hash", value=value * 32, file=file)

    for tipline in tips:
        come_in(tipline)

    told = explain(tips[0].pk, tips[5].pk)
    assert told is not None
    assert [value.kind for value in told.values] == [Kind.FILE]


def test_two_hashes_of_a_file_are_one_value(small_world: None) -> None:
    rebuild(at=NOON)
    tips = [make_tipline() for _ in range(2)]
    for tipline in tips:
        file = FileRecord.objects.create(tipline=tipline, position=1, place="report/file[1]")
        for value in ("aa", "bb"):
            add_sighting(tipline, kind="hash", value=value * 16, file=file)
    come_in(*tips)

    told = explain(tips[0].pk, tips[1].pk)

    assert told is not None
    assert [value.kind for value in told.values] == [Kind.FILE]


def test_before_the_first_run_nothing_is_grouped() -> None:
    new, other = make_tipline(), make_tipline()
    for tipline in (new, other):
        add_sighting(tipline, kind="email", value="fresh@example.com")

    come_in(new, other)

    for table in (Run, Nexus, Worth):
        assert not table.objects.exists()
    assert not Tipline.objects.filter(linked_at=None).exists()


@pytest.mark.parametrize(
    ("sets", "chains"),
    [
        ([], []),
        ([{1}, {2}], []),
        ([{1, 2}, {3, 4}], [{1, 2}, {3, 4}]),
        ([{1, 2}, {3, 4}, {2, 3}], [{1, 2, 3, 4}]),
        ([{1, 2, 3}, {4, 5}, {6}, {5, 6}, {6, 7}, {3, 8}], [{1, 2, 3, 8}, {4, 5, 6, 7}]),
    ],
)
def test_sets_with_a_member_in_common_are_one_chain(
    sets: list[set[int]], chains: list[set[int]]
) -> None:
    assert sorted(chains_of(sets), key=min) == chains
    assert sorted(chains_of(reversed(sets)), key=min) == chains
