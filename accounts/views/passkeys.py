"""The site's name for WebAuthn."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from fido2.server import Fido2Server

from accounts import services


def fido_of(request: HttpRequest) -> Fido2Server:
    """Passkeys are bound to the host that officers type; ALLOWED_HOSTS says which may be typed."""
    host = request.get_host().rsplit(":", 1)[0]
    return services.passkey_server(host, str(settings.UNIT["short_name"]))
