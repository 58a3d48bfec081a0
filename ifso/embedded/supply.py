"""What the project is made of: pins with hashes, none of a version known to be bad, no secret among
the files, and the list of parts (SBOM). None of it asks the internet.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

HOME = Path(__file__).resolve().parents[2]
KNOWN_BAD = HOME / "deploy" / "known_bad.toml"
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\\n]+)", re.MULTILINE)
# What looks like a key of somebody. Words such as "password" and mere randomness are left out:
# hashes of test data and invented passwords of tests would drown what matters.
DETECTORS = (
    *("ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector"),
    *("DiscordBotTokenDetector", "GitHubTokenDetector", "GitLabTokenDetector", "JwtTokenDetector"),
    *("MailchimpDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector"),
    *("PypiTokenDetector", "SendGridDetector", "SlackDetector", "StripeDetector"),
    *("TelegramBotTokenDetector", "TwilioKeyDetector"),
)
UNREAD = (  # hashes, pictures, tables and translations: long, and no place for a key
    *("requirements/", "package-lock.json", "docs/pictures/", "districts/data/", "locale/"),
)
PLACEHOLDERS = frozenset({"password"})  # what addresses in the docs say in its place


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    has_hash: bool


def pins_in(text: str) -> list[Pin]:
    """The pinned packages of a file of requirements."""
    starts = list(PIN.finditer(text))
    ends = [each.start() for each in starts[1:]] + [len(text)]
    return [
        Pin(each[1], each[2], "--hash=sha256:" in text[each.start() : end])
        for each, end in zip(starts, ends, strict=True)
    ]


def faults_of_pins(pins: list[Pin], known_bad: dict[str, Any]) -> list[str]:
    faults = []
    for pin in pins:
        if not pin.has_hash:
            faults.append(f"{pin.name} {pin.version} has no hash")
        bad = known_bad.get(pin.name)
        if bad and Version(pin.version) < Version(bad["fixed"]):
            told = ", ".join(bad["advisories"])
            faults.append(f"{pin.name} {pin.version} is older than {bad['fixed']}: {told}")
    return faults


def check_pins() -> list[str]:
    known_bad = tomllib.loads(KNOWN_BAD.read_text())
    return [
        f"{path.name}: {fault}"
        for path in sorted((HOME / "requirements").glob("*.txt"))
        for fault in faults_of_pins(pins_in(path.read_text()), known_bad)
    ]


def check_secrets(paths: list[Path] | None = None) -> list[str]:
    """Keys and tokens in the tracked files, by their place; what they say is not printed."""
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import transient_settings

    plugins = [{"name": name} for name in DETECTORS]
    # Without filters nothing is asked over the network whether it is still good.
    with transient_settings({"plugins_used": plugins, "filters_used": []}):
        found = SecretsCollection()
        for path in tracked() if paths is None else paths:
            found.scan_file(str(path))
        return [
            f"{name}:{secret.line_number}: {secret.type}"
            for name, secret in found
            if secret.secret_value not in PLACEHOLDERS
        ]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=HOME, capture_output=True, text=True, check=True
    )
    return [
        HOME / name
        for name in listed.stdout.split("\0")
        if name and not name.startswith(UNREAD) and (HOME / name).is_file()
    ]


def parts() -> str:
    """The parts of what is installed in production, as CycloneDX JSON, the same each time."""
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements"]
    command += ["--output-reproducible", "--short-PURLs", "--pyproject", "pyproject.toml"]
    made = subprocess.run(
        [*command, "requirements/run.txt"], cwd=HOME, capture_output=True, text=True, check=True
    )
    return made.stdout


def faults_of_parts(listed: str, pins: list[Pin]) -> list[str]:
    told = json.loads(listed)
    if told.get("bomFormat") != "CycloneDX":
        return ["the list of parts is no CycloneDX"]
    components = {(each["name"], each["version"]) for each in told["components"]}
    wanted = {(pin.name, pin.version) for pin in pins}
    return [f"{name} {version} is not in both" for name, version in sorted(wanted ^ components)]


def check_parts() -> list[str]:
    pins = pins_in((HOME / "requirements" / "run.txt").read_text())
    return faults_of_parts(parts(), pins)


CHECKS = {"pins": check_pins, "secrets": check_secrets, "parts": check_parts}


def main() -> int:
    """`pins`, `secrets`, `parts`: check it; `list`: print the list of parts."""
    wanted = sys.argv[1]
    if wanted == "list":
        print(parts())
        return 0
    faults = CHECKS[wanted]()
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
