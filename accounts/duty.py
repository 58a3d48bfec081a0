"""What an officer may do and see at this moment: plain values, no Django.

`visible_to(officer)` on every guarded queryset reads `officer.duty`. An officer who has not taken
up a duty (no posting in force, or a worker that forgot) sees nothing.
"""

from dataclasses import dataclass

from accounts.roles import MAY, UNIT_ROLES, Act, Role


@dataclass(frozen=True, kw_only=True)
class Duty:
    role: Role | None = None
    home_district_id: int | None = None
    """The district that the officer is posted to, or that of the station: for the record, whatever
    else is granted. None in the unit. It opens nothing.
    """
    district_ids: frozenset[int] = frozenset()
    station_ids: frozenset[int] = frozenset()
    case_ids: frozenset[int] = frozenset()
    """Restricted cases that name the officer, wherever they are held."""

    @property
    def sees_everything(self) -> bool:
        """True for the nodal unit's own analysts and supervisors: all but restricted cases."""
        return self.role in UNIT_ROLES

    def may(self, act: Act) -> bool:
        return self.role is not None and act in MAY[self.role]


NO_DUTY = Duty()
