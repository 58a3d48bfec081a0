"""What the force's identity provider vouches for: OpenID Connect, authorization code with PKCE.

It is asked only if the environment names it (docs/decisions/0017). Nothing here knows officers or
requests. Signatures and claims are checked by joserfc.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.crypto import constant_time_compare
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from accounts.fetching import NoAnswer, fetch_json
from accounts.links import is_guarded, origin_of

KEPT_FOR = timedelta(hours=1)  # what the provider says of itself
LASTS = timedelta(minutes=10)  # from our page to the provider's and back
CLOCKS_DIFFER_BY = timedelta(minutes=1)  # ours and the provider's
SIGNED_BY = (  # by two keys, one of them secret: what signs cannot be learnt from what checks
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
)
LONGEST_NAME = 150  # characters of an officer's number


class NotVouched(Exception):
    """What came back does not show who is at the browser.

    `why` is a word of ours, for the record.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Journey(TypedDict):
    """What the browser's session keeps while the browser is at the provider."""

    state: str
    nonce: str
    verifier: str
    officer: int | None
    """Who is signed in here already and proves it once more; None for a sign-in."""
    next: str
    began_at: str


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What it says of itself, checked."""

    asks_at: str
    """Where browsers are sent (`authorization_endpoint`)."""
    tells_at: str
    """Where a code is exchanged (`token_endpoint`)."""
    keys: KeySet
    read_at: datetime


HELD: dict[str, Provider] = {}  # by issuer, for this process


def is_offered() -> bool:
    return bool(settings.OIDC_ISSUER)


def provider_at(at: datetime) -> Provider:
    """As it was read within the last hour. Raises NoAnswer."""
    held = HELD.get(settings.OIDC_ISSUER)
    if held is None or at >= held.read_at + KEPT_FOR:
        return read_again(at)
    return held


def read_again(at: datetime) -> Provider:
    """Raises NoAnswer, also when what it says of itself cannot be trusted."""
    issuer = settings.OIDC_ISSUER
    told = fetch_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if told.get("issuer") != issuer:
        raise NoAnswer("it says that it is another issuer")
    asks_at, tells_at, keys_at = (
        endpoint_in(told, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )
    if origin_of(asks_at) != origin_of(issuer):  # our pages let forms lead to that origin alone
        raise NoAnswer("its authorization_endpoint has another origin than the issuer")
    HELD[issuer] = Provider(
        asks_at=asks_at, tells_at=tells_at, keys=keys_in(fetch_json(keys_at)), read_at=at
    )
    return HELD[issuer]


def endpoint_in(told: Mapping[str, Any], name: str) -> str:
    address = told.get(name)
    if not isinstance(address, str) or not is_guarded(address):
        raise NoAnswer(f"its {name} is neither HTTPS nor on this machine")
    return address


def keys_in(told: Mapping[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set({"keys": told["keys"]})
    except (JoseError, KeyError, TypeError, ValueError, AttributeError) as cause:
        raise NoAnswer("its keys cannot be read") from cause


def begin(*, officer: int | None, wanted: str, back: str, at: datetime) -> tuple[str, Journey]:
    """Return the provider's address for the browser, and what its session has to keep.

    `back` is our own address to come back to. An officer who is signed in already has to give the
    provider the password anew. Raises NoAnswer.
    """
    provider = provider_at(at)
    journey = Journey(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        officer=officer,
        next=wanted,
        began_at=at.isoformat(),
    )
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": back,
        "scope": "openid profile",
        "state": journey["state"],
        "nonce": journey["nonce"],
        "code_challenge": challenge_of(journey["verifier"]),
        "code_challenge_method": "S256",
    }
    if officer is not None:
        asked |= {"prompt": "login", "max_age": "0"}
    joint = "&" if "?" in provider.asks_at else "?"
    return f"{provider.asks_at}{joint}{urlencode(asked)}", journey


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def name_vouched_for(
    journey: Journey | None, *, told: Mapping[str, str], back: str, at: datetime
) -> str:
    """Return the name in `settings.OIDC_CLAIM` of whoever came back with `told` in the address.

    Raises NotVouched, and NoAnswer when the provider cannot be asked.
    """
    if journey is None:
        raise NotVouched("not-begun")
    if at >= datetime.fromisoformat(journey["began_at"]) + LASTS:
        raise NotVouched("too-late")
    if not constant_time_compare(told.get("state", ""), journey["state"]):
        raise NotVouched("state")
    if told.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
        raise NotVouched("issuer")
    if "error" in told or not told.get("code"):
        raise NotVouched("refused-there")
    token = exchange(told["code"], verifier=journey["verifier"], back=back, at=at)
    claims = claims_in(token, at=at)
    check_claims(claims, nonce=journey["nonce"], at=at)
    if journey["officer"] is not None:
        check_is_fresh(claims, since=datetime.fromisoformat(journey["began_at"]))
    name = claims.get(settings.OIDC_CLAIM)
    if not isinstance(name, str) or not name or len(name) > LONGEST_NAME or "\0" in name:
        raise NotVouched("no-name")
    return name


def exchange(code: str, *, verifier: str, back: str, at: datetime) -> str:
    """The ID token for a code; what else comes with it is not looked at."""
    pair = ":".join(
        quote(each, safe="") for each in (settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    )
    try:
        told = fetch_json(
            provider_at(at).tells_at,
            form={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": back,
                "code_verifier": verifier,
            },
            headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
        )
    except NoAnswer as refusal:
        if refusal.status == 400:  # RFC 6749, 5.2: the code is used, too old or not for us
            raise NotVouched("code") from refusal
        raise
    token = told.get("id_token")
    if not isinstance(token, str):
        raise NotVouched("no-token")
    return token


def claims_in(token: str, *, at: datetime) -> dict[str, Any]:
    """What the provider signed. For a key not known its keys are read anew, once."""
    try:
        return decode(token, provider_at(at).keys)
    except InvalidKeyIdError:
        pass
    try:
        return decode(token, read_again(at).keys)
    except InvalidKeyIdError as cause:
        raise NotVouched("key") from cause


def decode(token: str, keys: KeySet) -> dict[str, Any]:
    registry = JWSRegistry(algorithms=SIGNED_BY, strict_check_header=False)
    try:
        return jwt.decode(token, keys, registry=registry).claims
    except InvalidKeyIdError:
        raise
    except (JoseError, ValueError, TypeError, KeyError) as cause:
        raise NotVouched("signature") from cause


def check_claims(claims: dict[str, Any], *, nonce: str, at: datetime) -> None:
    """That it is of our provider, for us, for this journey, and of now."""
    registry = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=int(CLOCKS_DIFFER_BY.total_seconds()),
        iss={"essential": True, "value": settings.OIDC_ISSUER},
        sub={"essential": True},
        aud={"essential": True, "value": settings.OIDC_CLIENT_ID},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except JoseError as cause:
        raise NotVouched("claims") from cause
    is_for_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (is_for_several or "azp" in claims) and claims.get("azp") != settings.OIDC_CLIENT_ID:
        raise NotVouched("claims")


def check_is_fresh(claims: Mapping[str, Any], *, since: datetime) -> None:
    """That the password was given to the provider after it was asked for."""
    given_at = claims.get("auth_time")
    earliest = (since - CLOCKS_DIFFER_BY).timestamp()
    if isinstance(given_at, bool) or not isinstance(given_at, int) or given_at < earliest:
        raise NotVouched("not-anew")
