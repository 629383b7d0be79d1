"""The database of a project, for the commands an operator runs by hand."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

Connection = psycopg.Connection[Any]


def add_database_option(parser: argparse.ArgumentParser) -> None:
    """Let the command say which database."""
    parser.add_argument("--database", metavar="URL", help="the database, as the role postgres (default: DATABASE_URL)")


def with_database(args: argparse.Namespace, work: Callable[[Connection], int]) -> int:
    """Do something with the database in one transaction and return its exit status; 2 when it is not to be had."""
    url = args.database or os.environ.get("DATABASE_URL")
    if not url:
        return refuse("Say which database: --database URL, or the variable DATABASE_URL.")
    if not _is_url(url):
        return refuse("This is no URL of a database: write postgresql://postgres:PASSWORD@HOST:5432/postgres.")
    try:
        with psycopg.connect(url) as connection:
            return work(connection)
    except psycopg.OperationalError:
        # Its text may hold the URL, and so the password.
        return refuse("The database cannot be reached with this URL.")
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.InsufficientPrivilege):
        return refuse("This role sees no tables of Leadsment: sign in as postgres, to a database that has all migrations.")


def _is_url(url: str) -> bool:
    try:
        return bool(conninfo_to_dict(url))
    except psycopg.ProgrammingError:
        return False


def refuse(why: str) -> int:
    """Say why nothing was done; the exit status of a command that was asked for what cannot be done."""
    print(why, file=sys.stderr)
    return 2
