"""Asking for contacts: credits, turns, retries, and that no account's results are another's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.builders import Caller, Customer, World
from tests.contacts import ANNA, accesses, visited_by

PROVIDERS = ["dropcontact", "hunter"]
CALLS: dict[str, dict[str, object]] = {
    "claim_enrichments": {"most": 1, "lease_seconds": 30, "providers": PROVIDERS},
    "finish_enrichment": {"claim": "0" * 32, "contacts": []},
    "postpone_enrichment": {"claim": "0" * 32, "wait_seconds": 1},
    "fail_enrichment": {"claim": "0" * 32, "fault": "x"},
}


@pytest.fixture
def enricher(world: World) -> Iterator[Caller]:
    world.database.execute("delete from private.enrichment_requests")
    yield world.role("enricher")
    world.database.execute("delete from private.enrichment_requests")


@pytest.fixture
def company_id(customer: Customer) -> str:
    return visited_by(customer)


def claim(enricher: Caller, most: int = 10, providers: list[str] | None = None) -> list[dict[str, Any]]:
    claimed: list[dict[str, Any]] = enricher.result(
        "claim_enrichments", most=most, lease_seconds=30, providers=providers or PROVIDERS
    )
    return claimed


def ask(customer: Customer, company_id: str, status: int = 204) -> str:
    answer = customer.owner.call("find_contacts", company_id=company_id)
    assert answer.status_code == status, answer.text
    return "" if status == 204 else str(answer.json()["message"])


def state(customer: Customer, company_id: str) -> dict[str, Any]:
    found: dict[str, Any] = customer.owner.result("get_enrichment", company_id=company_id)
    return found


def hurry(world: World) -> None:
    world.database.execute("update private.enrichment_requests set next_try_at = now() where state = 'waiting'")


def choose(customer: Customer, **changes: Any) -> Any:
    choice = {"companies": "by_hand", "roles": ["sales"], "seniorities": ["senior"], **changes}
    return customer.owner.call("choose_enrichment", account_id=customer.account_id, **choice)


def test_what_is_asked_is_answered_kept_recorded_and_paid_for(
    world: World, enricher: Caller, customer: Customer, company_id: str
) -> None:
    choose(customer, roles=["purchasing", "it"], most_contacts=3, provider="hunter")
    assert state(customer, company_id)["credits_left"] == 50
    ask(customer, company_id)
    assert (state(customer, company_id)["state"], state(customer, company_id)["credits_left"]) == ("waiting", 49)
    [request] = claim(enricher)
    assert request | {"claim": "", "company_name": ""} == {
        "account_id": customer.account_id, "domain": "acme.example", "provider": "hunter", "roles": ["purchasing", "it"],
        "seniorities": ["senior"], "most": 3, "provider_job": None, "attempt": 1, "claim": "", "company_name": "",
    }  # fmt: skip
    assert claim(enricher) == []
    sent = [ANNA, {"work_email": "x@gmail.com"}, {"work_email": "bernd@acme.example", "phone_number": "+49 89 1234567"}]
    assert enricher.result("finish_enrichment", claim=request["claim"], contacts=sent) == {"kept": 2, "left_out": 1}
    assert enricher.result("finish_enrichment", claim=request["claim"], contacts=sent) is None
    done = state(customer, company_id)
    assert (done["state"], done["contacts"], done["credits_left"]) == ("found", 2, 49)
    assert {row["source"] for row in customer.owner.result("list_contacts", company_id=company_id)} == {"hunter"}
    assert accesses(customer)[0] == ("enriched", 2)


def test_where_nothing_is_found_the_credit_is_given_back(enricher: Caller, customer: Customer, company_id: str) -> None:
    ask(customer, company_id)
    [request] = claim(enricher)
    enricher.result("finish_enrichment", claim=request["claim"], contacts=[{"work_email": "x@gmail.com"}])
    assert (state(customer, company_id)["state"], state(customer, company_id)["credits_left"]) == ("nothing", 50)
    assert "within 30 days" in ask(customer, company_id, 409)


def test_a_request_that_fails_gives_its_credit_back_and_may_be_asked_again(
    enricher: Caller, customer: Customer, company_id: str
) -> None:
    ask(customer, company_id)
    [request] = claim(enricher)
    assert enricher.result("fail_enrichment", claim=request["claim"], fault="The provider is gone.") is True
    assert enricher.result("fail_enrichment", claim=request["claim"], fault="Again") is False
    failed = state(customer, company_id)
    assert (failed["state"], failed["fault"], failed["credits_left"]) == ("failed", "The provider is gone.", 50)
    ask(customer, company_id)


def test_a_company_is_looked_for_once_at_a_time(customer: Customer, enricher: Caller, company_id: str) -> None:
    ask(customer, company_id)
    assert "already" in ask(customer, company_id, 409)
    assert state(customer, company_id)["credits_left"] == 49


def test_credits_are_never_overdrawn_by_who_asks_at_once(world: World, enricher: Caller, customer: Customer) -> None:
    companies = [visited_by(customer, f"company{number}") for number in range(12)]
    world.database.execute("select private.take_enrichment_credit(%s)", [customer.account_id])
    world.database.execute("update public.enrichment_credits set used = 45 where account_id = %s", [customer.account_id])
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda one: customer.owner.call("find_contacts", company_id=one).status_code, companies))
    assert sorted(answers) == [204] * 5 + [402] * 7
    [(used, granted)] = world.database.execute(
        "select used, granted from public.enrichment_credits where account_id = %s", [customer.account_id]
    ).fetchall()
    assert (used, granted) == (50, 50)
    assert "credits" in ask(customer, companies[answers.index(402)], 402)


def test_the_same_company_asked_for_twice_at_once_costs_one_credit(enricher: Caller, customer: Customer, company_id: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(
            threads.map(lambda one: customer.owner.call("find_contacts", company_id=one).status_code, [company_id] * 6)
        )
    assert sorted(answers) == [204] + [409] * 5
    assert state(customer, company_id)["credits_left"] == 49


def test_two_accounts_never_share_what_was_found(world: World, enricher: Caller, customer: Customer, company_id: str) -> None:
    ask(customer, company_id)
    [request] = claim(enricher)
    enricher.result("finish_enrichment", claim=request["claim"], contacts=[ANNA])
    other = world.customer()
    same = visited_by(other)
    assert (state(other, same)["contacts"], state(other, same)["state"]) == (0, None)
    ask(other, same)
    [asked_again] = claim(enricher)
    assert (asked_again["account_id"], asked_again["domain"]) == (other.account_id, "acme.example")
    assert other.owner.result("list_contacts", company_id=same) == []
    assert other.owner.call("list_contacts", company_id=company_id).status_code == 404


def test_what_a_provider_works_on_is_asked_for_again_under_its_own_name(
    world: World, enricher: Caller, customer: Customer, company_id: str
) -> None:
    ask(customer, company_id)
    [request] = claim(enricher)
    enricher.result("postpone_enrichment", claim=request["claim"], wait_seconds=45, provider_job="job-1")
    assert claim(enricher) == []
    hurry(world)
    assert claim(enricher, providers=["hunter"]) == []  # it is dropcontact's by now
    [again] = claim(enricher)
    assert (again["provider_job"], again["attempt"], again["provider"]) == ("job-1", 2, "dropcontact")


def test_whose_worker_died_is_taken_again(world: World, enricher: Caller, customer: Customer, company_id: str) -> None:
    ask(customer, company_id)
    [dead] = claim(enricher)
    world.database.execute("update private.enrichment_requests set leased_until = now() - interval '1 second'")
    [again] = claim(enricher)
    assert again["claim"] != dead["claim"]
    assert enricher.result("finish_enrichment", claim=dead["claim"], contacts=[ANNA]) is None
    assert state(customer, company_id)["contacts"] == 0


def test_what_nobody_answers_for_days_is_given_up(world: World, enricher: Caller, customer: Customer, company_id: str) -> None:
    ask(customer, company_id)
    world.database.execute("update private.enrichment_requests set asked_at = now() - interval '4 days'")
    assert claim(enricher) == []
    given_up = state(customer, company_id)
    assert (given_up["state"], given_up["credits_left"]) == ("failed", 50) and "given back" in given_up["fault"]


def test_accounts_take_turns(enricher: Caller, world: World, customer: Customer) -> None:
    for number in range(4):
        ask(customer, visited_by(customer, f"company{number}"))
    other = world.customer()
    ask(other, visited_by(other))
    assert {request["account_id"] for request in claim(enricher, most=2)} == {customer.account_id, other.account_id}


def test_an_account_for_which_the_job_fails_is_left_out(
    world: World, enricher: Caller, customer: Customer, company_id: str
) -> None:
    ask(customer, company_id)
    world.role("scheduler").call("note_job_failure", job="enrich_contacts", account_id=customer.account_id, fault="ValueError")
    assert claim(enricher) == []
    world.role("scheduler").call("forget_job_failure", job="enrich_contacts", account_id=customer.account_id)
    assert len(claim(enricher)) == 1


@pytest.mark.parametrize("why", ["no domain", "an authority", "corrected", "opted out", "free mail", "switched off"])
def test_at_which_companies_nobody_is_looked_for(
    world: World, enricher: Caller, customer: Customer, company_id: str, why: str
) -> None:
    changes = {
        "no domain": "update public.companies set domain = null where id = %(id)s",
        "an authority": "update public.companies set kind = 'government' where id = %(id)s",
        "opted out": "insert into private.opt_outs (company_key, proof) values ('acme', 'mail')",
        "free mail": "update public.companies set domain = 'yahoo.com' where id = %(id)s",
    }
    if why == "corrected":
        customer.correct("acme", "isp")
    elif why == "switched off":
        assert choose(customer, companies="none").is_success
    else:
        world.database.execute(changes[why], {"id": company_id})
    try:
        assert state(customer, company_id)["is_possible"] is False
        assert ask(customer, company_id, 409 if why == "switched off" else 422)
        assert state(customer, company_id)["credits_left"] == 50
    finally:
        world.database.execute("delete from private.opt_outs")


def test_a_company_that_opts_out_meanwhile_is_left_alone(
    world: World, enricher: Caller, customer: Customer, company_id: str
) -> None:
    ask(customer, company_id)
    world.database.execute("insert into private.opt_outs (company_key, proof) values ('acme', 'mail')")
    assert claim(enricher) == []
    assert (state(customer, company_id)["state"], state(customer, company_id)["credits_left"]) == ("failed", 50)
    world.database.execute("delete from private.opt_outs")


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": []}, {"roles": ["astrology"]}, {"roles": None}, {"seniorities": []}, {"seniorities": ["boss"]},
        {"companies": "all"},
        {"companies": "segment"}, {"segment_id": "0" * 32}, {"provider": "a friend"}, {"most_contacts": 0}, {"most_contacts": 21},
        {"most_contacts": 99999}, {"companies": None},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused_in_words(customer: Customer, changes: dict[str, Any]) -> None:
    answer = choose(customer, **changes)
    assert answer.status_code == 422 and answer.json()["message"].startswith(("Choose", "There is no such segment"))


def test_somebody_who_listens_is_told_that_contacts_were_found(
    world: World, enricher: Caller, customer: Customer, company_id: str
) -> None:
    world.database.execute("insert into private.listeners values ('trial') on conflict do nothing")
    world.database.execute("select private.listen(%s, 'trial', true)", [customer.account_id])
    ask(customer, company_id)
    enricher.result("finish_enrichment", claim=claim(enricher)[0]["claim"], contacts=[ANNA])
    told = world.database.execute(
        "select kind, company_id::text, content from private.events where account_id = %s and kind like 'contact%%'",
        [customer.account_id],
    ).fetchall()
    assert told == [("contact.enriched", company_id, {"contacts": 1})]  # how many, and nobody's address
    world.database.execute("delete from private.listeners where name = 'trial'")
    world.database.execute("delete from private.events where account_id = %s", [customer.account_id])


def test_the_enricher_executes_its_functions_and_nothing_else(world: World, enricher: Caller, customer: Customer) -> None:
    executable = world.database.execute(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
        "where has_function_privilege('enricher', p.oid, 'execute') and n.nspname in ('public', 'private')"
    ).fetchall()
    assert {name for (name,) in executable} == set(CALLS)
    for caller in (
        world.anonymous(),
        customer.owner,
        world.role("service_role"),
        world.role("deliverer"),
        world.role("public_door"),
    ):
        for function, arguments in CALLS.items():
            assert caller.call(function, **arguments).status_code in (401, 403), function


def test_what_ended_a_year_ago_is_forgotten(world: World, enricher: Caller, customer: Customer, company_id: str) -> None:
    ask(customer, company_id)
    enricher.result("finish_enrichment", claim=claim(enricher)[0]["claim"], contacts=[])
    world.database.execute("update private.enrichment_requests set ended_at = now() - interval '366 days'")
    world.database.execute(
        "update public.enrichment_credits set month = '2020-01-01' where account_id = %s", [customer.account_id]
    )
    assert world.role("scheduler").result("purge_expired")["contacts"] == 2


def look_by_segment(customer: Customer, country: str = "DE") -> str:
    """Let contacts be looked for at companies of a country."""
    conditions = {"match": "all", "conditions": [{"field": "country", "is": [country]}]}
    row = {"account_id": customer.account_id, "name": country, "filter": conditions}
    assert customer.owner.insert("segments", row).is_success
    [segment] = customer.owner.rows("segments", name=f"eq.{country}", account_id=f"eq.{customer.account_id}")
    assert choose(customer, companies="segment", segment_id=segment["id"]).is_success
    return str(segment["id"])


def announce(world: World) -> dict[str, int]:
    told: dict[str, int] = world.role("announcer").result("announce_events", most=100)
    return told


def test_companies_of_the_chosen_segment_are_asked_for_when_they_visit(
    world: World, enricher: Caller, customer: Customer
) -> None:
    look_by_segment(customer)
    company_id = visited_by(customer)
    assert announce(world)["failed"] == 0
    assert (state(customer, company_id)["state"], state(customer, company_id)["credits_left"]) == ("waiting", 49)
    customer.pass_time("2 hours")
    world.record(customer.beacon())
    announce(world)
    assert state(customer, company_id)["credits_left"] == 49  # once


def test_other_companies_and_other_accounts_are_not(world: World, enricher: Caller, customer: Customer) -> None:
    look_by_segment(customer, "FR")
    company_id, other = visited_by(customer), world.customer()
    theirs = visited_by(other)
    announce(world)
    assert (state(customer, company_id)["state"], state(other, theirs)["state"]) == (None, None)
    assert world.database.execute("select from private.listening where account_id = %s", [other.account_id]).fetchall() == []


def test_without_credits_a_visit_asks_for_nothing_and_is_told_of_all_the_same(
    world: World, enricher: Caller, customer: Customer
) -> None:
    look_by_segment(customer)
    world.database.execute("select private.take_enrichment_credit(%s)", [customer.account_id])
    world.database.execute("update public.enrichment_credits set used = granted where account_id = %s", [customer.account_id])
    company_id = visited_by(customer)
    assert announce(world)["failed"] == 0
    assert (state(customer, company_id)["state"], state(customer, company_id)["credits_left"]) == (None, 0)


def test_a_segment_that_is_deleted_or_given_up_asks_for_nothing_more(world: World, enricher: Caller, customer: Customer) -> None:
    listening = "select listener from private.listening where account_id = %s"
    segment_id = look_by_segment(customer)
    assert world.database.execute(listening, [customer.account_id]).fetchall() == [("enrichment",)]
    assert customer.owner.delete("segments", id=f"eq.{segment_id}").json()
    assert world.database.execute(listening, [customer.account_id]).fetchall() == []
    [settings] = customer.owner.rows("enrichment_settings", account_id=f"eq.{customer.account_id}")
    assert (settings["companies"], settings["segment_id"]) == ("segment", None)
    look_by_segment(customer, "FR")
    assert choose(customer).is_success
    assert world.database.execute(listening, [customer.account_id]).fetchall() == []


def test_a_segment_of_another_account_is_none(world: World, customer: Customer) -> None:
    theirs = look_by_segment(world.customer())
    answer = choose(customer, companies="segment", segment_id=theirs)
    assert (answer.status_code, answer.json()["message"]) == (422, "There is no such segment in your account.")


def test_an_account_that_looks_by_segment_can_be_deleted(world: World, enricher: Caller, customer: Customer) -> None:
    look_by_segment(customer)
    visited_by(customer)
    announce(world)
    world.database.execute("delete from public.accounts where id = %s", [customer.account_id])
    for table in ("public.enrichment_settings", "private.enrichment_requests", "private.listening"):
        assert world.database.execute(f"select from {table} where account_id = %s", [customer.account_id]).fetchall() == []


def test_a_credit_does_not_come_back_once_a_provider_was_asked(
    world: World, enricher: Caller, customer: Customer, company_id: str
) -> None:
    ask(customer, company_id)
    [request] = claim(enricher)
    enricher.result("postpone_enrichment", claim=request["claim"], wait_seconds=60, provider_job="job")
    correction = customer.correct("acme", "isp")
    hurry(world)
    assert claim(enricher) == []
    ended = state(customer, company_id)
    assert (ended["state"], ended["credits_left"]) == ("dropped", 49)
    assert "the credit is used" in ended["fault"]
    customer.owner.result("undo_correction", correction_id=correction["id"])
    ask(customer, company_id)
    assert state(customer, company_id)["credits_left"] == 48


def test_a_credit_comes_back_where_a_company_was_corrected_before_anybody_was_asked(
    enricher: Caller, customer: Customer, company_id: str
) -> None:
    ask(customer, company_id)
    customer.correct("acme", "isp")
    assert claim(enricher) == []
    ended = state(customer, company_id)
    assert (ended["state"], ended["credits_left"]) == ("failed", 50)
