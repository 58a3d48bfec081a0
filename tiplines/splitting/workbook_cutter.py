"""Large workbooks: the rows of each sheet as CSV, cut like any covering list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from tiplines.parsing.workbook import sheet_rows
from tiplines.splitting.csv_cutter import cut_csv
from tiplines.splitting.pieces import PIECE_BYTES, Piece


def cut_workbook(data: bytes) -> Iterator[tuple[str, Piece]]:
    """Sheet and piece. Raises UnreadableReport if it is no workbook."""
    for name, rows in sheet_rows(data):
        for piece in cut_csv(as_csv(rows)):
            yield name, piece


def as_csv(rows: Iterable[list[str]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(row)
        if text.tell() >= PIECE_BYTES:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")
