"""Fixtures of the accounts' tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts import provider as ours
from tests.accounts.made_provider import CLIENT, SECRET, MadeProvider, made_provider


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeProvider]:
    """The force's identity provider: in the settings, and there."""
    monkeypatch.setattr(ours, "HELD", {})
    with made_provider() as made:
        settings.OIDC_ISSUER = made.issuer
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
        yield made
