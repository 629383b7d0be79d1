"""Where the bench takes place: the stack's PostgreSQL and PostgREST, the built beacon function, and the bare one beside it.

The function speaks to PostgREST itself. The local gateway, a small Python program, would cost more than everything
behind it and says nothing about the hosted one; so the bundle that is measured has the gateway's prefix taken out of
its paths, and is otherwise the deployment's, byte for byte.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg

from dev.bench.figures import show_progress
from dev.bench.plain_table import add_plain_table, add_plain_writer
from dev.bootstrap import ROOT, ensure_node_modules
from dev.deploy.build import build_deployment, build_folder
from dev.deploy.runtime import booted_function, compile_again, unpack_bundle
from dev.stack import Stack, running_stack

STATE = ROOT / ".local" / "bench"
_BARE = Path(__file__).with_name("bare")
_GATEWAY_PREFIX = "/rest/v1"
_ACCOUNTS, _SITES_OF_EACH = 20, 5
Database = psycopg.Connection[Any]
Address = tuple[str, int]


@dataclass(frozen=True)
class Site:
    """A site that sends beacons."""

    account_id: str
    site_id: str
    public_key: str
    host: str


@dataclass(frozen=True)
class Bundles:
    """The functions, laid out as the platform does. bare_lean: the bare one, its platform's part as cheap as ours."""

    beacon: Path
    bare: Path
    bare_lean: Path


@dataclass(frozen=True)
class Place:
    """Everything that beacons need, from the sites that send them to the database that keeps them."""

    bundles: Bundles
    stack: Stack
    database: Database
    sites: list[Site]


@dataclass(frozen=True)
class Served:
    """Something that answers requests: where, and the processes that are its own."""

    address: Address
    process: int


@contextlib.contextmanager
def running_place() -> Iterator[Place]:
    """The built functions and an empty database with some sites."""
    show_progress("building the functions")
    with _built_bundles() as bundles:
        show_progress("starting the database")
        with _running_database() as stack, psycopg.connect(stack.superuser_url, autocommit=True) as database:
            _check_durable(database)
            add_plain_table(database)
            add_plain_writer(database, stack.secrets.database_password)
            yield Place(bundles, stack, database, _added_sites(database))


@contextlib.contextmanager
def _built_bundles() -> Iterator[Bundles]:
    # A socket lies in each bundle, and its path may not be long.
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        build_deployment()
        beacon = unpack_bundle("api/beacon", Path(folder))
        _take_out_gateway(beacon)
        yield Bundles(beacon, _built_bare(Path(folder) / "plain"), _built_bare(Path(folder) / "lean", is_lean=True))


@contextlib.contextmanager
def _running_database() -> Iterator[Stack]:
    ensure_node_modules()
    shutil.rmtree(STATE / "postgres", ignore_errors=True)
    with running_stack(STATE) as stack:
        yield stack


def _check_durable(database: Database) -> None:
    """PostgreSQL runs as it comes; were it made faster at the price of losing commits, nothing here would mean anything."""
    for setting in ("fsync", "synchronous_commit"):
        if database.execute("select current_setting(%s)", [setting]).fetchall() != [("on",)]:
            raise RuntimeError(f"PostgreSQL runs with {setting} off: commits would not be durable")


@contextlib.contextmanager
def served(bundle: Path, stack: Stack) -> Iterator[Served]:
    """A bundle under the platform's runtime."""
    with booted_function(bundle, function_environment(stack)) as booted:
        yield Served(address_of(booted.url), booted.process.pid)


def function_environment(stack: Stack) -> dict[str, str]:
    """The deployment's settings, PostgREST being where the project is."""
    return {**stack.function_environment(), "SUPABASE_URL": f"http://127.0.0.1:{stack.ports.postgrest}"}


def postgrest(stack: Stack) -> Served:
    """PostgREST itself."""
    return Served(("127.0.0.1", stack.ports.postgrest), stack.part("PostgREST").process.pid)


def address_of(url: str) -> Address:
    """Host and port."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def _added_sites(database: Database) -> list[Site]:
    """Accounts with their sites, each of one host."""
    return [
        Site(*database.execute(_ADD_SITE, {"account": account, "host": f"www.site{account}-{site}.example"}).fetchall()[0])
        for account in _added_accounts(database)
        for site in range(_SITES_OF_EACH)
    ]


def _added_accounts(database: Database) -> list[str]:
    numbers = range(_ACCOUNTS)
    return [
        str(
            database.execute("insert into public.accounts (name) values (%s) returning id", [f"Customer {number}"]).fetchall()[0][
                0
            ]
        )
        for number in numbers
    ]


_ADD_SITE: LiteralString = """
with site as (
  insert into public.sites (account_id, name, keeps_referrer_host) values (%(account)s, 'Website', true) returning *
), host as (
  insert into public.site_hosts (account_id, site_id, host) select account_id, id, %(host)s from site
)
select account_id::text, id::text, public_key, %(host)s::text from site
"""


def _pinned(package: str) -> str:
    """The line of requirements.txt that pins a package."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{package}=="))


def _built_bare(folder: Path, *, is_lean: bool = False) -> Path:
    """is_lean: with our parser, and without the runtime's search for its SDK (docs/decisions/0008)."""
    project = folder / "bare"
    shutil.copytree(_BARE, project)
    (project / "public").mkdir()
    (project / "requirements.txt").write_text(_pinned("httptools") if is_lean else "")
    if is_lean:
        function = project / "api" / "bare.py"
        function.write_text(f'{function.read_text()}\n\n__import__("sys").modules["vercel"] = None\n')
    build_folder(project)
    return unpack_bundle("api/bare", folder / "bundles", project=project)


def _take_out_gateway(bundle: Path) -> None:
    replaced = 0
    for file in (bundle / "lib").rglob("*.py"):
        text = file.read_text()
        if _GATEWAY_PREFIX in text:
            replaced += text.count(_GATEWAY_PREFIX)
            file.write_text(text.replace(_GATEWAY_PREFIX, ""))
            compile_again(file)
    if not replaced:
        raise RuntimeError(f"nothing in the bundle names {_GATEWAY_PREFIX}: the bench must learn how it reaches PostgREST now")
