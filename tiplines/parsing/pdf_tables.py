"""Rows of a printed table, whose cells may be broken over several lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from tiplines.parsing.pdf_sections import Line

# Columns whose cells have no spaces of their own: a broken one is joined without any.
TOKEN_COLUMNS = frozenset({"value", "ip address", "ip", "lat/long", "latitude/longitude"})


@dataclass(slots=True)
class Row:
    page: int
    cells: dict[str, str]
    """Column header in lower case to text."""


def is_header(line: Line, columns: frozenset[str]) -> bool:
    """Whether a line is the head of a table: two cells or more, all of them names of columns."""
    cells = [cell.strip().lower() for cell in line.text.split("\t") if cell.strip()]
    return len(cells) > 1 and all(cell in columns for cell in cells)


def rows(header: Line, lines: Iterable[Line]) -> tuple[list[Row], list[Line]]:
    """Return the rows under `header` and the lines behind the table.

    A head that is printed again on the next page is passed over. A row that lacks its first cell
    goes on with the row above, and so does one that begins with the rest of an address.
    """
    names = [cell.strip().lower() for cell in header.text.split("\t")]
    found: list[Row] = []
    rest: list[Line] = []
    for line in lines:
        cells = [cell.strip() for cell in line.text.split("\t")]
        if rest or len(cells) != len(names):
            rest.append(line)
        elif [cell.lower() for cell in cells] == names:
            continue
        elif found and (not cells[0] or _goes_on(found[-1].cells[names[0]], cells[0])):
            _extend(found[-1], names, cells)
        elif any(cells[1:]):
            found.append(Row(line.page, dict(zip(names, cells, strict=True))))
        else:
            rest.append(line)
    return found, rest


def _goes_on(above: str, cell: str) -> bool:
    """Whether a first cell is the rest of the address above: alone it is none, joined it is."""
    return not _is_address(cell) and _is_address(above + cell)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _extend(row: Row, names: Sequence[str], cells: Sequence[str]) -> None:
    for name, cell in zip(names, cells, strict=True):
        if cell:
            space = "" if name in TOKEN_COLUMNS else " "
            row.cells[name] = f"{row.cells[name]}{space}{cell}".strip()
