"""What is done with officers, their postings, sign-in and keys; one module for each subject."""

from accounts.services.duties import (
    WORK_CASES,
    duty_of,
    granted,
    unit_group_name,
)
from accounts.services.officers import (
    OwnAccount,
    change_password,
    check_not_own,
    enlist,
    officers_visible_to,
    one_time_password,
    set_active,
    set_language,
    set_one_time_password,
)
from accounts.services.postings import (
    post,
)
from accounts.services.signing_in import (
    is_locked_out,
    note_failed_sign_in,
    note_sign_in,
    note_sign_out,
    unlock,
)
from accounts.services.tokens import (
    digest_of,
    make_token,
)

__all__ = [
    "WORK_CASES",
    "OwnAccount",
    "change_password",
    "check_not_own",
    "digest_of",
    "duty_of",
    "enlist",
    "granted",
    "is_locked_out",
    "make_token",
    "note_failed_sign_in",
    "note_sign_in",
    "note_sign_out",
    "officers_visible_to",
    "one_time_password",
    "post",
    "set_active",
    "set_language",
    "set_one_time_password",
    "unit_group_name",
    "unlock",
]
