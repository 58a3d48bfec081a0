"""What an officer types to have an address located."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from districts.evidence import Evidence
from districts.rules import EvidenceKind
from districts.wording import KIND_LABELS

TEXT_AT_MOST = 500  # characters; the locator reads no more
COORDINATE = {"inputmode": "decimal", "autocomplete": "off"}


class PlaceForm(forms.Form):
    text = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=TEXT_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
    )
    pin = forms.CharField(
        label=_("PIN code"),
        required=False,
        max_length=7,
        validators=[RegexValidator(r"^[1-9]\d{2}\s?\d{3}$", _("A PIN code has six digits."))],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    lat = forms.FloatField(
        label=_("Latitude"),
        required=False,
        min_value=-90,
        max_value=90,
        widget=forms.TextInput(attrs=COORDINATE),
    )
    lon = forms.FloatField(
        label=_("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
        widget=forms.TextInput(attrs=COORDINATE),
    )
    kind = forms.ChoiceField(
        label=_("Where it comes from"),
        required=False,
        choices=[("", _("not known")), *((kind.value, KIND_LABELS[kind]) for kind in EvidenceKind)],
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        has_lat, has_lon = given["lat"] is not None, given["lon"] is not None
        if has_lat != has_lon:
            raise ValidationError(_("A point needs latitude and longitude."))
        if not (given["text"] or given["pin"] or has_lat):
            raise ValidationError(_("Give an address, a PIN code or a point."))
        return given

    @property
    def point(self) -> tuple[float, float] | None:
        given = self.cleaned_data
        return None if given["lat"] is None else (given["lat"], given["lon"])

    def evidence(self) -> Evidence:
        """Of a kind that is not said, a point alone counts as the device's, else as declared."""
        given = self.cleaned_data
        usual = (
            EvidenceKind.DECLARED_ADDRESS
            if given["text"] or given["pin"]
            else EvidenceKind.DEVICE_POINT
        )
        return Evidence(
            kind=EvidenceKind(given["kind"]) if given["kind"] else usual,
            text=given["text"],
            postal_code=given["pin"],
            lat=given["lat"],
            lon=given["lon"],
        )

    def said(self) -> str:
        """All that was typed, in one line; for a hash, never to be kept."""
        given = self.cleaned_data
        parts = (given["text"], given["pin"], given["lat"], given["lon"])
        return " ".join(str(part) for part in parts if part not in ("", None))
