"""Any report, printed as a PDF of either generation, comes back like from its JSON.

The JSON's own way back is proved in `test_roundtrip`; `carried` names the fields of both. What the
print does not carry is left out: scripts whose glyphs the typesetter lacks, and an incident's
e-mails, phone and IP addresses.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from tests.tiplines.making.test_pdf_writer import as_json, as_pdf, carried
from tests.tiplines.roundtrip import reports as made
from tests.tiplines.roundtrip.test_roundtrip import tried
from tiplines.making.pdf_parts import Generation
from tiplines.making.reports import MadeReport


def in_latin(value: Any) -> Any:
    """The same with a letter for each that is none of ASCII."""
    if isinstance(value, str):
        text = " ".join("".join(c if c.isascii() else "a" for c in value).split())
        return value if value.isascii() else type(value)(text)
    if isinstance(value, tuple):
        return tuple(in_latin(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{one.name: in_latin(getattr(value, one.name)) for one in fields(value)}
        )
    return value


def printed(report: MadeReport) -> MadeReport:
    incidents = tuple(replace(one, emails=(), ips=(), phone=None) for one in report.incidents)
    return in_latin(replace(report, incidents=incidents))  # type: ignore[no-any-return]


@pytest.mark.parametrize("generation", Generation)
@settings(tried(10), phases=[Phase.generate])  # to make one smaller takes minutes of typesetting
@given(report=made.reports.map(printed))
def test_a_pdf_comes_back_equal(generation: Generation, report: MadeReport) -> None:
    ports = generation is Generation.NEWER

    assert carried(as_pdf(report, generation), ports=ports) == carried(as_json(report), ports=ports)
