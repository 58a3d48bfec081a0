"""What every page of an officer tells at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.roles import Act
from cases.models import Access


def context(request: HttpRequest) -> dict[str, Any]:
    """How many requests and break-glass accesses await the officer's answer; nothing for
    who has no part in it.
    """
    officer = getattr(request, "user", None)
    if not isinstance(officer, User) or not officer.duty.may(Act.RESTRICT):
        return {}
    return {"accesses_awaiting": lambda: Access.objects.all().awaiting(officer).count()}
