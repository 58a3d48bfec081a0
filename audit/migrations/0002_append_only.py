"""No row of the record is ever changed or removed: the database refuses, whoever asks."""

from django.db import migrations

FORBID = """
create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the record is append-only: % on % refused', tg_op, tg_table_name;
end $$;
create trigger audit_event_append_only before update or delete on audit_event
  for each row execute function audit_refuse();
create trigger audit_event_no_truncate before truncate on audit_event
  for each statement execute function audit_refuse();
"""
ALLOW = """
drop trigger audit_event_no_truncate on audit_event;
drop trigger audit_event_append_only on audit_event;
drop function audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_record")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
