"""Who may ask the database for an opt-out, and that its record is never changed."""

import psycopg
import pytest

from dev.stack import Stack
from tests.builders import Caller, World

CALLS: dict[str, dict[str, object]] = {
    "request_opt_out": {
        "domain": "a.com",
        "company_keys": ["a"],
        "proof": "dns",
        "wish": "opt_out",
        "token_hash": "\\x" + "00" * 32,
    },
    "find_opt_out_request": {"token_hash": "\\x00"},
    "drop_opt_out_request": {"token_hash": "\\x00"},
    "confirm_opt_out": {"token_hash": "\\x00"},
}


def caller(world: World, role: str) -> Caller:
    if role == "anonymous":
        return world.anonymous()
    return world.customer().owner if role == "authenticated" else world.role(role)


@pytest.mark.parametrize("role", ["anonymous", "authenticated", "service_role", "beacon"])
def test_nobody_but_the_public_door_asks_for_opt_outs(world: World, role: str) -> None:
    who = caller(world, role)
    for function, arguments in CALLS.items():
        answer = who.call(function, **arguments)
        assert answer.status_code in (401, 403), function
        assert "permission denied" in answer.text


def test_the_public_door_executes_its_functions_and_nothing_else(world: World) -> None:
    executable = world.database.execute(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
        "where has_function_privilege('public_door', p.oid, 'execute') and n.nspname in ('public', 'private')"
    ).fetchall()
    assert {name for (name,) in executable} == set(CALLS)
    readable = world.database.execute(
        "select relname from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace) "
        "and relkind in ('r', 'p', 'v') and has_table_privilege('public_door', oid, 'select, insert, update, delete')"
    ).fetchall()
    assert readable == []
    door = world.role("public_door")
    assert door.get("accounts").status_code == 403
    assert door.call("record_beacons", beacons=[]).status_code == 403


def test_the_public_door_does_not_wait_long(world: World) -> None:
    [(settings,)] = world.database.execute("select rolconfig from pg_roles where rolname = 'public_door'").fetchall()
    assert settings == ["statement_timeout=2500ms"]


@pytest.mark.parametrize(
    "change",
    [
        "update private.opt_out_changes set proof = 'mail'",
        "delete from private.opt_out_changes",
        "truncate private.opt_out_changes",
    ],
)
def test_the_record_is_changed_by_nobody(stack: Stack, world: World, change: str) -> None:
    add = "select private.change_opt_outs('a.com', '{record-test}', null, 'opt_out', 'dns')"
    world.database.execute(add)
    for url in (stack.db_url, stack.superuser_url):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="never changed"):
            connection.execute(change)
    world.database.execute("delete from private.opt_outs where company_key = 'record-test'")


@pytest.mark.parametrize(
    "arguments",
    [
        {"proof": "operator"},
        {"proof": "word of honour"},
        {"wish": "money"},
        {"company_keys": []},
        {"company_keys": [None]},
        {"token_hash": "\\x00"},
        {"domain": ""},
        {"domain": "a" * 254},
    ],
)
def test_not_even_the_door_keeps_nonsense(world: World, arguments: dict[str, object]) -> None:
    answer = world.role("public_door").call("request_opt_out", **{**CALLS["request_opt_out"], **arguments})
    assert answer.status_code == 400
    assert world.database.execute("select from private.opt_out_requests where domain = 'a.com'").fetchall() == []
