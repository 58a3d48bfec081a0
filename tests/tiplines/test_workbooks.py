"""A long workbook is cut like any other large document."""

from __future__ import annotations

import io
import secrets

import pytest
import xlsxwriter

from tests.tiplines.intake import bring, work
from tiplines.models import Tipline
from tiplines.services.reconciling import reconcile


@pytest.mark.django_db
def test_a_long_workbook_comes_in_as_pieces_of_its_sheets() -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    for name, first in (("May", 990000001), ("June", 990003001)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["Tipline No.", "Email"])
        for row in range(2500):
            sheet.write_row(row + 1, 0, [str(first + row), f"{secrets.token_hex(40)}@example.com"])
    book.close()

    dispatch = bring(target.getvalue(), name="list.xlsx")
    work()

    names = dispatch.documents.order_by("position").values_list("name", flat=True)
    assert list(names) == [
        *(f"list.xlsx/May.csv#{number}" for number in (1, 2, 3)),
        *(f"list.xlsx/June.csv#{number}" for number in (4, 5, 6)),
    ]
    assert Tipline.objects.count() == 5000
    assert Tipline.objects.filter(number="990005500").exists()
    [account] = reconcile([dispatch.pk])
    assert (account.holds, account.documents_listed, account.quarantined) == (True, 6, 0)
