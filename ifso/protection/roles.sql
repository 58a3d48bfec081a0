-- The database roles. Run by a superuser before the first migration; safe to run again.
--
--   ifso_owner    migrations; owns the tables. Reads no guarded row but by taking ifso_system.
--   ifso_web      the pages and the machine interface: rows of the officer's scope only.
--   ifso_worker   workers, timetable, sealer, commands: nothing, until they take ifso_system.
--   ifso_system   no sign-in; no policy binds it.
--   ifso_backup   reads everything, writes nothing.
--   ifso_auditor  reads the record and its seals, nothing else.
--
-- Passwords, where the server wants them: alter role … password … .
select pg_advisory_xact_lock(7301006); -- two at once would change the same rows of the catalogue

do $$
declare
  role text;
begin
  foreach role in array array['owner', 'web', 'worker', 'backup', 'auditor'] loop
    if not exists (select from pg_roles where rolname = 'ifso_' || role) then
      execute format('create role %I login noinherit', 'ifso_' || role);
    end if;
  end loop;
  if not exists (select from pg_roles where rolname = 'ifso_system') then
    create role ifso_system nologin;
  end if;
end $$;

alter role ifso_web nosuperuser nobypassrls nocreatedb nocreaterole;
alter role ifso_worker nosuperuser nobypassrls nocreatedb nocreaterole;
alter role ifso_auditor nosuperuser nobypassrls nocreatedb nocreaterole;
alter role ifso_system nosuperuser bypassrls nocreatedb nocreaterole;
alter role ifso_backup nosuperuser bypassrls nocreatedb nocreaterole;
alter role ifso_owner nosuperuser nobypassrls nocreaterole;
-- A migration that reads guarded rows without taking ifso_system fails instead of finding none.
alter role ifso_owner set row_security = off;
grant ifso_system to ifso_owner, ifso_worker;

do $$
declare
  name text;
begin
  execute format('alter database %I owner to ifso_owner', current_database());
  -- Tables of an installation that came before the roles.
  for name in
    select format('%I.%I', schemaname, tablename) from pg_tables
    where schemaname = 'public' and tableowner <> 'ifso_owner'
  loop
    execute 'alter table ' || name || ' owner to ifso_owner';
  end loop;
  for name in
    select p.oid::regprocedure::text from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proowner <> 'ifso_owner'::regrole
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
  loop
    execute 'alter function ' || name || ' owner to ifso_owner';
  end loop;
end $$;

alter schema public owner to ifso_owner;
revoke all on schema public from public;
grant usage on schema public to ifso_web, ifso_worker, ifso_system, ifso_backup, ifso_auditor;
alter default privileges for role ifso_owner in schema public
  grant all on tables to ifso_system;
alter default privileges for role ifso_owner in schema public
  grant usage, select on sequences to ifso_system, ifso_web;
