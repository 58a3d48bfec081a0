"""What a bundle is made of, for the page that lists its tiplines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from accounts.models import User
from tiplines.models import Bundle, Tipline
from tiplines.models.tipline import Status


@dataclass(frozen=True, kw_only=True)
class Spread:
    bundle: Bundle
    awaiting: int
    """Tiplines that await as a bundle."""
    apart: int
    """Tiplines that await by themselves since it was dissolved."""
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
    rows = Tipline.objects.visible_to(officer).filter(bundle=bundle_id)
    stands = Counter[tuple[bool, bool]]()
    dispatches = set()
    for status, is_apart, dispatch_id in rows.values_list("status", "left_bundle", "dispatch_id"):
        stands[status == Status.AWAITING, is_apart] += 1
        dispatches.add(dispatch_id)
    return Spread(
        bundle=bundle,
        awaiting=stands[True, False],
        apart=stands[True, True],
        decided=stands[False, False] + stands[False, True],
        dispatches=len(dispatches),
        is_batch=bundle.key.startswith("batch/"),
    )
