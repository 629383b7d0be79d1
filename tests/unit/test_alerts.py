"""What an alert says by mail, in Slack and in Teams; and what becomes of a post by the answer to it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dev.table.companies.facts import BANDS, NACE_SECTIONS
from lib.chat.deliver import chat_payload, fate_of, post_chat
from lib.domain.alert import say_condition, write_alert
from lib.domain.outbox import Fate, Message
from lib.errors import OutboundRefused, OutboundUnavailable
from lib.mail.alert_letter import alert_letter
from lib.outbound import Outbound, OutboundAnswer
from tests.website import page, running_website

APP = "https://app.example.com"
CONTENT: dict[str, Any] = {
    "rule_id": "r-1",
    "rule": "Buyers come",
    "about": "segment",
    "only_on_change": True,
    "segment": "Buyers",
    "why": [{"field": "country", "is": ["DE", "AT"]}, {"field": "visits", "at_least": 3, "within_days": 7}],
    "kind": "identified",
    "site_id": "s-1",
    "site": "Website",
    "company_id": "c-1",
    "name": "Acme",
    "domain": "acme.example",
    "industry": None,
    "country": "DE",
    "employee_range": "50-249",
    "score": 38,
    "page_views": 2,
    "pages": ["/", "/pricing"],
}
HOSTILE = "<!channel> [x](https://evil.example) <b>&\r\nBcc: x@evil.example"


def message(channel: str = "slack", template: str = "alert", content: Mapping[str, Any] = CONTENT, url: str = "") -> Message:
    return Message("m-1", "cl-1", 1, "a-1", channel, template, content, "2026-11-25T08:00:00Z", {"url": url})


def test_an_alert_names_the_company_the_rule_and_why() -> None:
    alert = write_alert(CONTENT, APP)
    assert alert.title == "Acme visits for the first time"
    assert alert.lead == "Acme came to Website and looked at / and /pricing."
    assert alert.reason == "Your rule “Buyers come” tells you when a company comes to be in the segment “Buyers”."
    assert alert.why == ("country: DE or AT", "at least 3 visits within 7 days")
    assert alert.company_url == f"{APP}/app/sites/s-1/companies/c-1"
    assert alert.mute_url == f"{APP}/app/sites/s-1/notifications?mute=r-1"
    assert ("Industry", "None") not in alert.facts and ("Score", "38") in alert.facts


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"field": "industry", "is_not": ["Construction"]}, "industry: not Construction"),
        ({"field": "employee_range", "is": ["50-249", "250-999", "10000+"]}, "employees: 50-249, 250-999 or 10000+"),
        ({"field": "page", "starts_with": ["/pricing"]}, "looked at a page that starts with /pricing"),
        ({"field": "campaign", "is": ["spring"], "within_days": 1}, "came by the campaign spring within 1 day"),
        ({"field": "page_views", "at_least": 1, "within_days": 2}, "at least 1 page within 2 days"),
        ({"field": "score", "at_least": 50}, "score of at least 50"),
        ({"field": "first_seen", "within_days": 7}, "first seen within 7 days"),
        ({"field": "some_later_field", "is": ["x"]}, "some later field: x"),
    ],
)
def test_a_condition_is_put_into_words(condition: dict[str, Any], says: str) -> None:
    assert say_condition(condition) == says


def test_the_letter_says_all_of_it_twice() -> None:
    letter = alert_letter(CONTENT, APP)
    assert letter.subject == "Acme visits for the first time"
    for text in (letter.html, letter.text):
        for part in ("Acme", "/pricing", "Buyers come", "country: DE or AT", f"{APP}/app/sites/s-1/companies/c-1", "mute=r-1"):
            assert part in text, part


def test_the_letter_says_how_to_get_no_more() -> None:
    letter = alert_letter({**CONTENT, "unsubscribe": "u" * 43}, APP)
    for text in (letter.html, letter.text):
        assert f"{APP}/unsubscribe#{'u' * 43}" in text


def test_a_hostile_name_stays_text_in_a_letter() -> None:
    letter = alert_letter({**CONTENT, "name": HOSTILE, "pages": [HOSTILE]}, APP)
    assert "<b>" not in letter.html and "<!channel>" not in letter.html


def test_a_hostile_name_stays_text_in_slack() -> None:
    payload = chat_payload(
        message(content={**CONTENT, "name": HOSTILE, "rule": HOSTILE, "segment": HOSTILE, "pages": [HOSTILE]}), APP
    )
    assert payload is not None
    assert "<!channel>" not in payload["text"] and "&lt;!channel&gt;" in payload["text"]
    texts = [*texts_of(payload["blocks"])]
    assert all("evil" not in text["text"] for text in texts if text["type"] == "mrkdwn")
    assert all(len(text["text"]) <= 3000 for text in texts)


def test_a_hostile_name_stays_text_in_teams() -> None:
    payload = chat_payload(message("teams", content={**CONTENT, "name": HOSTILE, "rule": HOSTILE}), APP)
    assert payload is not None
    card = payload["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert [action["url"] for action in card["actions"]] == [
        f"{APP}/app/sites/s-1/companies/c-1",
        f"{APP}/app/sites/s-1/notifications?mute=r-1",
    ]
    assert len(json.dumps(payload)) < 28_000


def texts_of(part: Any) -> Any:
    if isinstance(part, list):
        for item in part:
            yield from texts_of(item)
    elif isinstance(part, dict):
        if part.get("type") in ("plain_text", "mrkdwn"):
            yield part
        for value in part.values():
            yield from texts_of(value)


def test_a_test_message_names_the_channel() -> None:
    for channel in ("slack", "teams"):
        assert "#sales" in json.dumps(chat_payload(message(channel, "chat.test", {"name": "#sales"}), APP))
    assert chat_payload(message(template="other"), APP) is None


@pytest.mark.parametrize(
    ("channel", "status", "body", "retry_after", "fate", "says"),
    [
        ("slack", 200, "ok", None, Fate.DELIVERED, None),
        ("slack", 404, "no_service", None, Fate.REFUSED, "no longer knows"),
        ("slack", 403, "action_prohibited", None, Fate.REFUSED, "does not allow"),
        ("slack", 410, "channel_is_archived", None, Fate.REFUSED, "archived"),
        ("slack", 400, "invalid_blocks", None, Fate.REFUSED, "did not understand"),
        ("slack", 418, "<script>a@example.org</script>", None, Fate.REFUSED, "status 418"),
        ("slack", 302, "", None, Fate.REFUSED, "status 302"),
        ("slack", 429, "rate_limited", 30, Fate.UNAVAILABLE, "slow down"),
        ("slack", 429, "rate_limited", None, Fate.UNAVAILABLE, "slow down"),
        ("slack", 500, "rollup_error", None, Fate.UNCERTAIN, "may have arrived"),
        ("slack", 503, "", 5, Fate.UNAVAILABLE, "503"),
        ("teams", 202, "", None, Fate.DELIVERED, None),
        ("teams", 200, "1", None, Fate.DELIVERED, None),
        ("teams", 200, "Webhook message delivery failed with error: HTTP error 429", None, Fate.UNAVAILABLE, "slow down"),
        ("teams", 200, "Webhook message delivery failed with error: HTTP error 400", None, Fate.REFUSED, "did not deliver"),
        ("teams", 401, "", None, Fate.REFUSED, "let anyone"),
        ("teams", 404, "{}", None, Fate.REFUSED, "gone"),
        ("teams", 499, "", None, Fate.REFUSED, "status 499"),
    ],
)
def test_the_answer_tells_what_became_of_it(
    channel: str, status: int, body: str, retry_after: int | None, fate: Fate, says: str | None
) -> None:
    delivery = fate_of(channel, OutboundAnswer(status, body.encode(), retry_after))
    assert (delivery.fate, delivery.status) == (fate, status)
    assert says is None or says in (delivery.detail or "")
    assert "example.org" not in (delivery.detail or "")
    assert status != 429 or delivery.wait_seconds == (retry_after or 60)


def test_the_form_offers_the_industries_and_bands_that_companies_have() -> None:
    form = (Path(__file__).parents[2] / "web" / "dashboard" / "alerts" / "segment-filter.ts").read_text()
    offered = re.findall(r'^  "([^"]+)",$', form, re.MULTILINE)
    assert offered == list(NACE_SECTIONS.values())
    assert all(f'"{band}"' in form for band in BANDS)


class Broken:
    """Sends nothing."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> OutboundAnswer:
        raise self._fault


@pytest.mark.parametrize(
    ("fault", "fate"),
    [
        (OutboundRefused("address_not_public", "Not public."), Fate.REFUSED),
        (OutboundUnavailable("connection", "Not accepted.", was_sent=False), Fate.UNAVAILABLE),
        (OutboundUnavailable("slow", "Too slow.", was_sent=True), Fate.UNCERTAIN),
    ],
)
def test_what_was_not_sent_is_tried_again_and_what_may_have_arrived_is_not(fault: Exception, fate: Fate) -> None:
    assert post_chat(message(), app_url=APP, http=Broken(fault)).fate is fate


@pytest.mark.parametrize("channel", ["slack", "teams"])
def test_a_post_arrives_as_json_and_a_refusal_comes_back_in_words(channel: str) -> None:
    with running_website() as website:
        website.answer = page("ok")
        sent = message(channel, url=f"{website.url}/hook")
        assert post_chat(sent, app_url=APP, http=Outbound(["127.0.0.0/8", "::1/128"])).fate is Fate.DELIVERED
        head, _, body = website.requests[0].partition("\r\n\r\n")
        assert head.startswith("POST /hook HTTP/1.1\r\n") and "application/json" in head
        assert "blocks" in json.loads(body) or json.loads(body)["type"] == "message"
        website.answer = page("channel_is_archived", status="410 Gone")
        refused = post_chat(sent, app_url=APP, http=Outbound(["127.0.0.0/8", "::1/128"]))
        assert (refused.fate, refused.status) == (Fate.REFUSED, 410)
