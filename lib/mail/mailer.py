"""Hand mails to Resend. The only import of its package.

Source: Resend's API reference, "Send Email" and "Idempotency keys".
"""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.errors import MailUnavailable
from lib.settings import MailSettings, mail_settings

if TYPE_CHECKING:
    import resend

_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person. key: the same for the same cause, so that a repeated attempt is delivered once within a day."""

    to: str
    subject: str
    html: str
    text: str
    key: str


class Mailer:
    """Sends mails with the deployment's key, from its address."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings

    def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises MailUnavailable when the service did not take it; the reason names no address."""
        import resend  # noqa: PLC0415  it takes a sixth of a second, and only the calls that send a mail need it
        from resend.exceptions import NoContentError, ResendError  # noqa: PLC0415

        resend.api_key = self.settings.api_key
        resend.default_http_client = resend.RequestsClient(timeout=_SECONDS)
        try:
            resend.Emails.send(self._parameters(mail), {"idempotency_key": mail.key})
        except ResendError as error:
            raise MailUnavailable(f"{error.error_type} {error.code}") from None
        except NoContentError:
            raise MailUnavailable("empty answer") from None

    def _parameters(self, mail: Mail) -> "resend.Emails.SendParams":
        return {
            "from": f"Leadsment <{self.settings.from_address}>",
            "to": [mail.to],
            "subject": mail.subject,
            "html": mail.html,
            "text": mail.text,
        }


@functools.cache
def mailer() -> Mailer:
    """The process's mailer, by the deployment's settings; raises MissingSetting."""
    return Mailer(mail_settings())
