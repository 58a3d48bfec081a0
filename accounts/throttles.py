"""How often the JSON interface answers one key and one address, and how many wrong keys it hears.

Counted in the cache. Without the cache nobody is held up: these limits keep the service usable, no
door depends on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiToken, User
from accounts.origins import address_of

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Throttle(SimpleRateThrottle):
    def allow_request(self, request: Request, view: APIView | None) -> bool:
        try:
            return bool(super().allow_request(request, view))  # type: ignore[arg-type]
        except RedisError:
            return True


class ByAddress(Throttle):
    scope = "address"

    def get_cache_key(self, request: Request, view: APIView | None) -> str | None:
        return f"throttle:{self.scope}:{address_of(request._request)}"


class WrongKeys(ByAddress):
    scope = "wrong-key"


class ByKey(Throttle):
    """By the key; for an officer's session by the officer."""

    scope = "key"

    def get_cache_key(self, request: Request, view: APIView | None) -> str | None:
        if isinstance(request.auth, ApiToken):
            return f"throttle:{self.scope}:token:{request.auth.pk}"
        if isinstance(request.user, User):
            return f"throttle:{self.scope}:officer:{request.user.pk}"
        return None
