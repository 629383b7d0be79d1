"""The door for the owners of networks: ask, prove, and never be identified."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from lib.identification.search import companies_of_domain
from tests.builders import World
from tests.deployments import deployment
from tests.name_server import NameServer, running_name_server
from tests.opt_outs import Owner

DOMAIN, OTHER = "bosch.com", "basf.com"
MERGED = "sap.com"  # of a company that older tables knew as several
[KEY, *_] = [company.key for company in companies_of_domain(DOMAIN)]
TOKEN = "A" * 43  # has the form of one


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with running_name_server() as server:
        yield server


@pytest.fixture(scope="module")
def app(stack: Stack, names: NameServer) -> Iterator[httpx.Client]:
    with deployment(stack, DNS_RESOLVERS=names.place) as client:
        yield client


@pytest.fixture
def owner(stack: Stack, world: World, app: httpx.Client, names: NameServer) -> Iterator[Owner]:
    owner = Owner(app, stack.mail_url, names, world.database)
    owner.forget()
    yield owner
    owner.forget()


def test_a_mail_to_the_domain_proves_it(owner: Owner, app: httpx.Client) -> None:
    answer = owner.ask(DOMAIN)
    assert (answer.status_code, answer.json()["domain"], answer.json()["proof"]) == (202, DOMAIN, "mail")
    assert DOMAIN in [company["domain"] for company in answer.json()["companies"]]
    link = owner.mailed_link(DOMAIN)
    base, _, token = link.partition("/opt-out#confirm=")
    assert base == str(app.base_url).rstrip("/")
    assert token not in answer.text
    assert owner.find(token).json()["wish"] == "opt_out"
    assert owner.opted_out() == set()
    proved = owner.prove(token)
    assert (proved.status_code, proved.json()["state"]) == (200, "opted_out")
    assert proved.json()["companies"] == answer.json()["companies"]
    assert (KEY, "mail") in owner.opted_out()


def test_the_mail_is_for_eyes_with_and_without_html(owner: Owner) -> None:
    owner.ask(DOMAIN, email=f"  It.Team+x@{DOMAIN.upper()} ")
    [mail, *_] = owner.mails(DOMAIN)
    assert mail["to"] == [f"It.Team+x@{DOMAIN}"]
    assert mail["from"] == "Leadsment <hello@leadsment.example>"
    assert mail["subject"].startswith("Never identify ")
    assert owner.mailed_link(DOMAIN) in mail["text"]
    assert "$" not in mail["text"] + mail["html"]
    assert mail["idempotency_key"]


def test_a_dns_record_proves_it(owner: Owner) -> None:
    requested = owner.ask(DOMAIN, proof="dns").json()
    token, record = requested["token"], requested["record"]
    assert record == {"type": "TXT", "name": f"_leadsment-opt-out.{DOMAIN}", "value": f"leadsment-opt-out={token}"}
    missing = owner.prove(token)
    assert (missing.status_code, missing.json()["error"]) == (409, "record_missing")
    owner.names.texts[record["name"]] = ["leadsment-opt-out=something-else"]
    differs = owner.prove(token)
    assert (differs.status_code, differs.json()["error"]) == (409, "record_differs")
    assert owner.opted_out() == set()
    owner.set_record(requested)
    assert owner.find(token).json()["record"] == record
    assert owner.prove(token).json()["state"] == "opted_out"
    assert (KEY, "dns") in owner.opted_out()


def test_no_other_name_is_looked_up(owner: Owner) -> None:
    owner.names.asked.clear()
    owner.prove(owner.ask(DOMAIN, proof="dns").json()["token"])
    owner.ask("unheard-of.com", proof="dns")
    owner.prove(owner.mailed_token(DOMAIN))
    assert set(owner.names.asked) == {f"_leadsment-opt-out.{DOMAIN}"}


@pytest.mark.parametrize("proof", ["mail", "dns"])
def test_the_same_proof_takes_it_back(owner: Owner, proof: str) -> None:
    before = owner.changes(DOMAIN)
    for wish, state in (("opt_out", "opted_out"), ("withdraw", "withdrawn")):
        answer = owner.opt_out_by_dns(DOMAIN, wish) if proof == "dns" else owner.prove(owner.mailed_token(DOMAIN, wish=wish))
        assert answer.json()["state"] == state
    assert owner.opted_out() == set()
    assert owner.changes(DOMAIN) == [*before, ("opt_out", proof), ("withdraw", proof)]


def test_a_weaker_proof_does_not_take_it_back(owner: Owner) -> None:
    owner.opt_out_by_dns(DOMAIN)
    token = owner.mailed_token(DOMAIN, wish="withdraw")
    for _ in range(2):  # nor does trying use the token up
        answer = owner.prove(token)
        assert (answer.status_code, answer.json()["error"]) == (409, "proof_too_weak")
    assert (KEY, "dns") in owner.opted_out()
    owner.database.execute("update private.opt_outs set proof = 'operator'")
    assert owner.opt_out_by_dns(DOMAIN, "withdraw").json()["error"] == "proof_too_weak"


def test_a_stronger_proof_takes_it_back_and_makes_it_stronger(owner: Owner) -> None:
    owner.prove(owner.mailed_token(DOMAIN))
    assert owner.opt_out_by_dns(DOMAIN).status_code == httpx.codes.OK
    assert (KEY, "dns") in owner.opted_out() and (KEY, "mail") not in owner.opted_out()
    owner.prove(owner.mailed_token(DOMAIN))
    assert (KEY, "dns") in owner.opted_out()


def test_what_was_opted_out_under_an_older_tables_key_is_taken_back_too(owner: Owner) -> None:
    [company] = companies_of_domain(MERGED)
    opt_out = "insert into private.opt_outs (company_key, proof) values (%s, %s)"
    owner.database.execute(opt_out, [company.former_keys[0], "mail"])
    owner.database.execute(opt_out, [company.former_keys[1], "dns"])
    assert owner.prove(owner.mailed_token(MERGED, wish="withdraw")).json()["error"] == "proof_too_weak"
    assert owner.opt_out_by_dns(MERGED, "withdraw").json()["state"] == "withdrawn"
    assert owner.opted_out() == set()


def test_a_request_outlives_a_newer_table(owner: Owner) -> None:
    [company] = companies_of_domain(MERGED)
    token = owner.mailed_token(MERGED)
    owner.database.execute("update private.opt_out_requests set company_keys = %s", [[company.former_keys[0]]])
    shown = [{"name": company.name, "domain": MERGED}]
    assert owner.find(token).json()["companies"] == shown
    assert owner.prove(token).json()["companies"] == shown
    assert owner.opted_out() == {(company.former_keys[0], "mail")}


def test_every_company_of_the_domain_is_opted_out_and_no_other(owner: Owner) -> None:
    # Groups whose firms have a network each, and one domain.
    domain = max(("deloitte.com", "kpmg.com", "pwc.com"), key=lambda name: len(companies_of_domain(name)))
    answer = owner.opt_out_by_dns(domain)
    keys = {company.key for company in companies_of_domain(domain)}
    assert len(answer.json()["companies"]) == len(keys)
    assert {key for key, _ in owner.opted_out()} == keys


@pytest.mark.parametrize("spelling", [f"www.{DOMAIN}", f"  {DOMAIN.upper()}. ", f"WWW.{DOMAIN}"])
def test_a_domain_is_the_same_however_it_is_written(owner: Owner, spelling: str) -> None:
    assert owner.ask(spelling, email=f"it@{DOMAIN}").json()["domain"] == DOMAIN


def test_a_token_works_once(owner: Owner) -> None:
    token = owner.mailed_token(DOMAIN)
    owner.prove(token)
    for answer in (owner.prove(token), owner.find(token)):
        assert (answer.status_code, answer.json()["error"]) == (410, "token_used")


def test_a_token_expires(owner: Owner) -> None:
    lasting = "select proof, expires_at - created_at from private.opt_out_requests order by 1"
    tokens = [owner.mailed_token(DOMAIN), owner.ask(DOMAIN, proof="dns").json()["token"]]
    assert [(proof, span.days) for proof, span in owner.database.execute(lasting)] == [("dns", 7), ("mail", 1)]
    owner.database.execute("update private.opt_out_requests set expires_at = now()")
    for token in tokens:
        for answer in (owner.prove(token), owner.find(token)):
            assert (answer.status_code, answer.json()["error"]) == (410, "token_expired")
    assert owner.opted_out() == set()


def test_what_expired_long_ago_is_deleted(owner: Owner) -> None:
    token = owner.mailed_token(DOMAIN)
    owner.database.execute("update private.opt_out_requests set expires_at = now() - interval '25 hours'")
    owner.ask(OTHER)
    assert owner.find(token).json()["error"] == "unknown_token"
    [(kept,)] = owner.database.execute("select count(*) from private.opt_out_requests").fetchall()
    assert kept == 1


def test_of_two_confirmations_at_once_one_acts(owner: Owner) -> None:
    before = len(owner.changes(DOMAIN))
    for _ in range(3):
        token = owner.mailed_token(DOMAIN)
        with ThreadPoolExecutor(8) as together:
            statuses = [answer.status_code for answer in together.map(owner.prove, [token] * 8)]
        assert sorted(statuses) == [200] + [410] * 7
    assert len(owner.changes(DOMAIN)) == before + 3


def test_a_domain_is_not_flooded_with_mails(owner: Owner) -> None:
    before = len(owner.mails(DOMAIN))
    with ThreadPoolExecutor(8) as together:
        answers = list(together.map(lambda number: owner.ask(DOMAIN, email=f"p{number}@{DOMAIN}"), range(12)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 7
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {(answer.json()["error"], answer.headers["retry-after"]) for answer in refused} == {("too_many_requests", "86400")}
    assert len(owner.mails(DOMAIN)) == before + 5
    # Who floods one proof of one domain blocks nothing else, and cannot use up the other.
    assert {owner.ask(DOMAIN, proof="dns").status_code for _ in range(8)} == {202}
    assert owner.ask(OTHER).status_code == 202
    owner.database.execute("update private.opt_out_requests set created_at = created_at - interval '25 hours'")
    assert owner.ask(DOMAIN).status_code == 202


def test_all_domains_together_are_bounded_too(owner: Owner) -> None:
    owner.database.execute(
        "insert into private.opt_out_requests (domain, company_keys, proof, wish, token_hash, expires_at) "
        "select 'd' || n || '.com', '{x}', 'mail', 'opt_out', sha256(n::text::bytea), now() + interval '1 day' "
        "from generate_series(1, 300) n"
    )
    assert owner.ask(DOMAIN).json()["error"] == "too_many_requests"
    assert owner.mails("d1.com") == []
    assert owner.ask(DOMAIN, proof="dns").status_code == 202


def test_opening_a_link_does_nothing(owner: Owner, app: httpx.Client) -> None:
    """Mail scanners open links, and some follow every address they find."""
    token = owner.mailed_token(DOMAIN)
    page = app.get(owner.mailed_link(DOMAIN))
    assert page.status_code == httpx.codes.OK and "Never identify" in page.text
    for path in ("/api/public/opt-outs", "/api/public/opt-out-requests", "/api/public/opt-out-requests/find"):
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            assert app.request(method, path, params={"token": token}).status_code == 405
    assert owner.find(token).status_code == httpx.codes.OK
    assert owner.opted_out() == set()


def test_a_page_of_another_origin_gets_nothing_done(owner: Owner, app: httpx.Client) -> None:
    token = owner.mailed_token(DOMAIN)
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"Origin": "https://evil.example", "Content-Type": content_type}
        answer = app.post("/api/public/opt-outs", content=json.dumps({"token": token}), headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (415, "unsupported_type")
        assert "access-control-allow-origin" not in answer.headers
    assert owner.opted_out() == set()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"domain": "unheard-of.com"}, 404, "unknown_domain"),
        ({"domain": f"mail.{DOMAIN}"}, 404, "unknown_domain"),
        ({"domain": "com"}, 400, "invalid_domain"),
        ({"domain": ""}, 400, "invalid_domain"),
        ({"domain": "localhost"}, 400, "invalid_domain"),
        ({"domain": "db.internal"}, 400, "invalid_domain"),
        ({"domain": "127.0.0.1"}, 400, "invalid_domain"),
        ({"domain": "169.254.169.254"}, 400, "invalid_domain"),
        ({"domain": "[::1]"}, 400, "invalid_domain"),
        ({"domain": f"https://{DOMAIN}/"}, 400, "invalid_domain"),
        ({"domain": f"{DOMAIN}:53"}, 400, "invalid_domain"),
        ({"domain": f"{DOMAIN}\n{DOMAIN}"}, 400, "invalid_domain"),
        ({"domain": "a" * 300 + ".com"}, 400, "invalid_domain"),
        ({"email": "somebody@gmail.com"}, 422, "free_mail_address"),
        ({"email": "somebody@mailbox.org"}, 422, "free_mail_address"),
        ({"domain": "stanford.edu", "email": "student@stanford.edu"}, 422, "shared_domain"),
        ({"domain": "gov.pl", "email": "somebody@gov.pl"}, 422, "shared_domain"),
        ({"email": f"it@{OTHER}"}, 422, "foreign_address"),
        ({"email": f"it@mail.{DOMAIN}"}, 422, "foreign_address"),
        ({"email": f"it@{DOMAIN}.evil.com"}, 422, "foreign_address"),
        ({"email": f"it@evil{DOMAIN}"}, 422, "foreign_address"),
        ({"email": DOMAIN}, 400, "invalid_email"),
        ({"email": f"@{DOMAIN}"}, 400, "invalid_email"),
        ({"email": f"a@evil.com,b@{DOMAIN}"}, 400, "invalid_email"),
        ({"email": f"a@evil.com b@{DOMAIN}"}, 400, "invalid_email"),
        ({"email": f"<a@evil.com>@{DOMAIN}"}, 400, "invalid_email"),
        ({"email": f"it@{DOMAIN}\r\nBcc: a@evil.com"}, 400, "invalid_email"),
        ({"email": "x" * 65 + f"@{DOMAIN}"}, 400, "invalid_email"),
        ({"proof": "trust me"}, 400, "invalid_proof"),
        ({"wish": "money"}, 400, "invalid_wish"),
        ({"wish": None}, 400, "invalid_json"),
        ({"more": "x"}, 400, "invalid_fields"),
        ({"email": "", "proof": "dns"}, 400, "invalid_fields"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_words(
    owner: Owner, app: httpx.Client, changes: dict[str, Any], status: int, code: str
) -> None:
    body = {"domain": DOMAIN, "proof": "mail", "wish": "opt_out", "email": f"it@{DOMAIN}"} | changes
    answer = app.post("/api/public/opt-out-requests", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert len(answer.json()["message"]) > 25
    assert owner.database.execute("select * from private.opt_out_requests").fetchall() == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"token": TOKEN}, 404, "unknown_token"),
        ({"token": TOKEN[1:]}, 400, "invalid_token"),
        ({"token": "é" * 43}, 400, "invalid_token"),
        ({"token": f"{TOKEN}\n"}, 400, "invalid_token"),
        ({"token": TOKEN, "more": "x"}, 400, "invalid_fields"),
        ({}, 400, "invalid_fields"),
        ({"token": [TOKEN]}, 400, "invalid_json"),
        ([], 400, "invalid_json"),
    ],
)
@pytest.mark.parametrize("path", ["opt-outs", "opt-out-requests/find"])
def test_a_wrong_token_is_refused_in_words(app: httpx.Client, path: str, body: object, status: int, code: str) -> None:
    answer = app.post(f"/api/public/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert len(answer.json()["message"]) > 25


@pytest.mark.parametrize("path", ["opt-outs", "opt-out-requests", "opt-out-requests/find"])
def test_hostile_bodies_never_break_the_door(app: httpx.Client, path: str) -> None:
    hostile = [
        b"",
        b"\xff",
        b"null",
        b'"x"',
        b"NaN",
        b"[" * 2000,
        b'{"token":' + b"9" * 2000 + b"}",
        b'{"token":"\\u0000"}',
        b'{"token":"a","token":"b"}',
        b'{"domain":"\\ud800.com","proof":"dns","wish":"opt_out"}',
        b'{"domain":"a\\u0000.com","proof":"dns","wish":"opt_out"}',
        b'{"domain":"..","proof":"dns","wish":"opt_out"}',
    ]
    headers = {"Content-Type": "application/json"}
    for body in hostile:
        answer = app.post(f"/api/public/{path}", content=body, headers=headers)
        assert answer.status_code == 400, body
    for body in (b"x" * 2049, b"x" * 500_000):
        assert app.post(f"/api/public/{path}", content=body, headers=headers).status_code == 413


@pytest.mark.parametrize("path", ["/api/public", "/api/public/nothing", "/api/public/opt-outs/more"])
def test_elsewhere_is_nothing(app: httpx.Client, path: str) -> None:
    answer = app.post(path, json={})
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_no_email_address_and_no_token_is_kept(owner: Owner) -> None:
    token = owner.mailed_token(DOMAIN, email=f"canary-person@{DOMAIN}")
    owner.prove(token)
    tables = ("opt_out_requests", "opt_outs", "opt_out_changes")
    rows = str([owner.database.execute(f"select t::text from private.{table} t").fetchall() for table in tables])
    assert DOMAIN in rows
    assert "canary" not in rows and "@" not in rows and token not in rows


def test_an_unreachable_mail_service_is_said_so_and_asking_again_works(stack: Stack, owner: Owner) -> None:
    with deployment(stack, RESEND_API_URL="http://127.0.0.1:9") as cut_off:
        for _ in range(6):  # more often than a domain may ask in a day
            answer = Owner(cut_off, owner.mail_url, owner.names, owner.database).ask(DOMAIN)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
            assert "mail" in answer.json()["message"]
    assert owner.ask(DOMAIN).status_code == httpx.codes.ACCEPTED


def test_a_mail_service_that_refuses_is_said_so(stack: Stack, owner: Owner) -> None:
    with deployment(stack, RESEND_API_KEY="wrong") as refused:
        assert Owner(refused, owner.mail_url, owner.names, owner.database).ask(DOMAIN).status_code == 503
    with deployment(stack, RESEND_API_KEY="") as unset:
        asked = Owner(unset, owner.mail_url, owner.names, owner.database)
        assert asked.ask(DOMAIN).status_code == 503
        assert asked.ask(DOMAIN, proof="dns").status_code == 202


def test_name_servers_that_do_not_answer_are_said_so(stack: Stack, owner: Owner) -> None:
    token = owner.ask(DOMAIN, proof="dns").json()["token"]
    with contextlib.ExitStack() as running:
        silent = running.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        silent.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        cut_off = running.enter_context(deployment(stack, DNS_RESOLVERS=place))
        started = time.monotonic()
        answer = Owner(cut_off, owner.mail_url, owner.names, owner.database).prove(token)
        assert time.monotonic() - started < 5
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert owner.find(token).status_code == httpx.codes.OK


def test_an_unreachable_database_is_said_so(stack: Stack) -> None:
    with deployment(stack, SUPABASE_URL="http://127.0.0.1:9") as cut_off:
        answer = cut_off.post("/api/public/opt-outs", json={"token": TOKEN})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["error"] == "unavailable"
