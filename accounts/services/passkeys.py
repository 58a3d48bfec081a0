"""Passkeys: the WebAuthn exchange, checked by Yubico's `fido2`. No request leaves the server."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import OfficerSession, Passkey, User
from accounts.services.factors import Factor, WrongFactor, note_added

State = dict[str, Any]
"""What the server keeps in Django's session between question and answer: the challenge."""


def server(host: str, name: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name=name))


def ask_new(fido: Fido2Server, user: User) -> tuple[str, State]:
    """The options for the browser as JSON, and the state to keep."""
    options, state = fido.register_begin(
        PublicKeyCredentialUserEntity(
            id=str(user.pk).encode(), name=user.username, display_name=user.username
        ),
        [_credential(passkey) for passkey in user.passkeys.all()],
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.dumps(dict(options)), state


@transaction.atomic
def add_passkey(
    fido: Fido2Server,
    *,
    user: User,
    answer: str,
    state: State,
    name: str,
    session: OfficerSession,
    at: datetime,
) -> list[str]:
    """Keep the public key; return recovery codes if it is the first factor. Raises WrongFactor."""
    try:
        made = fido.register_complete(state, json.loads(answer))
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise WrongFactor from cause
    credential = made.credential_data
    if credential is None:
        raise WrongFactor
    try:
        with transaction.atomic():
            Passkey.objects.create(
                officer=user,
                name=name,
                credential_id=websafe_encode(credential.credential_id),
                credential=websafe_encode(bytes(credential)),
                sign_count=made.counter,
                added_at=at,
            )
    except IntegrityError as cause:  # this very key is enrolled already
        raise WrongFactor from cause
    return note_added(user, Factor.PASSKEY, session=session, at=at)


def ask(fido: Fido2Server, user: User) -> tuple[str, State]:
    options, state = fido.authenticate_begin(
        [_credential(passkey) for passkey in user.passkeys.all()],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.dumps(dict(options)), state


@transaction.atomic
def use_passkey(fido: Fido2Server, *, user: User, answer: str, state: State, at: datetime) -> None:
    """Check the signature, and that the key's counter went on: else it is a copy.

    Raises WrongFactor.
    """
    held = list(user.passkeys.select_for_update())
    try:
        given = AuthenticationResponse.from_dict(json.loads(answer))
        used = fido.authenticate_complete(state, [_credential(each) for each in held], given)
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise WrongFactor from cause
    used_id = websafe_encode(used.credential_id)
    [passkey] = [each for each in held if each.credential_id == used_id]
    count = given.response.authenticator_data.counter
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise WrongFactor
    passkey.sign_count = count
    passkey.used_at = at
    passkey.save(update_fields=["sign_count", "used_at"])


def _credential(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(passkey.credential))
