"""Nobody changes the own account: how pages say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from accounts.services import OwnAccount
from accounts.wording import OWN_ACCOUNT


@contextmanager
def not_own_account(request: HttpRequest) -> Iterator[None]:
    """Say it as a message where a service refused; what stands after the refusal is left out."""
    try:
        yield
    except OwnAccount:
        messages.error(request, str(OWN_ACCOUNT))
