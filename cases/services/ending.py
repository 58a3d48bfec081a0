"""Transfer to another State and return to the sender: the decision and its letters in one act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from cases.services import lettering
from tiplines.services import deciding
from tiplines.services.deciding import Decided


@transaction.atomic
def transfer(
    *,
    tipline_ids: Sequence[int],
    state_name: str | None,
    by: User,
    at: datetime,
    note: str = "",
    alone: bool = False,
    confirmed_by: User | None = None,
) -> Decided:
    """As `deciding.transfer`, with a letter to each State. Raises what that raises."""
    decided = deciding.transfer(
        tipline_ids=tipline_ids,
        state_name=state_name,
        by=by,
        at=at,
        note=note,
        alone=alone,
        confirmed_by=confirmed_by,
    )
    lettering.write(batch=decided.batch, by=by, at=at, confirmed_by=confirmed_by)
    return decided


@transaction.atomic
def send_back(
    *, tipline_ids: Sequence[int], by: User, at: datetime, note: str, alone: bool = False
) -> Decided:
    """As `deciding.send_back`, with a letter to each sender. Raises what that raises."""
    decided = deciding.send_back(tipline_ids=tipline_ids, by=by, at=at, note=note, alone=alone)
    lettering.write(batch=decided.batch, by=by, at=at)
    return decided
