"""Who asks and from where, for as long as a request is answered: for the record and for log lines.

Whoever begins a request sets `REQUEST` (`ifso.logs`); what is known only later, the session and
the duty, is added by `enrol`. Outside a request nothing is set: the system itself acts.
"""

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Request:
    id: str = ""
    source: str = ""
    """The address that asked."""
    session: str = ""
    """The beginning of the hash of the session's key: it tells sessions apart and opens none."""
    role: str = ""
    district_id: int | None = None
    """Of the officer who asks, also of one at a station."""


NO_REQUEST = Request()
REQUEST: ContextVar[Request] = ContextVar("request", default=NO_REQUEST)


def enrol(*, session_key: str | None, role: str | None, district_id: int | None) -> None:
    """Add what signing in made known.

    Outside a request nothing is set: there would be nobody to take it back.
    """
    if REQUEST.get() is NO_REQUEST:
        return
    REQUEST.set(
        replace(
            REQUEST.get(),
            session=hashlib.sha256(session_key.encode()).hexdigest()[:16] if session_key else "",
            role=role or "",
            district_id=district_id,
        )
    )
