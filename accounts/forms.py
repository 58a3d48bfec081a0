"""Forms of sign-in and of the officers' pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import RANK_CHOICES, ROLE_CHOICES, User
from accounts.roles import Rank, Role
from accounts.services.signing_in import NOTICE
from districts.models import District, PoliceStation


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _(
            "Number and password do not match. After five wrong tries the account waits 15 minutes."
        ),
    }
    was_tried = False
    """Whether number and password were compared: not before the notice is accepted."""

    def clean(self) -> dict[str, Any]:
        if self.data.get("notice") != NOTICE:
            raise ValidationError(_("The notice has changed. Read it, then sign in again."))
        self.was_tried = True
        return super().clean()


class PasswordAgainForm(forms.Form):
    """The present password, to unlock a session or before an act that asks for it."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic for the type checker only
    """The officer's own change. The present password is asked for, unless it is a one-time one."""

    old_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["old_password", "new_password1", "new_password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = _("At least 12 characters; a sentence is good.")
        if self.user.password_is_temporary:
            del self.fields["old_password"]

    def clean_old_password(self) -> str:
        old = str(self.cleaned_data["old_password"])
        if not self.user.check_password(old):
            raise ValidationError(_("This is not your present password."))
        return old


class AppCodeForm(forms.Form):
    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label=_("Code of six digits"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name for this passkey"),
        help_text=_("As you call the key or the device, so that you know it later."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    answer = forms.CharField(widget=forms.HiddenInput, max_length=20_000)


class NewOfficerForm(forms.Form):
    username = forms.CharField(
        label=_("Belt or PIS number"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    full_name = forms.CharField(label=_("Name"), max_length=150)
    rank = forms.ChoiceField(label=_("Rank"), choices=[("", "—"), *RANK_CHOICES])

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username=username).exists():
            raise ValidationError(_("Another officer has this number."))
        return username

    def clean_rank(self) -> Rank:
        return Rank(self.cleaned_data["rank"])


class LeaveForm(forms.Form):
    last_on = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["last_on"].widget.attrs["min"] = today.isoformat()

    def clean_last_on(self) -> date:
        day: date = self.cleaned_data["last_on"]
        if day < self.today:
            raise ValidationError(_("Today or later: what is past is not changed."))
        return day


class DistrictField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the checker only
    def label_from_instance(self, obj: District) -> str:
        return obj.local_name


class StationField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the checker only
    def label_from_instance(self, obj: PoliceStation) -> str:
        return f"{obj.local_name} · {obj.district.local_name}"


class PostingForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=[("", "—"), *ROLE_CHOICES])
    district = DistrictField(
        label=_("District"),
        queryset=District.objects.none(),
        required=False,
        help_text=_("For a district officer."),
    )
    station = StationField(
        label=_("Police station"),
        queryset=PoliceStation.objects.none(),
        required=False,
        help_text=_("For a station officer."),
    )
    from_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        districts = District.objects.in_force(today).order_by("name")
        stations = PoliceStation.objects.in_force(today).select_related("district")
        self.fields["district"].queryset = districts  # type: ignore[attr-defined]
        self.fields["station"].queryset = stations.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["from_on"].initial = today
        self.fields["from_on"].widget.attrs["min"] = today.isoformat()

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean_from_on(self) -> date:
        day: date = self.cleaned_data["from_on"]
        if day < self.today:
            raise ValidationError(_("A posting begins today or later."))
        return day

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        role = given.get("role")
        wanted = {Role.DISTRICT: "district", Role.STATION: "station"}.get(role) if role else None
        if role:
            for name in ("district", "station"):
                if name == wanted and not given.get(name) and name not in self.errors:
                    self.add_error(name, _("This role needs it."))
                elif name != wanted and given.get(name):
                    self.add_error(name, _("This role has none: leave it empty."))
        return given
