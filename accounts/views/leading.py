"""Pages whose form leads on to the force's identity provider."""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.http import HttpResponse

from accounts import provider
from accounts.links import origin_of

Page = TypeVar("Page", bound=HttpResponse)


def leading_to_provider(page: Page) -> Page:
    """Let the page's forms be answered by a move to the provider, if there is one: browsers hold
    the moves after a form to `form-action` too.
    """
    if provider.is_offered():
        page._csp_update = {"form-action": [origin_of(settings.OIDC_ISSUER)]}  # type: ignore[attr-defined]
    return page
