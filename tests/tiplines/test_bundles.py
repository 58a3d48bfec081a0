"""What may be decided once for all: the rule as tables, and the stage that gathers."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts.roles import Role
from audit.models import Event
from tests.factories import NOON, make_dispatch, make_district, make_officer, make_tipline
from tests.tiplines.rows import add_account, add_viral_file
from tiplines.bundles import KEY_AT_MOST, URGENT_FROM, File, Traits, bundle_key
from tiplines.models import Bundle, Dispatch, Tipline
from tiplines.models.tipline import URGENT_FROM as SHOWN_AS_URGENT_FROM
from tiplines.models.tipline import Status
from tiplines.services import bundling
from tiplines.services.assessing import assess_next
from tiplines.services.deciding import NotAllowed

HASH = "sha1:00112233445566778899aabbccddeeff00112233"
VIRAL_FILE = File(marks=frozenset({"viral"}), hashes=frozenset({HASH, "md5:aa"}))
BATCHED = Traits(dispatch_id=7, provider_key="facebook", batched_reason="VIRAL")
OF_A_FILE = Traits(dispatch_id=7, provider_key="facebook", files=(VIRAL_FILE,))


# --- The rule -------------------------------------------------------------------------------------


def test_a_batch_is_known_by_dispatch_company_and_reason() -> None:
    keys = {
        bundle_key(BATCHED),
        bundle_key(replace(BATCHED, dispatch_id=8)),
        bundle_key(replace(BATCHED, provider_key="instagram")),
        bundle_key(replace(BATCHED, batched_reason="OTHER")),
    }

    assert len(keys) == 4
    assert "" not in keys


def test_one_file_is_the_same_in_every_dispatch_and_at_every_company() -> None:
    other = replace(OF_A_FILE, dispatch_id=8, provider_key="instagram")

    assert bundle_key(OF_A_FILE) == bundle_key(other) == f"file/{HASH}"


@pytest.mark.parametrize(
    ("files", "key"),
    [
        pytest.param((VIRAL_FILE, VIRAL_FILE), f"file/{HASH}", id="the same file twice"),
        pytest.param((), "", id="no file"),
        pytest.param((File(marks=frozenset(), hashes=VIRAL_FILE.hashes),), "", id="not marked"),
        pytest.param(
            (VIRAL_FILE, File(marks=frozenset({"viral"}), hashes=frozenset({"sha1:ff"}))),
            "",
            id="two files",
        ),
        pytest.param(
            (VIRAL_FILE, File(marks=frozenset(), hashes=VIRAL_FILE.hashes)), "", id="one unmarked"
        ),
        pytest.param(
            (File(marks=frozenset({"potentialMeme"}), hashes=frozenset({"photodna:x"})),),
            "",
            id="a hash that only says alike",
        ),
    ],
)
def test_only_one_marked_file_makes_a_bundle(files: tuple[File, ...], key: str) -> None:
    assert bundle_key(replace(OF_A_FILE, files=files)) == key


@pytest.mark.parametrize("traits", [BATCHED, OF_A_FILE], ids=["batch", "file"])
@pytest.mark.parametrize(
    "kept_out",
    [
        {"urgency": URGENT_FROM},
        {"is_escalated": True},
        {"names_victim": True},
        {"is_supplement_or_parent": True},
        {"is_tied_to_a_case": True},
        {"came_back": True},
    ],
    ids=lambda said: next(iter(said)),
)
def test_what_may_be_more_than_viral_stands_alone(
    traits: Traits, kept_out: dict[str, object]
) -> None:
    assert bundle_key(replace(traits, urgency=URGENT_FROM - 1))
    assert bundle_key(replace(traits, **kept_out)) == ""  # type: ignore[arg-type]


def test_a_key_fits_its_column_or_there_is_none() -> None:
    long = replace(BATCHED, batched_reason="x" * KEY_AT_MOST)

    assert bundle_key(long) == ""
    assert Bundle._meta.get_field("key").max_length == KEY_AT_MOST


def test_both_lines_of_urgency_are_one() -> None:
    assert URGENT_FROM == SHOWN_AS_URGENT_FROM


# --- The stage ------------------------------------------------------------------------------------


def due(dispatch: Dispatch, *, batched: str = "VIRAL", **changes: object) -> Tipline:
    tip = make_tipline(dispatch=dispatch, provider="Facebook", batched_reason=batched)
    Tipline.objects.filter(pk=tip.pk).update(assessed_at=None, **changes)
    tip.refresh_from_db()
    return tip


def judge() -> None:
    while assess_next(at=NOON):
        pass


def bundles() -> dict[int, int | None]:
    return dict(Tipline.objects.values_list("pk", "bundle"))


@pytest.mark.django_db
def test_a_batch_becomes_one_bundle_also_when_it_comes_in_parts() -> None:
    dispatch = make_dispatch()
    first = due(dispatch)
    judge()
    second, other = due(dispatch), due(make_dispatch())

    judge()

    found = bundles()
    assert found[first.pk] == found[second.pk] is not None
    assert found[other.pk] not in {None, found[first.pk]}


@pytest.mark.django_db
def test_reports_of_one_viral_file_are_gathered_from_all_dispatches() -> None:
    tips = [due(make_dispatch(), batched="") for _ in range(2)]
    alone = due(make_dispatch(), batched="")
    for tip in tips:
        add_viral_file(tip, HASH)
    add_viral_file(alone, HASH, mark="infant")

    judge()

    found = bundles()
    assert found[tips[0].pk] == found[tips[1].pk] is not None
    assert found[alone.pk] is None


@pytest.mark.django_db
def test_one_whose_account_is_in_a_held_case_stands_alone() -> None:
    dispatch, held = (
        make_dispatch(),
        make_tipline(status=Status.HELD, holder_district=make_district()),
    )
    tied, free = due(dispatch), due(dispatch)
    for tip in (held, tied):
        add_account(tip, "facebook:u1")

    judge()

    assert bundles()[tied.pk] is None
    assert bundles()[free.pk] is not None


@pytest.mark.django_db
def test_one_that_becomes_urgent_leaves_by_itself() -> None:
    tip = due(make_dispatch(), batched="")
    add_viral_file(tip, HASH)
    judge()
    assert bundles()[tip.pk] is not None
    Tipline.objects.filter(pk=tip.pk).update(escalation="a child at risk", assessed_at=None)

    judge()

    assert bundles()[tip.pk] is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_bundle() -> None:
    dispatch = make_dispatch()
    tips = [due(dispatch) for _ in range(40)]
    barrier = Barrier(2)

    def one_worker() -> None:
        try:
            barrier.wait(10)
            while assess_next(at=NOON):
                pass
        finally:
            connection.close()

    workers = [Thread(target=one_worker) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert Bundle.objects.count() == 1
    assert {bundles()[tip.pk] for tip in tips} == {Bundle.objects.get().pk}


# --- What officers do -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_taken_out_stays_out_until_put_back() -> None:
    dispatch, officer = make_dispatch(), make_officer()
    tip, other = due(dispatch), due(dispatch)
    judge()

    assert bundling.leave(tipline_ids=[tip.pk], by=officer, at=NOON) == 1
    Tipline.objects.update(assessed_at=None)
    judge()
    assert (bundles()[tip.pk], bundles()[other.pk]) == (None, Bundle.objects.get().pk)

    bundling.rejoin(tipline_id=tip.pk, by=officer, at=NOON)
    judge()
    assert bundles()[tip.pk] == bundles()[other.pk]
    verbs = Event.objects.filter(subject=f"tipline:{tip.number}").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "tipline.left-bundle",
        "tipline.rejoined-bundle",
    ]


@pytest.mark.django_db
def test_a_dissolved_bundle_is_put_together_again() -> None:
    dispatch, officer = make_dispatch(), make_officer()
    tips = [due(dispatch) for _ in range(3)]
    judge()
    bundle = Bundle.objects.get()

    assert bundling.dissolve(bundle_id=bundle.pk, by=officer, at=NOON) == 3
    assert not Tipline.objects.filter(bundling.GROUPED).exists()
    assert bundling.restore(bundle_id=bundle.pk, by=officer, at=NOON) == 3

    assert set(Tipline.objects.filter(bundling.GROUPED)) == set(tips)
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True))[-2:] == [
        "bundle.dissolved",
        "bundle.restored",
    ]


@pytest.mark.django_db
def test_what_a_new_bundle_gathered_meanwhile_is_joined() -> None:
    dispatch, officer = make_dispatch(), make_officer()
    first = due(dispatch)
    judge()
    old = Bundle.objects.get()
    bundling.dissolve(bundle_id=old.pk, by=officer, at=NOON)
    second = due(dispatch)
    judge()
    assert bundles()[second.pk] != old.pk

    bundling.restore(bundle_id=old.pk, by=officer, at=NOON)

    assert bundles()[first.pk] == bundles()[second.pk]
    assert Bundle.objects.filter(dissolved_at__isnull=True).count() == 1


@pytest.mark.django_db
def test_what_is_done_already_is_refused() -> None:
    officer = make_officer()
    tip = due(make_dispatch())
    judge()
    bundle = Bundle.objects.get()

    with pytest.raises(bundling.NotInABundle):
        bundling.restore(bundle_id=bundle.pk, by=officer, at=NOON)
    with pytest.raises(bundling.NotInABundle):
        bundling.rejoin(tipline_id=tip.pk, by=officer, at=NOON)
    bundling.dissolve(bundle_id=bundle.pk, by=officer, at=NOON)
    with pytest.raises(bundling.NotInABundle):
        bundling.dissolve(bundle_id=bundle.pk, by=officer, at=NOON)
    with pytest.raises(bundling.NotInABundle):
        bundling.leave(tipline_ids=[tip.pk], by=officer, at=NOON)


@pytest.mark.django_db
def test_only_the_unit_changes_bundles() -> None:
    with pytest.raises(NotAllowed):
        bundling.dissolve(bundle_id=1, by=make_officer(Role.DISTRICT), at=NOON)


@pytest.mark.django_db
def test_one_that_gets_a_supplement_leaves_by_itself() -> None:
    dispatch = make_dispatch()
    parent, other = due(dispatch), due(dispatch)
    judge()
    late = make_tipline(number=str(int(other.number) + 1), provider="Facebook")
    Tipline.objects.filter(pk=late.pk).update(assessed_at=None, prior_reports=[parent.number])

    judge()

    assert Tipline.objects.get(pk=late.pk).parent_id == parent.pk
    assert bundles()[parent.pk] is None
    assert bundles()[other.pk] is not None


@pytest.mark.django_db(transaction=True)
def test_who_is_judging_keeps_nobody_from_ending_who_ties_a_supplement_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two who judge at once: one waits for the bundle that the other has made, and has in hand the
    report to which the other's commit refers.
    """
    tip = make_tipline()
    Tipline.objects.filter(pk=tip.pk).update(assessed_at=None)
    seen = []

    def refer(*_: object, **__: object) -> None:
        with closing(connection.copy()) as other, other.cursor() as cursor:
            cursor.execute(
                "select id from tiplines_tipline where id = %s for key share nowait", [tip.pk]
            )
            seen.append(cursor.fetchone()[0])

    monkeypatch.setattr("tiplines.services.assessing.bundle", refer)

    assert assess_next(at=NOON) == 1
    assert seen == [tip.pk]
