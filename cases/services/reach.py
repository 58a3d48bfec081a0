"""How every act on a case begins: may this officer, does the case exist for them, lock it."""

from __future__ import annotations

from accounts.models import User
from accounts.roles import Act
from cases.models import Case
from tiplines.services.deciding import check_may


class CaseNotVisible(Exception):
    """There is no such case for this officer."""


def lock_case(*, case_id: int, by: User) -> Case:
    """Lock the case and return it. Raises deciding.NotAllowed and CaseNotVisible."""
    check_may(by, Act.WORK_CASES)
    try:
        return Case.objects.visible_to(by).select_for_update().get(pk=case_id)
    except Case.DoesNotExist as error:
        raise CaseNotVisible from error
