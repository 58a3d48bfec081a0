"""What officers type about a dispatch and what is in quarantine."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tiplines.services.quarantine import REASON_CHARACTERS


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; its value is a list of uploaded files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given or [None]]


class UploadForm(forms.Form):
    file = FilesField(
        label=_("File"),
        help_text=_(
            "A ZIP with reports, or reports and covering lists themselves: XML, JSON, CSV or XLSX."
            " Several files together are one dispatch."
        ),
    )
    reference = forms.CharField(label=_("Sender's reference"), max_length=200, required=False)
    sender = forms.CharField(label=_("Sender"), max_length=200, required=False, initial="NCRB")


class BeginUploadForm(forms.Form):
    """What is announced of a file that will come in chunks."""

    name = forms.CharField(max_length=255)
    size = forms.IntegerField(min_value=1)
    reference = forms.CharField(max_length=200, required=False)
    sender = forms.CharField(max_length=200, required=False)


class ReplaceForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "The same report mended, unlocked or in another format; a ZIP stands for all that is in"
            " it. Pictures and videos are never taken in."
        ),
    )
    password = forms.CharField(
        label=_("Password of a locked PDF"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("It opens the file now and is kept nowhere."),
    )


class SetAsideForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    whole = forms.BooleanField(
        label=_("Also what else is open about this document"), required=False
    )
