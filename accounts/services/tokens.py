"""Keys for machines."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from accounts.models import ApiToken, User
from audit.services import record


@transaction.atomic
def make_token(*, officer: User, name: str, route: str, at: datetime) -> str:
    """Return a new key for one route. It is shown once and never kept."""
    key = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        officer=officer, name=name, route=route, digest=digest_of(key), created_at=at
    )
    record(verb="token.made", subject=f"token:{token.pk}", actor=officer, at=at)
    return key


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
