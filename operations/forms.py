"""Forms of the boards, operations and the record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import OfficerSession
from accounts.services import limits
from audit.models import Event
from cases.lifecycle import OPEN, CaseStatus
from cases.models.case import STATUS_LABELS
from districts.models import District
from operations.models import Operation
from operations.periods import Reach
from operations.services.drives import CohortFilter
from operations.services.reviewing import Finding
from tiplines.models.tipline import URGENT_FROM

WALL_HOURS = 12  # at most
DAY = "%Y-%m-%d"
MINUTE = "%Y-%m-%dT%H:%M"


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format=DAY)


def minute_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE)


class DaysForm(forms.Form):
    """From one day to another, both counting."""

    first = forms.DateField(label=_("From"), widget=day_input())
    last = forms.DateField(label=_("Until"), widget=day_input())
    period = forms.CharField(widget=forms.HiddenInput, initial=Reach.CUSTOM.value)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        return given


class WallForm(forms.Form):
    """How long a board is shown on a wall: full hours, the last cut off where the session ends."""

    hours = forms.TypedChoiceField(label=_("Until"), coerce=int)

    def __init__(self, *args: Any, session: OfficerSession, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = session.began_at + limits().longest - now
        most = min(-(-left // timedelta(hours=1)), WALL_HOURS)
        self.fields["hours"].choices = [  # type: ignore[attr-defined]
            (hours, f"{timezone.localtime(now + min(timedelta(hours=hours), left)):%H:%M}")
            for hours in range(1, most + 1)
        ]


class OperationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(
        label=_("Purpose"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    from_at = forms.DateTimeField(
        label=_("From"),
        widget=minute_input(),
        help_text=_("FIRs and arrests count from this moment (IST)."),
    )
    until_at = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=minute_input(),
        help_text=_("May stay open; the operation is then ended by hand."),
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Operation.objects.filter(name=name).exists():
            raise ValidationError(_("Another operation has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        from_at: datetime | None = given.get("from_at")
        until_at: datetime | None = given.get("until_at")
        if from_at and until_at and until_at <= from_at:
            self.add_error("until_at", _("An operation ends after it begins."))
        return given


class DistrictsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as in accounts
    def label_from_instance(self, obj: District) -> str:
        return obj.local_name


class CohortForm(forms.Form):
    """Which open cases to add. What it finds is shown before anything is added."""

    districts = DistrictsField(
        label=_("Districts"),
        queryset=District.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    first = forms.DateField(label=_("Opened from"), required=False, widget=day_input())
    last = forms.DateField(label=_("Opened until"), required=False, widget=day_input())
    stages = forms.MultipleChoiceField(
        label=_("Stage"),
        choices=[(value, label) for value, label in STATUS_LABELS if CaseStatus(value) in OPEN],
        widget=forms.CheckboxSelectMultiple,
    )
    urgent_only = forms.BooleanField(label=_("Urgent ones only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["districts"].queryset = District.objects.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        return given

    def cohort(self) -> CohortFilter:
        """Once the form is valid."""
        given = self.cleaned_data
        return CohortFilter(
            district_ids=frozenset(district.pk for district in given["districts"]),
            first_on=given["first"],
            last_on=given["last"],
            stages=frozenset(CaseStatus(stage) for stage in given["stages"]),
            urgency_from=URGENT_FROM if given["urgent_only"] else 0,
        )


class SignOffForm(forms.Form):
    """What the reviewer of a week found: chosen, for the record holds no free text."""

    finding = forms.ChoiceField(
        label=_("What you found"),
        choices=[
            ("", _("choose")),
            (Finding.NOTHING.value, _("Nothing that needs following up")),
            (Finding.FOLLOWED_UP.value, _("Something, and it is being followed up")),
        ],
    )


class RecordForm(forms.Form):
    """Every field may stay empty."""

    officer = forms.CharField(
        label=_("Officer's number"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    verb = forms.ChoiceField(label=_("Act"), required=False)
    subject = forms.CharField(
        label=_("Subject"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "case:1042"}),
    )
    day = forms.DateField(label=_("Day"), required=False, widget=day_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verbs = Event.objects.verbs()
        self.fields["verb"].choices = [("", _("all")), *((verb, verb) for verb in verbs)]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, str]:
        """What was filled in, as text: for the record of the reading and for the next page."""
        return {
            name: value.isoformat() if isinstance(value, date) else str(value)
            for name, value in self.cleaned_data.items()
            if value
        }
