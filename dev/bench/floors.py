"""The floors with a database: the plain table of dev/bench/plain_table.py, filled by PostgREST and by SQL alone."""

import itertools
import json
import math
import random
import re
import resource
import subprocess
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dev.bench.place import Site
from dev.bench.plain_table import WRITER
from dev.bench.sender import Round
from dev.stack import Stack
from dev.stack.postgres import database_url, program

# Of 80 connections, PostgREST takes 20 and the auth server some.
MOST_CONNECTIONS = 40
_CONNECTING_SECONDS = 1  # pgbench counts it as time, though not into the rate
_INSERT = """insert into public.plain_page_views (account_id, site_id, visit_id, beacon_id, host, path, utm_source, utm_medium)
values ('{account_id}', '{site_id}', gen_random_uuid(), left(replace(gen_random_uuid()::text, '-', ''), 20), '{host}', '/pricing',
'newsletter', 'email');"""
_TPS = re.compile(r"^tps = ([\d.]+) \(without initial connection time\)", re.MULTILINE)


def plain_inserts(stack: Stack, sites: Sequence[Site], dice: random.Random, *, rows: int) -> Iterator[bytes]:
    """Requests to PostgREST, each of which inserts so many rows of as many page views."""
    head = (
        f"POST /plain_page_views HTTP/1.1\r\nhost: 127.0.0.1:{stack.ports.postgrest}\r\n"
        f"authorization: Bearer {stack.secrets.beacon_token}\r\ncontent-type: application/json\r\nprefer: return=minimal\r\n"
    )
    for _ in itertools.count():
        inserted = [_row(dice.choice(sites), dice) for _ in range(rows)]
        body = json.dumps(inserted if rows > 1 else inserted[0], separators=(",", ":"))
        yield f"{head}content-length: {len(body)}\r\n\r\n{body}".encode()


def _row(site: Site, dice: random.Random) -> dict[str, str]:
    return {
        "account_id": site.account_id,
        "site_id": site.site_id,
        "visit_id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "beacon_id": f"{dice.getrandbits(80):020x}",
        "host": site.host,
        "path": "/pricing",
        "utm_source": "newsletter",
        "utm_medium": "email",
    }


def sql_inserts(stack: Stack, site: Site, *, senders: int, seconds: float) -> Round:
    """Insert a row a transaction over plain connections, by PostgreSQL's own pgbench with prepared statements."""
    connections = min(senders, MOST_CONNECTIONS)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(_INSERT.format(account_id=site.account_id, site_id=site.site_id, host=site.host).replace("\n", " "))
        url = database_url(WRITER, stack.ports, stack.secrets)
        command = [str(program("pgbench")), "--no-vacuum", "--protocol=prepared", f"--file={script}", f"--client={connections}",
                   f"--time={math.ceil(seconds + _CONNECTING_SECONDS)}", "--log", url]  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # A line a transaction: client, its number, microseconds and more.
        logged = [line.split() for log in Path(folder).glob("pgbench_log.*") for line in log.read_text().splitlines()]
    latencies = [int(fields[2]) / 1e6 for fields in logged]
    rate = _TPS.search(ran.stdout)
    if rate is None:
        raise RuntimeError(f"pgbench said no rate: {ran.stdout[-500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Round(connections, len(latencies) / float(rate[1]), cpu, latencies, Counter({"done": len(latencies)}))


def plain_rows(acknowledged: int) -> Counter[str]:
    """What so many rows inserted into the table add, in the terms of dev/bench/rows.py."""
    return +Counter({"plain rows": acknowledged})
