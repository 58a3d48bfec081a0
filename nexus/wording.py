"""Why two tiplines belong together, in words."""

from django.utils.translation import gettext as _

from nexus.scoring import STRONG_FROM
from tiplines.models.content import KINDS

LABELS = dict(KINDS)


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
