"""Who may ask the database for an opt-out, and that its record is never changed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

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
    "find_objection": {"token": "A" * 43},
    "object_to_contact": {"token": "A" * 43},
    "object_everywhere": {"token": "A" * 43},
    "request_data": {"kind": "access", "email": "nobody@example.org"},
    "find_data_request": {"token": "A" * 43},
    "prove_data_request": {"token": "A" * 43},
    "fetch_personal_data": {"token": "A" * 43, "email": "nobody@example.org"},
    "list_opt_outs": {},
    "find_mail_link": {"token_hash": "\\x00"},
    "use_mail_link": {"token_hash": "\\x00", "wish": "stop"},
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


def test_a_session_that_leaves_triggers_out_does_not_change_the_record_either(stack: Stack, world: World) -> None:
    world.database.execute("select private.change_opt_outs('a.com', '{record-test}', null, 'opt_out', 'dns')")
    world.database.execute("delete from private.opt_outs where company_key = 'record-test'")
    with psycopg.connect(stack.superuser_url) as connection, pytest.raises(psycopg.Error, match="never changed"):
        connection.execute("set local session_replication_role = replica")
        connection.execute("delete from private.opt_out_changes")


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


def ask(number: int) -> dict[str, object]:
    return {**CALLS["request_opt_out"], "token_hash": f"\\x{number:064x}"}


@pytest.fixture
def forgotten(world: World) -> Iterator[None]:
    yield
    world.database.execute("delete from private.opt_out_requests")
    world.database.execute("delete from private.opt_outs")


def while_uncommitted(stack: Stack, statement: str, values: list[object], then: Callable[[], Any]) -> Any:
    """What `then` answers when it is called while the statement is done but not committed, and waits for it or not."""
    with psycopg.connect(stack.superuser_url) as connection, ThreadPoolExecutor(1) as beside:
        connection.execute(statement, values)
        answer = beside.submit(then)
        wait([answer], timeout=0.5)
        connection.commit()
        return answer.result()


@pytest.mark.usefixtures("forgotten")
def test_a_confirmation_beside_another_of_the_same_token_is_told_so(stack: Stack, world: World) -> None:
    door, token_hash = world.role("public_door"), ask(1)["token_hash"]
    door.result("request_opt_out", **ask(1))
    confirm = "select public.confirm_opt_out(%s::bytea)"
    second = while_uncommitted(stack, confirm, [token_hash], lambda: door.result("confirm_opt_out", token_hash=token_hash))
    assert second == "used"


@pytest.mark.usefixtures("forgotten")
def test_a_request_beside_the_last_of_the_day_is_one_too_many(stack: Stack, world: World) -> None:
    door = world.role("public_door")
    for number in range(4):
        assert door.result("request_opt_out", **(ask(number) | {"proof": "mail"}))
    last = "select public.request_opt_out('a.com', '{a}', 'mail', 'opt_out', sha256('last'))"
    one_more = ask(9) | {"proof": "mail"}
    assert while_uncommitted(stack, last, [], lambda: door.result("request_opt_out", **one_more)) is None


@pytest.mark.usefixtures("forgotten")
def test_a_withdrawal_beside_a_stronger_opt_out_does_not_undo_it(stack: Stack, world: World) -> None:
    change = "select private.change_opt_outs('a.com', '{a}', null, %s, %s)"
    world.database.execute(change, ["opt_out", "mail"])

    def withdraw() -> bool:
        with psycopg.connect(stack.superuser_url) as connection:
            [(done,)] = connection.execute(change, ["withdraw", "mail"]).fetchall()
            return bool(done)

    assert while_uncommitted(stack, change, ["opt_out", "dns"], withdraw) is False
    assert world.database.execute("select proof from private.opt_outs").fetchall() == [("dns",)]
