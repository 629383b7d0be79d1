"""What may be kept of a person at a company, who may see it, and that it goes when they object."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from dev.stack import Stack
from lib.domain.role_words import ROLE_WORDS
from lib.identification.bundled import bundled_table
from lib.mail.free_mail import is_free_mail
from tests.builders import Customer, World
from tests.contacts import ANNA, accesses, bring, insert, visited_by

MEMBERS = ("owner", "admin", "member", "viewer", "billing")
CALLS: dict[str, dict[str, object]] = {
    "list_contacts": {},
    "export_contacts": {},
    "find_contacts": {},
    "get_enrichment": {},
    "import_contacts": {"contacts": []},
}


@pytest.fixture
def company_id(customer: Customer) -> str:
    return visited_by(customer)


def test_what_a_role_may_be_made_of_is_the_same_here_and_in_the_code(world: World) -> None:
    assert {word for (word,) in world.database.execute("select word from private.role_words").fetchall()} == ROLE_WORDS


def test_free_mail_domains_that_the_table_names_as_a_companys_are_known_here(world: World) -> None:
    known = {domain for (domain,) in world.database.execute("select domain from private.free_mail_domains").fetchall()}
    domains = {organisation.domain for organisation in bundled_table().organisations() if organisation.domain}
    parents = {".".join(domain.split(".")[at:]) for domain in domains for at in range(domain.count("."))}
    assert {parent for parent in parents if is_free_mail(parent)} <= known


REFUSED: list[dict[str, Any]] = [
    {"work_email": "anna@gmail.com"},
    {"work_email": "anna@notacme.example"},
    {"work_email": "anna@acme.example.evil.com"},
    {"work_email": "Anna@acme.example"},
    {"work_email": "anna+x@acme.example"},
    {"work_email": "491711234567@acme.example"},
    {"work_email": "a b@acme.example"},
    {"work_email": "a@b@acme.example"},
    {"work_email": "anna@acme.example\n"},
    {"work_email": ""},
    {"linkedin_handle": "Anna Berg"},
    {"linkedin_handle": "+49 89 1234567"},
    {"linkedin_handle": "0049-89-1234567"},
    {"linkedin_handle": "anna@gmail.com"},
    {"linkedin_handle": "tel-491711234567"},
    {"linkedin_handle": "ab"},
    {},
    {**ANNA, "role": "Erika Mustermann"},
    {**ANNA, "role": "Head of Purchasing Erika"},
    {**ANNA, "role": "Head +49 89 1234567"},
    {**ANNA, "role": "Head anna@gmail.com"},
    {**ANNA, "role": "Musterstraße 5"},
    {**ANNA, "role": "head of purchasing"},
    {**ANNA, "role": " Head"},
    {**ANNA, "role": "Head  of Sales"},
    {**ANNA, "role": ""},
    {**ANNA, "seniority": "boss"},
    {**ANNA, "source": "a friend"},
    {**ANNA, "lawful_basis": "none"},
    {**ANNA, "expires_at": "2100-01-01"},
    {**ANNA, "found_at": "2100-01-01", "expires_at": "2100-06-01"},
    {**ANNA, "objection_token": "1"},
]


@pytest.mark.parametrize("columns", REFUSED, ids=lambda columns: ascii(list(columns.values())[-1:])[:40])
def test_not_even_the_tables_owner_keeps_what_may_not_be_kept(
    customer: Customer, company_id: str, columns: dict[str, Any]
) -> None:
    with pytest.raises(psycopg.Error):
        insert(customer, company_id, **columns)


def test_not_even_where_triggers_are_left_out(stack: Stack, customer: Customer, company_id: str) -> None:
    with psycopg.connect(stack.superuser_url) as connection, pytest.raises(psycopg.Error, match="words for positions"):
        connection.execute("set local session_replication_role = replica")
        connection.execute(
            "insert into public.contacts (account_id, company_id, source, linkedin_handle, role) "
            "values (%s, %s, 'import', 'anna', 'Erika')",
            [customer.account_id, company_id],
        )


def test_roles_of_other_languages_are_kept(customer: Customer, company_id: str) -> None:
    for number, role in enumerate(["Geschäftsführer für Vertrieb", "Directrice Générale", "Co-Founder & CEO", "R&D Director"]):
        assert bring(customer, company_id, {"linkedin_handle": f"handle-{number}", "role": role}) == ["added"], role


def test_no_row_changes_into_what_may_not_be_kept(customer: Customer, company_id: str) -> None:
    insert(customer, company_id, **ANNA)
    for change in (
        "work_email = 'anna@gmail.com'",
        "role = 'Erika'",
        "company_domain = 'gmail.com', work_email = 'anna@gmail.com'",
    ):
        with pytest.raises(psycopg.Error):
            customer.world.database.execute(f"update public.contacts set {change} where account_id = %s", [customer.account_id])


def test_the_companys_domain_is_the_databases_to_say(customer: Customer, company_id: str) -> None:
    with pytest.raises(psycopg.Error):
        insert(customer, company_id, work_email="anna@gmail.com", company_domain="gmail.com")


def test_a_company_that_gives_anybody_a_mailbox_has_no_work_addresses(customer: Customer) -> None:
    company_id = visited_by(customer, "yahoo")
    customer.world.database.execute("update public.companies set domain = 'yahoo.com' where id = %s", [company_id])
    assert bring(customer, company_id, {"work_email": "anna@yahoo.com"}) == ["refused"]
    assert bring(customer, company_id, {"work_email": "anna@corp.yahoo.com"}) == ["refused"]


def test_the_table_has_a_column_for_nothing_else(world: World) -> None:
    columns = world.database.execute(
        "select column_name from information_schema.columns where table_schema = 'public' and table_name = 'contacts'"
    ).fetchall()
    assert {name for (name,) in columns} == {
        "id",
        "account_id",
        "company_id",
        "company_domain",
        "role",
        "seniority",
        "work_email",
        "is_shared_mailbox",
        "linkedin_handle",
        "source",
        "lawful_basis",
        "found_at",
        "expires_at",
        "objection_token",
    }


def test_contacts_are_read_with_their_source_basis_and_expiry_and_that_is_recorded(customer: Customer, company_id: str) -> None:
    assert bring(customer, company_id, ANNA, {"work_email": "info@acme.example"}, {"work_email": "x@gmail.com"}) == [
        "added",
        "added",
        "refused",
    ]
    anna, info = customer.owner.result("list_contacts", company_id=company_id)
    assert {name: anna[name] for name in ANNA} == ANNA
    assert (anna["source"], anna["lawful_basis"]) == ("import", "legitimate interest, Art. 6(1)(f)")
    assert (anna["is_shared_mailbox"], info["is_shared_mailbox"]) == (False, True)
    assert len(anna["objection_token"]) == 43 and anna["objection_token"] != info["objection_token"]
    assert len(customer.owner.result("export_contacts", company_id=company_id)) == 2
    customer.owner.call("delete_contact", contact_id=info["id"])
    assert accesses(customer) == [("imported", 2), ("viewed", 2), ("exported", 2), ("deleted", 1)]
    told = customer.owner.result("list_contact_accesses", account_id=customer.account_id)
    assert [(row["action"], row["actor"], row["company_name"]) for row in told][-1] == (
        "imported",
        customer.owner.user_id,
        "Acme",
    )


def test_a_view_of_nothing_leaves_no_record(customer: Customer, company_id: str) -> None:
    assert customer.owner.result("list_contacts", company_id=company_id) == []
    assert accesses(customer) == []


def test_the_same_contact_is_kept_once_and_refreshed(customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    customer.world.database.execute(
        "update public.contacts set found_at = now() - interval '300 days', expires_at = now() + interval '1 day' "
        "where company_id = %s",
        [company_id],
    )
    assert bring(customer, company_id, {"work_email": ANNA["work_email"], "role": "Chief Purchasing Officer"}) == ["known"]
    [contact] = customer.owner.result("list_contacts", company_id=company_id)
    assert (contact["role"], contact["linkedin_handle"]) == ("Chief Purchasing Officer", "anna-berg")
    assert bring(customer, company_id, {"linkedin_handle": "anna-berg"}) == ["known"]


@pytest.mark.parametrize("role", MEMBERS)
def test_who_may_do_what(world: World, customer: Customer, company_id: str, role: str) -> None:
    bring(customer, company_id)
    [contact] = customer.owner.result("list_contacts", company_id=company_id)
    teammate = world.teammate(customer.account_id, role)
    may_read, may_work, may_manage = role != "billing", role in MEMBERS[:3], role in MEMBERS[:2]
    choice = {"companies": "by_hand", "roles": ["sales"], "seniorities": ["senior"]}
    did = {
        "list": teammate.call("list_contacts", company_id=company_id),
        "export": teammate.call("export_contacts", company_id=company_id),
        "find": teammate.call("find_contacts", company_id=company_id),
        "import": teammate.call("import_contacts", company_id=company_id, contacts=[]),
        "delete": teammate.call("delete_contact", contact_id=contact["id"]),
        "choose": teammate.call("choose_enrichment", account_id=customer.account_id, **choice),
        "accesses": teammate.call("list_contact_accesses", account_id=customer.account_id),
        "state": teammate.call("get_enrichment", company_id=company_id),
        "settings": teammate.call("get_enrichment_settings", account_id=customer.account_id),
    }
    assert {name: answer.is_success for name, answer in did.items()} == {
        "list": may_read,
        "export": may_work,
        "find": may_work,
        "import": may_work,
        "delete": may_work,
        "choose": may_manage,
        "accesses": may_manage,
        "state": True,
        "settings": True,
    }
    assert {answer.status_code for answer in did.values()} <= {200, 204, 403}


def test_a_stranger_learns_and_changes_nothing(world: World, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    [contact] = customer.owner.result("list_contacts", company_id=company_id)
    stranger, nobody = world.customer().owner, world.person()
    for caller in (stranger, nobody):
        answers = [caller.call(function, company_id=company_id, **more) for function, more in CALLS.items()]
        answers += [
            caller.call("delete_contact", contact_id=contact["id"]),
            caller.call("list_contact_accesses", account_id=customer.account_id),
            caller.call("get_enrichment_settings", account_id=customer.account_id),
            caller.call(
                "choose_enrichment", account_id=customer.account_id, companies="none", roles=["it"], seniorities=["senior"]
            ),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert "acme" not in "".join(answer.text for answer in answers).lower()


@pytest.mark.parametrize("role", ["anonymous", "service_role", "beacon", "enricher", "public_door", "scheduler"])
def test_no_other_role_works_with_contacts(world: World, customer: Customer, company_id: str, role: str) -> None:
    caller = world.anonymous() if role == "anonymous" else world.role(role)
    for function, more in CALLS.items():
        assert caller.call(function, company_id=company_id, **more).status_code in (401, 403)
    for table in ("contacts", "contact_accesses", "enrichment_settings", "enrichment_credits"):
        assert caller.get(table).status_code in (401, 403)
        assert caller.insert(table, {"account_id": customer.account_id}).status_code in (401, 403)
        assert caller.delete(table, account_id=f"eq.{customer.account_id}").status_code in (401, 403)


def test_not_even_the_owner_reaches_the_tables_past_the_functions(customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    account = f"eq.{customer.account_id}"
    for table in ("contacts", "contact_accesses"):
        assert customer.owner.get(table).status_code == 403
    for table in ("contacts", "contact_accesses", "enrichment_settings", "enrichment_credits"):
        assert customer.owner.insert(table, {"account_id": customer.account_id}).status_code == 403
        assert customer.owner.update(table, {"account_id": customer.account_id}, account_id=account).status_code == 403
        assert customer.owner.delete(table, account_id=account).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        "update public.contact_accesses set contacts = 9",
        "delete from public.contact_accesses",
        "truncate public.contact_accesses",
    ],
)
def test_the_record_of_uses_is_changed_by_nobody(stack: Stack, customer: Customer, company_id: str, change: str) -> None:
    bring(customer, company_id)
    for before in ("select 1", "set local session_replication_role = replica"):
        with psycopg.connect(stack.superuser_url) as connection, pytest.raises(psycopg.Error, match="never changed"):
            connection.execute(before)
            connection.execute(change)


def test_it_goes_with_its_account(world: World, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    world.database.execute("delete from public.accounts where id = %s", [customer.account_id])
    for table in ("contacts", "contact_accesses", "enrichment_settings", "enrichment_credits"):
        assert world.database.execute(f"select from public.{table} where account_id = %s", [customer.account_id]).fetchall() == []


def test_contacts_go_when_their_time_is_over_or_their_company_leaves(world: World, customer: Customer, company_id: str) -> None:
    other = visited_by(customer, "other")
    bring(customer, company_id)
    bring(customer, other, {"linkedin_handle": "bernd"})
    world.database.execute(
        "update public.contacts set found_at = now() - interval '364 days', expires_at = now() - interval '1 second' "
        "where company_id = %s",
        [company_id],
    )
    assert customer.owner.result("list_contacts", company_id=company_id) == []
    assert world.role("scheduler").result("purge_expired")["contacts"] >= 1
    left = "select linkedin_handle from public.contacts where account_id = %s"
    assert world.database.execute(left, [customer.account_id]).fetchall() == [("bernd",)]
    world.database.execute("delete from public.companies where id = %s", [other])
    assert world.database.execute(left, [customer.account_id]).fetchall() == []


def test_of_a_company_that_opts_out_nobody_is_kept(world: World, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    world.database.execute("insert into private.opt_outs (company_key, proof) values ('acme', 'dns')")
    assert bring(customer, company_id, {"linkedin_handle": "bernd"}) == ["suppressed"]
    assert world.role("scheduler").result("purge_expired")["contacts"] >= 1
    assert customer.owner.result("list_contacts", company_id=company_id) == []
    world.database.execute("delete from private.opt_outs")


def test_an_operator_suppresses_an_address_however_it_is_written(world: World, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    assert world.database.execute("select private.suppress_contact('Anna.Berg@ACME.example', null)").fetchone() == (1,)
    assert bring(customer, company_id) == ["suppressed"]
    world.database.execute("delete from private.contact_suppressions")


@pytest.fixture
def elsewhere(world: World) -> Iterator[tuple[Customer, str]]:
    """Another account that keeps Anna and Bernd, and a company's id there."""
    other = world.customer()
    other_id = visited_by(other)
    bring(other, other_id, {"work_email": ANNA["work_email"]}, {"work_email": "bernd@acme.example"})
    yield other, other_id
    world.database.execute("delete from private.contact_suppressions")
    world.database.execute("delete from private.objections")
    world.database.execute("delete from private.outbox where template = 'objection'")


def object_here(world: World, customer: Customer, company_id: str) -> dict[str, Any]:
    """Press the button behind the link of the account's first contact."""
    [contact, *_] = customer.owner.result("list_contacts", company_id=company_id)
    answer: dict[str, Any] = world.role("public_door").result("object_to_contact", token=contact["objection_token"])
    return answer


def mailed_tokens(world: World, address: str) -> list[str]:
    query = (
        "select content ->> 'token' from private.outbox where template = 'objection' and content ->> 'to' = %s order by sequence"
    )
    return [token for (token,) in world.database.execute(query, [address])]


def test_the_link_of_a_message_shows_what_is_kept_and_changes_nothing(world: World, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    [contact] = customer.owner.result("list_contacts", company_id=company_id)
    found = world.role("public_door").result("find_objection", token=contact["objection_token"])
    assert (found["company"], found["role"], found["source"], found["has_linkedin"]) == ("Acme", ANNA["role"], "import", True)
    assert found["work_email"] == "a…@acme.example" and found["account"].startswith("Customer")
    assert len(customer.owner.result("list_contacts", company_id=company_id)) == 1


def test_who_objects_by_an_accounts_link_is_deleted_there_and_never_kept_there_again(
    world: World, customer: Customer, company_id: str, elsewhere: tuple[Customer, str]
) -> None:
    bring(customer, company_id)
    assert object_here(world, customer, company_id) == {"is_mailed": True}
    assert customer.owner.result("list_contacts", company_id=company_id) == []
    assert ("objected", 1) in accesses(customer)
    again = [{"work_email": ANNA["work_email"]}, {"linkedin_handle": "anna-berg"}, {**ANNA, "linkedin_handle": "other"}]
    assert bring(customer, company_id, *again) == ["suppressed"] * 3
    for columns in again:
        with pytest.raises(psycopg.Error, match="has objected"):
            insert(customer, company_id, **columns)


def test_whoever_holds_an_accounts_link_deletes_nothing_elsewhere(
    world: World, customer: Customer, company_id: str, elsewhere: tuple[Customer, str]
) -> None:
    other, other_id = elsewhere
    bring(customer, company_id)
    object_here(world, customer, company_id)
    assert len(other.owner.result("list_contacts", company_id=other_id)) == 2
    assert bring(other, other_id, ANNA) == ["known"]


def test_who_reads_the_mail_at_the_address_objects_in_every_account(
    world: World, customer: Customer, company_id: str, elsewhere: tuple[Customer, str]
) -> None:
    other, other_id = elsewhere
    bring(customer, company_id)
    object_here(world, customer, company_id)
    [token] = mailed_tokens(world, ANNA["work_email"])
    door = world.role("public_door")
    assert door.result("object_everywhere", token=token) is True
    assert door.result("object_everywhere", token=token) is False
    assert [row["work_email"] for row in other.owner.result("list_contacts", company_id=other_id)] == ["bernd@acme.example"]
    assert ("objected", 1) in accesses(other)
    assert bring(other, other_id, {"work_email": ANNA["work_email"]}) == ["suppressed"]
    assert world.database.execute("select count(*) from private.objections").fetchone() == (0,)


def test_a_member_who_brings_somebody_elses_handle_with_an_address_of_their_own_does_not_suppress_it(
    world: World, customer: Customer, company_id: str, elsewhere: tuple[Customer, str]
) -> None:
    other, other_id = elsewhere
    bring(other, other_id, {"linkedin_handle": "victim-x"})
    bring(customer, company_id, {"work_email": "mallory@acme.example", "linkedin_handle": "victim-x"})
    object_here(world, customer, company_id)
    [token] = mailed_tokens(world, "mallory@acme.example")
    assert world.role("public_door").result("object_everywhere", token=token) is True
    kept = other.owner.result("list_contacts", company_id=other_id)
    assert "victim-x" in [row["linkedin_handle"] for row in kept]


def test_an_address_is_mailed_once_a_day_however_often_it_is_brought(
    world: World, customer: Customer, company_id: str, elsewhere: tuple[Customer, str]
) -> None:
    other, other_id = elsewhere
    bring(customer, company_id)
    assert object_here(world, customer, company_id) == {"is_mailed": True}
    assert object_here(world, other, other_id) == {"is_mailed": False}
    assert len(mailed_tokens(world, ANNA["work_email"])) == 1


def test_a_link_to_object_everywhere_is_of_no_use_after_seven_days_and_is_forgotten(
    world: World, customer: Customer, company_id: str, elsewhere: tuple[Customer, str]
) -> None:
    other, other_id = elsewhere
    bring(customer, company_id)
    object_here(world, customer, company_id)
    [token] = mailed_tokens(world, ANNA["work_email"])
    world.database.execute("update private.objections set asked_at = asked_at - interval '8 days'")
    assert world.role("public_door").result("object_everywhere", token=token) is False
    assert len(other.owner.result("list_contacts", company_id=other_id)) == 2
    assert world.role("scheduler").result("purge_expired")["objections"] == 1


def test_an_objection_beside_an_import_leaves_nothing_behind(
    stack: Stack, world: World, customer: Customer, company_id: str
) -> None:
    with psycopg.connect(stack.superuser_url) as importing, ThreadPoolExecutor(1) as beside:
        importing.execute(
            "insert into public.contacts (account_id, company_id, source, linkedin_handle) values (%s, %s, 'import', 'carla-x')",
            [customer.account_id, company_id],
        )

        def object_meanwhile() -> None:
            with psycopg.connect(stack.superuser_url) as connection:
                connection.execute("select private.suppress_contact(null, 'carla-x')")

        objecting = beside.submit(object_meanwhile)
        importing.execute("select pg_sleep(0.3)")
        importing.commit()
        objecting.result()
    assert customer.owner.result("list_contacts", company_id=company_id) == []
    world.database.execute("delete from private.contact_suppressions")


def test_a_suppression_says_nothing_without_the_pepper(world: World) -> None:
    world.database.execute("select private.suppress_contact('dora@acme.example', null)")
    [(kept,)] = world.database.execute("select string_agg(encode(hash, 'hex'), '') from private.contact_suppressions").fetchall()
    [(plain,)] = world.database.execute("select encode(sha256('mail dora@acme.example'), 'hex')").fetchall()
    assert plain not in kept
    world.database.execute("delete from private.contact_suppressions")


def test_a_member_cannot_flood_or_break_an_import(customer: Customer, company_id: str) -> None:
    floods: list[Any] = [[{}] * 501, {}, "x", None, 7]
    for contacts in floods:
        assert customer.owner.call("import_contacts", company_id=company_id, contacts=contacts).status_code == 422
    nonsense: list[Any] = [{}, [], "x", None, 7, {"work_email": ["a"]}, {"work_email": {"a": 1}}, {"role": "x" * 9000}]
    assert bring(customer, company_id, *nonsense) == ["refused"] * 8
