"""The name of a child that a report says everywhere lies nowhere in the database in plain text."""

from __future__ import annotations

import pytest

from tests.tiplines.canary import FIRST, LAST, canary_report
from tests.tiplines.intake import bring, work, zip_of
from tests.tiplines.plain import tables_that_say
from tiplines.making.json_writer import write_json
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.reports import MadeReport
from tiplines.making.xml_writer import write_documents
from tiplines.models import Party, QuarantineItem, Tipline


def as_xml(report: MadeReport) -> dict[str, bytes]:
    return {f"{report.number}/{name}": data for name, data in write_documents(report)}


FORMATS = {
    "json": lambda report: {"1.json": write_json(report)},
    "xml": as_xml,
    "pdf": lambda report: {"1.pdf": write_pdf(report, Generation.NEWER)},
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.django_db
def test_no_column_of_any_table_says_it(format: str) -> None:
    bring(zip_of(FORMATS[format](canary_report(990000001))))
    work()

    assert not QuarantineItem.objects.exists()
    tip = Tipline.objects.get()
    assert FIRST in str(tip.versions.get().source)
    assert Party.objects.protected().count() >= 2
    assert [*tables_that_say(FIRST), *tables_that_say(LAST)] == []

