"""Large documents cut into pieces, each a small document of the same format: a rule, streaming.

Memory holds one piece and one item at most, whatever the size of the file. A cut never parts what
belongs to one report. What is damaged, or larger than a report may be, comes back as refused
pieces with its text, so that nothing is lost; everything else goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tiplines.parsing.detecting import Kind
from tiplines.splitting.csv_cutter import cut_csv
from tiplines.splitting.json_cutter import cut_json
from tiplines.splitting.pieces import MIB, Piece, in_utf8
from tiplines.splitting.xml_cutter import cut_xml

CUTTERS: dict[Kind, Callable[[Iterable[bytes]], Iterator[Piece]]] = {
    Kind.XML: cut_xml,
    Kind.JSON: cut_json,
    Kind.CSV: cut_csv,
}
# Documents up to this size are read whole. A row of a list is short: it comes to far more reports.
WHOLE_BYTES = {Kind.XML: 4 * MIB, Kind.JSON: 4 * MIB, Kind.CSV: MIB // 4, Kind.XLSX: MIB // 4}


def cut(chunks: Iterable[bytes], kind: Kind) -> Iterator[Piece]:
    """The pieces of a document of that kind, in their order."""
    return CUTTERS[kind](in_utf8(chunks))
