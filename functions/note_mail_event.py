"""Take an event of the mail service: whoever a mail came back from, or who called it unwanted, gets no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lib.domain.mail_event import MailEvent, check_signature, parse_mail_event


class MailEvents(Protocol):
    """Where it is written down."""

    def note(self, event: MailEvent) -> None:
        """Send nothing more to these addresses."""


def note_mail_event(
    body: bytes, headers: Mapping[str, str], *, secrets: Sequence[str], events: MailEvents, now: datetime
) -> bool:
    """Check the signature, and write down what is of consequence: True if it was. Told of again, it changes nothing.

    Raises InvalidRequest for what is not signed or no event, and StoreUnavailable, after which the service tells again.
    """
    check_signature(body, headers, secrets, now=now)
    event = parse_mail_event(body)
    if event is None:
        return False
    events.note(event)
    return True
