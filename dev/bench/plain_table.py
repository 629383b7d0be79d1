"""The floors' table: a page view's columns and a primary key, and nothing else.

No policy, no check, no second index, no visit to find, no company to keep.
"""

from typing import Any

import psycopg
from psycopg import sql

NAME = "public.plain_page_views"
COLUMNS = """
  id uuid primary key default gen_random_uuid(), account_id uuid not null, site_id uuid not null, visit_id uuid not null,
  beacon_id text not null, viewed_at timestamptz not null default now(), host text not null, path text not null,
  utm_source text, utm_medium text, utm_campaign text, utm_term text, utm_content text, referrer_host text
"""


WRITER = "plain_writer"


def add_plain_table(database: psycopg.Connection[Any]) -> None:
    """Create the table and let the beacon's role insert into it."""
    database.execute(f"create table {NAME} ({COLUMNS})".encode())
    database.execute(f"grant insert on {NAME} to beacon".encode())
    database.execute("notify pgrst, 'reload schema'")


def add_plain_writer(database: psycopg.Connection[Any], password: str) -> None:
    """A role that signs in cheaply and inserts into the table: signing in is no part of what the floor measures."""
    database.execute("set scram_iterations = 1")
    database.execute(sql.SQL("create role {} login password {}").format(sql.Identifier(WRITER), sql.Literal(password)))
    database.execute("reset scram_iterations")
    database.execute(f"grant insert on {NAME} to {WRITER}".encode())
