"""What arrived, what it says, and how it was decided."""

from tiplines.models.decision import Decision
from tiplines.models.dispatch import Dispatch, Document, QuarantineItem, Receipt
from tiplines.models.tipline import (
    Address,
    Candidate,
    FileRecord,
    Identifier,
    Party,
    Sighting,
    Tipline,
    Version,
)

__all__ = [
    "Address",
    "Candidate",
    "Decision",
    "Dispatch",
    "Document",
    "FileRecord",
    "Identifier",
    "Party",
    "QuarantineItem",
    "Receipt",
    "Sighting",
    "Tipline",
    "Version",
]
