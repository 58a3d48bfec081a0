"""What `./dev` hands over to: the commands that need the servers."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from cryptography.fernet import Fernet

from ifso.embedded import stores, supervisor
from ifso.embedded.processes import when_parent_dies
from manage import AS_OWNER

HOME = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
# The suite makes a database of its own, and its arrangements act for the system; what it asks for
# as an officer goes through the web's own role (tests/conftest.py).
FOR_TESTS = "alter role ifso_owner createdb; grant ifso_system to ifso_web;"

MOST_BESIDE = 8  # processes of the suite, each with a PostgreSQL


def main() -> int:
    command, *rest = sys.argv[1:]
    supervisor.stop_on_signals()
    try:
        return COMMANDS[command](rest)
    except supervisor.Interrupted:
        return 130
    except stores.CannotStart as refusal:
        print(f"./dev: {refusal}", file=sys.stderr)
        return 1


def data_folder(kind: str) -> Path:
    """IFSO_DATA, else a folder for each kind of use, so that they never touch each other."""
    return Path(os.environ.get("IFSO_DATA") or HOME / ".local" / kind).absolute()


def environment(data: Path, addresses: stores.Stores, *, role: str | None) -> dict[str, str]:
    """What `ifso.settings` reads, for a child of ours with a role of the database."""
    inherited = dict(os.environ)
    inherited.pop("DJANGO_SETTINGS_MODULE", None)  # set by importing us; children have their own
    return {
        "SECRET_KEY": kept(data / "secret_key", secrets.token_urlsafe(50)),
        "FACTOR_KEYS": kept(data / "factor_key", Fernet.generate_key().decode()),
        "SECOND_FACTOR": "optional",  # made data only; the sign-in page says so
        "IFSO_SIGNING_KEY": str(signing_key(data)),
        "IFSO_NAME_KEYS": kept(data / "name_keys", random_key()),
        "IFSO_INDEX_KEY": kept(data / "index_key", random_key()),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        **inherited,
        **addresses.environment(role),
        "IFSO_DATA": str(data),
        "PYTHONUNBUFFERED": "1",
    }


def kept(file: Path, made: str) -> str:
    """What the file holds; `made` at the first time."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(made)
    return file.read_text()


def signing_key(data: Path) -> Path:
    """The file of the key that signs the record's checkpoints; made where there is none."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    kept = data / "signing_key.pem"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_bytes(
            Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return kept


def random_key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def say(text: str) -> None:
    print(f"» {text}", flush=True)


def run(*arguments: str, env: dict[str, str]) -> int:
    """Run Python with `arguments` from the project's folder; it ends when we do, however that
    is.
    """
    done = subprocess.run(
        [PYTHON, *arguments],
        env=env,
        cwd=HOME,
        check=False,
        preexec_fn=when_parent_dies(signal.SIGTERM),
    )
    return done.returncode


def must(*arguments: str, env: dict[str, str]) -> None:
    if run("manage.py", *arguments, env=env):
        raise SystemExit(f"manage.py {arguments[0]} failed")


def prepare(data: Path, addresses: stores.Stores) -> None:
    """Bring database, translations and static files up to date; seconds when they are."""
    env = environment(data, addresses, role="ifso_owner")
    say("database")
    stores.make_roles(addresses.database_url)
    must("migrate", "--no-input", "--verbosity", "0", env=env)
    must("protect", env=env)
    say("translations and static files")
    must("build_assets", env=env)


def demo(rest: list[str]) -> int:
    """Serve in this terminal until Ctrl-C."""
    data = data_folder("demo")
    data.mkdir(parents=True, exist_ok=True)
    if pid := supervisor.is_running(data / "supervisor.pid"):
        print(f"Already running as process {pid}. Stop it with: ./dev down", file=sys.stderr)
        return 1
    began = time.monotonic()
    (data / "supervisor.pid").write_text(str(os.getpid()))
    try:
        say("servers")
        with stores.stores(data) as addresses:
            prepare(data, addresses)
            port = supervisor.first_free_port(int(os.environ.get("PORT", "8000")))
            by_role = partial(environment, data, addresses)
            with supervisor.serving(port=port, data=data, env=by_role) as running:
                supervisor.await_web(port, running)
                (data / "address").write_text(f"http://localhost:{port}/\n")
                must("make_demo", env=by_role(role="ifso_worker"))
                say(f"ready after {time.monotonic() - began:.0f} s: http://localhost:{port}/")
                say("Ctrl-C stops everything and keeps the data; ./dev demo resumes.")
                return watch(running)
    except supervisor.Interrupted:
        say("stopped; the data is kept")
        return 0
    finally:
        for name in ("supervisor.pid", "address"):
            (data / name).unlink(missing_ok=True)


def watch(running: dict[str, subprocess.Popen[bytes]]) -> int:
    """Wait for the first service to die; the rest is stopped by the callers' blocks."""
    while (dead := supervisor.first_dead(running)) is None:
        time.sleep(0.3)
    say(f"the {dead} ended by itself (exit {running[dead].returncode}); stopping everything")
    return 1


def up(rest: list[str]) -> int:
    """The demo in the background; returns when it serves."""
    data = data_folder("demo")
    (data / "log").mkdir(parents=True, exist_ok=True)
    log_path = data / "log" / "up.log"
    if supervisor.is_running(data / "supervisor.pid"):
        say(f"already up: {(data / 'address').read_text().strip()}")
        return 0
    with log_path.open("wb") as log:
        child = subprocess.Popen(
            [PYTHON, "-m", "ifso.embedded", "demo"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            cwd=HOME, start_new_session=True,
        )  # fmt: skip
    shown = 0
    while True:
        text = log_path.read_text()
        print(text[shown:], end="", flush=True)
        shown = len(text)
        if "» ready after" in text:
            return 0
        if child.poll() is not None:
            return 1
        time.sleep(0.2)


def down(rest: list[str]) -> int:
    data = data_folder("demo")
    pid = supervisor.is_running(data / "supervisor.pid")
    if pid is None:
        say("nothing is running here")
        return 0
    os.kill(pid, signal.SIGTERM)
    while supervisor.is_running(data / "supervisor.pid"):
        time.sleep(0.1)
    say("down; the data is kept")
    return 0


def manage(rest: list[str]) -> int:
    data = data_folder("demo")
    with stores.stores(data) as addresses:
        stores.make_roles(addresses.database_url)
        role = "ifso_owner" if AS_OWNER.intersection(rest[:1]) else "ifso_worker"
        return run("manage.py", *rest, env=environment(data, addresses, role=role))


def test(rest: list[str]) -> int:
    """Pytest; the whole suite by a process for each core, with servers of its own each."""
    data = data_folder("test")
    alone = rest or {"DATABASE_URL", "REDIS_URL"} & os.environ.keys()
    count = 1 if alone else min(os.cpu_count() or 1, MOST_BESIDE)
    with ExitStack() as running:
        each = [
            running.enter_context(stores.stores(place, durable=False))
            for place in (data, *(data / f"beside-{n}" for n in range(1, count)))
        ]
        for addresses in each:
            stores.make_roles(addresses.database_url, more=FOR_TESTS)
        env = environment(data, each[0], role="ifso_owner")
        must("build_assets", env=env)
        if count > 1:
            rest = ["-n", str(count)]
            env["SERVERS_BESIDE"] = json.dumps([a.environment("ifso_owner") for a in each])
        return run("-m", "pytest", *rest, env=env)


def bench(rest: list[str]) -> int:
    known = ["pages", "rows", "load", "intake", "pdf", "faults", "large", "audit", "text"]
    known += ["locate", "addresses", "nexus", "groups", "steadiness"]
    if not rest or rest[0] not in known:
        print("Benchmarks: " + ", ".join(known))
        return 0 if not rest else 2
    data = data_folder("bench")
    with stores.stores(data) as addresses:
        prepare(data, addresses)
        # It takes each role in turn: what is measured runs as web or worker (tests/bench).
        env = environment(data, addresses, role=None)
        return run("-m", f"tests.bench.{rest[0]}", *rest[1:], env=env)


def shots(rest: list[str]) -> int:
    data = data_folder("demo")
    with stores.stores(data) as addresses:
        return run("-m", "tests.shots", *rest, env=environment(data, addresses, role="ifso_worker"))


def clean(rest: list[str]) -> int:
    """Remove the data folders, and what lies apart from them because root's servers need it so."""
    for data in [data_folder("demo"), data_folder("test"), data_folder("bench")]:
        if supervisor.is_running(data / "supervisor.pid"):
            print(f"{data} is in use: ./dev down first", file=sys.stderr)
            return 1
        if (data / "id").exists():
            shutil.rmtree(stores.apart(data), ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)
    return 0


COMMANDS = {each.__name__: each for each in (demo, up, down, manage, test, bench, shots, clean)}

if __name__ == "__main__":
    raise SystemExit(main())
