"""A made world as rows, written by SQL: what intake would have left, without the documents.

Districts must be there, as many territorial ones as the world has.
"""

from __future__ import annotations

from django.db import connection

from nexus.kinds import Kind
from nexus.services.sighting import KIND_OF
from tests.nexus.telling import DAY_0, FIRST_NUMBER
from tests.nexus.world import World
from tiplines.services.copying import copy_rows

KIND_NAMES = {kind: name.value for name, kind in reversed(KIND_OF.items())} | {
    Kind.CHANNEL: "url",
    Kind.NAME: "",  # names are no identifiers: they stand with the parties
}

FILLED = (
    *("tiplines_tipline", "tiplines_party", "tiplines_identifier", "tiplines_sighting"),
    "tiplines_dispatch",
)
PREPARE = """
create temporary table told (row int, day float8, account bigint, district smallint);
create temporary table named (row int, kind smallint, value bigint);
create temporary table kind_name (kind smallint, name text);
"""
STORE = """
insert into tiplines_dispatch (reference, sender, channel, name, sha256, size_bytes, key,
  received_at, unpacked_at, document_count, finished_at)
values ('', 'made', 'command', 'world', repeat('0', 64), 1, '', now(), now(), 0, now());

create temporary table place as
  select row_number() over (order by id) - 1 as n, id from districts_district
  where kind = 'territorial';

insert into tiplines_tipline (number, is_stub, version, content_sha256, dispatch_id, left_bundle,
  received_at, provider, provider_key, platform, incident_type, incident_at, incident_original,
  zone_missing, ncmec_priority, escalation, annotations, batched_reason, police_reference,
  prior_reports, narrative, suspect_line, file_count, worst_class, urgency, urgency_reasons,
  completeness, missing, assessed_at, outcome, best_district_id, best_share, state_name,
  location_reasons, gazetteer_version, located_at, linked_at, status, status_at,
  came_back, return_count)
select (%(from)s + t.row)::text, false, 1, repeat('0', 64),
  (select id from tiplines_dispatch where name = 'world'), false,
  now(), 'Made', 'made', '', '', %(epoch)s::timestamptz + t.day * interval '1 day', '',
  false, '', '', '{}', '', '',
  '{}', '', 'made', 0, '', 0, '[]',
  0, '[]', now(), case when p.id is null then '' else 'delhi' end, p.id, 0.9, '',
  '[]', '', now(), now(), 'awaiting', now(), '', 0
from told t left join place p on p.n = t.district
order by t.row * %(order)s;

insert into tiplines_party (tipline_id, position, role, name, display_names, place, text,
  is_protected, name_keys, sound)
select t.id, 1, 'suspect', coalesce('Made ' || n.value, ''), '{}', 'report/party[1]', '',
  false, '{}', n.value
from tiplines_tipline t
left join named n on n.kind = %(name)s and t.number = (%(from)s + n.row)::text
order by t.id;

insert into tiplines_identifier (kind, value, digest)
select k.name, v.text, decode(md5(k.name || ' ' || v.text), 'hex')
from (select distinct kind, value from named) n
join kind_name k using (kind)
cross join lateral (
  select case when n.kind = %(channel)s then 't.me/' else '' end || n.kind || '-' || n.value as text
) v
where k.name <> '';
insert into tiplines_identifier (kind, value, digest)
select distinct 'account', 'made:' || account, decode(md5('account ' || account), 'hex') from told;

create temporary table seen as
  select n.row, 'r' as way, decode(md5(k.name || ' '
    || case when n.kind = %(channel)s then 't.me/' else '' end || n.kind || '-' || n.value), 'hex')
    as digest
  from named n join kind_name k using (kind) where k.name <> ''
  union all
  select row, 'r', decode(md5('account ' || account), 'hex') from told;

insert into tiplines_sighting (tipline_id, identifier_id, party_id, links, original, label,
  provenance, event, at_original, zone, network, operator, place)
select t.id, i.id, p.id, true, '', '', 'reported', '', '', '', '', '', ''
from seen s
join tiplines_identifier i on i.digest = s.digest
join tiplines_tipline t on t.number = (%(from)s + s.row)::text
join tiplines_party p on p.tipline_id = t.id
order by t.id;

drop table told, named, kind_name, place, seen;
"""


def store(world: World, *, backwards: bool = False) -> None:
    """Every tipline of the world under the number that `telling` gives its row, the first or the
    last of them as if it had come in first.
    """
    said = world.mentions
    with connection.cursor() as cursor:
        cursor.execute(PREPARE)
    copy_rows("kind_name", ("kind", "name"), [(int(k), name) for k, name in KIND_NAMES.items()])
    copy_rows(
        "told",
        ("row", "day", "account", "district"),
        zip(
            range(world.count),
            said.report_day.tolist(),
            said.report_account.tolist(),
            said.report_district.tolist(),
            strict=True,
        ),
    )
    copy_rows(
        "named",
        ("row", "kind", "value"),
        zip(said.report.tolist(), said.kind.tolist(), said.value.tolist(), strict=True),
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze told, named")
        order = -1 if backwards else 1
        values = {"order": order, "channel": Kind.CHANNEL.value, "name": Kind.NAME.value}
        cursor.execute(STORE, {"from": FIRST_NUMBER, "epoch": DAY_0, **values})
        # Not all tables: those of cases, analysed while they are empty, would be planned as such.
        cursor.execute(f"analyze {', '.join(FILLED)}")
