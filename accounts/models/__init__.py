"""Officers and postings; sessions and wrong tries; second factors."""

from accounts.models.factors import Passkey, RecoveryCode, Totp
from accounts.models.grants import (
    CaseGrant,
    DistrictGroupGrant,
    DistrictUserGrant,
    StationGroupGrant,
    StationUserGrant,
)
from accounts.models.officers import (
    RANK_CHOICES,
    RANK_LABELS,
    ROLE_CHOICES,
    ROLE_LABELS,
    ApiToken,
    Certification,
    Posting,
    PostingQuerySet,
    User,
    UserManager,
)
from accounts.models.sessions import FailedTry, OfficerSession

__all__ = [
    "RANK_CHOICES",
    "RANK_LABELS",
    "ROLE_CHOICES",
    "ROLE_LABELS",
    "ApiToken",
    "CaseGrant",
    "Certification",
    "DistrictGroupGrant",
    "DistrictUserGrant",
    "FailedTry",
    "OfficerSession",
    "Passkey",
    "Posting",
    "PostingQuerySet",
    "RecoveryCode",
    "StationGroupGrant",
    "StationUserGrant",
    "Totp",
    "User",
    "UserManager",
]
