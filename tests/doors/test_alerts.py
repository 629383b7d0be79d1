"""Alerts, from a visit through the jobs to a mail and to a chat."""

import json
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from tests.alerts import messages, rule, segment
from tests.builders import Customer, World
from tests.database.test_chat_destinations import TEAMS, connected, destination
from tests.website import page, running_website


@pytest.fixture
def jobs(app: httpx.Client, stack: Stack, world: World) -> Any:
    """Call jobs as the platform does, each as if for the first time."""
    world.database.execute("delete from private.outbox")

    def call(job: str) -> None:
        world.database.execute("delete from private.job_runs")
        answer = app.get(f"/api/cron/{job}", headers={"Authorization": f"Bearer {stack.secrets.cron_secret}"})
        assert answer.status_code == 200, answer.text

    return call


def answer_at(customer: Customer, channel: str, url: str) -> None:
    """Let a channel be a server of the test's: no vendor's, so the database itself would not take its address."""
    customer.world.database.execute("update private.chat_urls set url = %s where destination_id = %s", [url, channel])


def test_a_visit_becomes_a_mail(customer: Customer, stack: Stack, jobs: Any) -> None:
    rule(customer, name="Everybody")
    customer.world.record(customer.beacon())
    jobs("announce_events")
    address = f"person-{customer.owner.user_id}@example.org"
    mails = [json.loads(file.read_text()) for file in (stack.state / "mail").glob("*.json")]
    [mail] = [mail for mail in mails if mail["to"] == [address]]
    assert mail["subject"] == "Acme visits for the first time"
    assert "Your rule “Everybody” tells you of every company." in mail["text"]
    assert f"{stack.app_url}/app/sites/{customer.site_id}/companies/{customer.company_id('acme')}" in mail["text"]
    jobs("announce_events")
    assert [message["state"] for message in messages(customer)] == ["delivered"]


def test_a_visit_is_posted_to_slack_and_a_channel_that_is_gone_is_marked(customer: Customer, jobs: Any) -> None:
    channel = connected(customer)
    rule(customer, channel="slack", chat_destination_id=channel)
    with running_website() as slack:
        answer_at(customer, channel, f"{slack.url}/services/T/B/x")
        slack.answer = page("ok")
        customer.world.record(customer.beacon())
        jobs("announce_events")
        [posted] = slack.requests
        assert json.loads(posted.partition("\r\n\r\n")[2])["text"] == "Acme visits for the first time"
        assert destination(customer)["last_delivered_at"] is not None
        slack.answer = page("no_service", status="404 Not Found")
        customer.world.record(customer.beacon("other"))
        jobs("announce_events")
        assert "no longer knows this address" in destination(customer)["broken_reason"]
        jobs("deliver_outbox")
        assert len(slack.requests) == 2


def test_a_later_page_is_posted_to_teams(customer: Customer, jobs: Any) -> None:
    channel = connected(customer, "teams", TEAMS)
    pricing: dict[str, object] = {"match": "all", "conditions": [{"field": "page", "starts_with": ["/pricing"]}]}
    rule(customer, about="segment", segment_id=segment(customer, pricing), channel="teams", chat_destination_id=channel)
    with running_website() as teams:
        answer_at(customer, channel, f"{teams.url}/workflows/x")
        teams.answer = page("", status="202 Accepted")
        customer.world.record(customer.beacon(page={"host": "example.com", "path": "/"}))
        jobs("announce_events")
        assert teams.requests == []
        customer.world.record(customer.beacon())
        jobs("watch_visits")
        [posted] = teams.requests
        card = json.loads(posted.partition("\r\n\r\n")[2])["attachments"][0]["content"]
        assert card["body"][0]["inlines"][0]["text"] == "Acme visits for the first time"
