"""Fixtures of the accounts' tests."""

from __future__ import annotations

import pytest

from tests.accounts.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
