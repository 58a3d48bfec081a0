"""Forms of the rules about whose a tipline is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from districts.models import District, PoliceStation
from districts.rules import EvidenceKind, RegistersAt, Rules
from districts.wording import KIND_LABELS
from operations.forms import day_input
from operations.periods import midnight

WHY_AT_MOST = 2000


class WhyForm(forms.Form):
    """Why rules are proposed again, or refused."""

    why = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=WHY_AT_MOST
    )


class RulesForm(forms.Form):
    """Everything that can be set, as it is in force; who proposes changes what is to change."""

    decide_from = forms.FloatField(
        label=_("Delhi, a State or abroad is said from (%)"),
        help_text=_("Share of the weighed claims; below it an officer decides. Above 50."),
        min_value=50,
        max_value=100,
    )
    assign_from = forms.FloatField(
        label=_("A station is named for assignment from (%)"),
        help_text=_("Confidence in the first station; below it an officer decides."),
        min_value=0,
        max_value=100,
    )
    cyber = forms.MultipleChoiceField(
        label=_("Districts that register at their cyber station"),
        help_text=_("All others register at the station of residence."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.DateField(
        label=_("Try on tiplines received since"),
        help_text=_("Before anybody can confirm it, it is tried on all of them."),
        widget=day_input(),
    )
    why = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=WHY_AT_MOST
    )

    def __init__(self, data: Any = None, *, present: Rules, since: date) -> None:
        initial: dict[str, Any] = {
            "decide_from": percent(present.decide_from),
            "assign_from": percent(present.assign_from),
            "cyber": [code for code, at in present.registers_at.items() if at is RegistersAt.CYBER],
            "since": since,
        }
        super().__init__(data, initial=initial)
        for kind in EvidenceKind:
            self.fields[name_of(kind)] = forms.FloatField(
                label=str(KIND_LABELS[kind]),
                min_value=0,
                max_value=100,
                initial=f"{present.weights[kind]:g}",
            )
        weights = [name_of(kind) for kind in EvidenceKind]
        self.order_fields([*weights, "decide_from", "assign_from", "cyber", "since", "why"])
        self.fields["cyber"].choices = cyber_choices()  # type: ignore[attr-defined]

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if since > timezone.localdate():
            raise forms.ValidationError(_("The day is still to come."))
        return since

    def rules(self) -> Rules:
        """Raises districts.rules.UnusableRules."""
        given = self.cleaned_data
        return Rules(
            weights={kind: given[name_of(kind)] for kind in EvidenceKind},
            decide_from=given["decide_from"] / 100,
            assign_from=given["assign_from"] / 100,
            registers_at=dict.fromkeys(given["cyber"], RegistersAt.CYBER),
        )

    def period_from(self) -> datetime:
        return midnight(self.cleaned_data["since"])


def name_of(kind: EvidenceKind) -> str:
    return f"weight_{kind.value}"


def percent(share: float) -> str:
    return f"{100 * share:g}"


def cyber_choices() -> list[tuple[str, str]]:
    """The territorial districts that have a cyber station."""
    today = timezone.localdate()
    have = PoliceStation.objects.cyber().in_force(today).values("district")
    districts = District.objects.territorial().in_force(today).filter(pk__in=have)
    return [(each.code, each.local_name) for each in districts.order_by("name")]
