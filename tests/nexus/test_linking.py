"""What comes in is linked without standing in an officer's way."""

from __future__ import annotations

import time
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from nexus import tasks
from nexus.models import Run
from nexus.services.linking import link_next
from nexus.services.rebuilding import rebuild
from tests.factories import NOON, make_tipline
from tests.tiplines.rows import add_sighting
from tiplines.models import Tipline

RARE = ("+919800000001", "+919800000002")


def make_pair() -> tuple[Tipline, Tipline]:
    """Two tiplines that share two phones, the second due for links."""
    first, second = make_tipline(), make_tipline()
    for tip in (first, second):
        for value in RARE:
            add_sighting(tip, value=value)
    Tipline.objects.filter(pk=second.pk).update(linked_at=None)
    return first, second


@pytest.mark.django_db
def test_before_the_first_run_what_is_due_waits_for_nothing() -> None:
    make_pair()

    assert link_next(at=NOON) == 1
    assert not Run.objects.exists()
    assert not Tipline.objects.due_for_links().exists()


@pytest.mark.django_db
def test_the_first_to_be_linked_makes_the_first_run() -> None:
    make_pair()

    tasks.link()

    assert Run.objects.get().tiplines == 2
    assert not Tipline.objects.due_for_links().exists()


@pytest.mark.django_db(transaction=True)
def test_an_officer_who_decides_both_ends_meanwhile_is_not_thrown_out() -> None:
    first, second = make_pair()
    rebuild(at=NOON)
    Tipline.objects.filter(pk=first.pk).update(linked_at=None)
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
    assert (errors, linked) == ([], 2)


@pytest.mark.django_db
def test_what_was_renewed_while_it_was_linked_stays_due(monkeypatch: pytest.MonkeyPatch) -> None:
    _first, second = make_pair()
    rebuild(at=NOON)

    def renew(batch: list[int], **_: object) -> None:
        Tipline.objects.filter(pk__in=batch).update(version=2)

    monkeypatch.setattr("nexus.services.attaching.attach", renew)

    assert link_next(at=NOON) == 0
    assert Tipline.objects.due_for_links().get() == second
