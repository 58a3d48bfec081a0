"""Aadhaar numbers are masked on entry: all but the last four digits are never stored."""

from __future__ import annotations

import re

# Twelve digits, or a sixteen-digit virtual id in groups of four, that stand alone. No nested
# quantifier: the time is linear in the length of the text.
_AADHAAR = re.compile(r"(?<!\w)([2-9]\d{3}([ \t\u00a0-]?)\d{4}\2\d{4})([ \t\u00a0-]\d{4})?(?!\w)")
AADHAAR_WORDS = (
    "aadhaar",
    "aadhar",
    "adhar",
    "uidai",
    "आधार",
)
WORD_REACH_CHARACTERS = 40  # how far before a number the word that names it may stand

# Products in the dihedral group D5, and the permutation of a digit by its place from the right.
_VERHOEFF_PRODUCT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_VERHOEFF_SHIFT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def is_verhoeff_valid(digits: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _VERHOEFF_PRODUCT[check][_VERHOEFF_SHIFT[place % 8][int(digit)]]
    return check == 0


def mask_aadhaar(text: str) -> str:
    """Return prose with each Aadhaar number as XXXX-XXXX-1234: the full one is never stored.

    A run that is an Indian mobile number with its calling code, or part of a web address, is left
    as it is unless the word Aadhaar stands shortly before it.
    """
    if len(text) < 12:
        return text

    def mask(match: re.Match[str]) -> str:
        number, _, more = match.groups()
        digits = number if len(number) == 12 else number[:4] + number[5:9] + number[10:]
        virtual = digits + (more or "")[1:]
        if more and is_verhoeff_valid(virtual):
            return f"XXXX-XXXX-XXXX-{virtual[-4:]}"
        if not is_verhoeff_valid(digits):
            return match.group()
        start = match.start()
        before = text[max(0, start - WORD_REACH_CHARACTERS) : start].lower()
        if not any(word in before for word in AADHAAR_WORDS):
            is_mobile = len(number) == 12 and digits[:2] == "91" and digits[2] in "6789"
            if is_mobile or before.endswith(("+", "/", "=")):
                return match.group()
        return f"XXXX-XXXX-{digits[-4:]}{more or ''}"

    return _AADHAAR.sub(mask, text)


def masked_unknown(name: str, text: str) -> str:
    """Mask the value of a field that the reader does not know.

    One bare run of digits may be an id and is left whole, unless the field's name says Aadhaar.
    """
    if text.strip().isdecimal() and not any(word in name.lower() for word in AADHAAR_WORDS):
        return text
    return mask_aadhaar(text)
