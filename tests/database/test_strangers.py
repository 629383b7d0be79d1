"""Every function a signed-in person may call, with somebody else's ids and with nonsense: nothing is learned, and none breaks."""

import json
from typing import Any

import pytest

from tests.builders import Caller, Customer, World
from tests.contacts import bring
from tests.database.test_row_level_security import fill_rules

# What an argument of each type is called with where it is nobody's id.
VALUES: dict[str, Any] = {
    "text": "x", "integer": 1, "bigint": 1, "smallint": 1, "boolean": True, "jsonb": {}, "text[]": ["x"], "uuid[]": [],
    "timestamp with time zone": "2026-11-25T00:00:00Z", "date": "2026-11-25", "cidr": "192.0.2.0/24",
}  # fmt: skip
# Those that act on the caller alone.
OWN = {
    "create_account",
    "own_mail",
    "want_mail",
    "try_mail_again",
    "list_digest_subscriptions",
    "get_admin_session",
    "list_audit_anchors",
}
OWN |= {"list_address_proofs"}


def functions(world: World) -> dict[str, dict[str, str]]:
    """The functions by name, with their arguments and the arguments' types."""
    rows = world.database.execute(
        """select proname, coalesce(array_agg(arg.name order by arg.at) filter (where arg.name is not null), '{}'),
          coalesce(array_agg(format_type(arg.type, null) order by arg.at) filter (where arg.name is not null), '{}')
        from pg_proc left join lateral (
          select proargnames[at] as name, proargtypes[at - 1] as type, at from generate_series(1, pronargs) as at
        ) as arg on true
        where pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', pg_proc.oid, 'execute')
        group by pg_proc.oid, proname"""
    ).fetchall()
    return {name: dict(zip(names, types, strict=True)) for name, names, types in rows}


def ids(customer: Customer) -> list[str]:
    """An id of every row of an account, of every table that has some."""
    tables = customer.world.database.execute(
        """select table_schema || '.' || table_name from information_schema.columns
        where column_name in ('account_id', 'id') and table_schema in ('public', 'private') and data_type = 'uuid'
        group by 1 having count(*) = 2"""
    ).fetchall()
    found = {customer.account_id, customer.site_id}
    for (table,) in tables:
        rows = customer.world.database.execute(f"select id::text from {table} where account_id = %s", [customer.account_id])
        found |= {row for (row,) in rows}
    return sorted(found)


def snapshot(customer: Customer) -> dict[str, list[str]]:
    """Everything that is the account's."""
    tables = customer.world.database.execute(
        """select table_schema || '.' || table_name from information_schema.columns
        where column_name = 'account_id' and table_schema in ('public', 'private') and table_name <> 'shown_companies'"""
    ).fetchall()
    return {
        table: sorted(
            row
            for (row,) in customer.world.database.execute(
                f"select to_jsonb(kept)::text from {table} as kept where account_id = %s", [customer.account_id]
            )
        )
        for (table,) in tables
    }


@pytest.fixture(scope="module")
def victim(world: World) -> Customer:
    customer = world.customer()
    world.record(customer.beacon())
    fill_rules(customer)
    bring(customer, customer.company_id("pushed"), {"linkedin_handle": "carla-x"})
    customer.owner.result("create_site_secret", site_id=customer.site_id)
    return customer


def call_with(
    caller: Caller, name: str, arguments: dict[str, str], victim_ids: list[str], account_id: str
) -> list[tuple[int, str]]:
    answers = []
    for given in victim_ids if "uuid" in arguments.values() else [account_id]:
        values = {
            argument: given if kind == "uuid" else VALUES.get(kind)
            for argument, kind in arguments.items()
            if kind == "uuid" or kind in VALUES
        }
        answer = caller.call(name, **values)
        # Else no function would have been called at all.
        assert "PGRST" not in answer.text, answer.text
        answers.append((answer.status_code, answer.text))
    return answers


def test_a_stranger_gets_nothing_out_of_any_function_and_changes_nothing(world: World, victim: Customer) -> None:
    stranger, before = world.customer().owner, snapshot(victim)
    learned = []
    for name, arguments in sorted(functions(world).items()):
        if name in OWN:
            continue
        for status, text in call_with(stranger, name, arguments, ids(victim), victim.account_id):
            assert status < 500, (name, text)
            if status < 300 and text not in ("", "null", "[]", "{}", "false", "0"):
                learned.append((name, text[:200]))
    assert learned == []
    assert snapshot(victim) == before


@pytest.mark.parametrize("role", ["viewer", "billing"])
def test_who_reads_or_pays_changes_nothing_of_the_accounts_by_any_function(world: World, victim: Customer, role: str) -> None:
    caller = world.teammate(victim.account_id, role)
    before = snapshot(victim)
    for name, arguments in sorted(functions(world).items()):
        if name in OWN:
            continue
        for status, text in call_with(caller, name, arguments, ids(victim), victim.account_id):
            assert status < 500, (name, text)
    after = snapshot(victim)
    # Reading contacts leaves its record.
    assert {table for table in after if after[table] != before[table]} <= {"public.contact_accesses"}


@pytest.mark.parametrize(
    "nonsense",
    [
        '{"a": ' * 3000 + "1" + "}" * 3000,
        "[" * 6000 + "]" * 6000,
        r'"\u0000"',
        r'{"match": "all", "conditions": [{"field": "\u0000"}]}',
        '{"match": "all", "conditions": [{"field": "score", "at_least": 1e400}]}',
        '{"match": "all", "conditions": [{"field": "country", "is": [{"a": 1}]}]}',
        "1e309",
        "[null, {}, [], 1e-400]",
        r'"\ud800"',
        "[" + ",".join(["{}"] * 5000) + "]",
        r'{"fields": {"name": "\ud83d"}, "industry": 7}',
    ],
)
def test_nonsense_where_json_is_taken_is_refused_in_words(world: World, victim: Customer, nonsense: str) -> None:
    for name, arguments in sorted(functions(world).items()):
        if "jsonb" not in arguments.values() or name in OWN:
            continue
        given = ids(victim)
        for own in given if "uuid" in arguments.values() else given[:1]:
            values = {
                argument: own if kind == "uuid" else VALUES[kind] for argument, kind in arguments.items() if kind != "jsonb"
            }
            body = (
                json.dumps(values)[:-1]
                + "".join(f', "{arg}": {nonsense}' for arg, kind in arguments.items() if kind == "jsonb")
                + "}"
            )
            headers = {"Authorization": f"Bearer {victim.owner.token}", "Content-Type": "application/json"}
            answer = victim.owner.client.post(f"/rest/v1/rpc/{name}", content=body, headers=headers)
            assert answer.status_code < 500, (name, answer.text)
