"""Take an event of the mail service: whoever a mail came back from, or who called it unwanted, gets no more."""

from typing import Protocol

from lib.domain.mail_event import MailEvent, parse_mail_event


class MailEvents(Protocol):
    """Where it is written down."""

    def note(self, event: MailEvent) -> None:
        """Send nothing more to these addresses."""


def note_mail_event(body: bytes, *, events: MailEvents) -> bool:
    """Write down what is of consequence in an event whose signature was checked: True if it was. Told of again, it changes
    nothing.

    Raises InvalidRequest for what is no event, and StoreUnavailable, after which the service tells again.
    """
    event = parse_mail_event(body)
    if event is None:
        return False
    events.note(event)
    return True
