"""Seals and checkpoints are as final as the events: the database refuses changes, whoever asks."""

from django.db import migrations

TABLES = ("audit_seal", "audit_checkpoint")
FORBID = "".join(
    f"""
create trigger {table}_append_only before update or delete on {table}
  for each row execute function audit_refuse();
create trigger {table}_no_truncate before truncate on {table}
  for each statement execute function audit_refuse();
"""
    for table in TABLES
)
ALLOW = "".join(
    f"""
drop trigger {table}_no_truncate on {table};
drop trigger {table}_append_only on {table};
"""
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_context_and_seals")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
