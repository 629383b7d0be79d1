"""Deliver the outbox's mails: a letter for each template, written when it is sent."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from lib.domain.crm import Vendor
from lib.domain.outbox import Delivery, Fate, Message
from lib.errors import MailRefused, MailUnavailable
from lib.mail import data_request_letter
from lib.mail.alert_letter import alert_letter
from lib.mail.digest_letter import digest_letter
from lib.mail.letter import Letter, plain_letter
from lib.mail.mailer import Mail, mailer
from lib.mail.site_paused_letter import site_paused
from lib.mail.unsubscribing import unsubscribe_headers
from lib.mail.webhook_letter import webhook_disabled

# A letter is made of the message's content and of where links lead, no trailing slash.
Write = Callable[[Mapping[str, Any], str], Letter]


def deliver_mail(message: Message) -> Delivery:
    """Write a letter and hand it to the mail service, under the message's id. Raises MissingSetting."""
    write, sender = LETTERS.get(message.template), mailer()
    if write is None:
        return Delivery(Fate.REFUSED, detail=f"there is no letter {message.template}")
    letter = write(message.content, sender.settings.app_url)
    headers = {**letter.headers, **unsubscribe_headers(message.content, sender.settings.app_url)}
    letter = letter._replace(headers=headers)
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


def _audit_anchor(content: Mapping[str, Any], app_url: str) -> Letter:
    return plain_letter(
        subject=f"Audit log anchor of {content['day']}",
        title=f"The audit log on {content['day']}",
        paragraphs=[
            f"Root: {content['root']}",
            "This is a hash over the last entry of every chain of the audit log. Keep this mail: whoever removes entries later "
            "cannot change it. python -m dev audit verify compares the log with it.",
        ],
        action=("See the published roots", f"{app_url}/audit-anchors"),
        footnote="You get this once a day, as one of the staff of this Leadsment deployment.",
    )


def _crm_broken(content: Mapping[str, Any], app_url: str) -> Letter:
    vendor, site_id = Vendor(content["vendor"]).label, content.get("site_id")
    return plain_letter(
        subject=f"{vendor} no longer takes companies from Leadsment",
        title=f"The connection to {vendor} is broken",
        paragraphs=[
            str(content["reason"]),
            "Nothing is lost: companies wait, and leave by themselves as soon as the connection has a token that works.",
        ],
        action=("Mend the connection", f"{app_url}/app/sites/{site_id}/integrations" if site_id else f"{app_url}/app"),
        footnote=f"You get this once, as an owner or admin of {content['account']}.",
    )


def _objection(content: Mapping[str, Any], app_url: str) -> Letter:
    # Nothing in it is anybody's own words: who asked for it may be anybody who had the link.
    return plain_letter(
        subject="Object everywhere?",
        title="Object at every company that uses Leadsment",
        paragraphs=[
            "Somebody with the link of a message to you objected to your work address being kept. That company keeps it no more.",
            "If no other company that uses Leadsment shall keep it either, follow this link: it opens a page that asks once "
            "more. It works once and for seven days.",
        ],
        # Behind the #: no server, proxy or log between sees the token, and a scanner that opens the link does nothing.
        action=("Object everywhere", f"{app_url}/contact#everywhere={content['token']}"),
        footnote="You do not want that? Ignore this mail. What we noted for it is deleted after seven days.",
    )


def _secrets_due(content: Mapping[str, Any], app_url: str) -> Letter:
    listed = [f"{secret['name']}: by {secret['due_on']}" for secret in content["secrets"]]
    return plain_letter(
        subject=f"Secrets to change: {', '.join(secret['name'] for secret in content['secrets'])}"[:150],
        title="These secrets are to be changed",
        paragraphs=[
            *listed,
            "docs/operations.md says how, under Changing a secret. Afterwards: python3 -m dev secrets rotated <name>.",
        ],
        action=("Open Leadsment", f"{app_url}/app"),
        footnote="You get this as one of the staff of this Leadsment deployment, until they are changed.",
    )


LETTERS: dict[str, Write] = {
    "alert": alert_letter,
    "audit_anchor": _audit_anchor,
    "crm.broken": _crm_broken,
    "data_request.done": data_request_letter.done_letter,
    "data_request.due": data_request_letter.due_letter,
    "data_request.extended": data_request_letter.extended_letter,
    "data_request.link": data_request_letter.link_letter,
    "data_request.received": data_request_letter.received_letter,
    "data_request.refused": data_request_letter.refused_letter,
    "data_request.told": data_request_letter.told_letter,
    "digest": digest_letter,
    "objection": _objection,
    "secrets_due": _secrets_due,
    "site_paused": site_paused,
    "trial": _trial,
    "webhook_disabled": webhook_disabled,
}
