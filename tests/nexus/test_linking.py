"""Links are drawn from what tiplines share now, and never stand in an officer's way."""

from __future__ import annotations

import time
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from nexus.models import Link
from nexus.services import link_next
from tests.cases.test_triage_pages import add_sighting
from tests.factories import NOON, make_tipline
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
    monkeypatch.setattr("nexus.services.total_tiplines", lambda: 1_000_000)


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

    monkeypatch.setattr("nexus.services.partners", renew)

    assert link_next(at=NOON) == 0
    assert Tipline.objects.due_for_links().get() == second
    assert not Link.objects.exists()
