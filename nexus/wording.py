"""Why two tiplines belong together, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nexus.kinds import Kind
from nexus.scoring import STRONG_FROM
from tiplines.models.content import KINDS

if TYPE_CHECKING:  # its arrays are for those who group, not for every page
    from nexus.services.explaining import SharedValue

LABELS = dict(KINDS)
KIND_LABELS = {
    Kind.EMAIL: gettext_lazy("E-mail"),
    Kind.PHONE: gettext_lazy("Phone"),
    Kind.DEVICE: gettext_lazy("Device"),
    Kind.PAYMENT: gettext_lazy("Payment"),
    Kind.SCREEN_NAME: gettext_lazy("Screen name"),
    Kind.NAME: gettext_lazy("Name"),
    Kind.IP: gettext_lazy("IP address"),
    Kind.FILE: gettext_lazy("File"),
    Kind.CHANNEL: gettext_lazy("Channel"),
    Kind.URL: gettext_lazy("Web address"),
    Kind.ACCOUNT: gettext_lazy("Account"),
    Kind.GROUP: gettext_lazy("Group"),
    Kind.REPORT: gettext_lazy("Earlier report"),
}


def word_shared(value: SharedValue) -> str:
    """One shared value by its kind and how many accounts hold it; not the value itself."""
    label = KIND_LABELS[value.kind]
    if not value.core:
        return _("%(kind)s, held by %(holders)s accounts") % {
            "kind": label,
            "holders": value.holders,
        }
    return _("%(kind)s, held by %(holders)s accounts, %(core)s of them tied by other values") % {
        "kind": label,
        "holders": value.holders,
        "core": value.core,
    }


def word_evidence(kind: str, value: str, holders: int, bits: float) -> str:
    """One shared value: what it is, how many tiplines hold it, what it is worth."""
    return _("%(kind)s %(value)s, held by %(holders)s tiplines: %(bits)s bits") % {
        "kind": LABELS.get(kind, kind),
        "value": value,
        "holders": holders,
        "bits": f"{bits:.1f}",
    }


def word_strength(bits: float) -> str:
    return _("strong") if bits >= STRONG_FROM else _("possible")
