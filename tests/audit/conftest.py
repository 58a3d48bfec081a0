"""The chain's own fixtures: a key, a folder outside, events that are committed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from audit.services import record
from tests.factories import NOON


@pytest.fixture(autouse=True)
def outside(settings: object, tmp_path: Path) -> Path:
    """The folder of checkpoints, and a key to sign them with."""
    folder = tmp_path / "elsewhere"
    settings.CHECKPOINTS = folder  # type: ignore[attr-defined]
    settings.SIGNING_KEY = tmp_path / "key.pem"  # type: ignore[attr-defined]
    (tmp_path / "key.pem").write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    return folder


def write_events(count: int, *, verb: str = "case.seen") -> None:
    """So many acts, each in a transaction of its own, a second apart."""
    for index in range(count):
        record(
            verb=verb,
            subject=f"case:{index}",
            actor=None,
            at=NOON + timedelta(seconds=index),
            detail={"index": index},
        )
