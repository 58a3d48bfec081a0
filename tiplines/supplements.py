"""Which earlier report a report supplements: rule, without Django and without a clock.

A company cannot add to a report once it is finished; what it finds later comes under a new number.
Such a supplement names the earlier report, or it speaks of the same account and repeats the
company's own case number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# The company's own number, only where the text says so plainly. A number of the police or a court
# is none, nor is one too short or without digits to be anybody's own. No repeat gives back, so that
# the time does not grow with the square of a run of blanks or quotes.
CASE_NUMBER = re.compile(
    r"\b(?P<whose>[\w'’]{1,12}+\s++)?case\s*+(?:number|no\.?|id|reference|ref\.?|#)\s*+(?:is\s*+)?"
    r"[:#=-]?\s*+#?"
    r"(?P<number>[A-Z0-9][A-Z0-9_/-]{4,39})(?!\w)",
    re.IGNORECASE,
)
TEXT_CHARACTERS_AT_MOST = 2_000_000  # of a longer text only the beginning is looked at
OF_OTHERS = frozenset({"police", "court", "fir", "agency", "enforcement", "department", "prior"})
DIGITS_AT_LEAST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the rule looks at in a report."""

    key: int
    number: str
    provider_key: str
    prior_reports: frozenset[str] = frozenset()
    case_numbers: frozenset[str] = frozenset()
    """The company's own, as `case_numbers` finds them."""
    accounts: frozenset[int] = frozenset()
    """Keys of the suspects' accounts at the company."""


def case_numbers(text: str, *, not_these: str = "") -> frozenset[str]:
    """The company's case numbers that a text states, in capitals; none that `not_these` holds,
    where the police's own number stands.
    """
    found = set()
    for match in CASE_NUMBER.finditer(text[:TEXT_CHARACTERS_AT_MOST]):
        number = match["number"].upper().rstrip("-_/")
        if (match["whose"] or "").strip().casefold() in OF_OTHERS:
            continue
        if sum(each.isdigit() for each in number) >= DIGITS_AT_LEAST:
            found.add(number)
    return frozenset(number for number in found if number not in not_these.upper())


def is_earlier(number: str, than: str) -> bool:
    """Whether NCMEC gave `number` before the other. A report without a number of its own may
    supplement, but nothing can supplement it.
    """
    if not is_given(number):
        return False
    return not is_given(than) or int(number) < int(than)


def is_given(number: str) -> bool:
    return number.isascii() and number.isdecimal()


def supplements(later: Told, earlier: Told) -> bool:
    """Whether `later` adds to `earlier`."""
    if not later.provider_key or later.provider_key != earlier.provider_key:
        return False
    if not is_earlier(earlier.number, later.number):
        return False
    return earlier.number in later.prior_reports or bool(
        later.accounts & earlier.accounts and later.case_numbers & earlier.case_numbers
    )


def parent_of(later: Told, others: Iterable[Told]) -> Told | None:
    """The report it supplements: of several the first, to which the others belong as well."""
    found = [each for each in others if supplements(later, each)]
    return min(found, key=lambda each: int(each.number), default=None)
