"""What an officer says of a nexus. Forms check what was typed and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.nexus_page import where_of
from cases.triage_forms import place_choices, read_place
from districts.models import PoliceStation
from nexus.models import Verdict
from tiplines.models import Tipline
from tiplines.services.rulebook import cyber_registers

REASON_AT_MOST = 2_000  # characters
OWN_STATION = "SPC-SPECIAL-CELL"
"""Where the unit registers what it keeps (districts/data/SOURCES.md)."""


class JudgementForm(forms.Form):
    """What is said and why; of which accounts, or of which value."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    reason = forms.CharField(
        max_length=REASON_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=_("Why"),
        help_text=_("It stays with what you say, for whoever asks later."),
    )
    account = forms.TypedMultipleChoiceField(coerce=int, required=False)
    value = forms.IntegerField(required=False, min_value=1)


class KeysField(forms.TypedMultipleChoiceField):
    """Keys of any rows: whoever acts on them looks what they are by then."""

    def valid_value(self, value: str) -> bool:
        return value.isascii() and value.isdecimal() and len(value) < 19


class HandOverForm(forms.Form):
    """Which tiplines go where as one. `place` becomes (district key, station key), or the key of a
    case that they join.
    """

    tipline = KeysField(coerce=int, label=_("Tiplines"))
    place = forms.ChoiceField(label=_("Who investigates the nexus"))
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=REASON_AT_MOST,
        help_text=_("The holder reads it: what to know about the nexus as a whole."),
    )

    def __init__(
        self, *args: Any, awaiting: Sequence[Tipline], cases: Sequence[Case], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.awaiting, self.cases = awaiting, cases
        self.lines = [(tip, where_of(tip)) for tip in awaiting]
        self.fields["place"].choices = holder_choices(cases)  # type: ignore[attr-defined]

    @property
    def ticked(self) -> list[str]:
        return self.data.getlist("tipline")  # type: ignore[attr-defined,no-any-return]

    def clean_place(self) -> tuple[int, int | None] | int:
        kind, _colon, key = self.cleaned_data["place"].partition(":")
        if kind == "c":
            return int(key)
        found = read_place(self.cleaned_data["place"])
        if found is None:
            raise forms.ValidationError(_("Choose a district or a station from the list."))
        return found


def holder_choices(cases: Sequence[Case]) -> list[Any]:
    """The unit itself, cases of the nexus that are open, as `c:5`, and every other place."""
    today = timezone.localdate()
    choose, *groups = place_choices(cyber_registers(today))
    own = [
        (
            f"s:{each.pk}",
            gettext("The unit keeps it: PS %(station)s") % {"station": each.local_name},
        )
        for each in PoliceStation.objects.in_force(today).filter(code=OWN_STATION)
    ]
    if cases:
        there = gettext("Into a case that others of it are in")
        groups = [(there, [case_choice(each) for each in cases]), *groups]
    return [choose, *own, *groups]


def case_choice(case: Case) -> tuple[str, str]:
    place = case.station or case.district
    return f"c:{case.pk}", gettext("Case %(number)s, %(place)s") % {
        "number": case.pk,
        "place": place.local_name,
    }
