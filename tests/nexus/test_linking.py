"""Links are drawn from what tiplines share now, and never stand in an officer's way."""

from __future__ import annotations

import time
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from nexus.models import Link
from nexus.scoring import KINDS, PROSE, REST, Shared, bits_of
from nexus.services.linking import link_next
from tests.factories import NOON, make_tipline
from tests.tiplines.rows import add_sighting
from tiplines.models import Identifier, Sighting, Tipline

RARE = ("+919800000001", "+919800000002")


def make_pair() -> tuple[Tipline, Tipline]:
    """Two tiplines that share two phones, the second due for links."""
    first, second = make_tipline(), make_tipline()
    for tip in (first, second):
        for value in RARE:
            add_sighting(tip, value=value)
    Tipline.objects.filter(pk=second.pk).update(linked_at=None)
    return first, second


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were enough tiplines for a shared phone to be rare."""
    monkeypatch.setattr("nexus.services.linking.total_tiplines", lambda: 1_000_000)


@pytest.mark.django_db
def test_a_shared_value_ties_and_is_counted_at_both_ends(many: None) -> None:
    first, second = make_pair()

    assert link_next(at=NOON) == 1

    link = Link.objects.get()
    assert (link.first_id, link.second_id) == (first.pk, second.pk)
    assert set(Tipline.objects.values_list("link_count", flat=True)) == {1}


@pytest.mark.django_db
def test_a_tie_that_is_gone_is_counted_at_neither_end(many: None) -> None:
    _first, second = make_pair()
    link_next(at=NOON)
    Sighting.objects.filter(tipline=second).delete()
    Tipline.objects.filter(pk=second.pk).update(linked_at=None)

    link_next(at=NOON)

    assert not Link.objects.exists()
    assert set(Tipline.objects.values_list("link_count", flat=True)) == {0}


@pytest.mark.parametrize(
    ("of_first", "of_second", "ends"),
    [
        pytest.param(["reported"], ["reported"], 0, id="both reported"),
        pytest.param(["free-text"], ["reported"], 1, id="one in prose"),
        pytest.param(["reported"], ["free-text"], 1, id="the other in prose"),
        pytest.param(["free-text"], ["free-text"], 2, id="both in prose"),
        pytest.param(["free-text", "reported"], ["list"], 0, id="prose beside a field"),
    ],
)
@pytest.mark.parametrize("due", [1, 2])
@pytest.mark.django_db
def test_a_value_from_prose_weighs_less_at_each_end(
    many: None, of_first: list[str], of_second: list[str], ends: int, due: int
) -> None:
    tips = make_pair()
    for tip, provenances in zip(tips, (of_first, of_second), strict=True):
        for provenance in provenances:
            seen = add_sighting(tip, value="+919800000003")
            Sighting.objects.filter(pk=seen.pk).update(provenance=provenance)
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips[:due]]).update(linked_at=None)

    link_next(at=NOON)

    evidence = Link.objects.get().evidence
    third = Identifier.objects.get(value="+919800000003").pk
    place = [key for _, key, _, _ in evidence].index(third)
    bits = bits_of(Shared("phone", third, 2, ends), total=1_000_000)
    in_its_family = 1 if place == 0 else REST ** (place + 1)
    assert bits == pytest.approx(KINDS["phone"].weight * 18.93 * PROSE**ends, rel=0.01)
    assert evidence[place][3] == pytest.approx(bits * in_its_family, abs=0.01)


@pytest.mark.django_db
def test_what_ncmec_added_ties_nobody(many: None) -> None:
    first, second = make_pair()
    Sighting.objects.filter(tipline=first).update(provenance="ncmec")

    for due in (first, second):
        Tipline.objects.filter(pk=due.pk).update(linked_at=None)
        link_next(at=NOON)

        assert not Link.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_officer_who_decides_both_ends_meanwhile_is_not_thrown_out(many: None) -> None:
    first, second = make_pair()
    holds_first, errors = Signal(), []

    def decide() -> None:
        try:
            with transaction.atomic():
                Tipline.objects.select_for_update().get(pk=first.pk)
                holds_first.set()
                time.sleep(1)  # until the worker waits for the first
                Tipline.objects.select_for_update().get(pk=second.pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    officer = Thread(target=decide)
    officer.start()
    holds_first.wait(5)

    linked = link_next(at=NOON)

    officer.join()
    assert (errors, linked) == ([], 1)
    assert Identifier.objects.count() == len(RARE)


@pytest.mark.django_db
def test_what_was_renewed_while_it_was_linked_stays_due(
    many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _first, second = make_pair()

    def renew(batch: list[int]) -> set[int]:
        Tipline.objects.filter(pk=second.pk).update(version=2)
        return set()

    monkeypatch.setattr("nexus.services.linking.partners", renew)

    assert link_next(at=NOON) == 0
    assert Tipline.objects.due_for_links().get() == second
    assert not Link.objects.exists()
