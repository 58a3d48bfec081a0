"""The receipt of a dispatch as a PDF: data as JSON into a fixed template, never as markup."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from tiplines.services.receipts import receipt_of

TEMPLATE = Path(__file__).with_name("receipt.typ")
DEVANAGARI = "@expo-google-fonts/noto-sans-devanagari"


def receipt_pdf(dispatch_id: int, *, at: datetime) -> bytes:
    """The receipt as it stands `at`, in the officer's language where there is a font for it."""
    language = translation.get_language() if has_hindi() else "en"
    with translation.override(language):
        page = page_of(receipt_of(dispatch_id), at=at)
    pdf = compiler().compile(
        format="pdf",
        sys_inputs={"page": json.dumps(page, ensure_ascii=False)},
        timestamp=at.replace(microsecond=0),
        pdf_standards="a-2b",
    )
    assert isinstance(pdf, bytes)  # noqa: S101 - no output path was given
    return pdf


@cache
def compiler() -> typst.Compiler:
    """The fonts are read once. Of the machine's own fonts none is used: all prints look alike."""
    folder = font_folder()
    fonts = [folder] if folder.is_dir() else []
    return typst.Compiler(TEMPLATE, font_paths=fonts, ignore_system_fonts=True)


def font_folder() -> Path:
    return Path(settings.HOME) / "node_modules" / DEVANAGARI


def has_hindi() -> bool:
    return font_folder().is_dir()


def page_of(receipt: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """What is printed, in words: the template only arranges it."""
    return {
        "language": translation.get_language(),
        "title": _("Receipt of dispatch %(number)s") % {"number": receipt["dispatch"]},
        "as_of": _("As of %(moment)s") % {"moment": moment_of(at)},
        "page": _("Page"),
        "facts": facts_of(receipt),
        "counts": counts_of(receipt),
        "notes": [
            _("Does not reconcile: %(fault)s") % {"fault": fault} for fault in receipt["faults"]
        ],
        "missing": {
            "title": _("Named in the covering list, no report received: %(count)s")
            % {"count": receipt["missing_count"]},
            "numbers": receipt["missing"],
        },
        "quarantine": {
            "title": _("In quarantine: %(count)s") % {"count": receipt["quarantined"]},
            "head": [_("Document"), _("Report"), _("Place"), _("Reason")],
            "rows": [
                [each["document"], each["number"] or "–", each["place"] or "–", each["reason"]]
                for each in receipt["quarantine"]
            ],
        },
        "coverage": [
            {
                "title": _("Fields of %(count)s reports: %(format)s")
                % {"count": fields["reports"], "format": format.upper()},
                "head": [_("Field"), _("Reports that have it"), _("Of them kept unread")],
                "rows": [
                    [path, str(present), str(unread)]
                    for path, (present, unread) in fields["paths"].items()
                ],
            }
            for format, fields in receipt["fields"].items()
        ],
    }


def facts_of(receipt: dict[str, Any]) -> list[list[str]]:
    return [
        [_("Name"), receipt["name"]],
        [_("Sender's reference"), receipt["reference"] or "–"],
        [_("Sender"), receipt["sender"] or "–"],
        [_("Received"), moment_of(datetime.fromisoformat(receipt["received_at"]))],
        [_("Size in bytes"), str(receipt["size_bytes"])],
        ["SHA-256", receipt["sha256"]],
    ]


def counts_of(receipt: dict[str, Any]) -> list[list[str]]:
    sent = receipt["sent"]
    return [
        [_("Sent, by the covering list"), "–" if sent is None else str(sent)],
        [_("Received"), str(receipt["received"])],
        [_("Stored"), str(receipt["stored"])],
        [_("Already held"), str(receipt["already_held"])],
        [_("New versions"), str(receipt["new_versions"])],
        [_("In quarantine"), str(receipt["quarantined"])],
        [_("Set aside"), str(receipt["set_aside"])],
        [_("Missing"), str(receipt["missing_count"])],
        [_("Came without being listed"), str(receipt["extra_count"])],
        [_("Not text: listed only, never read or kept"), str(receipt["documents"]["not_text"])],
    ]


def moment_of(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "d-m-Y H:i") + " IST"
