"""Restricted cases: only named officers see them, and everyone who gets in all the same is known.

Restricting takes the case, its tiplines, their supplements and all that hangs on them out of every
list, count, link, search and export of whoever is not named. Who may know that it exists is asked,
and in an emergency breaks the glass: at once, with a reason, for a few hours, and reviewed after.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import CaseGrant, User
from accounts.models.grants import CASES_AT_MOST, SEE_RESTRICTED
from accounts.roles import Act
from accounts.scope import seeing
from audit.services import record
from cases.models import Access, Case, CaseTipline, Restriction
from cases.services import lettering
from cases.services.reach import CaseNotVisible
from tiplines import nudges
from tiplines.models import Tipline
from tiplines.services.deciding import check_may

GLASS_STAYS_BROKEN = timedelta(hours=4)
REASON_AT_LEAST = 20  # characters; a word is no reason


class ReasonTooShort(Exception):
    """An emergency is told in a sentence."""


class AlreadyRestricted(Exception):
    """Another officer was first."""


class NotRestricted(Exception):
    """The case is open to everyone in whose reach it is: nobody is named."""


class TooManyNamed(Exception):
    """The officer is named in as many restricted cases as one may be."""


class OwnerStays(Exception):
    """The owner answers for the restriction, and stays named for as long as it stands."""


class NotYoursToAnswer(Exception):
    """Somebody else answers this."""


class AlreadyAnswered(Exception):
    """Another officer was first."""


@transaction.atomic
def restrict(
    *,
    case_id: int,
    officers: Sequence[User],
    hides_existence: bool,
    reason: str,
    by: User,
    at: datetime,
) -> Restriction:
    """From now on only `by`, who answers for it, and `officers` see the case.

    Raises deciding.NotAllowed, CaseNotVisible, AlreadyRestricted and TooManyNamed.
    """
    check_may(by, Act.RESTRICT)
    case = lock(case_id, by=by)
    if case.is_restricted:
        raise AlreadyRestricted
    restriction = begin(
        case, owner=by, officers=officers, hides_existence=hides_existence, reason=reason, at=at
    )
    record(
        verb="case.restricted",
        subject=f"case:{case.pk}",
        actor=by,
        at=at,
        detail={"officers": [each.pk for each in officers], "hidden": hides_existence},
    )
    return restriction


def begin(
    case: Case,
    *,
    owner: User,
    officers: Sequence[User],
    hides_existence: bool,
    reason: str,
    at: datetime,
) -> Restriction:
    """Restrict a locked case. The grants come first: whoever acts must go on seeing it."""
    for officer in {each.pk: each for each in (owner, *officers)}.values():
        grant(case, officer)
    with seeing(case.pk):
        restriction = Restriction.objects.create(
            case=case,
            district_id=case.district_id,
            station_id=case.station_id,
            hides_existence=hides_existence,
            reason=reason,
            owner=owner,
            at=at,
        )
        Case.objects.filter(pk=case.pk).update(is_restricted=True)
        case.is_restricted = True
        held = CaseTipline.objects.filter(case=case, left_at__isnull=True).values("tipline")
        mark(Tipline.objects.filter(Q(pk__in=held) | Q(parent__in=held)), case=case)
    # Holders of its organised nexuses are told no longer that this one is among them.
    transaction.on_commit(lambda: nudges.send(nudges.ALERT))
    return restriction


def mark(tiplines: QuerySet[Tipline], *, case: Case | None) -> None:
    """Bind tiplines to the restricted case or set them free."""
    keys = list(tiplines.values_list("pk", flat=True))
    letters = lettering.lock_about(keys)
    list(Tipline.objects.filter(pk__in=keys).order_by("pk").select_for_update())
    Tipline.objects.filter(pk__in=keys).update(restricted_case=case)
    lettering.bind(letters)


@transaction.atomic
def lift(*, case_id: int, by: User, at: datetime) -> None:
    """Everyone in whose reach the case is sees it again.

    Raises NotAllowed, CaseNotVisible and NotRestricted.
    """
    check_may(by, Act.RESTRICT)
    case = lock(case_id, by=by)
    restriction_of(case)
    with seeing(case.pk):
        Restriction.objects.filter(case=case, lifted_at__isnull=True).update(lifted_at=at)
        Case.objects.filter(pk=case.pk).update(is_restricted=False)
        mark(Tipline.objects.filter(restricted_case=case), case=None)
        CaseGrant.objects.filter(content_object=case).delete()
    record(verb="case.restriction-lifted", subject=f"case:{case.pk}", actor=by, at=at)


@transaction.atomic
def name_officer(*, case_id: int, officer: User, by: User, at: datetime) -> None:
    """The officer sees the case from the next request on.

    Raises NotAllowed, CaseNotVisible, NotRestricted and TooManyNamed.
    """
    check_may(by, Act.RESTRICT)
    case = lock(case_id, by=by)
    restriction_of(case)
    grant(case, officer)
    tell(case, officer, verb="case.officer-named", by=by, at=at)


@transaction.atomic
def strike_officer(*, case_id: int, officer: User, by: User, at: datetime) -> None:
    """The officer's next request does not find the case.

    Raises NotAllowed, CaseNotVisible, NotRestricted and OwnerStays.
    """
    check_may(by, Act.RESTRICT)
    case = lock(case_id, by=by)
    if restriction_of(case).owner_id == officer.pk:
        raise OwnerStays
    CaseGrant.objects.filter(content_object=case, user=officer).delete()
    tell(case, officer, verb="case.officer-struck", by=by, at=at)


@transaction.atomic
def ask(*, case_id: int, reason: str, by: User, at: datetime) -> Access:
    """Ask the owner for access. Asked again while the first awaits an answer, that one stands.

    Raises CaseNotVisible where the officer may not know of the case, and ReasonTooShort.
    """
    restriction = known(case_id, by=by)
    check_reason(reason)
    access, is_new = Access.objects.get_or_create(
        case_id=case_id,
        officer=by,
        kind=Access.Kind.REQUEST,
        answered_at=None,
        defaults={"owner_id": restriction.owner_id, "reason": reason, "at": at},
    )
    if is_new:
        record(verb="case.access-asked", subject=f"case:{case_id}", actor=by, at=at)
    return access


@transaction.atomic
def break_glass(*, case_id: int, reason: str, by: User, at: datetime) -> Access:
    """Access at once, for GLASS_STAYS_BROKEN. Owner and supervisors are told and review it.

    Raises CaseNotVisible where the officer may not know of the case, and ReasonTooShort.
    """
    restriction = known(case_id, by=by)
    check_reason(reason)
    until = at + GLASS_STAYS_BROKEN
    access = Access.objects.create(
        case_id=case_id,
        kind=Access.Kind.BREAK_GLASS,
        officer=by,
        owner_id=restriction.owner_id,
        reason=reason,
        at=at,
        until_at=until,
    )
    mine = CaseGrant.objects.filter(content_object=case_id, user=by)
    if not mine.exists():
        # The officer does not see the case yet: django-guardian is given it by its key alone.
        CaseGrant.objects.create(
            content_object=Case(pk=case_id), user=by, permission=permission(), until_at=until
        )
    mine.filter(until_at__isnull=False).update(until_at=until)
    record(
        verb="case.glass-broken",
        subject=f"case:{case_id}",
        actor=by,
        at=at,
        detail={"access": access.pk, "until": until.isoformat()},
    )
    return access


@transaction.atomic
def answer(*, access_id: int, is_well: bool, note: str, by: User, at: datetime) -> Access:
    """Grant or refuse a request; find a break-glass access justified or not.

    Raises NotYoursToAnswer and AlreadyAnswered.
    """
    check_may(by, Act.RESTRICT)
    access = Access.objects.select_for_update().filter(pk=access_id).first()
    if access is None or not may_answer(access, by):
        raise NotYoursToAnswer
    if access.answered_at is not None:
        raise AlreadyAnswered
    if access.kind == Access.Kind.REQUEST:
        access.answer = Access.Answer.GRANTED if is_well else Access.Answer.REFUSED
    else:
        access.answer = Access.Answer.JUSTIFIED if is_well else Access.Answer.NOT_JUSTIFIED
    access.answered_at, access.answered_by, access.note = at, by, note
    access.save(update_fields=["answer", "answered_at", "answered_by", "note"])
    if access.answer == Access.Answer.GRANTED:
        grant(Case(pk=access.case_id), access.officer)
    elif access.answer == Access.Answer.NOT_JUSTIFIED:
        mine = CaseGrant.objects.filter(user=access.officer, content_object_id=access.case_id)
        mine.filter(until_at__isnull=False).delete()
    verb = {
        Access.Answer.GRANTED: "case.access-granted",
        Access.Answer.REFUSED: "case.access-refused",
        Access.Answer.JUSTIFIED: "case.access-justified",
        Access.Answer.NOT_JUSTIFIED: "case.access-not-justified",
    }[Access.Answer(access.answer)]
    record(
        verb=verb,
        subject=f"case:{access.case_id}",
        actor=by,
        at=at,
        detail={"access": access.pk, "officer": access.officer_id},
    )
    return access


def may_answer(access: Access, officer: User) -> bool:
    """The owner, whoever the case names with the same right, or for break-glass any supervisor;
    nobody for oneself.
    """
    if access.officer_id == officer.pk:
        return False
    is_break_glass = access.kind == Access.Kind.BREAK_GLASS
    return (
        access.owner_id == officer.pk or access.case_id in officer.duty.case_ids or is_break_glass
    )


def carry_over(pairs: Collection[tuple[Tipline, Case]], *, at: datetime) -> None:
    """Tiplines of a restricted case that came back and are assigned anew take its restriction, its
    owner and its named officers into their new case.
    """
    for tipline, case in pairs:
        if tipline.restricted_case_id is None:
            continue
        before = Restriction.objects.filter(case=tipline.restricted_case_id).latest("at")
        named = User.objects.filter(
            casegrant__content_object=tipline.restricted_case_id, casegrant__until_at__isnull=True
        )
        begin(
            case,
            owner=before.owner,
            officers=list(named),
            hides_existence=before.hides_existence,
            reason=before.reason,
            at=at,
        )


# --- Steps --------------------------------------------------------------------------------------


def lock(case_id: int, *, by: User) -> Case:
    try:
        return Case.objects.visible_to(by).select_for_update().get(pk=case_id)
    except Case.DoesNotExist as error:
        raise CaseNotVisible from error


def known(case_id: int, *, by: User) -> Restriction:
    """The standing restriction of a case, if the officer may know of it."""
    check_may(by, Act.SEE_CASES)
    found = Restriction.objects.known_to(by).filter(case=case_id).first()
    if found is None:
        raise CaseNotVisible
    return found


def restriction_of(case: Case) -> Restriction:
    """The standing one. Raises NotRestricted."""
    found = Restriction.objects.filter(case=case, lifted_at__isnull=True).first()
    if found is None:
        raise NotRestricted
    return found


def check_reason(reason: str) -> None:
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ReasonTooShort


def permission() -> Permission:
    return Permission.objects.get(codename=SEE_RESTRICTED, content_type__app_label="cases")


def grant(case: Case, officer: User) -> None:
    """For good; a break-glass access that still runs becomes one. Raises TooManyNamed."""
    if CaseGrant.objects.filter(user=officer).count() >= CASES_AT_MOST:
        raise TooManyNamed
    mine = CaseGrant.objects.filter(content_object=case, user=officer)
    if not mine.update(until_at=None):
        CaseGrant.objects.create(content_object=case, user=officer, permission=permission())


def tell(case: Case, officer: User, *, verb: str, by: User, at: datetime) -> None:
    record(verb=verb, subject=f"case:{case.pk}", actor=by, at=at, detail={"officer": officer.pk})
