"""Deliver the outbox's webhooks: signed by Standard Webhooks, under the message's id.

Source: the Standard Webhooks specification, 1.0, "Operational considerations".
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus

from lib.domain.outbox import Delivery, Fate, Message
from lib.domain.webhook import payload
from lib.errors import OutboundRefused, OutboundUnavailable
from lib.outbound import Outbound, OutboundAnswer, outbound

_LONGEST_DETAIL = 300


def deliver_webhook(message: Message) -> Delivery:
    """Sign a message with each secret that holds, and send it as this deployment is set up to."""
    return send_webhook(message, outbound(), now=datetime.now(UTC))


def send_webhook(message: Message, sender: Outbound, *, now: datetime) -> Delivery:
    """The same through a sender of the caller's. Whatever the receiver does is a delivery's fate, never an error."""
    body = payload(message.template, message.content)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": _signatures(message.id, body, message.destination["secrets"], now),
    }
    try:
        answer = sender.post(message.destination["url"], body.encode(), headers)
    except OutboundRefused as refusal:
        return Delivery(Fate.REFUSED, detail=refusal.message)
    except OutboundUnavailable as error:
        return Delivery(Fate.UNCERTAIN if error.was_sent else Fate.UNAVAILABLE, detail=error.message)
    return _judged(answer)


def _signatures(message_id: str, body: str, secrets: Sequence[str], now: datetime) -> str:
    """One signature for each secret: while a receiver changes to the new one, either fits."""
    from standardwebhooks.webhooks import Webhook  # noqa: PLC0415  only the calls that deliver a webhook need it

    return " ".join(Webhook(secret).sign(message_id, now, body) for secret in secrets)


def _judged(answer: OutboundAnswer) -> Delivery:
    if answer.is_success:
        return Delivery(Fate.DELIVERED, answer.status, _detail(answer))
    if answer.status == HTTPStatus.GONE:
        return Delivery(Fate.REFUSED, answer.status, "The server answered 410 Gone, so nothing more is sent to this URL.")
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return Delivery(Fate.REFUSED, answer.status, _redirected(answer))
    # Any other may pass: receivers are deployed, misconfigured, and mended.
    return Delivery(Fate.UNAVAILABLE, answer.status, _detail(answer), answer.retry_after_seconds)


def _redirected(answer: OutboundAnswer) -> str:
    leads = f" to {answer.location[:150]}" if answer.location and answer.location.isprintable() else ""
    return f"The URL redirects{leads}, and redirects are not followed. Enter the URL it leads to."


def _detail(answer: OutboundAnswer) -> str | None:
    """The beginning of what was answered, for the customer's log. PostgreSQL takes no NUL in a text."""
    return answer.text.replace("\0", "").strip()[:_LONGEST_DETAIL] or None
