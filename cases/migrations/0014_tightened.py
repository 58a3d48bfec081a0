"""Row-level security is forced again on what 0013 loosened, where it is in force at all."""

from django.db import migrations

TIGHTEN = """
do $$
declare name text;
begin
  for name in
    select relname from pg_class where relrowsecurity and oid in
      ('cases_case'::regclass, 'tiplines_tipline'::regclass, 'tiplines_decision'::regclass)
  loop
    execute format('alter table %I force row level security', name);
  end loop;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_letters")]

    operations = [migrations.RunSQL(TIGHTEN, migrations.RunSQL.noop)]
