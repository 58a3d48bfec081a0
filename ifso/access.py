"""The access table: every route and who may take it. A route that is not here is closed.

`accounts.access` enforces it; `tests/conventions/test_access.py` compares it with every route and
role.
"""

from accounts.access import SIGNED_IN, STRANGERS, Access, whoever_may
from accounts.roles import Act

ROUTES: dict[str, Access] = {
    "home": SIGNED_IN,
    "health": STRANGERS,
    # accounts
    "accounts:sign-in": STRANGERS,
    "accounts:sign-out": SIGNED_IN,
    "accounts:language": STRANGERS,
    "accounts:password": SIGNED_IN,
    "accounts:officers": whoever_may(Act.MANAGE_OFFICERS),
    "accounts:new-officer": whoever_may(Act.MANAGE_OFFICERS),
    "accounts:officer": whoever_may(Act.MANAGE_OFFICERS),
    "accounts:post": whoever_may(Act.MANAGE_OFFICERS),
    "accounts:access": whoever_may(Act.MANAGE_OFFICERS),
    "accounts:unlock": whoever_may(Act.MANAGE_OFFICERS),
    "accounts:one-time-password": whoever_may(Act.MANAGE_OFFICERS),
    # tiplines
    "tiplines:dispatches": whoever_may(Act.IMPORT),
    "tiplines:dispatch": whoever_may(Act.IMPORT),
    "tiplines:upload": whoever_may(Act.IMPORT),
    "tiplines:upload-begin": whoever_may(Act.IMPORT),
    "tiplines:upload-chunk": whoever_may(Act.IMPORT),
    "tiplines:upload-finish": whoever_may(Act.IMPORT),
    "tiplines:receipt": whoever_may(Act.IMPORT),
    "tiplines:missing": whoever_may(Act.IMPORT),
    "tiplines:quarantine": whoever_may(Act.IMPORT),
    "tiplines:read-again": whoever_may(Act.IMPORT),
    "tiplines:quarantine-item": whoever_may(Act.IMPORT),
    "tiplines:replace": whoever_may(Act.IMPORT),
    "tiplines:set-aside": whoever_may(Act.IMPORT),
    "tiplines:columns": whoever_may(Act.IMPORT),
    "api:dispatches": whoever_may(Act.IMPORT),
    # cases: triage desk
    "cases:queue": whoever_may(Act.TRIAGE),
    "cases:tipline": whoever_may(Act.TRIAGE, Act.SEE_CASES),
    "cases:decide": whoever_may(Act.TRIAGE),
    "cases:follow": whoever_may(Act.TRIAGE),
    "cases:undo": whoever_may(Act.TRIAGE),
    "cases:leave-bundle": whoever_may(Act.TRIAGE),
    "cases:rejoin-bundle": whoever_may(Act.TRIAGE),
    "cases:dissolve-bundle": whoever_may(Act.TRIAGE),
    "cases:restore-bundle": whoever_may(Act.TRIAGE),
    "cases:correct": whoever_may(Act.TRIAGE),
    "cases:undo-correction": whoever_may(Act.TRIAGE),
    "cases:reveal": whoever_may(Act.TRIAGE, Act.SEE_CASES),
    "cases:looked": whoever_may(Act.READ_RECORD, Act.WORK_CASES),
    "cases:search": whoever_may(Act.TRIAGE, Act.SEE_CASES),
    # cases: district desk
    "cases:desk": whoever_may(Act.SEE_CASES),
    "cases:cases": whoever_may(Act.SEE_CASES),
    "cases:case": whoever_may(Act.SEE_CASES),
    "cases:mark-seen": whoever_may(Act.WORK_CASES),
    "cases:acknowledge": whoever_may(Act.WORK_CASES),
    "cases:return": whoever_may(Act.WORK_CASES),
    "cases:allot": whoever_may(Act.WORK_CASES),
    "cases:register-fir": whoever_may(Act.WORK_CASES),
    "cases:record-progress": whoever_may(Act.WORK_CASES),
    "cases:add-accused": whoever_may(Act.WORK_CASES),
    "cases:record-arrest": whoever_may(Act.WORK_CASES),
    "cases:record-production": whoever_may(Act.WORK_CASES),
    # operations
    "operations:board": whoever_may(Act.SUPERVISE),
    "operations:balance": whoever_may(Act.SUPERVISE),
    "operations:figure": whoever_may(Act.SUPERVISE),
    "operations:operations": whoever_may(Act.SUPERVISE),
    "operations:operation": whoever_may(Act.SUPERVISE),
    "operations:operation-figure": whoever_may(Act.SUPERVISE),
    "operations:cohort": whoever_may(Act.SUPERVISE),
    "operations:end": whoever_may(Act.SUPERVISE),
    "operations:record": whoever_may(Act.READ_RECORD),
}
