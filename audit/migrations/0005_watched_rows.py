"""At the end of a transaction: rows of a watched table changed, so a service has said why, or the
record itself says that none did. Which tables are watched stands in `operations/watched.py`.

A row's trigger costs one look at a setting of the transaction, once the first row has found or
written the event.
"""

from django.db import migrations

MAKE = """
create function audit_watch() returns trigger language plpgsql as $$
declare
  mine constant text := pg_current_xact_id()::text;
  key bigint;
begin
  if current_setting('ifso.told', true) = mine then
    return null;
  end if;
  if not exists (select from audit_event where xid = mine::bigint and origin = 'service') then
    key := case when tg_op = 'DELETE' then old.id else new.id end;
    insert into audit_event (at, actor_name, verb, subject, origin, detail, request_id)
    values (clock_timestamp(), '', 'row.changed', tg_table_name || ':' || key, 'sql',
      jsonb_build_object('table', tg_table_name, 'operation', lower(tg_op), 'key', key,
        'login', session_user),
      '');
  end if;
  perform set_config('ifso.told', mine, true);
  return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_seals_append_only")]

    operations = [migrations.RunSQL(MAKE, "drop function audit_watch()")]
