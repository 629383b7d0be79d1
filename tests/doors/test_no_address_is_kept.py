"""No visitor's address is anywhere after a day of traffic: not in a row, a file of the database, a log or a mail.

Canary addresses visit through the real door in every way there is, then everything the stack has written is searched
for them in every spelling that the nightly proof knows. The last test shows that the search would find one.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from dev.stack import Stack, running_stack
from lib.identification.spellings import spellings
from tests.builders import World
from tests.doors.page_views import BROWSER, PageViews
from tests.proxies import signed

# In ranges of a company, a carrier, a hoster, a private network, and a company of IPv6; nothing else here uses them.
CANARIES = ["155.56.213.87", "87.131.213.87", "88.198.213.87", "10.213.87.131", "2001:678:c54:cafe:1a2b:3c4d:5e6f:7081"]
WRAPPED = "::ffff:155.56.213.87"


@dataclass(frozen=True)
class Used:
    """A stack after its visitors have gone, stopped so that everything is on disk."""

    state: Path
    dump: str


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    state = tmp_path_factory.mktemp("canaries")
    with running_stack(state) as stack, psycopg.connect(stack.superuser_url, autocommit=True) as database:
        visit(stack, database)
        dump = everything_in(database)
        database.execute("checkpoint")
    yield Used(state, dump)


def visit(stack: Stack, database: psycopg.Connection[tuple[object, ...]]) -> None:
    world = World(stack.supabase_url, stack.publishable_key, stack.secrets.jwt_secret, stack.secrets.beacon_token, database)
    with httpx.Client(base_url=stack.app_url, timeout=15, trust_env=False) as app, world.client:
        site = PageViews(app, world.customer("example.com"))
        server_secret = site.customer.owner.result("create_site_secret", site_id=site.customer.site_id)
        # Another excludes networks of theirs: there the addresses are compared with rules.
        excluding = PageViews(app, world.customer("example.com"))
        for network in ("155.56.128.0/17", "2001:678:c54::/48"):
            excluding.customer.exclude(network)
        for canary in [*CANARIES, WRAPPED]:
            claims = {name: canary for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")}
            encoded = canary.replace(".", "%2E").replace(":", "%3A")
            assert site.send(address=canary).status_code == 204
            site.send(address=canary, headers=claims)
            site.send(address=canary, headers={"DNT": "1"})
            site.send(address=canary, headers={"User-Agent": f"curl/8 {canary}"})
            page = f"https://example.com/from/{canary}/{encoded}"
            site.send(address=canary, u=f"{page}?utm_source={encoded}&ip={canary}#{canary}")
            site.send(address=canary, r=canary)
            excluding.send(address=canary)
            site.send(address=canary, u=f"https://{canary}:bad/")
            site.send(address=canary, content=f"not json {canary}".encode())
            site.send(address=canary, k="site_" + "0" * 24)
            site.send(address=f"{canary} nonsense")
            site.send(address=canary, headers={"Origin": f"https://{canary}"})
            asked = {"domain": canary, "proof": "mail", "wish": "opt_out", "email": f"it@{canary}"}
            app.post("/api/public/opt-out-requests", json=asked, headers={"X-Simulated-Address": canary, **claims})
            asked |= {"domain": "bosch.com", "email": "it@bosch.com"}
            app.post("/api/public/opt-out-requests", json=asked, headers={"X-Simulated-Address": canary, **claims})
            for secret in (server_secret, "lmsk_wrong"):
                hop = signed(json.dumps(site.body()).encode(), canary, secret)
                site.send(content=hop[1], address="88.198.12.34", headers={"Leadsment-Forwarded": hop[0]})
                site.send(address=canary, headers={"Leadsment-Forwarded": hop[0]})
                send_views(app, site, secret, canary)
            app.get(f"/nowhere/{canary}", headers={"X-Simulated-Address": canary, **claims})
            assert app.get("/api/v1/network", headers={"X-Simulated-Address": canary, **claims}).status_code == 200
            # Never refused for asking too often: else nothing would be looked up.
            shown = app.get("/api/public/shown", headers={"X-Simulated-Address": canary, "User-Agent": BROWSER, **claims})
            assert shown.status_code == 200 and shown.json().keys() == {"company", "reason"}
            app.post("/api/public/shown", content=canary, headers={"X-Simulated-Address": canary})
            app.get("/api/public/shown", headers={"X-Simulated-Address": f"{canary} nonsense"})
            asked = {"kind": "access", "email": f"it@{canary}", "details": canary}
            app.post("/api/public/data-requests", json=asked, headers={"X-Simulated-Address": canary, **claims})
            app.get(f"/api/v1/{canary}", headers={"X-Simulated-Address": canary})
            app.post("/api/v1/network", content=canary, headers={"X-Simulated-Address": canary})
            app.get("/api/v1/network", headers={"X-Simulated-Address": f"{canary} nonsense"})


def send_views(app: httpx.Client, site: PageViews, secret: str, canary: str) -> None:
    """A server's batch, with the address where it belongs and where it does not."""
    view = {"id": uuid.uuid4().hex, "url": f"https://example.com/from/{canary}", "address": canary, "user_agent": BROWSER}
    wrong = [
        {"id": canary},
        {"address": f"{canary} x"},
        {"url": canary},
        {"at": canary},
        {"referrer_host": canary},
        {canary: canary},
    ]
    body = {"site": site.customer.site["public_key"], "page_views": [view, *({**view, **changes} for changes in wrong), canary]}
    headers = {"Authorization": f"Bearer {secret}"}
    assert app.post("/api/v1/page-views", json=body, headers=headers).status_code in (200, 401)
    app.post("/api/v1/page-views", json={"site": canary, "page_views": []}, headers={"Authorization": f"Bearer {canary}"})
    app.post("/api/v1/page-views", content=f"not json {canary}", headers={**headers, "Content-Type": "application/json"})


def everything_in(database: psycopg.Connection[tuple[object, ...]]) -> str:
    tables = database.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables "
        "where schemaname not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    rows = [database.execute(f"select t::text from {table} as t").fetchall() for (table,) in tables]
    return "\n".join(str(text) for table in rows for (text,) in table)


SPELLINGS = {spelling for canary in CANARIES for spelling in spellings(canary)}


def found_in(content: bytes) -> set[bytes]:
    return {spelling for spelling in SPELLINGS if spelling in content}


def files_of(state: Path) -> Iterator[Path]:
    return (file for file in state.rglob("*") if file.is_file() and "public" not in file.relative_to(state).parts)


def test_the_visits_were_real(used: Used) -> None:
    assert "SAP" in used.dump and "/from/[address]/[address]" in used.dump


def test_no_row_holds_an_address(used: Used) -> None:
    assert found_in(used.dump.encode()) == set()


def test_no_file_of_the_database_holds_an_address(used: Used) -> None:
    """Heap, indexes, write-ahead log, statistics."""
    files = list(files_of(used.state / "postgres"))
    assert len(files) > 500
    assert {str(file): found for file in files if (found := found_in(file.read_bytes()))} == {}


def test_no_log_and_no_mail_holds_an_address(used: Used) -> None:
    files = [file for file in files_of(used.state) if "postgres" not in file.relative_to(used.state).parts]
    assert {"edge.log", "gateway.log", "postgrest.log", "postgres.log", "auth.log"} <= {file.name for file in files}
    assert {str(file): found for file in files if (found := found_in(file.read_bytes()))} == {}


@pytest.mark.parametrize("canary", CANARIES)
def test_the_search_would_find_an_address(stack: Stack, world: World, canary: str, tmp_path: Path) -> None:
    """The negative control: keep one on purpose, in a row, and find it in the dump and in the database's files."""
    world.database.execute("create table if not exists public.leak (note text)")
    try:
        world.database.execute("insert into public.leak values (%s)", [f"visitor {canary}"])
        world.database.execute("checkpoint")
        assert found_in(everything_in(world.database).encode())
        assert any(found_in(file.read_bytes()) for file in files_of(stack.state / "postgres"))
    finally:
        world.database.execute("drop table public.leak")
    for spelling in spellings(canary):
        (tmp_path / "leak.log").write_bytes(b"... " + spelling + b" ...")
        assert found_in((tmp_path / "leak.log").read_bytes())
