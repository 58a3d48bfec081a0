"""What officers type about restricted cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class OfficersField(forms.CharField):
    """Belt or PIS numbers, one on a line or with commas, as the officers that have them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)

    def clean(self, value: Any) -> Any:
        numbers = str(super().clean(value) or "").replace(",", " ").split()
        found = {each.username: each for each in User.objects.filter(username__in=numbers)}
        found = {number: each for number, each in found.items() if each.is_active}
        if unknown := [number for number in numbers if number not in found]:
            raise ValidationError(
                _("No officer who may sign in has the number %(numbers)s."),
                params={"numbers": ", ".join(unknown)},
            )
        return list(found.values())


class RestrictForm(forms.Form):
    officers = OfficersField(
        label=_("Officers who see it, beside you"),
        required=False,
        help_text=_("Belt or PIS numbers. Name somebody of the holding station too."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    hides_existence = forms.BooleanField(
        label=_("Hide that it exists: nobody else can ask for access"), required=False
    )


class NameForm(forms.Form):
    officers = OfficersField(label=_("Name more officers"))


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=20,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A sentence: what you need it for, and why it cannot wait."),
    )


class AnswerForm(forms.Form):
    well = forms.ChoiceField(choices=[("1", ""), ("0", "")])
    note = forms.CharField(label=_("Note"), required=False, max_length=1000)
