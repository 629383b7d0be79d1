"""Contacts from outside: a file that is imported, a person who objects, and the job with a provider on the wire."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from functions.enrich_contacts import enrich_contacts
from lib.contacts.hunter import Hunter
from lib.contacts.over_http import OverHttp
from lib.db.enrichment_store import EnrichmentStore
from lib.db.job_store import JobStore
from lib.domain.job import Counts, Run
from lib.mail.free_mail import is_free_mail
from lib.outbound import Outbound
from lib.settings import StoreSettings
from tests.builders import Caller, Customer, World
from tests.contacts import ANNA, accesses, bring, visited_by
from tests.website import Website, page, running_website

FILE = "role,work_email,linkedin\nHead of Purchasing,anna.berg@acme.example,https://www.linkedin.com/in/anna-berg\n"


@pytest.fixture
def company_id(customer: Customer) -> str:
    return visited_by(customer)


def send(app: httpx.Client, caller: Caller, company_id: str, csv: str = FILE, **changes: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    body = {"company_id": company_id, "csv": csv, "dry_run": False, **changes}
    return app.post("/api/v1/contact-imports", json=body, headers=headers)


def kept(customer: Customer, company_id: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = customer.owner.result("list_contacts", company_id=company_id)
    return rows


def test_a_file_is_looked_at_first_and_imported_then(app: httpx.Client, customer: Customer, company_id: str) -> None:
    ready = send(app, customer.owner, company_id, dry_run=True)
    assert (ready.status_code, ready.json()) == (200, {"lines": [{"line": 2, "state": "ready", "reasons": []}]})
    assert kept(customer, company_id) == []
    assert send(app, customer.owner, company_id).json()["lines"][0]["state"] == "added"
    assert send(app, customer.owner, company_id).json()["lines"][0]["state"] == "known"
    [contact] = kept(customer, company_id)
    assert {name: contact[name] for name in ("role", "work_email", "linkedin_handle", "source")} == {
        "role": "Head of Purchasing", "work_email": "anna.berg@acme.example", "linkedin_handle": "anna-berg", "source": "import",
    }  # fmt: skip
    assert ("imported", 1) in accesses(customer)


def test_each_line_that_is_left_out_says_why_and_the_others_are_kept(
    app: httpx.Client, customer: Customer, company_id: str
) -> None:
    csv = "\r\n".join(
        [
            "\ufeffwork_email;role;linkedin",
            "anna@acme.example;Head of IT;", "erika@gmail.com;Head of IT;", ";Head of IT;", "",
            "bernd@acme.example;Erika Mustermann;", "carl@acme.example;+49 89 1234567;",
            "dora@acme.example;Head of IT;Erika Mustermann",
            "emil@acme.example;CFO;;0171 1234567", "=cmd|'/c calc'!A1;CFO;", "anna@acme.example;Head of IT;",
            '"frida@acme.example";"CEO";',
        ]
    )  # fmt: skip
    lines = send(app, customer.owner, company_id, csv).json()["lines"]
    assert [(line["line"], line["state"]) for line in lines] == [
        (2, "added"), (3, "refused"), (4, "refused"), (6, "refused"), (7, "refused"), (8, "refused"), (9, "refused"),
        (10, "refused"),
        (11, "known"), (12, "added"),
    ]  # fmt: skip
    assert all(line["reasons"] for line in lines if line["state"] == "refused")
    assert {row["work_email"] for row in kept(customer, company_id)} == {"anna@acme.example", "frida@acme.example"}


@pytest.mark.parametrize(
    ("csv", "code"),
    [
        ("", "invalid_csv"), ("\n\n", "invalid_csv"), ("name,phone\nErika,1", "invalid_columns"),
        ("role\nCEO", "invalid_columns"),
        ("work_email,work_email\na,b", "invalid_columns"), ("work_email,phone\na@acme.example,1", "invalid_columns"),
        ("work_email\n" + "a@acme.example\n" * 501, "too_many_lines"), ('work_email\n"' + "x" * 200_000, "invalid_csv"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_no_such_file_is_refused_in_words(
    app: httpx.Client, customer: Customer, company_id: str, csv: str, code: str
) -> None:
    answer = send(app, customer.owner, company_id, csv)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


@pytest.mark.parametrize(
    "csv", ["work_email\n\x00", "work_email\n\ud800", "work_email\n" + '"' * 99, "linkedin\n🦊\n\u202e", "\x00"]
)
def test_no_bytes_make_it_stumble(app: httpx.Client, customer: Customer, company_id: str, csv: str) -> None:
    headers = {"Authorization": f"Bearer {customer.owner.token}", "Content-Type": "application/json"}
    body = json.dumps({"company_id": company_id, "csv": csv, "dry_run": False})
    assert app.post("/api/v1/contact-imports", content=body, headers=headers).status_code in (200, 400)
    assert kept(customer, company_id) == []


@pytest.mark.parametrize(
    "changes", [{"csv": 7}, {"dry_run": "true"}, {"company_id": 7}, {"company_id": "x"}, {"more": 1}, {"company_id": None}]
)
def test_an_import_of_another_form_is_refused(app: httpx.Client, customer: Customer, company_id: str, changes: Any) -> None:
    assert send(app, customer.owner, **{"company_id": company_id, **changes}).status_code == 400


def test_who_may_import(app: httpx.Client, world: World, customer: Customer, company_id: str) -> None:
    expected = {"admin": 200, "member": 200, "viewer": 403, "billing": 403}
    for role, status in expected.items():
        answer = send(app, world.teammate(customer.account_id, role), company_id)
        assert answer.status_code == status, role
    assert send(app, world.customer().owner, company_id).status_code == 404
    assert send(app, world.anonymous(), company_id).status_code == 401
    assert send(app, Caller(world.client, "no token"), company_id).status_code == 401
    assert len(kept(customer, company_id)) == 1


def test_who_objected_is_not_imported_again(app: httpx.Client, world: World, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    token = kept(customer, company_id)[0]["objection_token"]
    app.post("/api/public/contact-objections", json={"token": token})
    [line] = send(app, customer.owner, company_id).json()["lines"]
    assert (line["state"], line["reasons"]) == (
        "refused",
        ["The person has objected, or the company asked to be left alone: this must not be kept."],
    )
    world.database.execute("delete from private.objections")


def test_the_providers_that_are_set_up_are_told(app: httpx.Client) -> None:
    assert app.get("/api/v1/contact-providers").json() == {"providers": []}


def test_a_person_sees_what_is_kept_and_ends_it(app: httpx.Client, world: World, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    token = kept(customer, company_id)[0]["objection_token"]
    found = app.post("/api/public/contacts/find", json={"token": token})
    assert (found.status_code, found.json()["company"], found.json()["work_email"]) == (200, "Acme", "a…@acme.example")
    assert set(found.json()) == {
        "account", "company", "role", "work_email", "has_linkedin", "source", "lawful_basis", "found_at", "expires_at",
    }  # fmt: skip
    assert app.post("/api/public/contact-objections", json={"token": token}).json() == {"state": "objected", "is_mailed": True}
    assert app.post("/api/public/contact-objections", json={"token": token}).json() == {"state": "gone"}
    assert app.post("/api/public/contacts/find", json={"token": token}).status_code == 404
    assert kept(customer, company_id) == []


def test_the_mail_to_their_address_ends_it_everywhere(
    app: httpx.Client, stack: Stack, world: World, customer: Customer, company_id: str
) -> None:
    world.database.execute("delete from private.objections")
    world.database.execute("delete from private.outbox where template = 'objection'")
    before = set((stack.state / "mail").glob("*.json"))
    bring(customer, company_id)
    app.post("/api/public/contact-objections", json={"token": kept(customer, company_id)[0]["objection_token"]})
    elsewhere = world.customer()
    other_id = visited_by(elsewhere)
    bring(elsewhere, other_id)
    secret = {"Authorization": f"Bearer {stack.secrets.cron_secret}"}
    world.database.execute("delete from private.job_runs where job = 'deliver_outbox'")
    assert app.get("/api/cron/deliver_outbox", headers=secret).json()["failed"] == 0
    mails = [json.loads(file.read_text()) for file in set((stack.state / "mail").glob("*.json")) - before]
    [mail] = [mail for mail in mails if mail["to"] == [ANNA["work_email"]]]
    # What an account calls itself must not be what a stranger reads in our name.
    assert "Customer" not in mail["html"] + mail["text"]
    [token] = re.findall(r"/contact#everywhere=([\w-]{43})", mail["text"])
    assert app.post("/api/public/contact-objections/everywhere", json={"token": token}).json() == {"state": "objected"}
    assert kept(elsewhere, other_id) == []
    assert app.post("/api/public/contact-objections/everywhere", json={"token": token}).json() == {"state": "gone"}
    world.database.execute("delete from private.contact_suppressions")


@pytest.mark.parametrize("path", ["contacts/find", "contact-objections", "contact-objections/everywhere"])
@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": "a"}, {"token": 7}, {"token": "A" * 43, "x": "y"}, [], "x"])
def test_an_objection_of_another_form_is_refused(app: httpx.Client, path: str, body: Any) -> None:
    assert app.post(f"/api/public/{path}", json=body).status_code == 400
    assert app.get(f"/api/public/{path}").status_code == 405


def test_the_page_is_served_and_kept_from_search_engines(app: httpx.Client) -> None:
    answer = app.get("/contact")
    assert answer.status_code == 200 and 'name="robots" content="noindex"' in answer.text


@pytest.fixture
def hunter(world: World) -> Iterator[Website]:
    world.database.execute("delete from private.enrichment_requests")
    with running_website() as website:
        yield website


def run_job(stack: Stack, vendor: Website) -> tuple[Counts, list[Exception]]:
    """The job, over the database and the wire, with Hunter elsewhere."""

    def settings(role: str) -> StoreSettings:
        return StoreSettings(stack.supabase_url, stack.publishable_key, stack.secrets.token(role))

    reported: list[Exception] = []
    requests, failures = EnrichmentStore(settings("enricher")), JobStore(settings("scheduler"))
    counts = enrich_contacts(
        Run(datetime.now(UTC), time.monotonic, time.monotonic() + 20),
        requests=requests,
        providers={"hunter": Hunter("key", OverHttp(Outbound(["127.0.0.0/8", "::1/128"])), base_url=vendor.url)},
        is_free_mail=is_free_mail,
        failures=failures,
        report=reported.append,
    )
    for store in (requests, failures):
        store._database.close()
    return counts, reported


def answer(emails: list[Any]) -> bytes:
    return page(json.dumps({"data": {"emails": emails}, "meta": {"results": len(emails)}}), kind="application/json")


HOSTILE: list[Any] = [
    {"value": "erika@gmail.com", "position": "Head of IT", "first_name": "Erika"},
    {
        "value": "erika@acme.example",
        "position": "+49 89 1234567",
        "phone_number": "+49 89 1234567",
        "linkedin": "Erika Mustermann",
    },
    {"value": ["erika@gmx.de"], "position": {"a": "b"}, "seniority": 7, "linkedin": "https://evil.example/in/x"},
    {"value": "\x00", "position": "\x00", "linkedin": "\x00"},
    "erika@web.de",
]


def test_of_a_hostile_answer_only_what_may_be_kept_reaches_the_database(
    stack: Stack, world: World, hunter: Website, customer: Customer, company_id: str
) -> None:
    customer.owner.call("find_contacts", company_id=company_id)
    hunter.answer = answer(HOSTILE)
    assert run_job(stack, hunter) == (Counts(done=1), [])
    [(rows,)] = world.database.execute(
        "select jsonb_agg(jsonb_build_array(role, seniority, work_email, linkedin_handle)) from public.contacts "
        "where account_id = %s",
        [customer.account_id],
    ).fetchall()
    assert rows == [[None, None, "erika@acme.example", None]]
    everything = world.database.execute("select contact::text from public.contacts as contact").fetchall()
    assert "1234567" not in str(everything) and "gmail" not in str(everything) and "Mustermann" not in str(everything)


def test_what_the_job_finds_is_shown_once_asked_and_paid_for(
    stack: Stack, hunter: Website, customer: Customer, company_id: str
) -> None:
    customer.owner.call("find_contacts", company_id=company_id)
    hunter.answer = answer(
        [{"value": ANNA["work_email"], "position": "Head of Purchasing", "seniority": "senior", "linkedin": "anna-berg"}]
    )
    assert run_job(stack, hunter) == (Counts(done=1), [])
    assert run_job(stack, hunter) == (Counts(), [])
    assert len(hunter.requests) == 1
    [contact] = kept(customer, company_id)
    assert {name: contact[name] for name in ANNA} == ANNA
    state = customer.owner.result("get_enrichment", company_id=company_id)
    assert (state["state"], state["credits_left"]) == ("found", 49)


def test_a_provider_that_is_closed_waits_for_the_operator_and_costs_nothing(
    stack: Stack, world: World, hunter: Website, customer: Customer, company_id: str
) -> None:
    customer.owner.call("find_contacts", company_id=company_id)
    hunter.answer = page('{"errors":[{"id":"too_many_requests","code":429,"details":"limit"}]}', status="429 Too Many Requests")
    counts, [reported] = run_job(stack, hunter)
    assert (counts, type(reported).__name__) == (Counts(failed=1), "ProviderClosed")
    assert customer.owner.result("get_enrichment", company_id=company_id)["state"] == "waiting"
    assert run_job(stack, hunter)[0] == Counts()  # left alone for hours
    world.database.execute("delete from private.enrichment_requests")


def test_the_platform_calls_the_job(app: httpx.Client, stack: Stack) -> None:
    called = app.get("/api/cron/enrich_contacts", headers={"Authorization": f"Bearer {stack.secrets.cron_secret}"})
    assert called.status_code == 200 and called.json()["job"] == "enrich_contacts"
