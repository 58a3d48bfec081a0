"""When an officer's posting must be looked at again. Plain values, no Django, no clock."""

from datetime import date, timedelta

CERTIFY_EVERY = timedelta(days=92)  # a quarter; CJIS AC-2


def is_due(*, from_on: date, certified_on: date | None, on: date) -> bool:
    """Whether a quarter has gone since the posting began or was last certified."""
    return on >= max(from_on, certified_on or from_on) + CERTIFY_EVERY
