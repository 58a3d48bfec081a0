"""Which station is that of residence, and which one registers. No Django, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from .rules import RegistersAt


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What an assignment to a district was decided upon; codes, empty where there is none."""

    district: str
    chosen: str = ""
    """The station that the officer chose; none where the district is to name it."""
    chosen_has_area: bool = False
    found: str = ""
    """The first station that the locator named, if it lies in the district."""
    cyber: str = ""
    """The district's cyber station on that day."""
    registers_at: RegistersAt = RegistersAt.TERRITORIAL
    rules: int = 0
    """Number of the rules that said so."""
    is_fixed: bool = False
    """`chosen` registers whatever the setting says: it joins a case that is open, or came back."""

    @property
    def residence(self) -> str:
        """The chosen station if people live in its area. One without an area (cyber, metro) was
        chosen for what it is, not for where the person lives: then what was found.
        """
        if self.chosen_has_area or not self.chosen:
            return self.chosen
        return self.found

    @property
    def registering(self) -> str:
        """It holds the case. A station without an area was chosen for what it is, and stays."""
        goes_by_area = self.chosen_has_area or not self.chosen
        at_cyber = self.registers_at is RegistersAt.CYBER and self.cyber
        return self.cyber if at_cyber and goes_by_area and not self.is_fixed else self.chosen
