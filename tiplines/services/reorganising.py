"""New stations and areas from a day on, by two supervisors: one proposes, the workers make the
version that would come in force and try it on what awaits a decision, another confirms. On the day
the workers put it in force. Cases and decisions stay where they are.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from accounts.roles import Act
from audit.services import record
from districts import relocating
from districts.gazetteer import NotKept, gazetteer_of, present_gazetteer
from districts.merging import lock
from districts.models import GazetteerVersion
from districts.reorganising import Opened
from districts.reorganising import Reorganisation as Change
from tiplines import nudges
from tiplines.models import Reorganisation
from tiplines.services.deciding import check_may
from tiplines.services.rulebook import present_rules
from tiplines.services.ruling import (
    AnotherWaits,
    NoSuchProposal,
    NotTried,
    NotWaiting,
    ReasonMissing,
    check_second,
    lock_waiting,
    refused,
    settle,
    withdrawn,
)


class NotToCome(Exception):
    """The day is not one to come: stations open and close on a day that was announced."""


class CannotComeBack(Exception):
    """Only what came in force last is put back; by files, what was loaded since is not lost."""


@transaction.atomic
def propose(
    *,
    change: Change,
    base: int,
    from_on: date,
    source: str,
    why: str,
    by: User,
    at: datetime,
    back_to: int | None = None,
) -> Reorganisation:
    """Put stations and areas before a second supervisor, as `reorganisation_files` read them by the
    gazetteer `base`. With `back_to` the gazetteer of that number comes back, and `change` only says
    what that means.

    Raises deciding.NotAllowed, ReasonMissing, NotToCome and AnotherWaits.
    """
    check_may(by, Act.SUPERVISE)
    if not why.strip():
        raise ReasonMissing
    if from_on <= timezone.localdate(at):
        raise NotToCome
    # Locked, so that one confirmed at this moment is seen as what it is then.
    if Reorganisation.objects.open().select_for_update().first():
        raise AnotherWaits
    newest = Reorganisation.objects.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            made = Reorganisation.objects.create(
                number=newest + 1,
                from_on=from_on,
                source=source[:200],
                opens=[vars(each) for each in change.opens],
                closes=list(change.closes),
                areas=dict(change.areas) or None,
                back_to=back_to,
                base_number=base,
                why=why.strip(),
                by=by,
                at=at,
            )
    except IntegrityError as error:
        raise AnotherWaits from error
    record(
        verb="reorganisation.proposed",
        subject=f"reorganisation:{made.number}",
        actor=by,
        at=at,
        detail={
            "from": from_on.isoformat(),
            "opens": [each.code for each in change.opens],
            "closes": list(change.closes),
        }
        | ({} if back_to is None else {"back_to": back_to}),
    )
    transaction.on_commit(partial(nudges.send, nudges.TRY_REORGANISATION))
    return made


@transaction.atomic
def put_back(*, number: int, from_on: date, why: str, by: User, at: datetime) -> Reorganisation:
    """Propose that the stations and areas of before a reorganisation come back.

    Raises what `propose` raises, NoSuchProposal, CannotComeBack and gazetteer.NoGazetteer.
    """
    check_may(by, Act.SUPERVISE)
    found = Reorganisation.objects.visible_to(by).select_related("version").filter(number=number)
    last, present = found.first(), present_gazetteer()
    if last is None:
        raise NoSuchProposal
    if last.in_force_at is None or last.version is None or last.version.number != present.version:
        raise CannotComeBack
    try:
        before = gazetteer_of(last.base_number).stations
    except NotKept as error:
        raise CannotComeBack from error
    opens = [
        Opened(
            code=code,
            name=station.name,
            district_code=station.district_code,
            parents=station.parents,
        )
        for code, station in sorted(before.items())
        if code not in present.stations
    ]
    closes = sorted(set(present.stations) - set(before))
    return propose(
        change=Change(opens=tuple(opens), closes=tuple(closes), areas={}),
        base=present.version,
        from_on=from_on,
        source=last.source,
        why=why,
        by=by,
        at=at,
        back_to=last.base_number,
    )


@transaction.atomic
def confirm(*, number: int, by: User, at: datetime) -> Reorganisation:
    """Let what was tried come in force on its day.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting, OnesOwn, ProposerGone, NotTried and,
    once the day is over, NotToCome.
    """
    proposed = lock_waiting(Reorganisation, number, by)
    check_second(proposed, by, at)
    if proposed.replayed_at is None or proposed.rules_number != present_rules().number:
        raise NotTried
    if proposed.from_on < timezone.localdate(at):
        raise NotToCome
    settle(proposed, Reorganisation.Answer.CONFIRMED, by, at)
    record(
        verb="reorganisation.confirmed",
        subject=f"reorganisation:{number}",
        actor=by,
        at=at,
        detail={
            "proposed_by": proposed.by_id,
            "from": proposed.from_on.isoformat(),
            "moves": proposed.moves.count(),
            "of": proposed.total,
        },
    )
    transaction.on_commit(partial(nudges.send, nudges.LOCATE_AGAIN))
    return proposed


@transaction.atomic
def refuse(*, number: int, reason: str, by: User, at: datetime) -> Reorganisation:
    """Say no, and why.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting, OnesOwn and ReasonMissing.
    """
    proposed = refused(Reorganisation, number, reason=reason, by=by, at=at)
    _forget_areas(proposed)
    record(verb="reorganisation.refused", subject=f"reorganisation:{number}", actor=by, at=at)
    return proposed


@transaction.atomic
def withdraw(*, number: int, by: User, at: datetime) -> Reorganisation:
    """Take one's own proposal back.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting and NotOnesOwn.
    """
    proposed = withdrawn(Reorganisation, number, by=by, at=at)
    _forget_areas(proposed)
    record(verb="reorganisation.withdrawn", subject=f"reorganisation:{number}", actor=by, at=at)
    return proposed


def _forget_areas(proposed: Reorganisation) -> None:
    """What nobody will put into a version."""
    proposed.areas = None
    proposed.save(update_fields=["areas"])


@transaction.atomic
def call_off(*, number: int, reason: str, by: User, at: datetime) -> Reorganisation:
    """Let a confirmed one not come in force. One supervisor is enough: everything stays as it is.

    Raises deciding.NotAllowed, NoSuchProposal, ReasonMissing and NotWaiting.
    """
    check_may(by, Act.SUPERVISE)
    if not reason.strip():
        raise ReasonMissing
    found = Reorganisation.objects.visible_to(by).filter(number=number)
    confirmed = found.select_for_update().first()
    if confirmed is None:
        raise NoSuchProposal
    if not confirmed.awaits_its_day:
        raise NotWaiting
    confirmed.called_off_by, confirmed.called_off_at = by, at
    confirmed.called_off_note = reason.strip()
    confirmed.save(update_fields=["called_off_by", "called_off_at", "called_off_note"])
    record(verb="reorganisation.called-off", subject=f"reorganisation:{number}", actor=by, at=at)
    return confirmed


# --- The workers ----------------------------------------------------------------------------------


@transaction.atomic
def apply_due(*, today: date, at: datetime) -> int:
    """Put the confirmed reorganisation in force if its day has come; return the number of its
    gazetteer, or 0. Safe to run twice.
    """
    drop_settled(at=at)
    confirmed = Reorganisation.objects.open().filter(answer=Reorganisation.Answer.CONFIRMED)
    due = confirmed.filter(from_on__lte=today).select_related("version")
    found = due.select_for_update(of=("self",)).first()
    if found is None or found.version is None:
        return 0
    relocating.put_in_force(found.version, on=found.from_on, at=at)
    found.in_force_at = at
    found.save(update_fields=["in_force_at"])
    record(
        verb="gazetteer.in-force",
        subject=f"gazetteer:{found.version.number}",
        actor=None,
        at=at,
        detail={"reorganisation": found.number},
    )
    return found.version.number


@transaction.atomic
def drop_settled(*, at: datetime) -> None:
    """Forget the versions of which nothing comes."""
    kept = Reorganisation.objects.open().filter(version__isnull=False).values("version")
    left = GazetteerVersion.objects.waiting().exclude(pk__in=kept)
    if left.exists():
        lock()  # what is being made at this moment is there then, with what it belongs to
        for number in left.values_list("number", flat=True):
            record(verb="gazetteer.dropped", subject=f"gazetteer:{number}", actor=None, at=at)
        relocating.drop(left)
