"""An identity provider on this machine, with keys of its own, that can be told to misbehave."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT = "ifso client"  # with a blank: it has to be escaped twice on its way
SECRET = "the secret: of the client"
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})  # says that it is the first
NEW_RSA = RSAKey.generate_key(2048, {"kid": "rsa-2"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1"})

Answer = tuple[int, dict[str, str], Iterable[bytes]]
Claims = dict[str, Any]


def in_json(told: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, [json.dumps(told).encode()]


def by_rsa(claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "rsa-1"}, claims, RSA)


class MadeProvider:
    """It checks what a client sends as strictly as a real one: client, code, address, PKCE."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}/realms/force"
        self.says: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        self.keys: list[RSAKey | ECKey] = [RSA, EC]
        self.sign: Callable[[Claims], str] = by_rsa
        self.twist: dict[str, Callable[[Answer], Answer]] = {}
        """By the last part of the path: what becomes of the right answer."""
        self.asked: list[str] = []
        """The last part of each path that was asked."""
        self.sent: list[str] = []
        """Everything that nobody else may learn."""
        self.codes: dict[str, dict[str, Any]] = {}
        self.visitor = ""
        """Who gives name and password to a real browser's question."""

    def log_in(self, address: str, who: str, **more: Any) -> str:
        """What the browser does there: return where it is sent back to. `more` are claims, or None
        for one that is left out.
        """
        assert address.startswith(self.says["authorization_endpoint"])
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        now, code = int(timezone.now().timestamp()), secrets.token_urlsafe(16)
        claims = {
            "iss": self.issuer,
            "sub": "1234",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "preferred_username": who,
        }
        if asked.get("max_age") == "0":
            assert asked["prompt"] == "login"
            claims["auth_time"] = now
        claims |= more
        kept = {key: value for key, value in claims.items() if value is not None}
        self.codes[code] = {"asked": asked, "claims": kept}
        self.sent += [code, asked["state"], asked["nonce"]]
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, address: str, headers: Any, body: str) -> Answer:
        last = urlsplit(address).path.rpartition("/")[2]
        self.asked.append(last)
        right = self.right_answer(last, address, headers, body)
        return self.twist[last](right) if last in self.twist else right

    def right_answer(self, last: str, address: str, headers: Any, body: str) -> Answer:
        if last == "auth":
            here = self.issuer.removesuffix("/realms/force")
            return 302, {"Location": self.log_in(here + address, self.visitor)}, []
        if last == "openid-configuration":
            return in_json(self.says)
        if last == "keys":
            return in_json(KeySet(list(self.keys)).as_dict(private=False))
        if last == "token":
            return self.exchange(headers, body)
        return in_json({}, 404)

    def exchange(self, headers: Any, body: str) -> Answer:
        told = {name: values[0] for name, values in parse_qs(body).items()}
        pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
        if parse_qsl(pair.replace(":", "=")) != [(CLIENT, SECRET)]:
            return in_json({"error": "invalid_client"}, 401)
        held = self.codes.pop(told["code"], None)
        digest = hashlib.sha256(told["code_verifier"].encode()).digest()
        if (
            held is None
            or told["grant_type"] != "authorization_code"
            or told["redirect_uri"] != held["asked"]["redirect_uri"]
            or base64.urlsafe_b64encode(digest).decode().rstrip("=")
            != held["asked"]["code_challenge"]
        ):
            return in_json({"error": "invalid_grant"}, 400)
        token = self.sign(held["claims"])
        self.sent += [token, told["code_verifier"]]
        return in_json({"access_token": "x", "token_type": "Bearer", "id_token": token})


@contextlib.contextmanager
def made_provider() -> Iterator[MadeProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length).decode()
            status, headers, text = provider.answer(self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # who asked may have hung up
                for piece in text:
                    self.wfile.write(piece)

        do_POST = do_GET  # noqa: N815 - the name that the base class calls

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests look at what our own code writes."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = MadeProvider(server.server_port)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
