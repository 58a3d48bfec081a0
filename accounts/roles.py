"""Which role may do what: one table, read by every page, the JSON interface and the tests.

A role says what kind of act; the posting's district or station says on which rows
(`accounts.duty`).
"""

from enum import StrEnum


class Role(StrEnum):
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    DISTRICT = "district"
    STATION = "station"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


# Roles that see every district: the nodal unit itself.
UNIT_ROLES = frozenset({Role.ANALYST, Role.SUPERVISOR})


class Act(StrEnum):
    IMPORT = "import"  # bring a dispatch in, settle its quarantine
    TRIAGE = "triage"  # read the queue and decide
    SEE_CASES = "see-cases"  # read cases and the tiplines in them, within the posting's reach
    WORK_CASES = "work-cases"  # acknowledge, return, record FIR, accused, arrest
    RESTRICT = "restrict"  # say who alone sees a case, and review who looked all the same
    SUPERVISE = "supervise"  # the board and operations
    READ_RECORD = "read-record"
    MANAGE_OFFICERS = "manage-officers"


MAY: dict[Role, frozenset[Act]] = {
    Role.ANALYST: frozenset({Act.IMPORT, Act.TRIAGE, Act.SEE_CASES}),
    Role.SUPERVISOR: frozenset(
        {
            *(Act.IMPORT, Act.TRIAGE, Act.SEE_CASES, Act.SUPERVISE),
            *(Act.RESTRICT, Act.READ_RECORD),
        }
    ),
    Role.DISTRICT: frozenset({Act.SEE_CASES, Act.WORK_CASES}),
    Role.STATION: frozenset({Act.SEE_CASES, Act.WORK_CASES}),
    Role.AUDITOR: frozenset({Act.READ_RECORD}),
    Role.ADMINISTRATOR: frozenset({Act.MANAGE_OFFICERS}),
}


SECOND_FACTOR: dict[Role, bool] = dict.fromkeys(Role, True)
"""Whether a role must sign in with a second factor."""


def needs_second_factor(role: Role | None) -> bool:
    """An officer without a duty needs one too: a posting may begin tomorrow."""
    return role is None or SECOND_FACTOR[role]


class Rank(StrEnum):
    """Ranks of Delhi Police, lowest first."""

    CONSTABLE = "constable"
    HEAD_CONSTABLE = "head-constable"
    ASSISTANT_SUB_INSPECTOR = "asi"
    SUB_INSPECTOR = "si"
    INSPECTOR = "inspector"
    ASSISTANT_COMMISSIONER = "acp"
    ADDITIONAL_DEPUTY_COMMISSIONER = "addl-dcp"
    DEPUTY_COMMISSIONER = "dcp"
    JOINT_COMMISSIONER = "jt-cp"
    SPECIAL_COMMISSIONER = "spl-cp"


def at_least(rank: Rank, lowest: Rank) -> bool:
    """Whether `rank` is `lowest` or above."""
    order = list(Rank)
    return order.index(rank) >= order.index(lowest)
