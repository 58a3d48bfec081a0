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
    names = ("web", "worker", "linker", "timetable", "sealer", "migrate")
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


def test_each_service_signs_in_to_the_database_as_its_own_role() -> None:
    services = yaml.safe_load((HOME / "docker-compose.yml").read_text())["services"]
    signs_in_as = {
        name: re.match(r"postgres://(\w+):\$\{(\w+):\?\}@", each["environment"]["DATABASE_URL"])
        for name, each in services.items()
        if "DATABASE_URL" in each["environment"]
    }
    assert {name: found and found.groups() for name, found in signs_in_as.items()} == {
        "migrate": ("ifso_owner", "OWNER_PASSWORD"),
        "web": ("ifso_web", "WEB_PASSWORD"),
        "worker": ("ifso_worker", "WORKER_PASSWORD"),
        "linker": ("ifso_worker", "WORKER_PASSWORD"),
        "timetable": ("ifso_worker", "WORKER_PASSWORD"),
        "sealer": ("ifso_worker", "WORKER_PASSWORD"),
    }
    command = services["migrate"]["command"]
    assert command.index("manage.py migrate") < command.index("manage.py protect")
    given = [name for name, each in services.items() if "POSTGRES_PASSWORD" in each["environment"]]
    assert given == ["postgres"]


def test_the_database_makes_its_roles_and_their_passwords_at_the_first_start() -> None:
    postgres = yaml.safe_load((HOME / "docker-compose.yml").read_text())["services"]["postgres"]
    run = [
        each.split(":") for each in postgres["volumes"] if ":/docker-entrypoint-initdb.d/" in each
    ]
    assert [each[0] for each in sorted(run, key=lambda each: each[1])] == [
        *("./ifso/protection/roles.sql", "./deploy/passwords.sql"),
    ]
    assert all((HOME / each[0]).is_file() and each[2] == "ro" for each in run)
    roles = (HOME / "ifso/protection/roles.sql").read_text()
    passwords = (HOME / "deploy/passwords.sql").read_text()
    given = dict(re.findall(r"^\\getenv (\w+) (\w+)$", passwords, re.MULTILINE))
    [listed] = re.findall(r"foreach role in array array\[(.*?)\]", roles)
    assert sorted(given) == sorted(re.findall(r"\w+", listed))
    for role, variable in given.items():
        assert f"alter role ifso_{role} password :'{role}';" in passwords
        assert postgres["environment"][variable] == f"${{{variable}:?}}"


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


def test_nothing_goes_to_a_page_unescaped() -> None:
    unescaped = re.compile(
        r"mark_safe|SafeString|SafeText|SafeData|\|\s*safe(seq)?\b|autoescape\s+off|__html__"
    )
    apps = ("audit", "districts", "accounts", "tiplines", "nexus", "cases", "operations", "ifso")
    texts = [
        path
        for folder in (*apps, "templates")
        for path in (HOME / folder).rglob("*")
        if path.suffix in {".py", ".html", ".js", ".svg"}
    ]
    assert len(texts) > 200
    assert [str(path) for path in texts if unescaped.search(path.read_text())] == []
    for wrong in ("{{ name|safe }}", "{% autoescape off %}", "from x import mark_safe"):
        assert unescaped.search(wrong)
    scripts = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(")
    assert not [
        str(path)
        for path in (HOME / "static" / "js").glob("*.js")
        if scripts.search(path.read_text())
    ]


def test_the_auditors_page_names_tests_that_are_there() -> None:
    text = (HOME / "docs" / "security.md").read_text()
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*/test_[a-z_]+\.py)`", text))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (HOME / "tests" / name).is_file()] == []
    rows = re.findall(r"^\| (A\d+(?:, A\d+)*) \|", text, re.MULTILINE)
    assert sorted(int(each[1:]) for row in rows for each in row.split(", ")) == [*range(1, 44)]
