"""The forms of a reorganisation: two files, a day and a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from districts.layer_file import UnreadableBoundaries
from districts.places import Gazetteer
from districts.reorganisation_files import (
    BYTES_AT_MOST,
    WrongReorganisation,
    layer_of,
    read_change,
    text_of,
)
from districts.reorganising import Reorganisation
from operations.forms import day_input
from operations.rule_forms import WHY_AT_MOST, WhyForm

FAULTS_SHOWN = 20


class DayForm(WhyForm):
    """From when, and why."""

    from_on = forms.DateField(
        label=_("In force from"), help_text=_("A day to come."), widget=day_input()
    )
    field_order: tuple[str, ...] = ("from_on", "why")

    def clean_from_on(self) -> Any:
        day = self.cleaned_data["from_on"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("This is not a day to come."))
        return day


class ReorganisationForm(DayForm):
    """The files are read and not kept."""

    stations = forms.FileField(
        label=_("List of stations (CSV)"),
        help_text=_(
            "One row for each station that opens or closes. Left out, only the areas change."
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    layer = forms.FileField(
        label=_("Areas (GeoJSON)"),
        help_text=_("The areas of all stations there will be, each with its ps_code."),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
    )
    why = forms.CharField(
        label=_("Reason"),
        help_text=_("As the number and date of the order."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=WHY_AT_MOST,
    )
    field_order = ("stations", "layer", "from_on", "why")

    def __init__(self, *args: Any, present: Gazetteer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present
        self.source = ""

    def clean_stations(self) -> str:
        file = self.cleaned_data["stations"]
        return "" if file is None else text_in(file)

    def clean_layer(self) -> Any:
        file = self.cleaned_data["layer"]
        self.source = str(file.name)
        text = text_in(file)
        try:
            return layer_of(text)
        except UnreadableBoundaries as fault:
            raise forms.ValidationError(sentence(fault)) from fault

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if {"layer", "stations", "from_on"} <= given.keys():
            try:
                given["change"] = read_change(
                    stations=given["stations"],
                    layer=given["layer"],
                    present=self.present,
                    from_on=given["from_on"],
                )
            except UnreadableBoundaries as fault:
                self.add_error("layer", sentence(fault))
            except WrongReorganisation as wrong:
                for each in wrong.faults[:FAULTS_SHOWN]:
                    self.add_error("stations", sentence(each))
        return given

    @property
    def change(self) -> Reorganisation:
        change: Reorganisation = self.cleaned_data["change"]
        return change


def text_in(file: UploadedFile[Any]) -> str:
    if (file.size or 0) > BYTES_AT_MOST:
        raise forms.ValidationError(
            _("The file is larger than %(count)s megabytes; leave out needless detail.")
            % {"count": BYTES_AT_MOST // 1_000_000}
        )
    try:
        return text_of(file.read())
    except UnreadableBoundaries as fault:
        raise forms.ValidationError(sentence(fault)) from fault


def sentence(fault: object) -> str:
    text = str(fault)
    return f"{text[:1].upper()}{text[1:]}."
