"""How every act on a case begins: may this officer, does the case exist for them, lock it."""

from __future__ import annotations

from accounts.models import User
from accounts.roles import Act
from cases.models import Case
from tiplines.services.deciding import NotAllowed, check_may


class CaseNotVisible(Exception):
    """There is no such case for this officer."""


def lock_case(*, case_id: int, by: User) -> Case:
    """Lock the case and return it. Raises deciding.NotAllowed, also for an officer who sees a
    restricted case that is held elsewhere, and CaseNotVisible.
    """
    check_may(by, Act.WORK_CASES)
    try:
        case = Case.objects.visible_to(by).select_for_update().get(pk=case_id)
    except Case.DoesNotExist as error:
        raise CaseNotVisible from error
    if not is_held_by(case, by):
        raise NotAllowed(Act.WORK_CASES)
    return case


def is_held_by(case: Case, officer: User) -> bool:
    """Whether the officer's own district or station holds the case."""
    duty = officer.duty
    return case.district_id in duty.district_ids or case.station_id in duty.station_ids
