"""What acts are called on pages."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import Act

OWN_ACCOUNT = _("Another administrator must change your own account.")

ACT_LABELS = {
    Act.IMPORT: _("Bring dispatches in, settle quarantine"),
    Act.TRIAGE: _("Read the queue and decide"),
    Act.SEE_CASES: _("Read cases and their tiplines"),
    Act.WORK_CASES: _("Work cases: acknowledge, return, FIR, accused, arrest"),
    Act.RESTRICT: _("Restrict cases, answer for access to them"),
    Act.SUPERVISE: _("Board and operations"),
    Act.READ_RECORD: _("Read the record"),
    Act.MANAGE_OFFICERS: _("Manage officers"),
}
