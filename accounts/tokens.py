"""Who may use the JSON interface: an officer's session, or a key made for one route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework import permissions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from accounts.access import access_to
from accounts.models import ApiToken, User
from accounts.services import digest_of, duty_of
from accounts.throttles import WrongKeys
from audit.requests import enrol

if TYPE_CHECKING:
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = (
            ApiToken.objects.select_related("officer")
            .filter(digest=digest_of(key.strip()), revoked_at__isnull=True, officer__is_active=True)
            .first()
        )
        match = request._request.resolver_match
        if token is None or match is None or token.route != match.view_name:
            counter = WrongKeys()
            if not counter.allow_request(request, None):
                raise Throttled(counter.wait())
            raise AuthenticationFailed("This key does not open this route.")
        duty = token.officer.duty = duty_of(token.officer, at=timezone.now())
        enrol(session_key=None, role=duty.role, district_id=duty.home_district_id)
        return token.officer, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class OfficerOnDuty(permissions.BasePermission):
    """The same access table as the pages."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        match = request._request.resolver_match
        if match is None or not isinstance(request.user, User):
            return False
        return access_to(match.view_name).admits(request.user.duty)
