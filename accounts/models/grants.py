"""Who is granted what on which district, station or restricted case: django-guardian's models with
real foreign keys, so that a grant dies with its object and never passes to the next one.

Grants lie on the few districts and stations and on exceptional cases, never on tiplines: what they
allow is resolved once for each request (`accounts.services.duty_of`).
"""

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

WORK_CASES = "work_cases"  # on a district or station
SEE_RESTRICTED = "see_restricted"  # on a restricted case
CASES_AT_MOST = 500  # restricted cases that may name one officer: each goes into every scope


class DistrictUserGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey("districts.District", models.CASCADE)


class DistrictGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey("districts.District", models.CASCADE)


class StationUserGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey("districts.PoliceStation", models.CASCADE)


class StationGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey("districts.PoliceStation", models.CASCADE)


class CaseGrant(UserObjectPermissionBase):
    """An officer whom a restricted case names, for good or until a moment."""

    content_object = models.ForeignKey("cases.Case", models.CASCADE)
    until_at = models.DateTimeField(null=True)
    """Of a break-glass access; null for a named officer."""
