"""Who may come in by which route. A route that is not listed is closed to everyone.

The table stands in `ifso/access.py` (`settings.ACCESS_TABLE`). The middleware and the JSON
interface enforce it, so the table is the rule itself and cannot drift from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.duty import Duty
from accounts.roles import Act


@dataclass(frozen=True)
class Access:
    """Who is admitted: anyone, anyone signed in, or whoever may do one of `acts`."""

    acts: frozenset[Act] = frozenset()
    strangers: bool = False
    signed_in: bool = False
    asks_again: bool = False
    """Whether an act by it needs the password or a passkey given a moment ago."""
    on_wall: bool = False
    """Whether it opens to a session that shows the board on a wall."""

    def admits(self, duty: Duty) -> bool:
        return self.strangers or self.signed_in or any(duty.may(act) for act in self.acts)


STRANGERS = Access(strangers=True)
SIGNED_IN = Access(signed_in=True)
SIGNED_IN_OR_ON_A_WALL = Access(signed_in=True, on_wall=True)
NOBODY = Access()


def whoever_may(*acts: Act, asks_again: bool = False, on_wall: bool = False) -> Access:
    return Access(acts=frozenset(acts), asks_again=asks_again, on_wall=on_wall)


@cache
def table() -> dict[str, Access]:
    """Every listed route by its name, e.g. `cases:case`."""
    routes: dict[str, Access] = import_string(settings.ACCESS_TABLE)
    return routes


def access_to(view_name: str) -> Access:
    return table().get(view_name, NOBODY)
