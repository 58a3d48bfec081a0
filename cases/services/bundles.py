"""What a bundle is made of, for the page that lists its tiplines."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from tiplines.models import Bundle, Tipline
from tiplines.models.tipline import Status
from tiplines.services.bundling import GROUPED


@dataclass(frozen=True, kw_only=True)
class Spread:
    bundle: Bundle
    awaiting: int
    """Tiplines that await as a bundle."""
    apart: int
    """Tiplines that await by themselves: it was dissolved, or they came back."""
    decided: int
    dispatches: int
    """How many dispatches brought them."""
    is_batch: bool
    """Whether the company sent them as one batch; else they have one file in common."""


def spread_of(bundle_id: int, *, officer: User) -> Spread | None:
    """The bundle with what has become of its tiplines; None if there is none."""
    bundle = Bundle.objects.select_related("dissolved_by").filter(pk=bundle_id).first()
    if bundle is None:
        return None
    awaits = Q(status=Status.AWAITING)
    counts = (
        Tipline.objects.visible_to(officer)
        .filter(bundle=bundle_id)
        .aggregate(
            awaiting=Count("pk", filter=awaits & GROUPED),
            apart=Count("pk", filter=awaits & ~GROUPED),
            decided=Count("pk", filter=~awaits),
            dispatches=Count("dispatch", distinct=True),
        )
    )
    return Spread(bundle=bundle, is_batch=bundle.key.startswith("batch/"), **counts)
