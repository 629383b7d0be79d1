"""Owner, teammate, stranger and anonymous on every table; and what the narrow role may do."""

import httpx
import jwt
import pytest

from tests.builders import Caller, Customer, World
from tests.crms.pushing import connect
from tests.webhooks import add_endpoint

TABLES = [
    "accounts", "memberships", "sites", "site_hosts", "companies", "visits", "page_views", "site_days",
    "site_pauses", "corrections", "excluded_networks", "excluded_countries", "refused_hosts",
    "webhook_endpoints",
    "crm_connections", "crm_links",
    "enrichment_settings", "enrichment_credits",
    "segments", "follows", "chat_destinations", "retention",
]  # fmt: skip


@pytest.fixture(scope="module")
def visited(world: World) -> Customer:
    """A customer with at least one row in every table."""
    customer = world.customer()
    world.record(customer.beacon(), customer.beacon(company=None, outcome="carrier"))
    fill_rules(customer)
    customer.use_up_quota()
    return customer


@pytest.fixture(scope="module")
def stranger(world: World) -> Caller:
    """The owner of another account that was visited as well, so that every query has rows it could leak into."""
    other = world.customer()
    world.record(other.beacon())
    fill_rules(other)
    other.use_up_quota()
    return other.owner


def fill_rules(customer: Customer) -> None:
    customer.owner.result("correct_company", company_id=customer.company_id("acme"), verdict="own")
    assert customer.owner.insert("excluded_networks", {"account_id": customer.account_id, "network": "155.56.0.0/16"}).is_success
    assert customer.owner.insert("excluded_countries", {"account_id": customer.account_id, "country": "AQ"}).is_success
    customer.refuse("shop.example.com")
    add_endpoint(customer)
    chosen = {"companies": "by_hand", "roles": ["sales"], "seniorities": ["senior"]}
    assert customer.owner.call("choose_enrichment", account_id=customer.account_id, **chosen).is_success
    customer.world.database.execute("select private.take_enrichment_credit(%s)", [customer.account_id])
    germans = {"match": "all", "conditions": [{"field": "country", "is": ["DE"]}]}
    segment = {"account_id": customer.account_id, "name": "Germans", "filter": germans}
    assert customer.owner.insert("segments", segment).is_success
    follow = {"account_id": customer.account_id, "company_id": customer.company_id("acme")}
    assert customer.owner.insert("follows", follow).is_success
    customer.world.database.execute(
        "insert into public.chat_destinations (account_id, kind, name, ending) values (%s, 'slack', 'Sales', 'abcd')",
        [customer.account_id],
    )
    days = {"visits_days": 90, "counts_days": 90, "contacts_days": 90}
    assert customer.owner.call("change_retention", account_id=customer.account_id, **days).is_success
    push_one(customer)


def push_one(customer: Customer) -> None:
    """Let the account have a CRM that a company was pushed to."""
    customer.world.record(customer.beacon("pushed"))
    customer.owner.result("push_to_crm", company_id=customer.company_id("pushed"), connection_id=connect(customer)["id"])


def of_account(table: str, customer: Customer) -> dict[str, str]:
    return {"id" if table == "accounts" else "account_id": f"eq.{customer.account_id}"}


def test_the_list_of_tables_is_complete(world: World) -> None:
    found = world.database.execute("select tablename from pg_tables where schemaname = 'public' order by 1").fetchall()
    # Of one member alone: tests/database/test_notification_settings.py, test_alert_rules.py, test_digest_subscriptions.py.
    own = ["notification_settings", "alert_rules", "digest_subscriptions"]
    # Reached by functions alone: tests/database/test_address_proofs.py, test_contacts.py.
    hidden = ["address_proofs", "contacts", "contact_accesses"]
    assert sorted([*TABLES, *own, *hidden]) == [name for (name,) in found]


@pytest.mark.parametrize("table", TABLES)
def test_the_owner_reads_every_table_of_their_account(visited: Customer, table: str) -> None:
    assert visited.owner.rows(table, **of_account(table, visited))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["admin", "member", "viewer", "billing"])
def test_teammates_read_every_table_of_their_account(world: World, visited: Customer, table: str, role: str) -> None:
    assert world.teammate(visited.account_id, role).rows(table, **of_account(table, visited))


@pytest.mark.parametrize("table", TABLES)
def test_a_stranger_reads_nothing_of_it(visited: Customer, stranger: Caller, table: str) -> None:
    assert stranger.rows(table, **of_account(table, visited)) == []
    assert visited.account_id not in stranger.get(table).text


@pytest.mark.parametrize("table", TABLES)
def test_somebody_without_an_account_reads_nothing(world: World, visited: Customer, table: str) -> None:
    assert world.person().rows(table) == []


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["anonymous", "service_role", "beacon"])
def test_no_other_role_reads_or_writes_a_table(world: World, table: str, role: str) -> None:
    caller = world.anonymous() if role == "anonymous" else world.role(role)
    without_id = {
        "memberships", "site_hosts", "site_days", "excluded_countries", "refused_hosts", "follows", "enrichment_settings",
        "enrichment_credits", "crm_links",
    }  # fmt: skip
    never = {"account_id" if table in without_id else "id": f"eq.{'0' * 8}-0000-0000-0000-{'0' * 12}"}
    answers = [caller.get(table), caller.insert(table, {}), caller.update(table, {"account_id": None}, **never)]
    answers.append(caller.delete(table, **never))
    assert {answer.status_code for answer in answers} <= {401, 403, 400}
    assert answers[0].status_code in (401, 403)
    assert "permission denied" in answers[0].text


@pytest.mark.parametrize(
    "table",
    [
        "memberships",
        "companies",
        "visits",
        "page_views",
        "site_days",
        "corrections",
        "webhook_endpoints",
        "crm_connections",
        "crm_links",
    ],
)
def test_not_even_the_owner_writes_what_the_product_keeps(visited: Customer, table: str) -> None:
    [row, *_] = visited.owner.rows(table, **of_account(table, visited))
    answers = [
        visited.owner.insert(table, row),
        visited.owner.update(table, {"account_id": visited.account_id}, **of_account(table, visited)),
        visited.owner.delete(table, **of_account(table, visited)),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


@pytest.mark.parametrize("role", ["member", "viewer", "billing"])
def test_only_owners_and_admins_change_sites(world: World, role: str) -> None:
    customer = world.customer()
    teammate = world.teammate(customer.account_id, role)
    site = {"account_id": customer.account_id, "name": "Another"}
    assert teammate.insert("sites", site).status_code == 403
    assert teammate.insert("site_hosts", host_row(customer, "other.example")).status_code == 403
    assert teammate.update("sites", {"name": "Mine"}, id=f"eq.{customer.site_id}").json() == []
    assert teammate.update("accounts", {"name": "Mine"}, id=f"eq.{customer.account_id}").json() == []
    assert teammate.delete("sites", id=f"eq.{customer.site_id}").json() == []
    assert teammate.delete("site_hosts", site_id=f"eq.{customer.site_id}").json() == []
    assert customer.owner.rows("sites", id=f"eq.{customer.site_id}")[0]["name"] == "Website"


def test_an_admin_changes_sites(world: World) -> None:
    customer = world.customer()
    admin = world.teammate(customer.account_id, "admin")
    assert admin.update("sites", {"name": "Shop"}, id=f"eq.{customer.site_id}").json()[0]["name"] == "Shop"
    assert admin.insert("site_hosts", host_row(customer, "shop.example")).status_code == 201
    assert len(admin.delete("site_hosts", site_id=f"eq.{customer.site_id}", host="eq.shop.example").json()) == 1


def test_a_stranger_changes_nothing(visited: Customer, stranger: Caller) -> None:
    assert stranger.insert("sites", {"account_id": visited.account_id, "name": "Mine"}).status_code == 403
    assert stranger.insert("site_hosts", host_row(visited, "evil.example")).status_code == 403
    assert stranger.update("sites", {"name": "Mine"}, id=f"eq.{visited.site_id}").json() == []
    assert stranger.delete("accounts", id=f"eq.{visited.account_id}").status_code == 403
    assert stranger.result("list_companies", site_id=visited.site_id) == []
    refused = stranger.call("create_site", account_id=visited.account_id, site_name="x", hosts=["evil.example"])
    assert refused.status_code == 403


def test_a_site_cannot_be_moved_to_another_account_nor_its_key_chosen(world: World, visited: Customer) -> None:
    other = visited.owner.result("create_account", account_name="Second")
    query = {"id": f"eq.{visited.site_id}"}
    assert visited.owner.update("sites", {"account_id": other}, **query).status_code == 403
    assert visited.owner.update("sites", {"public_key": "site_" + "1" * 24}, **query).status_code == 403
    chosen = {"account_id": other, "name": "x", "public_key": "site_" + "1" * 24}
    assert visited.owner.insert("sites", chosen).status_code == 403


def test_a_host_cannot_be_tied_to_one_account_and_anothers_site(world: World, visited: Customer, stranger: Caller) -> None:
    [theirs] = stranger.rows("accounts")
    crossed = {"account_id": theirs["id"], "site_id": visited.site_id, "host": "evil.example"}
    assert stranger.insert("site_hosts", crossed).status_code == 409  # the composite foreign key


def test_an_edited_claim_gives_no_right(world: World, visited: Customer) -> None:
    person = world.person()
    claims: dict[str, object] = {"role": "authenticated", "sub": person.user_id, "account_id": visited.account_id}
    claims["user_metadata"] = {"account_id": visited.account_id, "role": "owner"}
    forged = Caller(world.client, world._sign(claims), person.user_id)
    assert forged.rows("accounts") == []


def test_a_token_signed_with_another_secret_is_refused(world: World, visited: Customer) -> None:
    token = jwt.encode({"role": "authenticated", "sub": visited.owner.user_id, "exp": 4102444800}, "x" * 40)
    assert Caller(world.client, token).get("accounts").status_code == 401


def test_the_beacon_role_executes_five_functions_and_nothing_else(world: World) -> None:
    executable = world.database.execute(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
        "where has_function_privilege('beacon', p.oid, 'execute') and has_schema_privilege('beacon', n.oid, 'usage') "
        "and n.nspname not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    assert sorted(name for (name,) in executable if not name.startswith(("auth.", "extensions.", "storage."))) == [
        "beacon_rules(text,bigint)", "beacon_sites(bigint)", "is_site_secret(text)", "note_refused_hosts(text,text[])",
        "record_beacons(jsonb)",
    ]  # fmt: skip
    assert world.beacon_door().call("create_account", account_name="x").status_code == 403
    assert world.beacon_door().call("list_companies", site_id=None).status_code == 403


@pytest.mark.parametrize("role", ["anonymous", "authenticated", "service_role"])
def test_nobody_else_may_record_beacons(world: World, customer: Customer, role: str) -> None:
    caller = {"anonymous": world.anonymous(), "authenticated": customer.owner}.get(role) or world.role(role)
    assert caller.call("record_beacons", beacons=[]).status_code in (401, 403)
    assert caller.call("beacon_rules", site_key=customer.site["public_key"]).status_code in (401, 403)
    assert caller.call("beacon_sites").status_code in (401, 403)


def test_every_table_has_row_level_security_and_a_comment(world: World) -> None:
    lacking = world.database.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
        "and not (relrowsecurity and obj_description(oid, 'pg_class') is not null)"
    ).fetchall()
    assert lacking == []


def test_nothing_in_the_private_schema_is_granted_to_anyone(world: World) -> None:
    granted = world.database.execute(
        "select grantee, table_name, privilege_type from information_schema.role_table_grants "
        "where table_schema = 'private' and grantee not in ('postgres', 'supabase_admin')"
    ).fetchall()
    assert granted == []


def test_every_definer_function_fixes_its_search_path(world: World) -> None:
    lacking = world.database.execute(
        "select oid::regprocedure::text from pg_proc "
        "where pronamespace in ('public'::regnamespace, 'private'::regnamespace) and prosecdef "
        "and coalesce(array_to_string(proconfig, ','), '') not like %s",
        ['%search_path=""%'],
    ).fetchall()
    assert lacking == []


def test_foreign_keys_between_tenants_rows_carry_the_account(world: World) -> None:
    """So that no row of one account can point at a row of another, whatever wrote it."""
    loose = world.database.execute(
        "select conrelid::regclass::text, conname from pg_constraint where contype = 'f' "
        "and connamespace = 'public'::regnamespace "
        "and confrelid not in ('public.accounts'::regclass, 'auth.users'::regclass) "
        "and not exists (select from unnest(conkey) k join pg_attribute a on a.attrelid = conrelid and a.attnum = k "
        "where a.attname = 'account_id')"
    ).fetchall()
    assert loose == []


def test_one_person_owns_a_bounded_number_of_accounts(world: World) -> None:
    person = world.person()
    answers = [person.call("create_account", account_name=f"Account {number}") for number in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [422]
    assert "most one person may own" in answers[-1].json()["message"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_an_account_needs_a_name(world: World, name: str) -> None:
    answer = world.person().call("create_account", account_name=name)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("hosts", [[], ["exa mple.com"], ["https://example.com"], ["-x.com"], ["example.com:443"], ["*"]])
def test_a_site_needs_hosts_that_are_hosts(customer: Customer, hosts: list[str]) -> None:
    answer = customer.owner.call("create_site", account_id=customer.account_id, site_name="x", hosts=hosts)
    assert answer.status_code in (400, 422)
    assert len(customer.owner.rows("sites", account_id=f"eq.{customer.account_id}")) == 1


@pytest.mark.parametrize("time_zone", ["Mars/Olympus", "ABC+3", "", "Europe/Berlin; drop table sites"])
def test_a_site_needs_a_time_zone_that_exists(customer: Customer, time_zone: str) -> None:
    answer = customer.owner.call(
        "create_site", account_id=customer.account_id, site_name="x", hosts=["example.com"], site_time_zone=time_zone
    )
    assert answer.status_code == httpx.codes.BAD_REQUEST


def host_row(customer: Customer, host: str) -> dict[str, object]:
    return {"account_id": customer.account_id, "site_id": customer.site_id, "host": host}
