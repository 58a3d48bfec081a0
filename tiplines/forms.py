"""What officers type about a dispatch."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("A ZIP with reports, or one report or covering list: XML, JSON, CSV or XLSX."),
    )
    reference = forms.CharField(label=_("Sender's reference"), max_length=200, required=False)
    sender = forms.CharField(label=_("Sender"), max_length=200, required=False, initial="NCRB")
