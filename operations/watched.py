"""The tables whose rows change only by a service that records why.

Whoever changes this list adds a migration that calls `watch` again, as `0002_watched_rows` does;
`tests/audit/test_watching.py` compares the database with it.
"""

from audit.watching import Watched

TABLES = (
    Watched(
        table="cases_case",
        columns=("status", "status_at", "district_id", "station_id", "is_restricted"),
    ),
    Watched(table="cases_restriction"),
    Watched(table="cases_access"),
    Watched(table="cases_handoff"),
    Watched(table="cases_letter"),
    Watched(table="cases_fir"),
    Watched(table="cases_accused"),
    Watched(table="cases_arrest"),
    Watched(
        table="tiplines_tipline",
        columns=("status", "holder_district_id", "holder_station_id", "restricted_case_id"),
        inserts=False,
    ),
    Watched(
        table="tiplines_ruleset",
        columns=(
            *("number", "content", "by_id", "base_number", "replayed_at"),
            *("answer", "settled_by_id", "from_at", "until_at"),
        ),
    ),
    Watched(
        table="tiplines_reorganisation",
        columns=(
            *("number", "from_on", "opens", "closes", "back_to", "by_id"),
            *("version_id", "base_number", "rules_number", "replayed_at"),
            *("answer", "settled_by_id", "called_off_by_id", "in_force_at"),
        ),
    ),
    Watched(
        table="accounts_user",
        columns=("username", "is_active", "is_superuser", "password", "password_is_temporary"),
    ),
    Watched(table="accounts_posting"),
    Watched(table="accounts_apitoken"),
    Watched(table="accounts_user_groups"),
    Watched(table="accounts_user_user_permissions"),
    Watched(table="accounts_districtusergrant"),
    Watched(table="accounts_districtgroupgrant"),
    Watched(table="accounts_stationusergrant"),
    Watched(table="accounts_stationgroupgrant"),
    Watched(table="accounts_casegrant"),
    Watched(table="guardian_userobjectpermission"),
    Watched(table="guardian_groupobjectpermission"),
)
