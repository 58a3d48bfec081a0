"""What is said about the files of a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tiplines.parsing import normalising
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.records import FileRecord, IdentifierKind, Provenance
from tiplines.parsing.xml_tree import attribute, content, each, parts_of, text_of, texts_of
from tiplines.parsing.xml_values import (
    captures,
    devices,
    flags_of,
    hash_mention,
    joined,
    mention,
    prose_of,
)

FILE_FACTS = ("uploadedToEspTimestamp", "exifViewedByEsp")
# EXIF values that name one camera.
CAMERA_SERIALS = frozenset(
    {"bodyserialnumber", "serialnumber", "cameraserialnumber", "internalserialnumber"}
)


def read_file(node: dict[str, Any], *, place: str, provider: str) -> FileRecord:
    mentions = [
        hash_mention(value, attribute(one, "hashType"), f"{place}/originalFileHash[{n}]")
        for n, one in enumerate(each(node, "originalFileHash"), 1)
        if (value := content(one))
    ]
    if page := text_of(node, "locationOfFile"):
        mentions.append(
            mention(
                IdentifierKind.URL,
                page,
                normalising.url(page),
                f"{place}/locationOfFile",
                label="location of file",
            )
        )
    mentions.extend(captures(node, place))
    mentions.extend(devices(node, place))
    lines = texts_of(node, "additionalInfo")
    for name in FILE_FACTS:
        lines += [f"{name}: {text}" for text in texts_of(node, name)]
    for n, details in enumerate(parts_of(node, "details"), 1):
        for m, pair in enumerate(parts_of(details, "nameValuePair"), 1):
            kind = attribute(details, "type") or attribute(pair, "type") or text_of(pair, "type")
            name, value = text_of(pair, "name"), text_of(pair, "value")
            pair_place = f"{place}/details[{n}]/nameValuePair[{m}]"
            lines.append(joined((kind, f"{name}: {value}"), " "))
            if kind.upper() == "HASH" and value:
                mentions.append(hash_mention(value, name, pair_place))
            elif name.replace(" ", "").lower() in CAMERA_SERIALS and value:
                mentions.append(
                    mention(
                        IdentifierKind.DEVICE,
                        value,
                        normalising.device("camera serial", value),
                        pair_place,
                        label=name,
                    )
                )
    annotations = list(flags_of(node, "fileAnnotations"))
    # As a boolean of its own; an empty element is a flag that is set.
    if (
        "potentialMeme" in node
        and "potentialMeme" not in annotations
        and normalising.flag(text_of(node, "potentialMeme")) is not False
    ):
        annotations.append("potentialMeme")
    original = text_of(node, "originalFileName")
    stored = text_of(node, "fileName")
    if original and stored and original != stored:
        lines.append(f"fileName: {stored}")
    return FileRecord(
        file_id=text_of(node, "fileId"),
        name=original or stored,
        place=place,
        mentions=(
            *mentions,
            *mine_beside(
                prose_of(node, ("additionalInfo",), place),
                reported=mentions,
                provider=provider,
            ),
        ),
        classification=text_of(node, "industryClassification"),
        viewed_by_provider=normalising.flag(text_of(node, "fileViewedByEsp")),
        publicly_available=normalising.flag(text_of(node, "publiclyAvailable")),
        relevance=text_of(node, "fileRelevance"),
        annotations=tuple(annotations),
        text="\n".join(lines),
    )


def with_response_hashes(
    files: list[FileRecord], responses: list[dict[str, Any]]
) -> list[FileRecord]:
    """Add NCMEC's own MD5 of each upload, from the response to it, to the file of that id."""
    at_of = {file.file_id: at for at, file in reversed(list(enumerate(files)))}
    for n, response in enumerate(responses, 1):
        file_id, value = text_of(response, "fileId"), text_of(response, "hash")
        if not file_id:
            continue
        place = f"reportResponse[{n}]"
        at = at_of.setdefault(file_id, len(files))
        if at == len(files):
            files.append(FileRecord(file_id=file_id, place=place))
        if value:
            found = replace(
                hash_mention(value, "MD5", f"{place}/hash"), provenance=Provenance.NCMEC
            )
            files[at] = replace(files[at], mentions=(*files[at].mentions, found))
    return files
