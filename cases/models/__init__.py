"""Who holds a matter and what was done."""

from cases.models.case import Case, CaseTipline, HandOff
from cases.models.fir import Accused, Arrest, Fir
from cases.models.letter import Letter, LetterEntry, LetterSerial
from cases.models.proposal import Proposal, ProposedTipline
from cases.models.restriction import Access, Restriction

__all__ = [
    "Access",
    "Accused",
    "Arrest",
    "Case",
    "CaseTipline",
    "Fir",
    "HandOff",
    "Letter",
    "LetterEntry",
    "LetterSerial",
    "Proposal",
    "ProposedTipline",
    "Restriction",
]
