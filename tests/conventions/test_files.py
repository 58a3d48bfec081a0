"""What holds for the files of the project."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import yaml

HOME = Path(__file__).resolve().parents[2]


def test_every_pinned_package_has_a_hash_and_no_address() -> None:
    for path in sorted((HOME / "requirements").glob("*.txt")):
        text = path.read_text()
        pins = re.findall(r"^[a-z0-9._-]+==\S+", text, re.MULTILINE)
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
        assert pins, path.name
        assert all("--hash=sha256:" in block for block in blocks if "==" in block), path.name
        assert "://" not in text, path.name


def test_every_requirement_of_the_project_is_pinned() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text())
    groups = {"run": project["project"]["dependencies"], **project["dependency-groups"]}
    for group, wanted in groups.items():
        pinned = (HOME / "requirements" / f"{group}.txt").read_text()
        for requirement in wanted:
            name = re.match(r"[A-Za-z0-9._-]+", requirement)
            assert name is not None
            assert re.search(rf"^{name[0].lower()}==", pinned, re.MULTILINE), (group, requirement)


def test_the_same_package_has_one_version_in_all_groups() -> None:
    versions: dict[tuple[str, str], set[str]] = {}
    for path in (HOME / "requirements").glob("*.txt"):
        for name, version, marker in re.findall(
            r"^([a-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]*))?", path.read_text(), re.MULTILINE
        ):
            versions.setdefault((name, marker.strip()), set()).add(version)
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_the_compose_file_describes_production() -> None:
    compose = yaml.safe_load((HOME / "docker-compose.yml").read_text())
    services = compose["services"]
    names = ("web", "worker", "timetable", "sealer", "migrate")
    assert set(services) == {"proxy", *names, "postgres", "redis"}
    ours = [services[name] for name in names]
    assert all(
        {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= set(each["environment"]) for each in ours
    )
    signing = [name for name in services if "IFSO_SIGNING_KEY" in services[name]["environment"]]
    assert signing == ["sealer"]
    assert [name for name in services if "ports" in services[name]] == ["proxy"]
    for service in services.values():
        for needed in service.get("depends_on", {}):
            assert needed in services
        for mount in service.get("volumes", []):
            volume = mount.split(":")[0]
            assert volume.startswith("./") or volume in compose["volumes"]


def test_the_lock_of_the_fonts_holds_no_address_of_a_registry() -> None:
    text = (HOME / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert text.count('"integrity"') == 3


def test_no_layer_without_a_licence_and_no_medium_is_in_the_tree() -> None:
    listed = subprocess.run(
        ["git", "ls-files"],  # noqa: S607
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    forbidden = re.compile(
        r"_boundaries\.geojson$|\.(jpe?g|gif|mp4|mov|avi|webm|heic)$", re.IGNORECASE
    )
    assert not [name for name in listed if forbidden.search(name)]
