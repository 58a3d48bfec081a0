"""Officers and postings; sessions and wrong tries; second factors."""

from accounts.models.factors import Passkey, RecoveryCode, Totp
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
    "Certification",
    "FailedTry",
    "OfficerSession",
    "Passkey",
    "Posting",
    "PostingQuerySet",
    "RecoveryCode",
    "Totp",
    "User",
    "UserManager",
]
