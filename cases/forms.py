"""What officers type about a case. A form checks the shape; the services decide what is allowed."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import RANK_CHOICES, User
from accounts.roles import Rank
from cases.lifecycle import OPEN, CaseStatus
from cases.models import Accused, Arrest, Case, Fir
from cases.models.case import STATUS_LABELS, ReturnReason
from cases.models.fir import FirKind
from cases.services.holding import BetterPlace
from cases.services.listing import Wanted
from cases.services.registering import days_of, is_passed_on
from cases.services.revealing import WORDS_AT_MOST, Purpose
from cases.statutes import sections_for, suggested
from cases.triage_forms import better_choices, other_states, read_place
from districts.models import DatedQuerySet, District, PoliceStation

EVERY_OPEN = "open"
NUMBER = re.compile(r"\s*(?P<number>\d{1,6})\s*(?:[/-]\s*(?P<year>\d{4}|\d{2})\s*)?")
"""`512/24`, `0512/2024` or `512`, whose year is that of registration."""


if TYPE_CHECKING:
    RowChoice = forms.ModelChoiceField[Any]
else:
    RowChoice = forms.ModelChoiceField  # not subscriptable when the form is made


class RowField(RowChoice):
    """A choice of rows, filled by `offer`; each is shown by the attribute `shows`."""

    def __init__(self, *, shows: str, **kwargs: Any) -> None:
        super().__init__(queryset=None, **kwargs)
        self.words = attrgetter(shows)

    def label_from_instance(self, obj: Any) -> str:
        return str(self.words(obj))


def offer(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, RowField)  # noqa: S101 - a form of ours
    field.queryset = rows


class MomentField(forms.DateTimeField):
    """A moment in Indian time, typed or picked."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})


class FilterForm(forms.Form):
    """What a list of cases is narrowed to, from the address of the page."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), (EVERY_OPEN, _("All open")), *STATUS_LABELS],
    )
    district = RowField(
        shows="local_name",
        to_field_name="code",
        label=_("District"),
        required=False,
        empty_label=_("All"),
    )
    station = RowField(
        shows="local_name",
        to_field_name="code",
        label=_("Police station"),
        required=False,
        empty_label=_("All"),
    )

    def __init__(self, *args: Any, officer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        duty = officer.duty
        offer(self, "district", District.objects.order_by("name"))
        offer(self, "station", PoliceStation.objects.order_by("name"))
        if not duty.sees_everything:
            own = PoliceStation.objects.filter(district_id__in=duty.district_ids)
            offer(self, "station", own.order_by("name"))
            del self.fields["district"]
            if not duty.district_ids:
                del self.fields["station"]

    def wanted(self) -> Wanted:
        """After `is_valid`."""
        chosen = self.cleaned_data
        status = chosen["status"]
        district, station = chosen.get("district"), chosen.get("station")
        return Wanted(
            statuses=(
                OPEN
                if status == EVERY_OPEN
                else frozenset({CaseStatus(status)})
                if status
                else None
            ),
            district_id=district.pk if district else None,
            station_id=station.pk if station else None,
        )


class SeenForm(forms.Form):
    """Until when what is said to be known had come in: the moment the page was made."""

    until = forms.DateTimeField(widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=ReturnReason.choices)
    better = forms.CharField(
        label=_("Where it belongs, if you know it"), required=False, widget=forms.Select
    )
    note = forms.CharField(
        label=_("Which place or person it is, as far as you know"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["better"].widget = forms.Select(choices=better_choices())

    def clean_better(self) -> BetterPlace | None:
        said = self.cleaned_data["better"]
        if not said:
            return None
        kind, _colon, name = said.partition(":")
        if kind == "t" and name in other_states():
            return BetterPlace(state_name=name)
        found = read_place(said)
        if found is None:
            raise ValidationError(_("Choose a place from the list."))
        return BetterPlace(district_id=found[0], station_id=found[1])


class AllotForm(forms.Form):
    station = RowField(shows="local_name", label=_("Police station"))

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = stations_of(case).in_force(timezone.localdate())
        offer(self, "station", present.exclude(pk=case.station_id or 0))


class FirForm(forms.Form):
    number = forms.CharField(
        label=_("FIR number"), max_length=12, help_text=_("As it is written: 0512/2026")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=FirKind.choices)
    station = RowField(shows="local_name", label=_("Police station"))
    moment = MomentField(label=_("Registered"), help_text=_("Indian time"))
    sections = forms.MultipleChoiceField(label=_("Sections"), widget=forms.CheckboxSelectMultiple)
    investigating_officer = forms.CharField(label=_("Investigating officer"), max_length=150)
    officer_rank = forms.ChoiceField(
        label=_("Rank"),
        choices=RANK_CHOICES,
        help_text=_("Inspector or above with a section of the IT Act (IT Act s. 78)"),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        days = days_of(case)
        likely = suggested(days, passed_on=is_passed_on(case))
        kwargs["initial"] = {
            "station": case.station_id,
            "sections": list(likely),
            "officer_rank": Rank.INSPECTOR.value,
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        offer(self, "station", stations_of(case))
        sections = self.fields["sections"]
        assert isinstance(sections, forms.MultipleChoiceField)  # noqa: S101 - as written above
        sections.choices = [
            (each.code, f"{each.label} · {each.subject}")
            for each in sorted(sections_for(days), key=lambda each: each.code not in likely)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        written = NUMBER.fullmatch(cleaned.get("number", ""))
        if "number" in cleaned and (written is None or int(written["number"]) < 1):
            raise ValidationError({"number": _("Write the number like 0512/2026.")})
        if written is not None and "moment" in cleaned:
            year = written["year"] or str(timezone.localtime(cleaned["moment"]).year)
            cleaned["number"] = int(written["number"])
            cleaned["year"] = int(year) + (2000 if len(year) == 2 else 0)
        return cleaned


class ProgressForm(forms.Form):
    fir = RowField(shows="label", label=_("FIR"), empty_label=None)
    moment = MomentField(label=_("Told"), help_text=_("Indian time"))

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "fir", Fir.objects.filter(case=case, informed_at__isnull=True).order_by("pk"))


class AccusedForm(forms.Form):
    fir = RowField(shows="label", label=_("FIR"), empty_label=None)
    name = forms.CharField(label=_("Name"), max_length=200)
    age = forms.IntegerField(
        label=_("Age at the offence"),
        required=False,
        min_value=7,  # below it nothing is an offence: BNS 20
        max_value=120,
        help_text=_("Under 18 the name is not shown (JJ Act s. 74)"),
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "fir", Fir.objects.filter(case=case).order_by("pk"))


class ArrestForm(forms.Form):
    accused = RowField(shows="shown_name", label=_("Accused"), empty_label=None)
    moment = MomentField(label=_("Arrested"), help_text=_("Indian time"))
    place = forms.CharField(label=_("Place"), max_length=300)
    arrested_by = forms.CharField(label=_("Arrested by"), max_length=150)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = Accused.objects.filter(fir__case=case, arrest__isnull=True)
        offer(self, "accused", free.order_by("pk"))


class ProductionForm(forms.Form):
    arrest = RowField(shows="accused.shown_name", label=_("Arrested person"), empty_label=None)
    moment = MomentField(
        label=_("Produced"), help_text=_("Indian time; within 24 hours of the arrest (BNSS 58)")
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = Arrest.objects.filter(accused__fir__case=case, produced_at__isnull=True)
        offer(self, "arrest", waiting.select_related("accused").order_by("pk"))


def stations_of(case: Case) -> DatedQuerySet[PoliceStation]:
    """The stations of the case's district, its cyber station among them."""
    return PoliceStation.objects.filter(district_id=case.district_id).order_by("name")


class RevealForm(forms.Form):
    """What a covered name is needed for."""

    template_name_div = "components/form.html"

    what = forms.CharField(widget=forms.HiddenInput, max_length=60)
    code = forms.ChoiceField(label=_("Purpose"), choices=[("", "—"), *Purpose.choices])
    words = forms.CharField(
        label=_("In your own words"),
        max_length=WORDS_AT_MOST,
        help_text=_("Without any name: it stands on the record."),
    )
