"""What arrived, what it says, and how it was decided."""

from tiplines.models.bundle import Bundle
from tiplines.models.content import (
    Address,
    Candidate,
    FileRecord,
    Identifier,
    KeptBasis,
    Party,
    Sighting,
)
from tiplines.models.correction import Correction
from tiplines.models.decision import Decision
from tiplines.models.dispatch import (
    Dispatch,
    Document,
    FieldCount,
    ListMapping,
    QuarantineItem,
    Receipt,
)
from tiplines.models.network import NetworkRange, NetworkTable
from tiplines.models.ruling import Reorganisation, RuleMove, RuleSet
from tiplines.models.tipline import Tipline, Version

__all__ = [
    "Address",
    "Bundle",
    "Candidate",
    "Correction",
    "Decision",
    "Dispatch",
    "Document",
    "FieldCount",
    "FileRecord",
    "Identifier",
    "KeptBasis",
    "ListMapping",
    "NetworkRange",
    "NetworkTable",
    "Party",
    "QuarantineItem",
    "Receipt",
    "Reorganisation",
    "RuleMove",
    "RuleSet",
    "Sighting",
    "Tipline",
    "Version",
]
