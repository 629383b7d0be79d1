"""Post the outbox's messages to Slack and Teams, and tell from the answer what became of them.

Neither knows a message by an id, so one that may have arrived is not sent again.
"""

import json
from http import HTTPStatus
from typing import Any, Protocol

from lib.chat.slack import slack_alert, slack_text
from lib.chat.teams import teams_alert, teams_text
from lib.domain.alert import write_alert
from lib.domain.outbox import Delivery, Fate, Message
from lib.errors import OutboundRefused, OutboundUnavailable
from lib.outbound import OutboundAnswer, outbound
from lib.settings import app_url

_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
_WAIT_WITHOUT_HINT_SECONDS = 60
# What Slack says in an answer's body. Source: Slack, "Handling errors" of incoming webhooks.
_SLACK_SAYS = {
    "no_service": "Slack no longer knows this address: the webhook was removed. Create a new one and replace the address.",
    "no_service_id": "Slack does not know this address. Copy it again from Slack.",
    "no_team": "The Slack workspace of this address is gone.",
    "team_disabled": "The Slack workspace of this address is switched off.",
    "no_active_hooks": "The webhook is switched off in Slack. Switch it on, or create a new one.",
    "invalid_token": "Slack does not accept this address any more. Create a new webhook and replace the address.",
    "action_prohibited": "An admin of the Slack workspace does not allow this webhook to post.",
    "posting_to_general_channel_denied": "An admin of the Slack workspace does not allow posts to this channel.",
    "channel_not_found": "The Slack channel is gone. Create a webhook for another one.",
    "channel_is_archived": "The Slack channel is archived. Unarchive it, or create a webhook for another one.",
    "invalid_payload": "Slack did not understand the message.",
    "invalid_blocks": "Slack did not understand the message.",
}
_TEAMS_SAYS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "The workflow does not let us in: let anyone trigger it, or copy its address again.",
    HTTPStatus.FORBIDDEN: "The workflow does not let us in: let anyone trigger it, or copy its address again.",
    HTTPStatus.NOT_FOUND: "The workflow is gone. Create a new one and replace the address.",
    HTTPStatus.GONE: "The workflow is gone. Create a new one and replace the address.",
    HTTPStatus.BAD_REQUEST: "The workflow did not understand the message, or is off. Look at its runs in Power Automate.",
}


class Http(Protocol):
    """What sends; lib.outbound has it."""

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> OutboundAnswer:
        """Send a body."""


def deliver_slack(message: Message) -> Delivery:
    """Post a message to a channel of Slack. Raises MissingSetting."""
    return post_chat(message, app_url=app_url(), http=outbound())


def deliver_teams(message: Message) -> Delivery:
    """Post a message to a channel of Teams. Raises MissingSetting."""
    return post_chat(message, app_url=app_url(), http=outbound())


def post_chat(message: Message, *, app_url: str, http: Http) -> Delivery:
    """Post a message as its channel takes it, and say what became of it. app_url: where links lead, no trailing slash."""
    payload = chat_payload(message, app_url)
    if payload is None:
        return Delivery(Fate.REFUSED, detail=f"there is no chat message {message.template}")
    try:
        answer = http.post(message.destination["url"], json.dumps(payload).encode(), _HEADERS)
    except OutboundRefused as refusal:
        return Delivery(Fate.REFUSED, detail=refusal.message)
    except OutboundUnavailable as error:
        return Delivery(Fate.UNCERTAIN if error.was_sent else Fate.UNAVAILABLE, detail=error.message)
    return fate_of(message.channel, answer)


def chat_payload(message: Message, app_url: str) -> dict[str, Any] | None:
    """A message as Slack or Teams takes it; None for a template there is none of."""
    is_slack = message.channel == "slack"
    if message.template == "alert":
        alert = write_alert(message.content, app_url)
        return slack_alert(alert) if is_slack else teams_alert(alert)
    if message.template == "chat.test":
        text = f"Leadsment can post here. This channel is called “{message.content.get('name')}” in your account."
        return slack_text(text) if is_slack else teams_text(text)
    return None


def fate_of(channel: str, answer: OutboundAnswer) -> Delivery:
    """What became of a message, by the answer to it."""
    if answer.is_success:
        return _accepted(answer)
    wait = answer.retry_after_seconds
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Delivery(Fate.UNAVAILABLE, answer.status, "It asked us to slow down.", wait or _WAIT_WITHOUT_HINT_SECONDS)
    if answer.status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.SERVICE_UNAVAILABLE):
        return Delivery(Fate.UNAVAILABLE, answer.status, f"It answered {answer.status}.", wait)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Delivery(Fate.UNCERTAIN, answer.status, f"It answered {answer.status}: the message may have arrived.", wait)
    return Delivery(Fate.REFUSED, answer.status, _refusal(channel, answer))


def _accepted(answer: OutboundAnswer) -> Delivery:
    # Connectors of Office 365 answer 200 and name their failure in the body. Source: Microsoft, "Rate limiting for connectors".
    if "webhook message delivery failed" in answer.text.lower():
        if "429" in answer.text:
            return Delivery(Fate.UNAVAILABLE, answer.status, "Teams asked us to slow down.", _WAIT_WITHOUT_HINT_SECONDS)
        return Delivery(Fate.REFUSED, answer.status, "Teams did not deliver the message.")
    return Delivery(Fate.DELIVERED, answer.status)


def _refusal(channel: str, answer: OutboundAnswer) -> str:
    # Never the body itself: it is anybody's text.
    said = _SLACK_SAYS.get(answer.text.strip()[:60]) if channel == "slack" else _TEAMS_SAYS.get(answer.status)
    return said or f"It refused the message with the status {answer.status}."
