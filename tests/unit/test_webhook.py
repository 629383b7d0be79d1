"""What a webhook gets, seen from the receiver's side, and what becomes of whatever it answers."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dev.bootstrap import ROOT
from lib.domain.outbox import Delivery, Fate, Message
from lib.domain.webhook import EVENTS, parse_endpoint, parse_url
from lib.errors import InvalidRequest
from lib.mail.outbox_mail import LETTERS
from lib.openapi import document
from lib.outbound import Outbound
from lib.webhook import send_webhook
from tests.website import Website, page, running_website

LOOPBACK = ["127.0.0.0/8", "::1/128"]
OLD, NEW, OTHER = ("whsec_" + letter * 43 + "=" for letter in "AEI")
ID = "5b0c8f0e-8a51-4a0c-9a39-0d5f1c4a7e21"


@pytest.fixture
def website() -> Iterator[Website]:
    with running_website() as website:
        website.show("")
        yield website


def send(website: Website | str, *secrets: str, now: datetime | None = None, seconds: float = 8, attempt: int = 1) -> Delivery:
    url = website if isinstance(website, str) else f"{website.url}/in"
    content = {"timestamp": "2026-11-25T08:00:00+00:00", "data": {"company": {"name": "Müller \u2028 & Söhne"}}}
    message = Message(
        ID, "claim", attempt, None, "webhook", "company.identified", content, "", {"url": url, "secrets": list(secrets or [NEW])}
    )
    return send_webhook(message, Outbound(LOOPBACK, seconds=seconds), now=now or datetime.now(UTC))


def received(website: Website) -> tuple[str, dict[str, str]]:
    """The body and the headers of the last request."""
    head, _, body = website.requests[-1].partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    return body.encode("latin-1").decode(), headers


def test_the_receiver_verifies_it_with_the_library_of_the_specification(website: Website) -> None:
    assert send(website) == Delivery(Fate.DELIVERED, 200)
    body, headers = received(website)
    assert Webhook(NEW).verify(body, headers) == {
        "type": "company.identified",
        "timestamp": "2026-11-25T08:00:00+00:00",
        "data": {"company": {"name": "Müller \u2028 & Söhne"}},
    }
    assert headers["webhook-id"] == ID and headers["Content-Type"] == "application/json"


def test_while_the_secret_is_changed_either_fits_and_no_other(website: Website) -> None:
    send(website, NEW, OLD)
    body, headers = received(website)
    assert Webhook(NEW).verify(body, headers) == Webhook(OLD).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body.replace("Müller", "Meier"), headers)


def test_a_repeated_attempt_has_the_same_id_and_body_and_a_time_of_its_own(website: Website) -> None:
    now = datetime.now(UTC)
    send(website, now=now)
    body, headers = received(website)
    send(website, now=now + timedelta(minutes=4))
    again, later = received(website)
    assert (again, later["webhook-id"]) == (body, headers["webhook-id"])
    assert int(later["webhook-timestamp"]) - int(headers["webhook-timestamp"]) == 240
    assert Webhook(NEW).verify(again, later)


@pytest.mark.parametrize(
    ("status", "fate"),
    [(200, Fate.DELIVERED), (201, Fate.DELIVERED), (204, Fate.DELIVERED), (299, Fate.DELIVERED), (301, Fate.REFUSED),
     (302, Fate.REFUSED), (304, Fate.REFUSED), (307, Fate.REFUSED), (308, Fate.REFUSED), (400, Fate.UNAVAILABLE),
     (401, Fate.UNAVAILABLE), (404, Fate.UNAVAILABLE), (409, Fate.UNAVAILABLE), (410, Fate.REFUSED), (422, Fate.UNAVAILABLE),
     (429, Fate.UNAVAILABLE), (500, Fate.UNAVAILABLE), (502, Fate.UNAVAILABLE), (503, Fate.UNAVAILABLE), (504, Fate.UNAVAILABLE)],
)  # fmt: skip
def test_each_status_has_its_fate(website: Website, status: int, fate: Fate) -> None:
    website.answer = page("" if status in (204, 304) else "said", status=f"{status} So", kind="text/plain")
    delivery = send(website)
    assert (delivery.fate, delivery.status) == (fate, status)


def test_a_receiver_that_asks_to_be_left_alone_is(website: Website) -> None:
    for status in ("429 Slow", "503 Later"):
        website.answer = page("", "Retry-After: 120", status=status)
        assert send(website).wait_seconds == 120


def test_the_beginning_of_the_answer_is_kept_for_the_log(website: Website) -> None:
    website.answer = b"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n" + b" a\0\xff" + b"b" * 5000
    assert send(website).detail == "a\ufffd" + "b" * 298
    website.answer = page("", status="500 Oops")
    assert send(website).detail is None


def test_what_redirects_or_leads_inside_is_refused_in_words(website: Website) -> None:
    website.answer = page("", "Location: http://10.0.0.1/", status="302 There")
    assert "redirects to http://10.0.0.1/, and redirects are not followed" in str(send(website).detail)
    assert len(website.requests) == 1
    for url in ("https://10.0.0.1/in", "http://example.com@127.0.0.1/"):
        delivery = send(url)
        assert (delivery.fate, delivery.status) == (Fate.REFUSED, None) and len(str(delivery.detail)) > 20


def test_a_receiver_that_may_have_taken_it_is_told_from_one_that_cannot(website: Website) -> None:
    website.answer = b""
    assert send(website).fate is Fate.UNCERTAIN
    website.is_slow = True
    website.show("x" * 500)
    assert send(website, seconds=0.3).fate is Fate.UNCERTAIN
    with running_website() as gone:
        url = gone.url
    assert send(url).fate is Fate.UNAVAILABLE


@pytest.mark.parametrize(
    "changes",
    [{"account_id": "x"}, {"account_id": 1}, {"url": 1}, {"events": []}, {"events": "company.identified"}, {"events": ["test"]},
     {"events": [{}]}, {"events": ["company.identified"] * 6}, {"description": 1}, {"description": "x" * 121},
     {"description": "a\x00b"}, {"description": "a\nb"}, {"secret": "x"}],
)  # fmt: skip
def test_a_body_that_is_no_webhook_is_refused_in_words(changes: dict[str, object]) -> None:
    asked = {"account_id": ID, "url": "https://example.com/", "events": ["company.identified"]}
    assert parse_endpoint(json.dumps(asked).encode()).events == ["company.identified"]
    with pytest.raises(InvalidRequest) as refused:
        parse_endpoint(json.dumps({**asked, **changes}).encode())
    assert len(refused.value.message) > 20


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id":"x","url":""}', b'{"id":1,"url":""}', b"[" * 5000, b"\xff"])
def test_a_body_that_is_no_change_of_a_url_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_url(body)


def test_the_document_of_the_api_names_the_events() -> None:
    events = document()["components"]["schemas"]["WebhookEndpoint"]["properties"]["events"]["items"]["enum"]
    assert events == list(EVENTS)


def test_the_mail_about_a_webhook_that_is_off_says_why_and_leads_to_its_log() -> None:
    content = {"host": "hooks.example", "reason": "failing", "description": "CRM", "account": "Acme", "site_id": ID}
    letter = LETTERS["webhook_disabled"](content, "https://leads.example")
    assert letter.subject == "The webhook to hooks.example is switched off"
    assert "hooks.example (CRM) of Acme" in letter.text and "For five days" in letter.text
    assert f"https://leads.example/app/sites/{ID}/integrations" in letter.html
    bare = LETTERS["webhook_disabled"]({**content, "reason": "gone", "description": "", "site_id": None}, "https://leads.example")
    assert "410 Gone" in bare.text and "()" not in bare.text and "https://leads.example/app\n" in bare.text


def test_the_events_are_the_same_everywhere() -> None:
    shown = re.findall(r'\["([a-z._]+)", "', (ROOT / "web" / "dashboard" / "webhooks" / "events.ts").read_text())
    migrations = "".join(file.read_text() for file in sorted((ROOT / "supabase" / "migrations").glob("20261125*.sql")))
    [told] = re.findall(r"insert into private.webhook_events\nvalues ([^;]+);", migrations)
    assert tuple(shown) == tuple(re.findall(r"'([a-z._]+)'", told)) == EVENTS
