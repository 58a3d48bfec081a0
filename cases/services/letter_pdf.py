"""A letter as a PDF, from what is stored of it alone: the same bytes whenever it is printed."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from cases.letter_words import moment_of
from cases.models import Letter
from tiplines.services.receipt_pdf import font_folder, has_hindi

TEMPLATES = {"letter-1": "letter.typ"}
PRESENT = "letter-1"


def letter_pdf(letter: Letter, language: str) -> bytes:
    """In `language`, or in English where there is no font for it. One withdrawn says so on top."""
    language = language if language in letter.content and has_hindi() else "en"
    page = letter.page_in(language)
    pdf = compiler(letter.template).compile(
        format="pdf",
        sys_inputs={
            "page": json.dumps(
                page | {"mark": mark_of(letter, language), "hash": digest_of(page)},
                ensure_ascii=False,
            )
        },
        timestamp=letter.at.replace(microsecond=0),
        pdf_standards="a-2b",
    )
    assert isinstance(pdf, bytes)  # noqa: S101 - no output path was given
    return pdf


def mark_of(letter: Letter, language: str) -> str:
    if letter.withdrawn_at is None:
        return ""
    with translation.override(language):
        return _("WITHDRAWN on %(moment)s") % {"moment": moment_of(letter.withdrawn_at)}


def digest_of(page: dict[str, Any]) -> str:
    """Stands at the foot of each page, so that a print can be told from an altered one."""
    text = json.dumps(page, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def compiler(template: str) -> typst.Compiler:
    """The fonts are read once. Of the machine's own fonts none is used: all prints look alike."""
    folder = font_folder()
    fonts = [folder] if folder.is_dir() else []
    path = Path(__file__).with_name(TEMPLATES[template])
    return typst.Compiler(path, font_paths=fonts, ignore_system_fonts=True)
