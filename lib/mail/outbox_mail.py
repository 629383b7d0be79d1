"""Deliver the outbox's mails: a letter for each template, written when it is sent."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from lib.domain.outbox import Delivery, Fate, Message
from lib.errors import MailRefused, MailUnavailable
from lib.mail.alert_letter import alert_letter
from lib.mail.letter import Letter, plain_letter
from lib.mail.mailer import Mail, mailer
from lib.mail.webhook_letter import webhook_disabled

# A letter is made of the message's content and of where links lead, no trailing slash.
Write = Callable[[Mapping[str, Any], str], Letter]


def deliver_mail(message: Message) -> Delivery:
    """Write a letter and hand it to the mail service, under the message's id. Raises MissingSetting."""
    write, sender = LETTERS.get(message.template), mailer()
    if write is None:
        return Delivery(Fate.REFUSED, detail=f"there is no letter {message.template}")
    letter = write(message.content, sender.settings.app_url)
    try:
        sender.send(Mail(message.destination["to"], letter, message.id))
    except MailRefused as refusal:
        return Delivery(Fate.REFUSED, refusal.status, refusal.reason)
    except MailUnavailable as error:
        was_read = error.status is not None and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return Delivery(Fate.UNAVAILABLE if was_read else Fate.UNCERTAIN, error.status, error.reason, error.wait_seconds)
    return Delivery(Fate.DELIVERED, HTTPStatus.OK)


def _trial(content: Mapping[str, Any], app_url: str) -> Letter:
    return plain_letter(
        subject="Mails of your Leadsment deployment arrive",
        title="Mails arrive",
        paragraphs=["An operator sent this mail through the outbox, to see whether mails leave and arrive."],
        action=("Open Leadsment", f"{app_url}/app"),
        footnote=f"Sent by hand: {content.get('note', 'no note')}. Nothing was done to any account.",
    )


LETTERS: dict[str, Write] = {"trial": _trial, "webhook_disabled": webhook_disabled, "alert": alert_letter}
