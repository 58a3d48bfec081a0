"""Due tiplines are judged: urgency and completeness, a batch in a constant number of statements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from tiplines.assessment import Assessment, Facts, assess, with_supplements
from tiplines.bundles import VIRAL
from tiplines.models import Address, FileRecord, Party, Sighting, Tipline
from tiplines.parsing.records import IdentifierKind, PartyRole
from tiplines.services.bundling import bundle
from tiplines.services.copying import update_rows
from tiplines.services.supplementing import tie, wake

BATCH = 500
ASSESSMENT = {
    "urgency": "smallint",
    "urgency_reasons": "jsonb",
    "completeness": "smallint",
    "missing": "jsonb",
    "assessed_at": "timestamptz",
    "bundle_id": "bigint",
}
"""What the assessment found, with the types of the columns."""
COMPANY = frozenset({PartyRole.REPORTER.value, PartyRole.CONTACT.value, PartyRole.POLICE.value})


def assess_next(*, at: datetime) -> int:
    """Judge the next due tiplines; return how many there were. Safe to run twice.

    A report is judged with what its supplements say; so a supplement has its parent judged again.
    """
    with transaction.atomic():
        due = list(
            Tipline.objects.due_for_assessment()
            # Not for their keys: whoever ties a supplement to one of them, and has made the bundle
            # that we wait for, must be able to end.
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .defer("narrative")
            .order_by("pk")[:BATCH]
        )
        if not due:
            return 0
        family = tie(due)
        judged = [*due, *family.parents]
        before = {tipline.pk: tipline.urgency for tipline in judged}
        own, whole = facts_with_supplements(judged)
        for tipline in judged:
            apply(assess(whole[tipline.pk], at=at), tipline, at=at)
        bundle(judged, whole, at=at)
        store(judged)
        alone = {key: assess(own[key], at=at).urgency for key in own}
        wake(judged, before, alone, at=at)
        busy = family.busy | tell_cases([tipline.pk for tipline in judged])
        Tipline.objects.filter(pk__in=busy).update(assessed_at=None)
    return len({tipline.pk for tipline in due} - busy)


def apply(found: Assessment, tipline: Tipline, *, at: datetime) -> None:
    tipline.urgency = found.urgency
    tipline.urgency_reasons = [
        {"code": reason.code, "points": reason.points, "params": reason.params}
        for reason in found.reasons
    ]
    tipline.completeness = found.completeness
    tipline.missing = list(found.missing)
    tipline.assessed_at = at


def store(judged: Sequence[Tipline]) -> None:
    update_rows(
        Tipline._meta.db_table,
        ASSESSMENT,
        [
            (
                *(tip.pk, tip.urgency, json.dumps(tip.urgency_reasons), tip.completeness),
                *(json.dumps(tip.missing), tip.assessed_at, tip.bundle_id),
            )
            for tip in judged
        ],
    )


STALE = """
from cases_casetipline e
join cases_case c on c.id = e.case_id
join tiplines_tipline t on t.id = e.tipline_id
cross join lateral (
  select case when e.left_at is null or c.headline = t.suspect_line then t.suspect_line else '' end,
         case when e.left_at is null then t.urgency else c.urgency end
) as n(headline, urgency)
where e.tipline_id = any(%(ids)s) and (c.headline, c.urgency) <> (n.headline, n.urgency)
  and not exists (
    select 1 from cases_casetipline earlier where earlier.case_id = c.id and earlier.id < e.id)
"""


TELL = f"""
with stale as (select c.id, n.headline, n.urgency {STALE} for update of c skip locked)
update cases_case c set headline = s.headline, urgency = s.urgency from stale s where c.id = s.id
"""  # noqa: S608 - put together from constants of this module
UNTOLD = f"select e.tipline_id {STALE}"


def tell_cases(tipline_ids: list[int]) -> set[int]:
    """Bring headline and urgency of cases in step with their reports.

    Return the tiplines whose case could not be told yet.

    A report may come again and say that its suspect is a child: then no list of cases may go on
    naming him. A case that the tipline has left is not told what is new, only no longer the old.
    Cases are locked before tiplines everywhere; here tiplines are locked already, so a case in use
    is passed over, and its tipline stays due.
    """
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"ids": tipline_ids})
        cursor.execute(UNTOLD, {"ids": tipline_ids})
        return {tipline_id for (tipline_id,) in cursor.fetchall()}


def facts_with_supplements(
    judged: Sequence[Tipline],
) -> tuple[dict[int, Facts], dict[int, Facts]]:
    """What the rule needs of each tipline: as it stands alone, and with its supplements."""
    supplements = list(Tipline.objects.filter(parent__in=judged).defer("narrative").order_by("pk"))
    judged_keys = {tipline.pk for tipline in judged}
    others = [each for each in supplements if each.pk not in judged_keys]
    own = facts_of([*judged, *others])
    added: dict[int, list[Facts]] = defaultdict(list)
    for each in supplements:
        if each.parent_id is not None:
            added[each.parent_id].append(own[each.pk])
    whole = {key: with_supplements(own[key], added[key]) for key in judged_keys}
    return {key: own[key] for key in judged_keys}, whole


def facts_of(tiplines: Sequence[Tipline]) -> dict[int, Facts]:
    """What the rule needs to know of each tipline by itself, in four statements."""
    keys = [tipline.pk for tipline in tiplines]
    has: dict[int, set[str]] = defaultdict(set)
    victims: set[int] = set()
    for tipline_id, role, name in Party.objects.filter(tipline__in=keys).values_list(
        "tipline_id", "role", "name"
    ):
        if role == PartyRole.VICTIM and name:
            victims.add(tipline_id)
        if role == PartyRole.SUSPECT and name:
            has[tipline_id].add("name")
    sightings = Sighting.objects.filter(tipline__in=keys).values_list(
        "tipline_id", "identifier__kind", "party__role", "at", "port"
    )
    for tipline_id, kind, role, moment, port in sightings:
        if role in COMPANY or role == PartyRole.VICTIM:
            continue
        has[tipline_id] |= shown_by(kind, moment, port)
    for tipline_id in (
        Address.objects.filter(tipline__in=keys)
        .exclude(label__in=["estimated", "geo"])
        .exclude(party__role__in=COMPANY)
        .values_list("tipline_id", flat=True)
    ):
        has[tipline_id].add("address")
    files: dict[int, list[tuple[bool | None, list[str]]]] = defaultdict(list)
    for tipline_id, viewed, marks in FileRecord.objects.filter(tipline__in=keys).values_list(
        "tipline_id", "viewed_by_provider", "annotations"
    ):
        files[tipline_id].append((viewed, marks))
    for tipline in tiplines:
        if tipline.incident_at is not None:
            has[tipline.pk].add("incident-time")
    return {
        tipline.pk: Facts(
            incident_type=tipline.incident_type,
            annotations=tuple(tipline.annotations),
            escalated=bool(tipline.escalation),
            batched=bool(tipline.batched_reason),
            ncmec_priority=tipline.ncmec_priority,
            worst_class=tipline.worst_class,
            file_annotations=frozenset(name for _, marks in files[tipline.pk] for name in marks),
            has_files=bool(files[tipline.pk]),
            all_files_meme=bool(files[tipline.pk])
            and all(VIRAL & set(marks) for _, marks in files[tipline.pk]),
            any_viewed=any(viewed for viewed, _ in files[tipline.pk]),
            victim_named=tipline.pk in victims,
            prior_reports=len(tipline.prior_reports),
            organised_in=tipline.organised_in,
            incident_at=tipline.incident_at,
            preserved_until=tipline.preserved_until,
            has=frozenset(has[tipline.pk]),
        )
        for tipline in tiplines
    }


def shown_by(kind: str, moment: datetime | None, port: int | None) -> set[str]:
    """What one identifier adds to the completeness of a tipline."""
    match kind:
        case IdentifierKind.PHONE | IdentifierKind.EMAIL:
            return {"contact"}
        case IdentifierKind.ACCOUNT | IdentifierKind.SCREEN_NAME:
            return {"account"}
        case IdentifierKind.IP:
            return {"ip"} | ({"ip-time"} if moment else set()) | ({"ip-port"} if port else set())
        case IdentifierKind.HASH:
            return {"file-hash"}
    return set()
