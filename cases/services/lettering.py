"""Letters: written with the act that they tell, acknowledged, reminded of, withdrawn with its undo.

Until its letter is acknowledged a tipline that went to another State or back to the sender stays
the unit's to answer for. Locks are taken in this order: cases, letters, tiplines.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Act
from audit.services import record, record_many
from cases.letter_words import Facts, Page, Reminded, in_every_language
from cases.letters import Envelope, dispatch_number, sorted_into_letters
from cases.models import Letter, LetterEntry, LetterSerial
from cases.naming import mask_over
from cases.services.letter_pdf import PRESENT
from tiplines.models import Decision
from tiplines.models.decision import Kind
from tiplines.services.deciding import check_may

TOLD = (Kind.TRANSFER, Kind.SEND_BACK)
"""Decisions that a letter tells."""


class NoSuchLetter(Exception):
    """There is no such letter for this officer."""


class NotWaiting(Exception):
    """It is acknowledged or withdrawn, it is a reminder, or none of its tiplines stands so now."""


class AnswerIncomplete(Exception):
    """An acknowledgement has a reference, a day, and somebody who gave it."""


class AnswerInTheFuture(Exception):
    """The day of the acknowledgement has not come yet."""


class AnswerBeforeTheLetter(Exception):
    """Nobody acknowledges a letter before it is written."""


@transaction.atomic
def write(*, batch: UUID, by: User, at: datetime, confirmed_by: User | None = None) -> list[Letter]:
    """A letter for each addressee of the transfers and returns in a batch, in constant statements.

    Part of the act that decided them: `by` decided, `confirmed_by` is the second officer.
    """
    decisions = list(
        Decision.objects.filter(batch=batch, kind__in=TOLD, undone_at__isnull=True)
        .select_related("tipline__dispatch")
        .defer("tipline__narrative", "tipline__escalation", "tipline__urgency_reasons")
        .order_by("tipline__number")
    )
    sorted_ = sorted_into_letters((envelope_of(each), each) for each in decisions)
    if not sorted_:
        return []
    mask = mask_over([each.tipline for each in decisions if each.note])
    unit, year = str(settings.UNIT["short_name"]), timezone.localtime(at).year
    first = take_numbers(len(sorted_), unit=unit, year=year)
    letters = [
        Letter(
            unit=unit,
            year=year,
            number=number,
            kind=envelope.kind,
            addressee=envelope.addressee,
            batch=batch,
            tipline_count=len(told),
            template=PRESENT,
            content=content_of(
                Facts(
                    reference=dispatch_number(unit=unit, year=year, number=number),
                    officer=by,
                    at=at,
                    addressee=envelope.addressee,
                    tiplines=[each.tipline for each in told],
                    note=mask.text(note_of(told)),
                ),
                envelope,
            ),
            restricted_case_id=envelope.restricted_case or None,
            by=by,
            at=at,
            confirmed_by=confirmed_by,
            asked_at=at,
        )
        for number, (envelope, told) in enumerate(sorted_, first)
    ]
    Letter.objects.bulk_create(letters)
    LetterEntry.objects.bulk_create(
        LetterEntry(letter=letter, tipline_id=decision.tipline_id, decision=decision)
        for letter, (_envelope, told) in zip(letters, sorted_, strict=True)
        for decision in told
    )
    record_many(
        verb="letter.sent",
        subjects=[f"letter:{letter.pk}" for letter in letters],
        actor=confirmed_by or by,
        at=at,
        detail={"batch": str(batch)},
    )
    return letters


def envelope_of(decision: Decision) -> Envelope:
    tipline = decision.tipline
    is_transfer = decision.kind == Kind.TRANSFER
    dispatch = tipline.dispatch
    sender = dispatch.sender or dispatch.reference or f"dispatch {dispatch.pk}"
    return Envelope(
        kind=decision.kind,
        addressee=decision.state_name if is_transfer else sender[:300],
        restricted_case=tipline.restricted_case_id or 0,
    )


def content_of(facts: Facts, envelope: Envelope) -> dict[str, Page]:
    return in_every_language(facts, reminded=None, to_state=envelope.kind == Kind.TRANSFER)


def note_of(told: Sequence[Decision]) -> str:
    """What the officer added; supplements that follow several parents may bring several notes."""
    return " ".join(dict.fromkeys(each.note.strip() for each in told if each.note.strip()))


def take_numbers(count: int, *, unit: str, year: int) -> int:
    """The first of so many running numbers: none is given twice, a failed act leaves no gap."""
    LetterSerial.objects.get_or_create(unit=unit, year=year)
    serial = LetterSerial.objects.select_for_update().get(unit=unit, year=year)
    first = serial.last + 1
    serial.last += count
    serial.save(update_fields=["last"])
    return first


@transaction.atomic
def acknowledge(
    *, letter_id: int, reference: str, on: date, from_: str, by: User, at: datetime
) -> Letter:
    """Enter that the other State or the sender acknowledged it: from now on it is theirs.

    `reference` is their number, `from_` who signed there. Raises NoSuchLetter, NotWaiting,
    AnswerIncomplete, AnswerInTheFuture, AnswerBeforeTheLetter and deciding.NotAllowed.
    """
    letter = lock_waiting(letter_id, by=by)
    if not (reference.strip() and from_.strip()):
        raise AnswerIncomplete
    if on > timezone.localtime(at).date():
        raise AnswerInTheFuture
    if on < timezone.localtime(letter.at).date():
        raise AnswerBeforeTheLetter
    letter.acknowledged_at, letter.acknowledged_by = at, by
    letter.answer_reference, letter.answer_on = reference.strip(), on
    letter.answer_from = from_.strip()
    letter.save(
        update_fields=[
            *("acknowledged_at", "acknowledged_by"),
            *("answer_reference", "answer_on", "answer_from"),
        ]
    )
    record(
        verb="letter.acknowledged",
        subject=f"letter:{letter.pk}",
        actor=by,
        at=at,
        detail={"on": on.isoformat()},
    )
    return letter


@transaction.atomic
def remind(*, letter_id: int, by: User, at: datetime) -> Letter:
    """Write a reminder, with a number of its own; the clock starts anew.

    Raises NoSuchLetter, NotWaiting and deciding.NotAllowed.
    """
    letter = lock_waiting(letter_id, by=by)
    unit, year = str(settings.UNIT["short_name"]), timezone.localtime(at).year
    number = take_numbers(1, unit=unit, year=year)
    reminder = Letter.objects.create(
        unit=unit,
        year=year,
        number=number,
        kind=Letter.Kind.REMINDER,
        addressee=letter.addressee,
        reminds=letter,
        tipline_count=letter.tipline_count,
        template=PRESENT,
        content=in_every_language(
            Facts(
                reference=dispatch_number(unit=unit, year=year, number=number),
                officer=by,
                at=at,
                addressee=letter.addressee,
            ),
            reminded=Reminded(
                reference=letter.reference,
                at=letter.at,
                tipline_count=letter.tipline_count,
                is_to_a_state=letter.kind == Letter.Kind.TRANSFER,
            ),
            to_state=letter.kind == Letter.Kind.TRANSFER,
        ),
        restricted_case_id=letter.restricted_case_id,
        by=by,
        at=at,
        asked_at=at,
    )
    letter.asked_at = at
    letter.save(update_fields=["asked_at"])
    record_many(
        verb="letter.reminded",
        subjects=[f"letter:{letter.pk}", f"letter:{reminder.pk}"],
        actor=by,
        at=at,
        detail={"reminder": reminder.pk},
    )
    return reminder


def withdraw(*, batch: UUID, by: User, at: datetime) -> set[int]:
    """With the undo of their act: letters that are not acknowledged are withdrawn, and kept.

    Return the tiplines that stay where they are, for their letter is acknowledged.
    """
    letters = list(
        Letter.objects.filter(batch=batch).order_by("pk").select_for_update(of=("self",))
    )
    open_ = [each.pk for each in letters if each.acknowledged_at is None and not each.withdrawn_at]
    Letter.objects.filter(pk__in=open_).update(withdrawn_at=at, withdrawn_by=by)
    record_many(
        verb="letter.withdrawn",
        subjects=[f"letter:{pk}" for pk in open_],
        actor=by,
        at=at,
        detail={"batch": str(batch)},
    )
    answered = [each.pk for each in letters if each.acknowledged_at is not None]
    entries = LetterEntry.objects.filter(letter__in=answered)
    return set(entries.values_list("tipline_id", flat=True))


def lock_waiting(letter_id: int, *, by: User) -> Letter:
    """The letter, locked. Raises deciding.NotAllowed, NoSuchLetter and NotWaiting."""
    check_may(by, Act.TRIAGE)
    found = Letter.objects.visible_to(by).filter(pk=letter_id)
    letter = found.select_for_update(of=("self",)).first()
    if letter is None:
        raise NoSuchLetter
    if not Letter.objects.waiting().filter(pk=letter.pk).exists():
        raise NotWaiting
    return letter


# --- Restricted cases -----------------------------------------------------------------------------


def lock_about(tipline_ids: Sequence[int]) -> list[int]:
    """Lock the letters that tell of these tiplines, and their reminders; return their keys."""
    told = LetterEntry.objects.filter(tipline__in=tipline_ids).values("letter")
    letters = Letter.objects.filter(Q(pk__in=told) | Q(reminds__in=told)).order_by("pk")
    return list(letters.select_for_update(of=("self",)).values_list("pk", flat=True))


def bind(letter_ids: Sequence[int]) -> None:
    """Restrict these letters as their tiplines are now: one that tells of a restricted tipline goes
    with its case. One with a tipline out of the officer's sight stays as it is.
    """
    for letter in Letter.objects.filter(pk__in=letter_ids).defer("content").order_by("pk"):
        entries = LetterEntry.objects.filter(letter=letter.reminds_id or letter.pk)
        seen = list(entries.values_list("tipline__restricted_case", flat=True))
        if len(seen) == letter.tipline_count:
            case_id = next(filter(None, seen), None)
            Letter.objects.filter(pk=letter.pk).update(restricted_case=case_id)
