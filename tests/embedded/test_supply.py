"""The checks of what the project is made of see what they are there for."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from ifso.embedded import supply
from ifso.embedded.supply import KNOWN_BAD, Pin, faults_of_parts, faults_of_pins, pins_in

HASH = "    --hash=sha256:" + "0" * 64


def test_a_pin_without_a_hash_and_a_known_bad_version_are_refused() -> None:
    known_bad = tomllib.loads(KNOWN_BAD.read_text())
    pins = pins_in(
        f"celery==5.2.1 \\\n{HASH}\n"
        f"django==5.2.15 ; sys_platform == 'linux' \\\n{HASH}\n"
        "kombu==5.7.0\n"
    )

    assert pins == [
        Pin("celery", "5.2.1", has_hash=True),
        Pin("django", "5.2.15", has_hash=True),
        Pin("kombu", "5.7.0", has_hash=False),
    ]
    assert faults_of_pins(pins, known_bad) == [
        "celery 5.2.1 is older than 5.2.2: CVE-2021-23727",
        "kombu 5.7.0 has no hash",
    ]
    [told] = faults_of_pins([Pin("django", "5.2.10", has_hash=True)], known_bad)
    assert "CVE-2026-1312" in told


def test_what_is_pinned_here_passes() -> None:
    assert supply.check_pins() == []


def test_a_list_of_parts_that_lacks_one_is_refused() -> None:
    pins = [Pin("django", "5.2.19", has_hash=True), Pin("celery", "5.7.0", has_hash=True)]
    listed = {
        "bomFormat": "CycloneDX",
        "components": [{"name": "django", "version": "5.2.19"}],
    }

    assert faults_of_parts(json.dumps(listed), pins) == ["celery 5.7.0 is not in both"]
    assert faults_of_parts(json.dumps(listed), pins[:1]) == []
    assert faults_of_parts("{}", pins) == ["the list of parts is no CycloneDX"]


def test_a_key_in_a_file_is_found_and_not_printed(tmp_path: Path) -> None:
    pytest.importorskip("detect_secrets", reason="comes with ./dev check")
    key = "AKIA" + "Q7LBZ4MEXA2TWDNP"
    kept = tmp_path / "kept.py"
    kept.write_text(f"first = 1\nkey = '{key}'\n")
    (tmp_path / "a.pem").write_text("-----BEGIN " + "PRIVATE KEY-----\n")
    (tmp_path / "docs.md").write_text("`postgres://user:password@host/name`\n")

    faults = supply.check_secrets([kept, tmp_path / "a.pem", tmp_path / "docs.md"])

    assert sorted(fault.rpartition("/")[2] for fault in faults) == [
        "a.pem:1: Private Key",
        "kept.py:2: AWS Access Key",
    ]


def test_the_list_of_parts_is_cyclonedx_of_what_production_installs() -> None:
    pytest.importorskip("cyclonedx_py", reason="comes with ./dev check")
    listed = json.loads(supply.parts())

    assert listed["bomFormat"] == "CycloneDX"
    assert listed["metadata"]["component"]["name"] == "ifso-tiplines"
    assert {"django", "celery", "cryptography"} <= {each["name"] for each in listed["components"]}
    assert supply.check_parts() == []
