"""The table of tables: which rows a scope shows and which role may do what, for every table.

A guarded table has row-level security, forced; its condition says in SQL what `visible_to` says in
Python, as a net below it. `manage.py protect` brings the database in line; it refuses a table that
is not listed here.
"""

from __future__ import annotations

# What `accounts.scope` sets. Each stands in a subselect, so that it is read once for a statement.
UNIT = "(select coalesce(current_setting('app.unit', true), '') = 'on')"
COUNTING = "(select coalesce(current_setting('app.counting', true), '') = 'on')"
OFFICER = "(select nullif(current_setting('app.officer', true), '')::bigint)"


def listed(setting: str) -> str:
    # Cast twice: inside, so that the text is read once for a statement and not for each row;
    # outside, for `any((select …))` by itself would look among the rows of a subquery.
    setting = f"coalesce(nullif(current_setting('app.{setting}', true), ''), '{{}}')"
    return f"any((select {setting}::bigint[])::bigint[])"


def held(district: str, station: str) -> str:
    return f"({UNIT} or {district} = {listed('districts')} or {station} = {listed('stations')})"


def reaches(table: str, column: str, parent: str) -> str:
    """Rows whose parent is there: the parent's own policy decides."""
    return f"exists (select from {parent} p where p.id = {table}.{column})"


# Also a supplement of a report in a case within reach: its holder is told that it came in. It is a
# function, so that statements about tiplines are not planned with the policies of two more tables.
SUPPLEMENT = "(parent_id is not null and is_in_case_within_reach(parent_id))"
IS_IN_CASE_WITHIN_REACH = """
create or replace function public.is_in_case_within_reach(tipline bigint) returns boolean
stable parallel safe language plpgsql as $$
begin
  return exists (
    select from public.cases_casetipline e where e.tipline_id = tipline and e.left_at is null
  );
end $$
"""
GUARDED: dict[str, str] = {
    "tiplines_tipline": (
        f"(restricted_case_id is null and ({held('holder_district_id', 'holder_station_id')}"
        f" or {SUPPLEMENT})) or restricted_case_id = {listed('cases')}"
    ),
    "cases_case": (
        f"(not is_restricted and {held('district_id', 'station_id')}) or id = {listed('cases')}"
    ),
    "cases_restriction": (
        f"case_id = {listed('cases')} or (not hides_existence and"
        f" {held('district_id', 'station_id')})"
    ),
    "cases_access": f"officer_id = {OFFICER} or owner_id = {OFFICER} or {UNIT}",
    "nexus_tie": (
        f"{reaches('nexus_tie', 'first_id', 'tiplines_tipline')}"
        f" and {reaches('nexus_tie', 'second_id', 'tiplines_tipline')}"
    ),
    "nexus_folded": reaches("nexus_folded", "tipline_id", "tiplines_tipline"),
    "nexus_membership": reaches("nexus_membership", "tipline_id", "tiplines_tipline"),
    # By its members, of now or once.
    "nexus_nexus": ("exists (select from nexus_membership m where m.nexus_id = nexus_nexus.id)"),
    "nexus_judgement": (
        f"{UNIT} and (nexus_id is null or {reaches('nexus_judgement', 'nexus_id', 'nexus_nexus')})"
    ),
    "nexus_judged": (f"{UNIT} and {reaches('nexus_judged', 'tipline_id', 'tiplines_tipline')}"),
    "nexus_joined": UNIT,
    # For the workers: what is learned of all.
    **dict.fromkeys(("nexus_run", "nexus_worth", "nexus_lineage"), "false"),
    "cases_proposal": UNIT,
    "cases_letter": (
        f"restricted_case_id = {listed('cases')} or (restricted_case_id is null and {UNIT})"
    ),
    "cases_letterserial": UNIT,
    # By its letter, which is restricted with the first of its tiplines that is.
    "cases_letterentry": reaches("cases_letterentry", "letter_id", "cases_letter"),
    "cases_proposedtipline": (
        f"{UNIT} and {reaches('cases_proposedtipline', 'tipline_id', 'tiplines_tipline')}"
    ),
    # A value by itself says nothing about anybody: whose it is stands in the sightings.
    "tiplines_identifier": (
        f"{UNIT} or exists"
        " (select from tiplines_sighting s where s.identifier_id = tiplines_identifier.id)"
    ),
    "tiplines_bundle": (
        f"{UNIT} or exists (select from tiplines_tipline t where t.bundle_id = tiplines_bundle.id)"
    ),
    "tiplines_document": (
        f"{UNIT} or exists"
        " (select from tiplines_version v where v.document_id = tiplines_document.id)"
    ),
    "tiplines_dispatch": UNIT,
    "tiplines_receipt": UNIT,
    "tiplines_fieldcount": UNIT,
    "tiplines_listmapping": UNIT,
    "tiplines_quarantineitem": UNIT,
    "tiplines_ruleset": UNIT,
    "tiplines_reorganisation": UNIT,
    "tiplines_rulemove": (
        f"{UNIT} and {reaches('tiplines_rulemove', 'tipline_id', 'tiplines_tipline')}"
    ),
    "operations_operation": UNIT,
}
GUARDED |= {
    table: reaches(table, column, parent)
    for parent, children in {
        "tiplines_tipline": {
            "tiplines_version": "tipline_id",
            "tiplines_party": "tipline_id",
            "tiplines_filerecord": "tipline_id",
            "tiplines_sighting": "tipline_id",
            "tiplines_address": "tipline_id",
            "tiplines_candidate": "tipline_id",
            "tiplines_keptbasis": "tipline_id",
            "tiplines_correction": "tipline_id",
            "tiplines_decision": "tipline_id",
        },
        "cases_case": {
            "cases_casetipline": "case_id",
            "cases_handoff": "case_id",
            "cases_fir": "case_id",
            "operations_operationcase": "case_id",
        },
        "cases_fir": {"cases_accused": "fir_id"},
        "cases_accused": {"cases_arrest": "accused_id"},
    }.items()
    for table, column in children.items()
}
# Whoever is on duty may read these rows beside the condition: what a dispatch is called, no more.
READ_ON_DUTY = ("tiplines_dispatch",)
# What the conservation law counts (`accounts.scope.counting`).
COUNTED = ("tiplines_tipline", "cases_case")

# No case data: what the rights below say.
REFERENCE = (  # loaded by commands, read by everyone
    *("districts_gazetteerversion", "districts_gazetteersnapshot"),
    *("districts_district", "districts_subdivision"),
    *("districts_policestation", "districts_policestation_parents", "districts_stationalias"),
    *("districts_pinstation", "districts_locality", "districts_boundary"),
    *("tiplines_networktable", "tiplines_networkrange"),
    *("django_content_type", "auth_permission", "django_migrations"),
)
OFFICERS = (  # officers, sign-in and what they are granted
    *("accounts_user", "accounts_user_groups", "accounts_user_user_permissions"),
    *("accounts_posting", "accounts_apitoken", "accounts_certification"),
    *("accounts_officersession", "accounts_failedtry"),
    *("accounts_totp", "accounts_passkey", "accounts_recoverycode"),
    *("accounts_districtusergrant", "accounts_districtgroupgrant"),
    *("accounts_stationusergrant", "accounts_stationgroupgrant", "accounts_casegrant"),
    *("auth_group", "auth_group_permissions"),
    *("guardian_userobjectpermission", "guardian_groupobjectpermission"),
    *("django_session", "axes_accessattempt", "axes_accessattemptexpiration"),
    *("axes_accesslog", "axes_accessfailurelog"),
)
RECORD = ("audit_event", "audit_seal", "audit_checkpoint")  # added to, never changed

# The web deletes nothing but these.
DELETED_BY_THE_WEB = (
    *("django_session", "axes_accessattempt", "axes_accessattemptexpiration"),
    *("accounts_posting", "accounts_certification", "accounts_casegrant"),
    *("accounts_totp", "accounts_passkey", "accounts_recoverycode"),
)

EVERY = (*GUARDED, *REFERENCE, *OFFICERS, *RECORD)


def rights() -> list[str]:
    """Statements that give each role what it may do, and nothing else."""
    writable = ", ".join((*GUARDED, *OFFICERS))
    record = ", ".join(RECORD)
    return [
        "revoke all on all tables in schema public from"
        " public, ifso_web, ifso_worker, ifso_system, ifso_backup, ifso_auditor",
        f"grant select on {', '.join(EVERY)} to ifso_web",
        f"grant insert, update on {writable} to ifso_web",
        f"grant delete on {', '.join(DELETED_BY_THE_WEB)} to ifso_web",
        # A worker that forgot to take the system's role finds nothing, instead of an error that
        # says that there is something.
        f"grant select on {', '.join(EVERY)} to ifso_worker",
        f"grant select, insert, update, delete on {writable}, {', '.join(REFERENCE)}"
        " to ifso_system",
        "grant insert on audit_event to ifso_web",
        f"grant select, insert on {record} to ifso_system",
        "grant select on all tables in schema public to ifso_backup",
        f"grant select on {record} to ifso_auditor",
        "grant usage, select on all sequences in schema public to ifso_web, ifso_system",
        "grant select on all sequences in schema public to ifso_backup",
    ]


def policies() -> list[str]:
    """Statements that put every guarded table behind its condition."""
    statements = [IS_IN_CASE_WITHIN_REACH]
    for table, condition in GUARDED.items():
        statements += [
            f"alter table {table} enable row level security",
            f"alter table {table} force row level security",
            f"drop policy if exists in_reach on {table}",
            f"create policy in_reach on {table} to ifso_web"
            f" using ({condition}) with check ({condition})",
        ]
    for table in READ_ON_DUTY:
        statements += [
            f"drop policy if exists on_duty on {table}",
            f"create policy on_duty on {table} for select to ifso_web"
            f" using ({OFFICER} is not null)",
        ]
    for table in COUNTED:
        statements += [
            f"drop policy if exists counted on {table}",
            f"create policy counted on {table} for select to ifso_web using ({COUNTING})",
        ]
    return statements
