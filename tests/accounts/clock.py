"""A clock that stands still until the test moves it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories import NOON


class Clock:
    """Stands for `timezone.now` wherever the edge reads it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = NOON
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.at)
        monkeypatch.setattr("axes.handlers.proxy.now", lambda: self.at)

    def go_on(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at
