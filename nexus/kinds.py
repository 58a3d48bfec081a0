"""How each kind of identifier ties accounts together: the figures before anything is learned.

What a kind is worth in these tiplines is learned without labels (`calibrating.py`); the figures
here stand where too little can be learned, and keep their share beside what was. Hand-set, after
the order in which such values proved personal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

ENGINE = 2  # of all rules of linking; a change by which other groups are found raises it
RELATED_FROM = 2.5  # bits between two accounts: more than five to one that they belong together
ALERT_FROM = 4.5  # bits: more than twenty to one


class Kind(IntEnum):
    """Kinds that may tie suspects; a key of the tables below and of arrays."""

    EMAIL = 0
    PHONE = 1
    DEVICE = 2
    PAYMENT = 3
    SCREEN_NAME = 4
    NAME = 5
    IP = 6
    FILE = 7
    CHANNEL = 8
    URL = 9
    ACCOUNT = 10
    """An account that another tipline is about: a recipient's, or one that an officer names."""
    GROUP = 11
    """The provider's own name of an organised group."""
    REPORT = 12
    """A tipline that this one or its supplements name as an earlier report."""
    JUDGED = 13
    """Two tiplines that an officer put together."""
    TRUSTED = 14
    """A value of any kind that an officer trusts."""
    ADDRESS = 15
    """Of a house, as it sounds."""
    SESSION = 16
    """An IP address with a block of its ports in one minute: what tells subscribers apart that an
    operator puts behind one address.
    """


class Family(IntEnum):
    """Values of one family are partly one piece of evidence."""

    EMAIL = 0
    PHONE = 1
    DEVICE = 2
    PAYMENT = 3
    SCREEN_NAME = 4
    NAME = 5
    PLACE = 6
    FILE = 7
    SOCIAL = 8
    ACCOUNT = 9
    AUTHORITY = 10


@dataclass(frozen=True, kw_only=True)
class LinkKind:
    family: Family
    holders_at_most: int
    """Accounts; a value that more hold is a hub: it is shown, but ties nobody."""
    chance: float
    """That two holders belong together, where there are only the two."""
    kept: float = 0.5
    """Share of `chance` that stays beside what was learned: a kind that is personal by its nature
    is not given up because nothing else ties its holders."""
    beside: float = 0.5
    """Chance that a holder whom nothing else ties belongs to those whom something does."""
    is_tied_by_family: bool = False
    """Whether other values of its family may tie its holders: other files of a pack."""
    in_prose: float = 0.5
    """Factor of the chance for each of two who is known to hold a value from prose only."""
    is_shared: bool = False
    """Whether many holders make it no worse: a ring's payment handle."""
    is_personal: bool = False
    """Whether time and district may not veto it."""
    is_certain: bool = False
    """Whether somebody who knows said so: nothing is learned of it, and nothing takes it back."""


_CERTAIN = LinkKind(
    family=Family.AUTHORITY,
    holders_at_most=300,
    chance=1.0,
    is_personal=True,
    is_certain=True,
)
KINDS: dict[Kind, LinkKind] = {
    Kind.EMAIL: LinkKind(
        family=Family.EMAIL,
        holders_at_most=60,
        chance=0.9,
        kept=0.85,
        beside=0.97,
        is_shared=True,
        is_personal=True,
    ),
    Kind.PHONE: LinkKind(family=Family.PHONE, holders_at_most=60, chance=0.75, beside=0.9),
    Kind.DEVICE: LinkKind(
        family=Family.DEVICE,
        holders_at_most=60,
        chance=0.8,
        kept=0.7,
        beside=0.9,
        is_personal=True,
    ),
    Kind.PAYMENT: LinkKind(
        family=Family.PAYMENT,
        holders_at_most=120,
        chance=0.8,
        beside=0.95,
        in_prose=1.0,  # reports have no field for it
        is_shared=True,
        is_personal=True,
    ),
    Kind.SCREEN_NAME: LinkKind(
        family=Family.SCREEN_NAME, holders_at_most=60, chance=0.45, beside=0.6
    ),
    Kind.NAME: LinkKind(family=Family.NAME, holders_at_most=40, chance=0.05, beside=0.1),
    Kind.IP: LinkKind(family=Family.PLACE, holders_at_most=30, chance=0.3, kept=0.0, beside=0.3),
    Kind.FILE: LinkKind(
        family=Family.FILE,
        holders_at_most=60,
        chance=0.2,
        kept=0.0,
        beside=0.15,
        is_tied_by_family=True,
    ),
    Kind.CHANNEL: LinkKind(
        family=Family.SOCIAL,
        holders_at_most=120,
        chance=0.3,
        kept=0.1,
        beside=0.85,
        is_tied_by_family=True,
    ),
    Kind.URL: LinkKind(
        family=Family.SOCIAL,
        holders_at_most=60,
        chance=0.3,
        kept=0.1,
        beside=0.7,
        is_tied_by_family=True,
    ),
    Kind.ACCOUNT: LinkKind(
        family=Family.ACCOUNT, holders_at_most=60, chance=0.5, kept=0.3, beside=0.6
    ),
    Kind.GROUP: _CERTAIN,
    Kind.REPORT: _CERTAIN,
    Kind.JUDGED: _CERTAIN,
    Kind.TRUSTED: replace(_CERTAIN, in_prose=1.0),
    Kind.ADDRESS: LinkKind(family=Family.PLACE, holders_at_most=20, chance=0.3, beside=0.3),
    Kind.SESSION: LinkKind(family=Family.PLACE, holders_at_most=10, chance=0.6, beside=0.5),
}
