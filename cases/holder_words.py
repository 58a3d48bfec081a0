"""What pages call whoever answers for a tipline."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from cases.accountability import Answers
from cases.services.accountable import holders_of
from districts.wording import state_words
from tiplines.models import Tipline
from tiplines.models.tipline import Status


def words_of(tipline: Tipline, officer: User) -> str:
    """For the unit, who answers for it; empty where the page says it already: who holds it."""
    if not officer.duty.sees_everything or tipline.status == Status.HELD:
        return ""
    holder = holders_of([tipline])[tipline.pk]
    match holder.answers:
        case Answers.SUPERVISORS:
            return _("The unit's supervisors")
        case Answers.STATE:
            return state_words(holder.name)
        case Answers.SENDER:
            return holder.name
    if tipline.status in {Status.TRANSFERRED, Status.SENT_BACK}:
        return _("The triage desk, until the letter is acknowledged")
    return _("The triage desk")
