"""Who holds a matter and what was done."""

from cases.models.case import Case, CaseTipline, HandOff
from cases.models.fir import Accused, Arrest, Fir

__all__ = ["Accused", "Arrest", "Case", "CaseTipline", "Fir", "HandOff"]
