"""One row of a covering list to a report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tiplines.parsing import aadhaar, moments, normalising
from tiplines.parsing.limits import LIST_COLUMNS_AT_MOST, UnreadableReport
from tiplines.parsing.list_headers import (
    EVENTS_BY_PREFIX,
    PROSE_FIELDS,
    SERVICES_BY_PREFIX,
    Column,
    columns_of,
)
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.records import (
    Address,
    FileRecord,
    IdentifierKind,
    Mention,
    Moment,
    Party,
    PartyRole,
    Provenance,
    TipReport,
)

FORMAT = "list"
NUMBER_DIGITS = range(6, 13)

_CELL_SEPARATOR = re.compile(r"[,;\n]|\s/\s|\s\|\s")


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
    suspects = cells.suspect(platform or provider)
    reported = [*hashes, *(each for party in suspects for each in party.mentions)]
    remarks = [(f"{place}/{column.header}", text) for column, text in cells.of("remarks")]
    source: dict[str, Any] = {"row": row_number, "columns": cells.stored()}
    if sheet:
        source["sheet"] = sheet
    if days := {one.header: one.is_day_first for one in columns if one.is_day_first is not None}:
        source["days_first"] = days  # what the whole column told, for a later reading of this row
    if mapped := {one.header: one.field for one in columns if one.is_mapped}:
        source["mapped"] = mapped
    return TipReport(
        number=numbers[0],
        format=FORMAT,
        provider=provider,
        platform=platform,
        incident_type=cells.text("incident_type"),
        incident_moment=cells.moment("incident_moment"),
        received_moment=cells.moment("received"),
        ncmec_priority=cells.text("priority"),
        parties=suspects,
        files=files,
        stated_file_count=int(count) if count.isdecimal() and len(count) <= 6 else None,
        prior_reports=tuple(
            number
            for text in cells.texts("prior")
            for one in _CELL_SEPARATOR.split(text)
            if (number := report_number(one))
        ),
        mentions=mine_beside(remarks, reported=reported, provider=platform or provider),
        narrative="\n\n".join(cells.texts("remarks")),
        source=source,
        unread=tuple(sorted(cells.unknown())),
    )


def reread_row(source: dict[str, Any]) -> TipReport:
    """Return the report of a row from its kept `source`."""
    columns = columns_of(list(source["columns"]))
    days = source.get("days_first", {})
    mapped = source.get("mapped", {})
    return read_row(
        list(source["columns"].values()),
        [
            replace(
                each,
                is_day_first=days.get(each.header),
                field=mapped.get(each.header, each.field),
                is_mapped=each.header in mapped,
            )
            for each in columns
        ],
        row_number=source["row"],
        sheet=source.get("sheet", ""),
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
                text = aadhaar.masked_unknown(column.header, text)
            elif column.field in PROSE_FIELDS:
                text = aadhaar.mask_aadhaar(text)
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
            bare, zone = text, column.zone
            if text.upper().endswith(" IST"):
                bare, zone = text[:-4], "IST"
            found = moments.moment(bare, stated_zone=zone, is_day_first=column.is_day_first)
            return replace(found, original=text)
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
        date_of_birth = moments.day(born)
        lines = [f"date of birth: {born}"] if born and date_of_birth is None else []
        return (
            Party(
                role=PartyRole.SUSPECT,
                place=self.place,
                name=name,
                display_names=tuple(self.texts("display_name")),
                date_of_birth=date_of_birth,
                age=moments.age(years),
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
