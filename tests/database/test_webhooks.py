"""Webhooks in the database: who manages them, what they are told of, and when one is switched off."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dev.bootstrap import ROOT
from lib.domain.webhook import payload
from tests.alerts import rule, segment
from tests.builders import Caller, Customer, World, company_row
from tests.webhooks import EVENTS, Endpoint, add_endpoint, announce, attempts_of, claim_webhooks, hurry


@pytest.fixture
def endpoint(customer: Customer) -> Endpoint:
    customer.world.database.execute("delete from private.outbox")
    return add_endpoint(customer)


def caller_of(world: World, customer: Customer, who: str) -> Caller:
    if who == "owner":
        return customer.owner
    if who == "stranger":
        return world.customer().owner
    return world.anonymous() if who == "anonymous" else world.teammate(customer.account_id, who)


def row(endpoint: Endpoint) -> dict[str, Any]:
    [found] = endpoint.customer.owner.rows("webhook_endpoints", id=f"eq.{endpoint.id}")
    return found


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_owners_and_admins_manage_webhooks(world: World, customer: Customer, who: str) -> None:
    caller = caller_of(world, customer, who)
    made = add_endpoint(customer, caller=caller, description=" CRM ")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", made.secret)
    assert {**row(made), "description": "CRM", "is_enabled": True, "events": list(EVENTS)} == row(made)
    changes = {"events": ["company.returned"], "description": "", "is_enabled": False}
    assert caller.call("update_webhook_endpoint", endpoint_id=made.id, **changes).is_success
    assert {key: row(made)[key] for key in changes} == changes
    assert caller.call("rotate_webhook_secret", endpoint_id=made.id).json() != made.secret
    assert caller.call("send_webhook_test", endpoint_id=made.id).is_success
    [message] = caller.result("list_webhook_messages", endpoint_id=made.id)
    assert (message["type"], message["state"], message["attempts"]) == ("test", "waiting", [])
    assert caller.call("delete_webhook_endpoint", endpoint_id=made.id).is_success
    assert customer.world.database.execute("select from private.outbox where destination_id = %s", [made.id]).fetchall() == []
    assert customer.owner.rows("webhook_endpoints", id=f"eq.{made.id}") == []


@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("viewer", 403), ("billing", 403), ("stranger", 404), ("anonymous", 401)]
)
def test_nobody_else_manages_them_or_reads_their_log(world: World, endpoint: Endpoint, who: str, status: int) -> None:
    message = endpoint.customer.owner.result("send_webhook_test", endpoint_id=endpoint.id)
    caller = caller_of(world, endpoint.customer, who)
    world.role("webhook_door").call("allow_webhook_url", url="https://evil.example/")
    account = {"account_id": endpoint.customer.account_id}
    answers = [
        caller.call("create_webhook_endpoint", **account, url="https://evil.example/", events=["company.returned"]),
        caller.call("check_may_manage_webhooks", **account),
        caller.call("update_webhook_endpoint", endpoint_id=endpoint.id, url="https://evil.example/"),
        caller.call("update_webhook_endpoint", endpoint_id=endpoint.id, is_enabled=False),
        caller.call("rotate_webhook_secret", endpoint_id=endpoint.id),
        caller.call("delete_webhook_endpoint", endpoint_id=endpoint.id),
        caller.call("send_webhook_test", endpoint_id=endpoint.id),
        caller.call("list_webhook_messages", endpoint_id=endpoint.id),
        caller.call("replay_webhook_message", message_id=message),
    ]
    assert {answer.status_code for answer in answers} == {status}
    assert all(endpoint.secret not in answer.text and len(answer.json()["message"]) > 15 for answer in answers)
    assert row(endpoint)["is_enabled"] and row(endpoint)["url"] == endpoint.url


def test_nobody_writes_the_table_or_reaches_secrets_beside_the_functions(world: World, endpoint: Endpoint) -> None:
    owner = endpoint.customer.owner
    body = {"account_id": endpoint.customer.account_id, "url": "https://evil.example/", "events": ["company.returned"]}
    assert owner.insert("webhook_endpoints", body).status_code == 403
    assert owner.update("webhook_endpoints", {"url": "https://evil.example/"}, id=f"eq.{endpoint.id}").status_code == 403
    assert owner.delete("webhook_endpoints", id=f"eq.{endpoint.id}").status_code == 403
    for caller in (owner, world.anonymous(), world.role("service_role"), world.role("webhook_door"), world.role("deliverer")):
        assert caller.get("webhook_secrets").status_code in (401, 403, 404)
    assert endpoint.secret not in owner.get("webhook_endpoints").text


def test_the_doors_role_allows_urls_and_nothing_else(world: World, endpoint: Endpoint) -> None:
    for caller in (
        endpoint.customer.owner,
        world.anonymous(),
        world.role("service_role"),
        world.beacon_door(),
        world.role("deliverer"),
    ):
        assert caller.call("allow_webhook_url", url="https://evil.example/").status_code in (401, 403)
    door = world.role("webhook_door")
    for function in ("create_webhook_endpoint", "list_webhook_messages", "record_beacons", "claim_messages", "create_account"):
        assert door.call(function).status_code in (401, 403, 404)
    executable = world.database.execute(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
        "where n.nspname in ('public', 'private') and has_function_privilege('webhook_door', p.oid, 'execute') "
        "and has_schema_privilege('webhook_door', n.oid, 'usage')"
    ).fetchall()
    assert executable == [("allow_webhook_url",)]


def test_no_url_is_saved_that_the_door_has_not_looked_at_just_now(world: World, endpoint: Endpoint) -> None:
    owner, account_id = endpoint.customer.owner, endpoint.customer.account_id
    refused = owner.call("create_webhook_endpoint", account_id=account_id, url="https://10.0.0.1/", events=["company.returned"])
    assert (refused.status_code, refused.json()["message"]) == (422, "This URL was not looked at.")
    assert owner.call("update_webhook_endpoint", endpoint_id=endpoint.id, url="https://10.0.0.1/").status_code == 422
    world.role("webhook_door").call("allow_webhook_url", url="https://old.example/")
    world.database.execute("update private.allowed_webhook_urls set allowed_until = now() - interval '1 second'")
    assert owner.call("update_webhook_endpoint", endpoint_id=endpoint.id, url="https://old.example/").status_code == 422
    assert world.role("scheduler").result("purge_expired")["webhooks"] >= 1
    assert world.database.execute("select count(*) from private.allowed_webhook_urls").fetchone() == (0,)


@pytest.mark.parametrize("events", [[], ["company.left"], ["test"], [None], None])
def test_a_webhook_is_told_of_events_there_are(world: World, endpoint: Endpoint, events: list[str] | None) -> None:
    world.role("webhook_door").call("allow_webhook_url", url="https://two.example/")
    asked = {"account_id": endpoint.customer.account_id, "url": "https://two.example/", "events": events}
    assert endpoint.customer.owner.call("create_webhook_endpoint", **asked).status_code == 422


def test_an_account_has_at_most_ten(customer: Customer) -> None:
    for number in range(10):
        add_endpoint(customer, url=f"https://hooks.example/{number}")
    customer.world.role("webhook_door").call("allow_webhook_url", url="https://hooks.example/more")
    refused = customer.owner.call(
        "create_webhook_endpoint", account_id=customer.account_id, url="https://hooks.example/more", events=["company.returned"]
    )
    assert refused.status_code == 422 and "10 webhooks already" in refused.json()["message"]


def test_after_a_change_two_secrets_hold_for_a_day(world: World, endpoint: Endpoint) -> None:
    owner = endpoint.customer.owner
    second = owner.result("rotate_webhook_secret", endpoint_id=endpoint.id)
    owner.result("send_webhook_test", endpoint_id=endpoint.id)
    assert claim_webhooks(world)[0]["destination"] == {"url": endpoint.url, "secrets": [second, endpoint.secret]}
    third = owner.result("rotate_webhook_secret", endpoint_id=endpoint.id)
    owner.result("send_webhook_test", endpoint_id=endpoint.id)
    world.database.execute("update private.outbox set state = 'dead', claim = null, ended_at = now() where state = 'sending'")
    assert claim_webhooks(world)[0]["destination"]["secrets"] == [third, second]
    world.database.execute("update private.webhook_secrets set expires_at = now() where expires_at is not null")
    world.database.execute("update private.outbox set state = 'dead', claim = null, ended_at = now() where state = 'sending'")
    owner.result("send_webhook_test", endpoint_id=endpoint.id)
    assert claim_webhooks(world)[0]["destination"]["secrets"] == [third]
    assert world.role("scheduler").result("purge_expired")["webhooks"] >= 1


def test_a_secret_that_leaked_ends_at_once(world: World, endpoint: Endpoint) -> None:
    new = endpoint.customer.owner.result("rotate_webhook_secret", endpoint_id=endpoint.id, ends_old_now=True)
    endpoint.customer.owner.result("send_webhook_test", endpoint_id=endpoint.id)
    assert claim_webhooks(world)[0]["destination"]["secrets"] == [new]


def told(world: World, endpoint: Endpoint) -> list[tuple[str, dict[str, Any]]]:
    announce(world)
    rows = world.database.execute(
        "select template, content from private.outbox where destination_id = %s order by sequence", [endpoint.id]
    ).fetchall()
    return [(template, content) for template, content in rows]


def test_a_company_is_told_of_with_its_facts_the_site_and_the_pages(world: World, endpoint: Endpoint) -> None:
    customer = endpoint.customer
    world.record(customer.beacon(page={"host": "example.com", "path": "/pricing", "utm_source": "news"}))
    world.record(customer.beacon(page={"host": "example.com", "path": "/contact"}))
    [(kind, content)] = told(world, endpoint)
    data = content["data"]
    assert kind == "company.identified" and set(data) == {"company", "site", "visit"}
    company = data["company"]
    assert {**company, "name": "Acme", "domain": "acme.example", "country": "DE", "employee_range": "1000-4999"} == company
    assert data["site"] == {"id": customer.site_id, "name": "Website"}
    assert [page["path"] for page in data["visit"]["pages"]] == ["/pricing", "/contact"]
    assert data["visit"]["pages"][0]["utm_source"] == "news" and "referrer_host" not in data["visit"]["pages"][0]
    customer.pass_time("2 hours")
    world.record(customer.beacon())
    assert [kind for kind, _ in told(world, endpoint)] == ["company.identified", "company.returned"]


def test_what_is_not_known_of_a_company_is_said_to_be_null(world: World, endpoint: Endpoint) -> None:
    row = {**company_row("nameless"), "domain": None, "industry": None}
    world.record({**endpoint.customer.beacon(), "company": row})
    [(_, content)] = told(world, endpoint)
    company = content["data"]["company"]
    assert {**company, "name": "Nameless", "domain": None, "industry": None} == company


def test_the_documents_examples_have_the_fields_that_are_sent(world: World, endpoint: Endpoint) -> None:
    text = (ROOT / "docs" / "webhooks.md").read_text()
    examples = {example["type"]: example for example in map(json.loads, re.findall(r"```json\n(.*?)```", text, re.DOTALL))}
    assert list(examples) == [*EVENTS, "test"]
    world.record(endpoint.customer.beacon(page={"host": "example.com", "path": "/pricing", "utm_source": "news"}))
    endpoint.customer.pass_time("2 hours")
    world.record(endpoint.customer.beacon())
    endpoint.customer.owner.result("send_webhook_test", endpoint_id=endpoint.id)
    rule(endpoint.customer, about="segment", segment_id=segment(endpoint.customer), channel="webhook")
    world.record(endpoint.customer.beacon("other"))
    endpoint.customer.use_up_quota()
    messages = told(world, endpoint)
    assert {kind for kind, _ in messages} == {*examples} - {"contact.enriched"}
    for kind, content in messages:
        sent, shown = json.loads(payload(kind, content)), examples[kind]
        assert shown.keys() == sent.keys() and shown["data"].keys() == sent["data"].keys()
        for part in ("company", "site", "visit"):
            assert shown["data"].get(part, {}).keys() == sent["data"].get(part, {}).keys()


def test_a_site_that_has_used_up_its_day_is_told_of_once(world: World, endpoint: Endpoint) -> None:
    endpoint.customer.use_up_quota()
    world.record(endpoint.customer.beacon(company=None, outcome="bot"))
    [(kind, content)] = told(world, endpoint)
    data = content["data"]
    assert (kind, data["limit"], data["most"]) == ("plan.limit_reached", "beacons_per_day", 1)
    assert data["site"] == {"id": endpoint.customer.site_id, "name": "Website"}


def test_an_event_is_told_of_once_to_each_webhook_that_wants_it(world: World, customer: Customer) -> None:
    wanted, other = add_endpoint(customer), add_endpoint(customer, url="https://b.example/", events=["company.returned"])
    off = add_endpoint(customer, url="https://c.example/")
    customer.owner.call("update_webhook_endpoint", endpoint_id=off.id, is_enabled=False)
    world.record(customer.beacon())
    assert [len(told(world, one)) for one in (wanted, other, off)] == [1, 0, 0]


def test_nothing_is_written_down_for_an_account_without_webhooks(world: World, endpoint: Endpoint) -> None:
    customer = endpoint.customer
    announce(world)
    customer.owner.call("update_webhook_endpoint", endpoint_id=endpoint.id, is_enabled=False)
    world.record(customer.beacon("one"))
    assert world.database.execute("select count(*) from private.events").fetchone() == (0,)
    customer.owner.call("update_webhook_endpoint", endpoint_id=endpoint.id, is_enabled=True)
    world.record(customer.beacon("two"))
    assert [content["data"]["company"]["name"] for _, content in told(world, endpoint)] == ["Two"]
    customer.owner.call("delete_webhook_endpoint", endpoint_id=endpoint.id)
    world.record(customer.beacon("three"))
    assert world.database.execute("select count(*) from private.events").fetchone() == (0,)


def test_two_changes_at_once_leave_it_right_whether_somebody_listens(world: World, customer: Customer) -> None:
    one, two = add_endpoint(customer), add_endpoint(customer, url="https://b.example/")
    owner = customer.owner
    for _ in range(10):
        owner.call("update_webhook_endpoint", endpoint_id=one.id, is_enabled=True)
        owner.call("update_webhook_endpoint", endpoint_id=two.id, is_enabled=False)
        with ThreadPoolExecutor(2) as threads:
            list(
                threads.map(
                    lambda change: owner.call("update_webhook_endpoint", endpoint_id=change[0], is_enabled=change[1]),
                    [(one.id, False), (two.id, True)],
                )
            )
        listening = "select count(*) from private.listening where account_id = %s and listener = 'webhooks'"
        assert world.database.execute(listening, [customer.account_id]).fetchone() == (1,)


def test_a_company_that_a_correction_hides_is_not_told_of(world: World, endpoint: Endpoint) -> None:
    world.record(endpoint.customer.beacon())
    endpoint.customer.correct("acme", "isp")
    assert told(world, endpoint) == []


def test_a_company_that_counts_as_another_is_told_of_as_that_one(world: World, endpoint: Endpoint) -> None:
    customer = endpoint.customer
    world.record(customer.beacon("first"))
    announce(world)
    world.record(customer.beacon("second"))
    customer.correct("second", "same_as", same_as_company_id=customer.company_id("first"))
    kind, content = told(world, endpoint)[-1]
    assert (kind, content["data"]["company"]["name"]) == ("company.returned", "First")


def test_what_other_parts_tell_is_passed_on(world: World, endpoint: Endpoint) -> None:
    world.record(endpoint.customer.beacon())
    announce(world)
    company_id = endpoint.customer.company_id("acme")
    for kind, content in (("segment.matched", '{"segment": {"name": "Big"}}'), ("plan.limit_reached", '{"limit": "companies"}')):
        world.database.execute(
            "select private.tell(%s, %s, %s, company_id => %s)",
            [endpoint.customer.account_id, kind, content, company_id if kind == "segment.matched" else None],
        )
    [_, (first, matched), (second, reached)] = told(world, endpoint)
    assert (first, matched["data"]["segment"], matched["data"]["company"]["name"]) == ("segment.matched", {"name": "Big"}, "Acme")
    assert (second, reached["data"]) == ("plan.limit_reached", {"limit": "companies"})


def test_a_webhook_that_answers_gone_is_switched_off_and_its_owners_are_told(world: World, endpoint: Endpoint) -> None:
    customer = endpoint.customer
    admin, _ = world.teammate(customer.account_id, "admin"), world.teammate(customer.account_id, "member")
    world.record(customer.beacon())
    announce(world)
    attempts_of(world, endpoint, ("refused", 410))
    assert (row(endpoint)["is_enabled"], row(endpoint)["ended_for"]) == (False, "gone")
    mails = world.database.execute(
        "select recipient_id::text, content from private.outbox where channel = 'mail' and account_id = %s", [customer.account_id]
    ).fetchall()
    assert {recipient for recipient, _ in mails} == {customer.owner.user_id, admin.user_id}
    assert mails[0][1]["host"] == "hooks.example" and "/in" not in str(mails)
    [message] = customer.owner.result("list_webhook_messages", endpoint_id=endpoint.id)
    refused = customer.owner.call("replay_webhook_message", message_id=message["id"])
    assert (refused.status_code, refused.json()["hint"]) == (409, "Switch it on first.")
    customer.owner.call("update_webhook_endpoint", endpoint_id=endpoint.id, is_enabled=True)
    assert row(endpoint)["ended_for"] is None
    assert customer.owner.call("replay_webhook_message", message_id=message["id"]).is_success
    assert customer.owner.call("replay_webhook_message", message_id=message["id"]).status_code == 409
    [again] = claim_webhooks(world)
    assert (again["id"], again["attempt"]) == (message["id"], 2)


def test_a_webhook_that_takes_nothing_for_five_days_is_switched_off(world: World, endpoint: Endpoint) -> None:
    world.record(endpoint.customer.beacon())
    announce(world)
    attempts_of(world, endpoint, ("unavailable", 500))
    assert row(endpoint)["failing_since"] and row(endpoint)["is_enabled"]
    world.database.execute("update public.webhook_endpoints set failing_since = now() - interval '4 days 23 hours'")
    attempts_of(world, endpoint, ("uncertain", None))
    assert row(endpoint)["is_enabled"]
    world.database.execute("update public.webhook_endpoints set failing_since = now() - interval '5 days 1 minute'")
    attempts_of(world, endpoint, ("unavailable", 500))
    assert (row(endpoint)["is_enabled"], row(endpoint)["ended_for"]) == (False, "failing")
    hurry(world)
    assert claim_webhooks(world) == []
    [message] = endpoint.customer.owner.result("list_webhook_messages", endpoint_id=endpoint.id)
    assert (message["state"], message["fault"]) == ("dead", "there is nowhere to send it to any more")
    assert [attempt["outcome"] for attempt in message["attempts"]] == ["unavailable", "uncertain", "unavailable"]


def test_one_success_makes_a_webhook_well_again(world: World, endpoint: Endpoint) -> None:
    world.record(endpoint.customer.beacon())
    announce(world)
    attempts_of(world, endpoint, ("unavailable", 503), ("delivered", 204))
    assert row(endpoint)["failing_since"] is None and row(endpoint)["last_delivered_at"]


def test_a_failing_test_says_nothing_about_the_webhook(world: World, endpoint: Endpoint) -> None:
    endpoint.customer.owner.result("send_webhook_test", endpoint_id=endpoint.id)
    attempts_of(world, endpoint, ("refused", 410))
    assert row(endpoint)["is_enabled"] and row(endpoint)["failing_since"] is None


def test_five_tests_a_minute_are_the_most(endpoint: Endpoint) -> None:
    answers = [endpoint.customer.owner.call("send_webhook_test", endpoint_id=endpoint.id).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_an_account_goes_with_its_webhooks(world: World, endpoint: Endpoint) -> None:
    world.record(endpoint.customer.beacon())
    announce(world)
    world.database.execute("delete from public.accounts where id = %s", [endpoint.customer.account_id])
    for table in ("public.webhook_endpoints", "private.webhook_secrets", "private.outbox", "private.listening"):
        counted = world.database.execute(f"select count(*) from {table} where account_id = %s", [endpoint.customer.account_id])
        assert counted.fetchone() == (0,), table
