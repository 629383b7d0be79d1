"""The database of a project, for the commands an operator runs by hand."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lib.domain.residency import is_loopback

_ENCRYPTED = ("require", "verify-ca", "verify-full")
Connection = psycopg.Connection[Any]


def add_database_option(parser: argparse.ArgumentParser) -> None:
    """Let the command say which database."""
    parser.add_argument("--database", metavar="URL", help="the database, as the role postgres (default: DATABASE_URL)")


def with_database(args: argparse.Namespace, work: Callable[[Connection], int]) -> int:
    """Do something with the database in one transaction and return its exit status; 2 when it is not to be had."""
    url = args.database or os.environ.get("DATABASE_URL")
    if not url:
        return refuse("Say which database: --database URL, or the variable DATABASE_URL.")
    named = _read(url)
    if not named:
        return refuse("This is no URL of a database: write postgresql://postgres:PASSWORD@HOST:5432/postgres.")
    if not _is_on_this_machine(named) and named.get("sslmode", "require") not in _ENCRYPTED:
        return refuse("The database is not on this machine, so it is spoken to with TLS alone: leave sslmode out of the URL.")
    try:
        with psycopg.connect(make_conninfo(url, **_tls(named))) as connection:
            return work(connection)
    except psycopg.OperationalError:
        # Its text may hold the URL, and so the password.
        return refuse("The database cannot be reached with this URL.")
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.InsufficientPrivilege):
        return refuse("This role sees no tables of Leadsment: sign in as postgres, to a database that has all migrations.")


def _read(url: str) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        return {}


def _is_on_this_machine(named: dict[str, str]) -> bool:
    """Whether all of the hosts are; a path is a socket's, and none is libpq's own socket."""
    hosts = named.get("hostaddr", named.get("host", "/")).split(",")
    return all(host.startswith(("/", "@")) or is_loopback(host) for host in hosts)


def _tls(named: dict[str, str]) -> dict[str, str]:
    """What libpq is to be told: by itself it would go on without TLS where a server has none."""
    if _is_on_this_machine(named):
        return {}
    return {"sslmode": named.get("sslmode", "require"), "ssl_min_protocol_version": "TLSv1.2"}


def refuse(why: str) -> int:
    """Say why nothing was done; the exit status of a command that was asked for what cannot be done."""
    print(why, file=sys.stderr)
    return 2
