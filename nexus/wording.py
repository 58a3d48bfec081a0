"""Why two tiplines belong together, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nexus.evidence import SharedValue
from nexus.kinds import ALERT_FROM, Kind

KIND_LABELS = {
    Kind.EMAIL: gettext_lazy("E-mail"),
    Kind.PHONE: gettext_lazy("Phone"),
    Kind.DEVICE: gettext_lazy("Device"),
    Kind.PAYMENT: gettext_lazy("Payment"),
    Kind.SCREEN_NAME: gettext_lazy("Screen name"),
    Kind.NAME: gettext_lazy("Name, as it sounds"),
    Kind.IP: gettext_lazy("IP address"),
    Kind.FILE: gettext_lazy("File"),
    Kind.CHANNEL: gettext_lazy("Channel"),
    Kind.URL: gettext_lazy("Web address"),
    Kind.ACCOUNT: gettext_lazy("Account"),
    Kind.GROUP: gettext_lazy("Group"),
    Kind.REPORT: gettext_lazy("Earlier report"),
    Kind.JUDGED: gettext_lazy("Put together by an officer"),
    Kind.TRUSTED: gettext_lazy("Trusted by an officer"),
    Kind.ADDRESS: gettext_lazy("Address, as it sounds"),
    Kind.SESSION: gettext_lazy("IP address in the same minute and block of ports"),
}


def word_shared(value: SharedValue) -> str:
    """One shared value by its kind and how many accounts hold it; not the value itself."""
    said = {"kind": KIND_LABELS[value.kind], "holders": value.holders, "core": value.core}
    if not value.core:
        return _("%(kind)s, held by %(holders)s accounts") % said
    return _("%(kind)s, held by %(holders)s accounts, %(core)s of them tied by other values") % said


def word_added(value: SharedValue, bits: float, *, text: str) -> str:
    """One shared value and what it adds; `text` is the value itself, as far as it may be told. How
    many hold it is not told: some of them may stand in restricted cases.
    """
    what = " ".join(filter(None, (str(KIND_LABELS[value.kind]), text)))
    return _("%(what)s: %(bits)s bits") % {"what": what, "bits": f"{bits:.1f}"}


def word_strength(bits: float) -> str:
    return _("strong") if bits >= ALERT_FROM else _("possible")
