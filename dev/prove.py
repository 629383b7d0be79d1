"""`python -m dev prove`: run the nightly proof on the stack that is running from this folder, and search its files as well.

The proof searches what a deployment can see of itself: rows, what it sends, logs, prints and reports. Here there is more
to be seen: every file of the database, and every log and mail of every part.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from dev.stack.layout import load_secrets
from dev.stack.postgres import SUPERUSER
from dev.stack.stack import CANARY_ADDRESSES
from dev.stack.up import STATE
from lib.identification.spellings import spellings

_ACCOUNT = "Canaries"
_SECONDS = 60


@dataclass(frozen=True)
class FileSearch:
    """A search of files: how many, of how many bytes, and the names of those in which something was found."""

    files: int
    bytes: int
    found_in: list[str]


def configure(parser: argparse.ArgumentParser) -> None:
    """The command takes no options."""


def run(args: argparse.Namespace) -> int:
    """Prove, search and say what was found; 1 if anything was, or if the search did not work, 2 where no stack runs."""
    places = STATE / "stack.json"
    if not places.exists():
        print("Nothing runs from this folder: start it with `python3 -m dev up` or `make demo`.", file=sys.stderr)
        return 2
    stack = json.loads(places.read_text())
    try:
        proof = prove(stack["app_url"], stack["db_url"], STATE)
    except (httpx.TransportError, psycopg.OperationalError):
        print("The stack of .local/stack.json does not answer: start it with `python3 -m dev up`.", file=sys.stderr)
        return 2
    print(f"{proof['verdict']}: {proof['beacons']} beacons from {proof['canaries']} canaries")
    for place, counts in sorted(proof["places"].items()):
        print(f"  {place:<8} {_counted(counts)}")
    _write_everything_down(stack["db_url"])
    searched = search_files(STATE)
    print(f"  files    {searched.files:,} files, {searched.bytes:,} bytes, found in {searched.found_in or 'none'}")
    found_control = _finds_what_is_planted(STATE)
    print(f"  an address planted in a log {'was' if found_control else 'was NOT'} found")
    print(f"\nShown to everybody at {stack['app_url']}/proof")
    return 0 if proof["verdict"] == "clean" and not searched.found_in and found_control else 1


def prove(app_url: str, db_url: str, state: Path) -> dict[str, Any]:
    """Make the canaries' site if there is none, call the job as the platform does, and return the proof that was kept."""
    kept = load_secrets(state)
    with psycopg.connect(db_url) as connection:
        ensure_canary_site(connection, kept.canary_site_key, urlsplit(app_url).hostname or "")
        # A day has one run; who asks by hand wants another.
        connection.execute("delete from private.job_runs where job = 'prove_addresses'")
    headers = {"Authorization": f"Bearer {kept.cron_secret}"}
    httpx.get(f"{app_url}/api/cron/prove_addresses", headers=headers, timeout=_SECONDS, trust_env=False)
    with psycopg.connect(db_url) as connection:
        row = connection.execute("select to_jsonb(proof) from public.list_address_proofs() as proof limit 1").fetchone()
    if row is None:
        raise RuntimeError("the job kept no proof; the log of the edge says why")
    proof: dict[str, Any] = row[0]
    return proof


def ensure_canary_site(connection: psycopg.Connection[tuple[object, ...]], site_key: str, host: str) -> None:
    """A site of nobody's, whose key is the setting CANARY_SITE_KEY."""
    if connection.execute("select from public.sites where public_key = %s", [site_key]).fetchone() is not None:
        return
    connection.execute(_MAKE_SITE, {"account": _ACCOUNT, "key": site_key, "host": host})


_MAKE_SITE = """
with account as (insert into public.accounts (name) values (%(account)s) returning id),
site as (
  insert into public.sites (account_id, name, public_key) select id, %(account)s, %(key)s from account returning account_id, id
)
insert into public.site_hosts (account_id, site_id, host) select account_id, id, %(host)s from site
"""


def search_files(state: Path) -> FileSearch:
    """Search every file of a stack but what is public anyway: database, logs, mails."""
    forms = {form for canary in CANARY_ADDRESSES.split() for form in spellings(canary)}
    sizes, found_in = [], []
    for file in files_of(state):
        content = file.read_bytes()
        sizes.append(len(content))
        if any(form in content for form in forms):
            found_in.append(str(file.relative_to(state)))
    return FileSearch(len(sizes), sum(sizes), found_in)


def files_of(state: Path) -> Iterator[Path]:
    """The files in which a stack keeps what it was told, or could have."""
    tools = {"public", "vercel-runtime"}
    return (file for file in state.rglob("*") if file.is_file() and not tools & set(file.relative_to(state).parts))


def _write_everything_down(db_url: str) -> None:
    url = urlsplit(db_url)
    with psycopg.connect(
        url._replace(netloc=f"{SUPERUSER}:{url.password}@{url.hostname}:{url.port}").geturl(), autocommit=True
    ) as database:
        database.execute("checkpoint")


def _finds_what_is_planted(state: Path) -> bool:
    planted = state / "logs" / f"planted-{secrets.token_hex(4)}.log"
    try:
        planted.write_text(f"from {CANARY_ADDRESSES.split()[0]}\n")
        return str(planted.relative_to(state)) in search_files(state).found_in
    finally:
        planted.unlink()


def _counted(counts: dict[str, Any]) -> str:
    said = ", ".join(f"{counts[name]:,} {name}" for name in ("tables", "rows", "bytes") if name in counts)
    return f"{said}, found {counts['found']}, control {'found' if counts['control_found'] else 'NOT FOUND'}"
