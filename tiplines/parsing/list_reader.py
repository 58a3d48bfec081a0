"""Covering lists in CSV and XLSX: one row a report, in columns that every sender names anew.

Each row is a TipReport of its own, with format "list" and mentions of Provenance.LIST; `source` is
`{"sheet": name, "row": number, "columns": {header: text}}`. Two rows may name one report. Columns
whose header is in no table below are kept in the source and named in `unread`.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import ParseError  # the error only: parsing is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from tiplines.parsing import normalising
from tiplines.parsing.limits import (
    DOCUMENT_BYTES_AT_MOST,
    LIST_CELLS_AT_MOST,
    LIST_COLUMNS_AT_MOST,
    LIST_ROWS_AT_MOST,
    WORKBOOK_BYTES_AT_MOST,
    WORKBOOK_ENTRIES_AT_MOST,
    WORKBOOK_RATIO_AT_MOST,
    WORKBOOK_RATIO_FROM_BYTES,
    UnreadableReport,
    check_size,
)
from tiplines.parsing.records import (
    Address,
    FileRecord,
    Found,
    IdentifierKind,
    Mention,
    Moment,
    Party,
    PartyRole,
    Provenance,
    Refusal,
    SourceDocument,
    TipReport,
)

FORMAT = "list"
DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN_ROWS = 20  # titles and notes may stand above the header
NUMBER_DIGITS = range(6, 13)

# One field a line: every header that means it, folded as `_header_key` folds them.
HEADERS: dict[str, str] = {
    "number": "tipline no|tipline number|tipline id|tipline|tip line no|tip line number|ctr no|ctr"
    "|ctr number|ctr id|ct no|ct number|report id|report no|report number|reportid"
    "|cybertipline report|cybertipline report no|cybertipline report number|cybertipline report id"
    "|cybertipline no|cybertipline number|cybertipline id|cyber tipline no|cyber tipline number"
    "|cyber tipline report no|cyber tipline report number|cyber tip no|cybertip no|ncmec report no"
    "|ncmec report number|ncmec report id|ncmec id|ncmec no|cybertip id|tip no|tip number|tip id"
    "|टिपलाइन संख्या|टिपलाइन नंबर|टिपलाइन नं|टिपलाइन क्रमांक|रिपोर्ट संख्या|रिपोर्ट नंबर|रिपोर्ट आईडी",
    "received": "date received|received on|received date|received|date of receipt|receipt date"
    "|received by ncmec|received by ncmec on|date received by ncmec|ncmec received date"
    "|report date|date of report|प्राप्ति तिथि|प्राप्ति दिनांक|प्राप्त तिथि",
    "name": "suspect name|name of suspect|name|suspect|accused name|name of accused|suspect s name"
    "|user real name|संदिग्ध का नाम|नाम|आरोपी का नाम",
    "screen_name": "user name|username|screen name|screen user name|screenname|handle|user handle"
    "|suspect username|suspect user name|यूजर नाम|यूज़र नाम|उपयोगकर्ता नाम",
    "display_name": "display name|profile name",
    "account": "esp user id|esp userid|user id|userid|account id|profile id|esp identifier"
    "|suspect user id|facebook id|instagram id|यूजर आईडी|यूज़र आईडी",
    "url": "profile url|url|profile link|link|profile",
    "ip": "suspect ip|ip|ip address|ip addresses|suspect ip address|ip addr|login ip|upload ip"
    "|suspect ips|आईपी|आईपी पता|आईपी एड्रेस",
    "port": "port|source port|port no|port number|ip port|suspect port|पोर्ट",
    "ip_moment": "ip date time|ip date and time|ip time|ip timestamp|ip date|date time of ip"
    "|date and time of ip|login time|login date time|upload time|timestamp|date time of login",
    "phone": "phone|phone no|phone number|mobile|mobile no|mobile number|contact no|contact number"
    "|suspect phone|suspect mobile|telephone|suspect phone number|suspect mobile no"
    "|suspect mobile number|मोबाइल|मोबाइल नंबर|मोबाइल नं|मोबाइल संख्या|फोन|फोन नंबर|फ़ोन नंबर|फ़ोन",
    "email": "email|e mail|email id|e mail id|mail id|email address|e mail address|suspect email"
    "|suspect email id|suspect e mail|ईमेल|ई मेल|ईमेल आईडी|ई मेल आईडी",
    "imei": "imei|imei no|imei number|device imei|आईएमईआई",
    "device": "device id|device identifier",
    "md5": "md5|md5 hash|hash md5|file md5|hash|file hash|hash value",
    "sha1": "sha1|sha 1|sha1 hash|hash sha1",
    "file_name": "filename|file name|फाइल नाम",
    "file_count": "no of files|number of files|files|file count|total files|total uploaded files"
    "|number of uploaded files|uploaded files|फाइलों की संख्या",
    "dob": "date of birth|dob|suspect dob|suspect date of birth|जन्म तिथि|जन्मतिथि",
    "age": "age|suspect age|approximate age|आयु|उम्र",
    "address": "address|suspect address|full address|location|geo location|पता",
    "city": "geo city|city|ip city|geo location city|शहर|नगर",
    "postal_code": "geo postal code|postal code|pin|pin code|pincode|zip|zip code|geo pin"
    "|geo pin code|geo zip|geo zip code|पिन कोड|पिनकोड|पिन",
    "state": "state|geo state|region|geo region|state ut|राज्य",
    "district": "district|police district|geo district|dist|जिला|ज़िला",
    "country": "country|geo country|देश",
    "priority": "priority|priority level|ncmec priority|priority as per ncmec|प्राथमिकता",
    "provider": "reporting esp|esp|esp name|reported by|provider|company|submitter|service provider"
    "|reporting company|name of esp|reporting electronic service provider|सेवा प्रदाता|कंपनी",
    "platform": "platform|app|application|service|social media|social media platform|esp service"
    "|प्लेटफॉर्म",
    "incident_type": "incident type|type of incident|nature|nature of incident|category"
    "|primary incident type|type|घटना का प्रकार|श्रेणी",
    "incident_moment": "incident time|incident date|incident date time|incident date and time"
    "|date of incident|date time of incident|date and time of incident|घटना का समय|घटना तिथि"
    "|घटना की तिथि",
    "prior": "prior ct reports|prior reports|related reports|linked reports|previous reports",
    "remarks": "remarks|remark|notes|note|comments|comment|details|brief|brief facts|description"
    "|gist|additional information|टिप्पणी|विवरण|संक्षिप्त विवरण",
    "serial": "s no|sr no|sl no|serial no|serial number|sno|srno|slno|sr|sl|no|क्रम संख्या|क्र सं|क्रमांक",
}
FIELD_OF_HEADER = {name: field for field, names in HEADERS.items() for name in names.split("|")}
PROSE_FIELDS = frozenset({"name", "address", "remarks", "display_name"})
PREFIXES = ("geo", "login", "upload", "facebook", "instagram")
SERVICES_BY_PREFIX = {"facebook": "Facebook", "instagram": "Instagram"}
EVENTS_BY_PREFIX = {"login": "Login", "upload": "Upload"}
# A covering list comes from an Indian office, so its IST is India's.
ZONES = {"utc": "UTC", "gmt": "GMT", "ist": "IST"}
MOMENT_FIELDS = frozenset({"received", "ip_moment", "incident_moment"})

# A long cell is no reason to refuse a list; the size of the whole document is bounded already.
csv.field_size_limit(DOCUMENT_BYTES_AT_MOST)

_CELL_SEPARATOR = re.compile(r"[,;\n]|\s/\s|\s\|\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    header: str
    """As written; made unique within the sheet."""
    field: str
    """A key of HEADERS; "" if the header is not known."""
    zone: str | None
    """The zone that the header states, as in "IP Date/Time (UTC)"."""
    prefix: str
    is_day_first: bool | None = None
    """The order of day and month that the column itself proves; None if it proves none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    name: str
    rows: list[list[str]]


def read_csv_document(document: SourceDocument) -> tuple[list[Found], list[Refusal]]:
    """Return a report for each row. Raises UnreadableReport if no column holds report numbers."""
    check_size(document.data)
    text = normalising.storable(_decoded(document.data))
    return _read_sheets(document.name, [Sheet(name="", rows=_delimited(text))])


def read_workbook_document(document: SourceDocument) -> tuple[list[Found], list[Refusal]]:
    """Return a report for each row of each sheet. Raises UnreadableReport if it is no workbook."""
    check_size(document.data)
    checked = _checked_workbook(document.data)
    try:
        sheets = _sheets(checked)
    except CalamineError as broken:
        raise UnreadableReport(f"not a readable workbook: {broken}") from broken
    except BaseException as panic:
        # A Rust panic is no Exception and has no importable class; it must not end the worker.
        if type(panic).__name__ != "PanicException":
            raise
        raise UnreadableReport("not a readable workbook") from panic
    return _read_sheets(document.name, sheets)


def _sheets(workbook: bytes) -> list[Sheet]:
    opened = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return [
        Sheet(
            name=meta.name,
            rows=[
                [normalising.storable(_cell_text(cell)) for cell in row]
                for row in opened.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            ],
        )
        for meta in opened.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet
    ]


# --- bytes to rows ------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableReport(f"not text in {' or '.join(encodings)}")


def _delimited(text: str) -> list[list[str]]:
    """Return the rows, cut by the delimiter under which the header is best understood."""
    best: tuple[int, str] = (0, DELIMITERS[0])
    for delimiter in DELIMITERS:
        head = _rows(text, delimiter, at_most=HEADER_WITHIN_ROWS)
        _, columns = _header(head)
        known = sum(1 for column in columns if column.field)
        if known > best[0]:
            best = (known, delimiter)
    return _rows(text, best[1], at_most=LIST_ROWS_AT_MOST + HEADER_WITHIN_ROWS + 1)


def _rows(text: str, delimiter: str, *, at_most: int) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            if len(rows) == at_most:
                break
    except csv.Error as broken:
        raise UnreadableReport(f"not CSV: {broken}", place=f"line {reader.line_num}") from broken
    return rows


def _checked_workbook(data: bytes) -> bytes:
    """Return the workbook packed anew: only its XML, each part looked at within bounds.

    The sizes in a ZIP directory are claims: `zipfile` reads no further than they say, so what the
    workbook reader then sees is bounded. Pictures and other parts are left behind.
    """
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as copy:
            entries = archive.infolist()
            _check_directory(entries)
            for entry in entries:
                if entry.filename.startswith(("xl/", "_rels/")) and entry.filename.endswith(
                    (".xml", ".rels")
                ):
                    unpacked = archive.read(entry)
                    _check_span(unpacked, entry.filename)
                    copy.writestr(entry.filename, unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as broken:
        raise UnreadableReport(f"the workbook's archive is damaged: {broken}") from broken
    except (NotImplementedError, RuntimeError) as locked:
        raise UnreadableReport("the workbook is encrypted or packed in an unusual way") from locked
    return packed.getvalue()


def _check_directory(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > WORKBOOK_ENTRIES_AT_MOST:
        raise UnreadableReport(f"the workbook has more than {WORKBOOK_ENTRIES_AT_MOST} parts")
    if sum(entry.file_size for entry in entries) > WORKBOOK_BYTES_AT_MOST:
        raise UnreadableReport("the workbook unpacks to more than we read")
    for entry in entries:
        if entry.file_size > DOCUMENT_BYTES_AT_MOST or (
            entry.file_size > WORKBOOK_RATIO_FROM_BYTES
            and entry.file_size > WORKBOOK_RATIO_AT_MOST * max(entry.compress_size, 1)
        ):
            raise UnreadableReport("a part of the workbook unpacks to far more than its size")
        if entry.filename.lower().endswith((".zip", ".xlsx", ".xlsm")):
            raise UnreadableReport("the workbook holds another archive")


def _check_span(part: bytes, name: str) -> None:
    """Refuse a sheet that claims more cells than we read.

    Two cells at opposite corners are enough: a reader that lays out the span takes all memory.
    """
    rows = columns = row = column = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows, columns, row, column
        tag = tag.rpartition("}")[2]
        reference = attributes.get("r", "")
        digits = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if tag == "row":
            row, column = (int(digits) if digits.isdecimal() else row + 1), 0
        elif tag == "c":
            column += 1
            if letters := reference[: len(reference) - len(digits)]:
                column = 0
                for letter in letters[:4]:
                    column = column * 26 + ord(letter) - 64
                row = int(digits) if digits.isdecimal() else row
        else:
            return
        rows, columns = max(rows, row), max(columns, column)

    parser = DefusedXMLParser(forbid_dtd=True)
    expat = parser.parser
    expat.StartElementHandler = start
    expat.EndElementHandler = expat.CharacterDataHandler = expat.DefaultHandlerExpand = None
    expat.ordered_attributes = False
    try:
        parser.feed(part)
    except (DefusedXmlException, ParseError, LookupError, ValueError) as broken:
        raise UnreadableReport("a part of the workbook is not sound XML", place=name) from broken
    if rows * max(columns, 1) > LIST_CELLS_AT_MOST:
        raise UnreadableReport(f"the sheet spans {rows} rows by {columns} columns", place=name)


def _cell_text(value: Any) -> str:
    """Return a cell as an officer would read it: 195000123, not 195000123.0."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time.min else value.isoformat(" ", "seconds")
    if isinstance(value, int | date | time | timedelta):
        return str(value)
    return ""


# --- rows to reports ----------------------------------------------------------------------------


def _read_sheets(document: str, sheets: Sequence[Sheet]) -> tuple[list[Found], list[Refusal]]:
    found: list[Found] = []
    refused: list[Refusal] = []
    has_header = False
    for sheet in sheets:
        at, columns = _header(sheet.rows[:HEADER_WITHIN_ROWS])
        if not columns:
            if any(any(row) for row in sheet.rows):
                refused.append(
                    Refusal(
                        document=document,
                        reason="no column is headed as the report number, e.g. Tipline No.",
                        place=sheet.name,
                    )
                )
            continue
        has_header = True
        columns = [_with_day_order(one, i, sheet.rows[at + 1 :]) for i, one in enumerate(columns)]
        if len(sheet.rows) - at - 1 > LIST_ROWS_AT_MOST:
            raise UnreadableReport(f"more than {LIST_ROWS_AT_MOST} rows", place=sheet.name)
        for n, row in enumerate(sheet.rows[at + 1 :], at + 2):
            if not any(row):
                continue
            try:
                report = read_row(row, columns, row_number=n, sheet=sheet.name)
            except UnreadableReport as error:
                refused.append(Refusal(document=document, reason=error.reason, place=error.place))
            else:
                found.append(Found(report=report, documents=(document,)))
    if not found and not refused:
        raise UnreadableReport("the list has no rows" if has_header else "the list is empty")
    return found, refused


@lru_cache(maxsize=1024)
def _header_key(text: str) -> tuple[str, str | None]:
    """Return a header folded for the table, and the zone that it states."""
    words = "".join(
        c if c.isalnum() or ord(c) > 0x0900 else " " for c in normalising.fold(text)
    ).split()
    zone = next((ZONES[word] for word in words if word in ZONES), None)
    return " ".join(word for word in words if word not in ZONES), zone


def _columns(row: Sequence[str]) -> list[Column]:
    columns: list[Column] = []
    taken: dict[str, int] = {}
    for n, text in enumerate(row[:LIST_COLUMNS_AT_MOST], 1):
        key, zone = _header_key(text[:200])
        name = " ".join(text.split()) or f"column {n}"
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            name = f"{name} ({taken[name]})"
        prefix = key.partition(" ")[0]
        columns.append(
            Column(
                header=name,
                field=FIELD_OF_HEADER.get(key, ""),
                zone=zone,
                prefix=prefix if prefix in PREFIXES else "",
            )
        )
    return columns


def _with_day_order(column: Column, at: int, rows: Sequence[Sequence[str]]) -> Column:
    if column.field not in MOMENT_FIELDS:
        return column
    order = normalising.day_order(row[at] for row in rows if len(row) > at)
    return replace(column, is_day_first=order)


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, list[Column]]:
    """Return where the header stands and its columns; no columns if no row has a number column."""
    best: tuple[int, list[Column]] = (0, [])
    most = 0
    for at, row in enumerate(rows):
        columns = _columns(row)
        known = sum(1 for column in columns if column.field)
        is_header = any(column.field == "number" for column in columns)
        if is_header and known > most:
            best, most = (at, columns), known
    return best


def read_row(
    row: Sequence[str], columns: Sequence[Column], *, row_number: int, sheet: str = ""
) -> TipReport:
    """Return what one row says. Raises UnreadableReport, naming the row, without a number."""
    place = f"{sheet} row {row_number}".strip()
    filled = max((n for n, text in enumerate(row, 1) if text), default=0)
    if filled > LIST_COLUMNS_AT_MOST:
        raise UnreadableReport(f"more than {LIST_COLUMNS_AT_MOST} columns", place=place)
    cells = _Cells(row[:filled], columns, place)
    numbers = [number for text in cells.texts("number") if (number := report_number(text))]
    if not numbers:
        written = ", ".join(cells.texts("number"))[:60]
        raise UnreadableReport(
            f"the row has no report number{f': {written}' if written else ''}", place=place
        )
    provider = cells.text("provider")
    platform = cells.text("platform")
    count = cells.text("file_count")
    hashes = [
        *cells.mentions(IdentifierKind.HASH, "md5"),
        *cells.mentions(IdentifierKind.HASH, "sha1"),
    ]
    file_name = cells.text("file_name")
    files = (
        (FileRecord(name=file_name, place=place, mentions=tuple(hashes)),)
        if hashes or file_name
        else ()
    )
    source: dict[str, Any] = {"row": row_number, "columns": cells.stored()}
    if sheet:
        source["sheet"] = sheet
    return TipReport(
        number=numbers[0],
        format=FORMAT,
        provider=provider,
        platform=platform,
        incident_type=cells.text("incident_type"),
        incident_moment=cells.moment("incident_moment"),
        received_moment=cells.moment("received"),
        ncmec_priority=cells.text("priority"),
        parties=cells.suspect(platform or provider),
        files=files,
        stated_file_count=int(count) if count.isdecimal() and len(count) <= 6 else None,
        prior_reports=tuple(
            number
            for text in cells.texts("prior")
            for one in _CELL_SEPARATOR.split(text)
            if (number := report_number(one))
        ),
        narrative="\n\n".join(cells.texts("remarks")),
        source=source,
        unread=tuple(sorted(cells.unknown())),
    )


def report_number(text: str) -> str | None:
    """Return the one run of 6 to 12 digits in a cell such as "CTR 195000123"; None if not one."""
    runs = [run for run in re.split(r"[^0-9]+", text) if len(run) in NUMBER_DIGITS]
    return runs[0].lstrip("0") or None if len(runs) == 1 else None


class _Cells:
    """The cells of one row by field."""

    def __init__(self, row: Sequence[str], columns: Sequence[Column], place: str) -> None:
        self.place = place
        self.all: list[tuple[Column, str]] = []
        for n, text in enumerate(row):
            if n < len(columns):
                column = columns[n]
            else:
                column = Column(header=f"column {n + 1}", field="", zone=None, prefix="")
            if not column.field:
                text = normalising.masked_unknown(column.header, text)
            elif column.field in PROSE_FIELDS:
                text = normalising.mask_aadhaar(text)
            if text:
                self.all.append((column, text))

    def of(self, field: str) -> Iterable[tuple[Column, str]]:
        return ((column, text) for column, text in self.all if column.field == field)

    def texts(self, field: str) -> list[str]:
        return [text for _, text in self.of(field)]

    def text(self, field: str) -> str:
        return next((text for _, text in self.of(field)), "")

    def stored(self) -> dict[str, str]:
        return {column.header: text for column, text in self.all}

    def unknown(self) -> set[str]:
        return {column.header for column, _ in self.all if not column.field}

    def moment(self, field: str) -> Moment | None:
        for column, text in self.of(field):
            zone = column.zone
            if text.upper().endswith(" IST"):
                text, zone = text[:-4], "IST"
            return normalising.moment(text, stated_zone=zone, is_day_first=column.is_day_first)
        return None

    def mentions(
        self, kind: IdentifierKind, field: str, *, provider: str = ""
    ) -> Iterable[Mention]:
        for column, text in self.of(field):
            for one in _CELL_SEPARATOR.split(text):
                if original := one.strip():
                    yield Mention(
                        kind=kind,
                        original=original,
                        value=_normalised(
                            kind, field, original, SERVICES_BY_PREFIX.get(column.prefix, provider)
                        ),
                        place=f"{self.place}/{column.header}",
                        provenance=Provenance.LIST,
                        label=field.upper() if field in ("imei", "md5", "sha1") else "",
                    )

    def ips(self) -> Iterable[Mention]:
        """The addresses of the row. Time and port are theirs only if the row has one address."""
        found = [
            (column, one.strip())
            for column, text in self.of("ip")
            for one in _CELL_SEPARATOR.split(text)
            if one.strip()
        ]
        moment, port = self.moment("ip_moment"), normalising.port(self.text("port"))
        for column, original in found:
            value, written_port = normalising.ip_and_port(original)
            is_only = len(found) == 1
            yield Mention(
                kind=IdentifierKind.IP,
                original=original,
                value=value,
                place=f"{self.place}/{column.header}",
                provenance=Provenance.LIST,
                event=EVENTS_BY_PREFIX.get(column.prefix, ""),
                moment=moment if is_only else None,
                port=written_port or (port if is_only else None),
            )

    def address(self) -> tuple[Address, ...]:
        fields = ("address", "city", "postal_code", "state", "country", "district")
        said = {field: self.text(field) for field in fields}
        if not any(said.values()):
            return ()
        is_geo = any(column.prefix == "geo" for column, _ in self.all)
        return (
            Address(
                place=self.place,
                text=", ".join(filter(None, (said["address"], said["district"]))),
                city=said["city"],
                postal_code=said["postal_code"],
                state=said["state"],
                country=said["country"],
                label="geo" if is_geo else "",
                provenance=Provenance.LIST,
            ),
        )

    def suspect(self, provider: str) -> tuple[Party, ...]:
        kinds = IdentifierKind
        mentions = (
            *self.mentions(kinds.PHONE, "phone"),
            *self.mentions(kinds.EMAIL, "email"),
            *self.mentions(kinds.ACCOUNT, "account", provider=provider),
            *self.mentions(kinds.SCREEN_NAME, "screen_name", provider=provider),
            *self.mentions(kinds.URL, "url"),
            *self.ips(),
            *self.mentions(kinds.DEVICE, "imei"),
            *self.mentions(kinds.DEVICE, "device"),
        )
        addresses = self.address()
        name, born, years = self.text("name"), self.text("dob"), self.text("age")
        if not (mentions or addresses or name or born or years):
            return ()
        date_of_birth = normalising.day(born)
        lines = [f"date of birth: {born}"] if born and date_of_birth is None else []
        return (
            Party(
                role=PartyRole.SUSPECT,
                place=self.place,
                name=name,
                display_names=tuple(self.texts("display_name")),
                date_of_birth=date_of_birth,
                age=normalising.age(years),
                mentions=mentions,
                addresses=addresses,
                text="\n".join(lines),
            ),
        )


def _normalised(kind: IdentifierKind, field: str, text: str, provider: str) -> str:
    match kind:
        case IdentifierKind.PHONE:
            return normalising.phone(text)
        case IdentifierKind.EMAIL:
            return normalising.email(text)
        case IdentifierKind.ACCOUNT:
            return normalising.account(provider, text)
        case IdentifierKind.SCREEN_NAME:
            return normalising.screen_name(provider, text)
        case IdentifierKind.URL:
            return normalising.url(text)
        case IdentifierKind.DEVICE:
            return normalising.device(field, text)
        case IdentifierKind.HASH:
            return normalising.digest(field, text)
        case _:
            return normalising.fold(text)
