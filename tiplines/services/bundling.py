"""Viral tiplines are gathered into bundles as they are judged; officers take them out again.

A bundle is made with its first tipline and shows as one as soon as a second awaits with it: so no
worker has to look for the others, and of two that make the same bundle one finds it there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, models, transaction
from django.db.models import Q

from accounts.models import User
from accounts.roles import Act
from audit.services import record, record_many
from tiplines import nudges
from tiplines.assessment import Facts
from tiplines.bundles import File, Traits, bundle_key
from tiplines.models import Bundle, FileRecord, Sighting, Tipline
from tiplines.models.tipline import Status
from tiplines.parsing.records import IdentifierKind
from tiplines.services.deciding import check_may

GROUPED = Q(bundle__isnull=False, left_bundle=False, came_back="")
"""Tiplines that stand in the queue with their bundle and not by themselves."""


class NotInABundle(Exception):
    """None of the tiplines stands in a bundle; or it is dissolved, or not dissolved, already."""


def bundle(judged: Sequence[Tipline], facts: Mapping[int, Facts], *, at: datetime) -> None:
    """Give each judged tipline the bundle that the rule finds for it, or none. Not stored here."""
    likely = [
        tip
        for tip in judged
        if not tip.left_bundle
        and tip.status == Status.AWAITING
        and tip.organised_in is None
        and (tip.batched_reason or facts[tip.pk].all_files_meme)
    ]
    keys = keys_of(likely, facts) if likely else {}
    bundles = bundles_of({key: tip.provider for tip in likely if (key := keys[tip.pk])}, at=at)
    for tip in judged:
        # What is decided keeps the bundle that it was decided with.
        if tip.status == Status.AWAITING and not tip.left_bundle:
            tip.bundle_id = bundles.get(keys.get(tip.pk, ""))


def keys_of(likely: Sequence[Tipline], facts: Mapping[int, Facts]) -> dict[int, str]:
    files = files_of([tip.pk for tip in likely if not tip.batched_reason])
    tied = tied_to_a_case([tip.pk for tip in likely])
    return {
        tip.pk: bundle_key(
            Traits(
                dispatch_id=tip.dispatch_id,
                provider_key=tip.provider_key,
                batched_reason=tip.batched_reason,
                files=files.get(tip.pk, ()),
                urgency=tip.urgency,
                is_escalated=facts[tip.pk].escalated,
                names_victim=facts[tip.pk].victim_named,
                is_supplement_or_parent=tip.parent_id is not None or facts[tip.pk].supplements > 0,
                is_tied_to_a_case=tip.pk in tied,
                came_back=bool(tip.came_back),
            )
        )
        for tip in likely
    }


def files_of(keys: Sequence[int]) -> dict[int, tuple[File, ...]]:
    """Marks and hashes of every file of these tiplines."""
    hashes: dict[int, set[str]] = defaultdict(set)
    for file_id, value in Sighting.objects.filter(
        tipline__in=keys, file__isnull=False, identifier__kind=IdentifierKind.HASH
    ).values_list("file_id", "identifier__value"):
        if file_id is not None:
            hashes[file_id].add(value)
    files: dict[int, list[File]] = defaultdict(list)
    for file_id, tipline_id, marks in FileRecord.objects.filter(tipline__in=keys).values_list(
        "pk", "tipline_id", "annotations"
    ):
        files[tipline_id].append(
            File(marks=frozenset(marks), hashes=frozenset(hashes.get(file_id, ())))
        )
    return {key: tuple(found) for key, found in files.items()}


TIED = """
select distinct s.tipline_id from tiplines_sighting s
join tiplines_identifier i on i.id = s.identifier_id and i.kind <> 'hash'
cross join lateral (
  select 1 from tiplines_sighting o join tiplines_tipline h on h.id = o.tipline_id
  where o.identifier_id = s.identifier_id and o.links and o.tipline_id <> s.tipline_id
    and h.status = 'held'
  limit 1
) held
where s.tipline_id = any(%s) and s.links
"""


def tied_to_a_case(keys: Sequence[int]) -> set[int]:
    """Those that share anything but a file with a tipline that a district holds."""
    with connection.cursor() as cursor:
        cursor.execute(TIED, [list(keys)])
        return {key for (key,) in cursor.fetchall()}


def bundles_of(providers: Mapping[str, str], *, at: datetime) -> dict[str, int]:
    """The standing bundle of each key, made where there is none: keys in order, so nobody waits in
    a ring.
    """
    if not providers:
        return {}
    keys = sorted(providers)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tiplines_bundle (key, provider, made_at)"
            " select key, provider, %s from unnest(%s::text[], %s::text[]) as n(key, provider)"
            ' order by key collate "C"'
            " on conflict (key) where dissolved_at is null do nothing",
            [at, keys, [providers[key] for key in keys]],
        )
    standing = Bundle.objects.filter(key__in=keys, dissolved_at__isnull=True)
    return dict(standing.values_list("key", "pk"))


# --- What officers do with a bundle ---------------------------------------------------------------


@transaction.atomic
def leave(*, tipline_ids: Sequence[int], by: User, at: datetime) -> int:
    """Take tiplines out of their bundle, to be decided by themselves; return how many.

    Raises deciding.NotAllowed, and NotInABundle if none of them stands in one.
    """
    check_may(by, Act.TRIAGE)
    chosen = Tipline.objects.visible_to(by).filter(GROUPED, pk__in=tipline_ids)
    found = locked(chosen.filter(status=Status.AWAITING))
    if not found:
        raise NotInABundle
    Tipline.objects.filter(pk__in=[tip.pk for tip in found]).update(bundle=None, left_bundle=True)
    record_each(found, verb="tipline.left-bundle", by=by, at=at)
    return len(found)


@transaction.atomic
def rejoin(*, tipline_id: int, by: User, at: datetime) -> None:
    """Let the rule put a tipline into a bundle again that an officer had taken out.

    Raises deciding.NotAllowed, and NotInABundle if nobody had.
    """
    check_may(by, Act.TRIAGE)
    chosen = Tipline.objects.visible_to(by).filter(pk=tipline_id, left_bundle=True)
    found = locked(chosen)
    if not found:
        raise NotInABundle
    Tipline.objects.filter(pk=tipline_id).update(left_bundle=False, assessed_at=None)
    record_each(found, verb="tipline.rejoined-bundle", by=by, at=at)
    transaction.on_commit(lambda: nudges.send(nudges.ASSESS))


@transaction.atomic
def dissolve(*, bundle_id: int, by: User, at: datetime) -> int:
    """Let every tipline that awaits in a bundle stand by itself; return how many.

    Raises deciding.NotAllowed, and NotInABundle if it is dissolved already.
    """
    check_may(by, Act.TRIAGE)
    members = Tipline.objects.visible_to(by).filter(GROUPED, bundle=bundle_id)
    found = locked(members.filter(status=Status.AWAITING))
    dissolved = Bundle.objects.filter(pk=bundle_id, dissolved_at__isnull=True).update(
        dissolved_at=at, dissolved_by=by
    )
    if not dissolved:
        raise NotInABundle
    Tipline.objects.filter(pk__in=[tip.pk for tip in found]).update(left_bundle=True)
    return recorded(bundle_id, found, verb="bundle.dissolved", by=by, at=at)


@transaction.atomic
def restore(*, bundle_id: int, by: User, at: datetime) -> int:
    """Undo a dissolution: what still awaits stands together again; return how many.

    Where a new bundle of the same kind has formed meanwhile, they join that one. Raises
    deciding.NotAllowed, and NotInABundle if it was not dissolved.
    """
    check_may(by, Act.TRIAGE)
    members = Tipline.objects.visible_to(by).filter(bundle=bundle_id, left_bundle=True)
    found = locked(members.filter(status=Status.AWAITING))
    old = Bundle.objects.select_for_update(no_key=True).filter(pk=bundle_id).first()
    if old is None or old.dissolved_at is None:
        raise NotInABundle
    newer = Bundle.objects.filter(key=old.key, dissolved_at__isnull=True).first()
    if newer is None:
        Bundle.objects.filter(pk=bundle_id).update(dissolved_at=None, dissolved_by=None)
    Tipline.objects.filter(pk__in=[tip.pk for tip in found]).update(
        left_bundle=False, bundle=newer or old
    )
    return recorded(bundle_id, found, verb="bundle.restored", by=by, at=at)


def locked(chosen: models.QuerySet[Tipline]) -> list[Tipline]:
    return list(chosen.only("number").order_by("pk").select_for_update(of=("self",)))


def record_each(tiplines: Sequence[Tipline], *, verb: str, by: User, at: datetime) -> None:
    record_many(verb=verb, subjects=[f"tipline:{tip.number}" for tip in tiplines], actor=by, at=at)


def recorded(
    bundle_id: int, tiplines: Sequence[Tipline], *, verb: str, by: User, at: datetime
) -> int:
    count = len(tiplines)
    record(verb=verb, subject=f"bundle:{bundle_id}", actor=by, at=at, detail={"tiplines": count})
    return count
