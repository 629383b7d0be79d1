"""The audit log: every sensitive change is in it, nobody changes it, and whoever tampers with it at the database is found out."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from dev.__main__ import main
from dev.stack import Stack
from functions.anchor_audit import anchor_audit
from lib.db.audit_store import AuditStore
from lib.domain.audit_chain import Entry, check_chain
from lib.domain.job import Run
from lib.settings import StoreSettings
from tests.builders import Customer, World
from tests.contacts import bring, visited_by
from tests.webhooks import add_endpoint

TABLES = {"entries": "hash", "anchors": "root", "anchored_heads": "hash"}
# In the order in which they can be filled.
KEPT = {
    "audit.heads": "chain, seq, hash",
    "audit.entries": "chain, seq, entry, hash",
    "audit.anchors": "day, root, chains, made_at",
    "audit.anchored_heads": "day, chain, seq, hash, position, path",
}
# It has the form of an entry, and follows no other.
FORGED = """{"at": "", "action": "", "seq": 1, "previous": "", "chain": "00000000-0000-4000-8000-000000000000"}"""


def actions(customer: Customer) -> list[str]:
    return [entry["action"] for entry in customer.owner.result("list_audit_entries", account_id=customer.account_id)]


def latest(customer: Customer) -> dict[str, Any]:
    [entry] = customer.owner.result("list_audit_entries", account_id=customer.account_id, most=1)
    assert isinstance(entry, dict)
    return entry


@pytest.fixture
def verify(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """What an operator sees."""

    def run(*options: str) -> tuple[int, str]:
        status = main(["audit", "--database", stack.superuser_url, "verify", *options])
        return status, capsys.readouterr().out

    return run


@contextlib.contextmanager
def tampered(world: World, *statements: str) -> Iterator[None]:
    """As somebody who owns the database can: with the triggers off. Everything is put back afterwards."""
    for table, columns in KEPT.items():
        world.database.execute(f"create temporary table {copy_of(table)} as select {columns} from {table}")
        world.database.execute(f"alter table {table} disable trigger all")
    try:
        for statement in statements:
            world.database.execute(statement)
        yield
    finally:
        for table in reversed(KEPT):
            world.database.execute(f"delete from {table}")
        for table, columns in KEPT.items():
            world.database.execute(f"insert into {table} ({columns}) select {columns} from {copy_of(table)}")
            world.database.execute(f"alter table {table} enable trigger all")
            world.database.execute(f"drop table {copy_of(table)}")
        for table in TABLES:
            world.database.execute(f"alter table audit.{table} enable always trigger {table}_are_never_changed")


def copy_of(table: str) -> str:
    return table.replace("audit.", "copy_of_")


def anchor(stack: Stack, at: datetime) -> int:
    settings = StoreSettings(stack.supabase_url, stack.publishable_key, stack.secrets.token("auditor"))
    with contextlib.closing(AuditStore(settings)) as audit:
        return anchor_audit(Run(at, lambda: 0.0, 1.0), audit=audit).done


def rehash(chain: str, seq: int, text: str) -> str:
    """SQL that gives an entry another text, with the hash that belongs to it."""
    hashed = f"sha256(convert_to({text}, 'UTF8'))"
    return f"update audit.entries set entry = {text}, hash = {hashed} where chain = '{chain}' and seq = {seq}"


def test_what_members_change_is_there_with_who_and_before_and_after(world: World, customer: Customer) -> None:
    admin = world.teammate(customer.account_id, "admin")
    assert admin.update("accounts", {"name": "Renamed"}, id=f"eq.{customer.account_id}").is_success
    entry = latest(customer)
    assert (entry["action"], entry["actor"], entry["actor_kind"]) == ("account.changed", admin.user_id, "member")
    assert entry["before"]["name"].startswith("Customer ") and entry["after"] == {"name": "Renamed"}
    assert entry["actor_email"] == f"person-{admin.user_id}@example.org"


def test_every_kind_of_sensitive_change_is_there(world: World, customer: Customer) -> None:
    world.record(customer.beacon())
    correction = customer.correct("acme", "isp")
    assert customer.owner.call("undo_correction", correction_id=correction["id"]).is_success
    customer.exclude("155.56.0.0/16")
    customer.owner.result("create_site_secret", site_id=customer.site_id)
    [secret] = customer.owner.result("list_site_secrets", site_id=customer.site_id)
    assert customer.owner.call("revoke_site_secret", id=secret["id"]).is_success
    endpoint = add_endpoint(customer)
    customer.owner.result("rotate_webhook_secret", endpoint_id=endpoint.id)
    world.database.execute(
        "update public.memberships set role = 'admin' where user_id = %s", [world.teammate(customer.account_id, "member").user_id]
    )
    customer.owner.delete("sites", id=f"eq.{customer.site_id}")
    assert set(actions(customer)) >= {
        "account.created", "membership.created", "membership.changed", "site.created", "site_host.created", "correction.created",
        "correction.changed", "excluded_network.created", "site_secret.created", "site_secret.changed", "webhook.created",
        "webhook_secret.created", "site.deleted",
    }  # fmt: skip


def test_each_use_of_contacts_is_there_without_naming_one(world: World, customer: Customer) -> None:
    company_id = visited_by(customer)
    bring(customer, company_id)
    viewer = world.teammate(customer.account_id, "viewer")
    viewer.result("list_contacts", company_id=company_id)
    customer.owner.result("export_contacts", company_id=company_id)
    entries = customer.owner.result("list_audit_entries", account_id=customer.account_id, subject="contacts")
    assert [(entry["action"], entry["actor"], entry["subject_id"], entry["after"]) for entry in entries] == [
        ("contacts.exported", customer.owner.user_id, company_id, {"contacts": 1}),
        ("contacts.viewed", viewer.user_id, company_id, {"contacts": 1}),
        ("contacts.imported", customer.owner.user_id, company_id, {"contacts": 1}),
    ]
    assert "anna" not in json.dumps(entries)


def test_no_secret_address_note_or_mail_address_is_in_it(world: World, customer: Customer) -> None:
    world.record(customer.beacon())
    customer.correct("acme", "isp", note="asked Erika")
    customer.exclude("155.56.0.0/16")
    secret = customer.owner.result("create_site_secret", site_id=customer.site_id)
    endpoint = add_endpoint(customer)
    exported = json.dumps(customer.owner.result("export_audit_entries", account_id=customer.account_id))
    for kept_out in ("Erika", "155.56", secret, endpoint.secret, "@"):
        assert kept_out not in exported


def test_what_is_undone_leaves_no_entry_and_no_gap(world: World, customer: Customer) -> None:
    before = latest(customer)["seq"]
    assert customer.owner.insert(
        "site_hosts", {"account_id": customer.account_id, "site_id": customer.site_id, "host": "NOT a host"}
    ).is_error
    assert customer.owner.update("accounts", {"name": "Again"}, id=f"eq.{customer.account_id}").is_success
    assert latest(customer)["seq"] == before + 1


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer", "billing"])
def test_members_read_and_export_their_accounts_log(world: World, customer: Customer, role: str) -> None:
    member = world.teammate(customer.account_id, role)
    assert member.result("list_audit_entries", account_id=customer.account_id)
    exported = member.result("export_audit_entries", account_id=customer.account_id)
    assert check_chain([Entry(**row) for row in exported]).broken is None
    assert latest(customer)["action"] == "audit_log.exported"


def test_strangers_and_nobody_read_nothing(world: World, customer: Customer) -> None:
    functions = ("list_audit_entries", "export_audit_entries", "export_audit_anchors")
    for function in functions:
        assert world.customer().owner.call(function, account_id=customer.account_id).status_code == httpx.codes.NOT_FOUND
        for caller in (world.anonymous(), world.role("service_role"), world.role("auditor"), world.beacon_door()):
            assert caller.call(function, account_id=customer.account_id).status_code in (401, 403)
    for caller in (customer.owner, world.role("service_role"), world.role("auditor")):
        assert caller.get("entries").status_code == httpx.codes.NOT_FOUND


def test_a_page_of_the_log_goes_on_where_the_one_before_ended(customer: Customer) -> None:
    whole = customer.owner.result("list_audit_entries", account_id=customer.account_id)
    first = customer.owner.result("list_audit_entries", account_id=customer.account_id, most=2)
    rest = customer.owner.result("list_audit_entries", account_id=customer.account_id, before_seq=first[-1]["seq"])
    assert first + rest == whole
    sites = customer.owner.result("list_audit_entries", account_id=customer.account_id, subject="site")
    assert [entry["action"] for entry in sites] == ["site.created"]


@pytest.mark.parametrize("setting", ["origin", "replica"])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["update {0} set {1} = {1}", "delete from {0}", "truncate {0} cascade"])
def test_no_role_changes_it_the_databases_owner_included(world: World, table: str, change: str, setting: str) -> None:
    roles = world.database.execute("select rolname from pg_roles where rolname !~ '^pg_'").fetchall()
    for (role,) in roles:
        with pytest.raises(psycopg.Error) as refused, world.database.transaction():
            world.database.execute(f"set local session_replication_role = {setting}")
            world.database.execute(f"set local role {role}")
            world.database.execute(change.format(f"audit.{table}", TABLES[table]))
        assert refused.value.sqlstate in ("PT403", "42501")
    assert len(roles) > 12


def test_nobody_adds_to_it_past_its_one_way_in(world: World, customer: Customer) -> None:
    for role in ("anon", "authenticated", "service_role", "auditor", "postgres"):
        for forged in (
            f"insert into audit.entries (chain, seq, entry, hash) values (gen_random_uuid(), 1, '{FORGED}', sha256('{FORGED}'))",
            f"select audit.append('{customer.account_id}', 'a.b', 'a')",
        ):
            if (role, forged[:6]) == ("postgres", "select"):
                continue  # The owner of the functions may call them: what it writes is a proper entry.
            with pytest.raises(psycopg.Error) as refused, world.database.transaction():
                world.database.execute(f"set local role {role}")
                world.database.execute(forged)
            assert refused.value.sqlstate in ("PT403", "42501")


def test_concurrent_writers_never_fork_the_chain(world: World, stack: Stack, customer: Customer) -> None:
    writers, entries_each, barrier = 12, 25, threading.Barrier(12)

    def write() -> None:
        with psycopg.connect(stack.superuser_url, autocommit=True) as database:
            barrier.wait()
            for _ in range(entries_each):
                database.execute("select audit.append(%s, 'test.written', 'test')", [customer.account_id])

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = world.database.execute(
        "select seq, entry, encode(hash, 'hex') from audit.entries where chain = %s order by seq", [customer.account_id]
    ).fetchall()
    checked = check_chain([Entry(*row) for row in rows])
    assert checked.broken is None
    assert sum(entry.count("test.written") for _, entry, _ in rows) == writers * entries_each


def test_first_writers_of_a_new_chain_do_not_fork_it_either(world: World, stack: Stack) -> None:
    barrier, chain = threading.Barrier(8), "5a5a5a5a-0000-4000-8000-000000000001"

    def write() -> None:
        with psycopg.connect(stack.superuser_url, autocommit=True) as database:
            barrier.wait()
            database.execute("select audit.append(%s, 'test.written', 'test')", [chain])

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [
        seq for (seq,) in world.database.execute("select seq from audit.entries where chain = %s order by seq", [chain])
    ] == list(range(1, 9))


def test_an_untouched_log_holds(verify: Callable[..., tuple[int, str]], customer: Customer) -> None:
    status, said = verify()
    assert status == 0 and said.endswith("entries hold.\n")


def test_one_changed_byte_is_found_and_named(world: World, verify: Callable[..., tuple[int, str]], customer: Customer) -> None:
    text = f"(select replace(entry, 'owner', 'admin') from audit.entries where chain = '{customer.account_id}' and seq = 2)"
    with tampered(world, rehash(customer.account_id, 2, text)):
        status, said = verify()
    assert status == 1
    assert (
        said == f"BROKEN: the chain of account {customer.account_id}: entry 3 does not follow entry 2: it names another hash.\n"
    )


def test_a_removed_row_is_found_and_named(world: World, verify: Callable[..., tuple[int, str]], customer: Customer) -> None:
    with tampered(world, f"delete from audit.entries where chain = '{customer.account_id}' and seq = 2"):
        status, said = verify()
    assert (status, said) == (
        1,
        f"BROKEN: the chain of account {customer.account_id}: entry 2 is missing: entry 3 stands in its place.\n",
    )


def test_a_cut_tail_is_missed_even_when_the_head_was_moved_back(
    world: World, stack: Stack, verify: Callable[..., tuple[int, str]], customer: Customer
) -> None:
    last = latest(customer)["seq"]
    assert anchor(stack, datetime(2031, 1, 1, tzinfo=UTC)) >= 1
    chain = customer.account_id
    cut = [
        f"delete from audit.entries where chain = '{chain}' and seq = {last}",
        f"update audit.heads as head set seq = entry.seq, hash = entry.hash from audit.entries as entry "
        f"where head.chain = '{chain}' and entry.chain = '{chain}' and entry.seq = {last - 1}",
    ]
    with tampered(world, *cut):
        status, said = verify()
    assert status == 1
    assert (
        f"the chain of account {chain}: entries are missing at the end: there were {last} on 2031-01-01, and there are {last - 1}"
        in said
    )


def test_a_whole_history_written_anew_with_its_anchors_is_found_by_the_mailed_root(
    world: World, stack: Stack, verify: Callable[..., tuple[int, str]]
) -> None:
    anchor(stack, datetime(2031, 1, 2, tzinfo=UTC))
    [(mailed,)] = world.database.execute("select encode(root, 'hex') from audit.anchors where day = '2031-01-02'").fetchall()
    assert verify("--root", f"2031-01-02={mailed}")[0] == 0
    with tampered(
        world, "delete from audit.anchored_heads where day = '2031-01-02'", "delete from audit.anchors where day = '2031-01-02'"
    ):
        status, said = verify("--root", f"2031-01-02={mailed}")
    assert status == 1 and "the root of 2031-01-02 is not there" in said


def test_a_day_is_anchored_once_and_its_root_is_public_and_mailed_to_the_staff(world: World, stack: Stack) -> None:
    staff = world.person()
    world.database.execute("insert into private.operators (user_id) values (%s)", [staff.user_id])
    day = datetime(2031, 1, 3, tzinfo=UTC)
    assert anchor(stack, day) >= 1
    assert anchor(stack, day) == 0
    roots = {row["day"]: row["root"] for row in world.anonymous().result("list_audit_anchors")}
    posted = world.database.execute(
        "select content from private.outbox where template = 'audit_anchor' and recipient_id = %s", [staff.user_id]
    ).fetchall()
    assert [content for (content,) in posted] == [{"day": "2031-01-03", "root": roots["2031-01-03"]}]


def test_an_owner_checks_an_exported_log_without_us(
    world: World, stack: Stack, customer: Customer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anchor(stack, datetime(2031, 1, 4, tzinfo=UTC))
    entries = customer.owner.result("export_audit_entries", account_id=customer.account_id)
    anchors = customer.owner.result("export_audit_anchors", account_id=customer.account_id)
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(json.dumps(row) for row in [*entries, *anchors]))
    assert main(["audit", "verify", "--file", str(log)]) == 0
    assert f"{len(entries)} entries hold." in capsys.readouterr().out
    log.write_text("\n".join(json.dumps(row) for row in [*entries[:-3], *anchors]))
    assert main(["audit", "verify", "--file", str(log)]) == 1
    assert "entries are missing at the end" in capsys.readouterr().out
