"""What a letter says, in the active language: plain words, which the template only arranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from cases.clocks import LETTER
from districts.wording import kind_label, state_words
from tiplines.models import Tipline
from tiplines.wording import word_type

LANGUAGES = ("en", "hi")
ROWS_ON_THE_LETTER = 5  # more tiplines stand on a page of their own
REFERENCES_AT_MOST = 5

Page = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a letter is about. `reference` is its own number."""

    reference: str
    officer: User
    """Who signs."""
    at: datetime
    addressee: str
    tiplines: Sequence[Tipline] = ()
    """With their dispatches."""
    note: str = ""
    """In the officer's words; what names a protected person in it is covered."""


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """The letter that a reminder is about."""

    reference: str
    at: datetime
    tipline_count: int
    is_to_a_state: bool


def in_every_language(
    facts: Facts, *, reminded: Reminded | None, to_state: bool
) -> dict[str, Page]:
    """The pages as they are stored."""
    pages = {}
    for language in LANGUAGES:
        with translation.override(language):
            if reminded is not None:
                pages[language] = reminder_page(facts, reminded)
            elif to_state:
                pages[language] = transfer_page(facts)
            else:
                pages[language] = send_back_page(facts)
    return pages


def transfer_page(facts: Facts) -> Page:
    count = len(facts.tiplines)
    state = state_words(facts.addressee)
    paragraphs = [
        ngettext(
            "This unit holds the CyberTipline report listed below. What it says points to a place"
            " in %(state)s.",
            "This unit holds the %(count)s CyberTipline reports listed in the annexure. What they"
            " say points to places in %(state)s.",
            count,
        )
        % {"count": count, "state": state},
        ngettext(
            "The report is transferred to you for action under the law.",
            "The reports are transferred to you for action under the law.",
            count,
        ),
    ]
    return page(
        facts,
        to=[_("The State nodal officer for cyber tiplines"), state],
        subject=ngettext(
            "Transfer of a CyberTipline report",
            "Transfer of %(count)s CyberTipline reports",
            count,
        )
        % {"count": count},
        paragraphs=[*paragraphs, *remark(_("Remark: %(note)s"), facts.note), secrecy()],
        last_column=_("Why there"),
        last=[grounds(tip, facts.addressee) for tip in facts.tiplines],
    )


def send_back_page(facts: Facts) -> Page:
    count = len(facts.tiplines)
    first = ngettext(
        "The CyberTipline report listed below, which came from you, is returned.",
        "The %(count)s CyberTipline reports listed in the annexure, which came from you, are"
        " returned.",
        count,
    )
    return page(
        facts,
        to=[facts.addressee],
        subject=ngettext(
            "Return of a CyberTipline report",
            "Return of %(count)s CyberTipline reports",
            count,
        )
        % {"count": count},
        paragraphs=[
            first % {"count": count},
            *remark(_("Please correct or supply: %(note)s"), facts.note),
            secrecy(),
        ],
        last_column=_("Your dispatch"),
        last=[tip.dispatch.reference or "–" for tip in facts.tiplines],
    )


def reminder_page(facts: Facts, reminded: Reminded) -> Page:
    words = {
        "reference": reminded.reference,
        "date": day_of(timezone.localtime(reminded.at).date()),
        "count": reminded.tipline_count,
    }
    state = state_words(facts.addressee) if reminded.is_to_a_state else facts.addressee
    nodal = [_("The State nodal officer for cyber tiplines")] if reminded.is_to_a_state else []
    first = ngettext(
        "This unit's letter %(reference)s of %(date)s about a CyberTipline report has not been"
        " acknowledged.",
        "This unit's letter %(reference)s of %(date)s about %(count)s CyberTipline reports has not"
        " been acknowledged.",
        reminded.tipline_count,
    )
    return page(
        facts,
        to=[*nodal, state],
        subject=_("Reminder: letter %(reference)s") % words,
        paragraphs=[first % words],
        last_column="",
        last=[],
        answers=reminded.reference,
    )


def page(
    facts: Facts,
    *,
    to: list[str],
    subject: str,
    paragraphs: list[str],
    last_column: str,
    last: list[str],
    answers: str = "",
) -> Page:
    references = list(dict.fromkeys(tip.dispatch.reference for tip in facts.tiplines))
    named = [each for each in references if each]
    more = " …" if len(named) > REFERENCES_AT_MOST else ""
    asked = _("Please acknowledge receipt by %(date)s, quoting the number %(reference)s.") % {
        "date": day_of(timezone.localtime(LETTER.due_at(facts.at)).date()),
        "reference": answers or facts.reference,
    }
    on_own_page = len(facts.tiplines) > ROWS_ON_THE_LETTER
    unit = settings.UNIT
    return {
        "language": translation.get_language(),
        "title": f"{facts.reference} · {subject}",
        "reference": facts.reference,
        "head": [f"{unit['name']} ({unit['short_name']})"],
        "number": _("No. %(reference)s") % {"reference": facts.reference},
        "date": _("Date: %(date)s") % {"date": day_of(timezone.localtime(facts.at).date())},
        "to": [_("To"), *to],
        "about": [
            [_("Subject"), subject],
            *(
                [[_("Reference"), ", ".join(named[:REFERENCES_AT_MOST]) + more]]
                if named and not answers
                else []
            ),
        ],
        "greeting": _("Sir or Madam,"),
        "paragraphs": [*paragraphs, asked],
        "signature": [facts.officer.title, str(unit["short_name"])],
        "enclosed": _("Encl. 1 (annexure)") if on_own_page else "",
        "on_own_page": on_own_page,
        "annexure": _("Annexure to %(reference)s") % {"reference": facts.reference},
        "columns": [
            *(_("No."), _("Report"), _("Provider"), _("Matter"), _("Date of incident")),
            *(_("Suspect"), last_column),
        ],
        "rows": [
            [
                str(number),
                tip.number,
                tip.provider or "–",
                word_type(tip.incident_type) or "–",
                incident_of(tip),
                tip.suspect_line or "–",
                said,
            ]
            for number, (tip, said) in enumerate(zip(facts.tiplines, last, strict=True), 1)
        ],
        "page": _("Page"),
    }


def remark(words: str, note: str) -> list[str]:
    return [words % {"note": note}] if note.strip() else []


def secrecy() -> str:
    return _(
        "The matter is child sexual exploitation and abuse material (CSEAM). The identity of a"
        " child or a victim is not to be disclosed (POCSO Act s. 23, BNS s. 72, JJ Act s. 74)."
        " This letter names none and holds no picture."
    )


def grounds(tipline: Tipline, state: str) -> str:
    """What kind of evidence points to the State, where the locator found it; no value of it."""
    if tipline.state_name == state:
        kinds = dict.fromkeys(
            kind_label(each.get("evidence", "")) for each in tipline.location_reasons
        )
        if words := ", ".join(kind for kind in kinds if kind):
            return words
    return _("As the officer found")


def incident_of(tipline: Tipline) -> str:
    """The Indian day; where the report gives no zone its own words, and that it gives none."""
    if tipline.incident_at is None:
        return "–"
    if tipline.zone_missing:
        return _("%(original)s, zone not stated") % {"original": tipline.incident_original}
    return day_of(timezone.localtime(tipline.incident_at).date())


def day_of(day: date) -> str:
    return day.strftime("%d-%m-%Y")


def moment_of(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d-%m-%Y %H:%M") + " IST"
