"""The nightly proof: canaries visit, everything is searched, the result is kept; and it fails where it should."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from dev.prove import ensure_canary_site, files_of, prove
from dev.stack import Stack
from dev.stack.stack import CANARY_ADDRESSES
from lib.identification.spellings import spellings
from tests.builders import World
from tests.deployments import deployment
from tests.sentry_sink import running_sentry

PLACES = {"rows", "egress", "logs", "output", "reports"}
JOB = "/api/cron/prove_addresses"


@pytest.fixture(scope="module")
def secret(stack: Stack, world: World) -> dict[str, str]:
    ensure_canary_site(world.database, stack.secrets.canary_site_key, "127.0.0.1")
    return {"Authorization": f"Bearer {stack.secrets.cron_secret}"}


@pytest.fixture(scope="module")
def proof(stack: Stack, secret: dict[str, str]) -> dict[str, Any]:
    return prove(stack.app_url, stack.db_url, stack.state)


def call(app: httpx.Client, secret: dict[str, str], world: World) -> httpx.Response:
    """Call the job as the platform does on another day."""
    world.database.execute("delete from private.job_runs where job = 'prove_addresses'")
    return app.get(JOB, headers=secret, timeout=60)


def latest(world: World) -> dict[str, Any]:
    [proof, *_] = world.anonymous().result("list_address_proofs")
    assert isinstance(proof, dict)
    return proof


def test_the_stack_proves_that_it_keeps_no_address(proof: dict[str, Any]) -> None:
    assert (proof["verdict"], proof["found"], proof["control_found"]) == ("clean", 0, True), proof
    assert set(proof["places"]) == PLACES
    assert all(place["bytes"] > 0 and place["found"] == 0 and place["control_found"] for place in proof["places"].values())
    assert proof["canaries"] == 4 and proof["beacons"] >= 4 * 7


def test_the_visits_were_real(proof: dict[str, Any], stack: Stack, world: World) -> None:
    visited = "from public.page_views as view join public.sites as site on site.id = view.site_id where site.public_key = %s"
    key = stack.secrets.canary_site_key
    paths = {path for (path,) in world.database.execute(f"select view.path {visited}", [key])}
    assert "/from/[address]/[address]/[address]" in paths and "/proof" in paths
    outcomes = world.database.execute(
        "select outcome from public.site_days where site_id = (select id from public.sites where public_key = %s)", [key]
    )
    assert {"identified", "carrier", "hoster", "bot", "opted_out"} <= {outcome for (outcome,) in outcomes}


def test_the_scan_covers_every_table_and_leaves_nothing_behind(proof: dict[str, Any], world: World) -> None:
    counted = world.database.execute("select count(*) from pg_tables where schemaname in ('public', 'private')").fetchone()
    assert counted == (proof["places"]["rows"]["tables"],)
    assert world.database.execute("select count(*) from private.canary_controls").fetchone() == (0,)


def test_no_file_of_the_stack_holds_a_canary_afterwards(proof: dict[str, Any], stack: Stack, world: World) -> None:
    """The spellings were sent to the database to be searched for: they are in none of its files and logs either."""
    world.database.execute("checkpoint")
    forms = {form for canary in CANARY_ADDRESSES.split() for form in spellings(canary)}
    files = list(files_of(stack.state))
    assert {"edge.log", "postgres.log", "postgrest.log", "gateway.log"} <= {file.name for file in files}
    assert {str(file): found for file in files if (found := found_in(file, forms))} == {}


def found_in(file: Path, forms: set[bytes]) -> set[bytes]:
    content = file.read_bytes()
    return {form for form in forms if form in content}


@pytest.fixture
def leaking_table(world: World) -> Iterator[psycopg.Connection[Any]]:
    world.database.execute(
        "create table public.leak (id uuid default gen_random_uuid(), note text, network inet, raw bytea, said jsonb)"
    )
    yield world.database
    world.database.execute("drop table public.leak")


@pytest.mark.parametrize(
    "row",
    ["(note) values ('visitor 155.56.221.113')", "(note) values ('155%2E56%2E221%2E113')",
     "(network) values ('155.56.221.113')", "(network) values ('2001:67c:494:beef:1a2b:3c4d:5e6f:7081')",
     "(raw) values ('\\x9b38dd71')", "(raw) values ('155.56.221.113')",
     "(said) values ('{\"from\": \"155.56.221.113\"}')", "(note) values (encode('155.56.221.113', 'base64'))",
     "(note) values ('2604195185')"],
)  # fmt: skip
def test_an_address_in_a_row_is_found(
    app: httpx.Client, secret: dict[str, str], world: World, leaking_table: psycopg.Connection[Any], row: str
) -> None:
    leaking_table.execute(f"insert into public.leak {row}".encode())
    answer = call(app, secret, world)
    assert (answer.status_code, answer.json()["error"]) == (500, "found")
    kept = latest(world)
    assert kept["found"] == 1
    assert (kept["verdict"], kept["places"]["rows"]["found_in"]) == ("found", ["public.leak"])
    assert not any(form in json.dumps(kept).encode() for canary in CANARY_ADDRESSES.split() for form in spellings(canary))


def test_a_failed_proof_is_reported_and_logged(
    stack: Stack, world: World, secret: dict[str, str], leaking_table: psycopg.Connection[Any]
) -> None:
    leaking_table.execute("insert into public.leak (note) values ('155.56.221.113')")
    with running_sentry() as sentry, deployment(stack, SENTRY_DSN=sentry.dsn) as app:
        assert call(app, secret, world).status_code == 500
        [event] = sentry.wait_for(1)
    assert event["exception"]["values"][0]["type"] == "ProofFailed"


@pytest.mark.parametrize("setting", ["CANARY_ADDRESSES", "CANARY_SITE_KEY"])
def test_without_canaries_the_proof_says_so(stack: Stack, secret: dict[str, str], world: World, setting: str) -> None:
    with deployment(stack, **{setting: ""}) as app:
        answer = call(app, secret, world)
    assert (answer.status_code, answer.json()["done"]) == (200, 0)
    kept = latest(world)
    assert (kept["verdict"], kept["canaries"], kept["places"]) == ("not_configured", 0, {})


def test_visits_that_are_not_acknowledged_prove_nothing(stack: Stack, secret: dict[str, str], world: World) -> None:
    with deployment(stack, CANARY_SITE_KEY="site_" + "0" * 24) as app:
        answer = call(app, secret, world)
    assert (answer.status_code, answer.json()["error"]) == (500, "control_failed")
    assert latest(world)["beacons"] == 0


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "bearer x", "Bearer wrong", "Bearer undefined", "Bearer \xe9", "Basic x"]
)
def test_nobody_but_the_platform_calls_a_job(app: httpx.Client, world: World, authorization: str | None) -> None:
    before = world.database.execute("select count(*) from public.address_proofs").fetchone()
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    assert app.get(JOB, headers=headers).status_code == 401  # type: ignore[arg-type]
    assert world.database.execute("select count(*) from public.address_proofs").fetchone() == before


def test_a_job_is_called_with_get(app: httpx.Client, secret: dict[str, str]) -> None:
    assert app.post(JOB, headers=secret).status_code == 405


@pytest.mark.parametrize("setting", ["CRON_SECRET", "PROVER_TOKEN", "BEACON_TOKEN", "SCHEDULER_TOKEN"])
def test_without_a_setting_nothing_is_let_in_or_proved(stack: Stack, world: World, secret: dict[str, str], setting: str) -> None:
    with deployment(stack, **{setting: ""}) as app:
        for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer None"}):
            assert app.get(JOB, headers=headers).status_code in (401, 503)
        assert call(app, secret, world).status_code == 503
