-- Passwords of the database roles, from the environment of psql. Run by a superuser after
-- ifso/protection/roles.sql; safe to run again with new ones.
\set ON_ERROR_STOP on
set password_encryption = 'scram-sha-256';
set log_statement = 'none';
\getenv owner OWNER_PASSWORD
\getenv web WEB_PASSWORD
\getenv worker WORKER_PASSWORD
\getenv backup BACKUP_PASSWORD
\getenv auditor AUDITOR_PASSWORD
alter role ifso_owner password :'owner';
alter role ifso_web password :'web';
alter role ifso_worker password :'worker';
alter role ifso_backup password :'backup';
alter role ifso_auditor password :'auditor';
