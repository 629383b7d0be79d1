"""Hand mails to Resend. The only import of its package.

Source: Resend's API reference, "Send Email" and "Idempotency keys".
"""

import functools
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from lib.errors import MailRefused, MailUnavailable
from lib.mail.letter import Letter
from lib.settings import MailSettings, check_tls, mail_settings

if TYPE_CHECKING:
    import resend

_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person. key: the same for the same cause, so that a repeated attempt is delivered once within a day."""

    to: str
    letter: Letter
    key: str


class Mailer:
    """Sends mails with the deployment's key, from its address."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings

    def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises MailUnavailable when the service is not known to have taken it, and MailRefused when it
        never will; neither names an address."""
        import resend  # noqa: PLC0415  it takes a sixth of a second, and only the calls that send a mail need it
        from resend.exceptions import NoContentError, ResendError  # noqa: PLC0415

        check_tls("RESEND_API_URL", resend.api_url)
        resend.default_http_client = resend.RequestsClient(timeout=_SECONDS)
        for key in self.settings.keys:
            resend.api_key = key
            try:
                resend.Emails.send(self._parameters(mail), {"idempotency_key": mail.key})
            except ResendError as error:
                if _is_about_the_key(error) and key != self.settings.keys[-1]:
                    continue  # while the key is being changed, one of two is taken
                raise _failure(error) from None
            except NoContentError:
                raise MailUnavailable("empty answer") from None
            return

    def _parameters(self, mail: Mail) -> "resend.Emails.SendParams":
        parameters: resend.Emails.SendParams = {
            "from": f"Leadsment <{self.settings.from_address}>",
            "to": [mail.to],
            "subject": _one_line(mail.letter.subject),
            "html": mail.letter.html,
            "text": mail.letter.text,
        }
        if mail.letter.headers:
            parameters["headers"] = dict(mail.letter.headers)
        return parameters


def _one_line(text: str) -> str:
    """A name in a subject must not begin another header, and the service refuses a mail whose subject has two lines."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _is_about_the_key(error: "resend.exceptions.ResendError") -> bool:
    return str(error.code) in (str(HTTPStatus.UNAUTHORIZED.value), str(HTTPStatus.FORBIDDEN.value))


def _failure(error: "resend.exceptions.ResendError") -> MailUnavailable:
    """What an answer means. A key that is not ours, or not allowed to send, is the operator's to mend, and the mail waits;
    a mail that is malformed stays so."""
    reason = f"{error.error_type} {error.code}"
    # Where no answer came, the package itself makes up a code.
    status = int(error.code) if error.error_type != "HttpClientError" and str(error.code).isdecimal() else None
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY) or error.error_type == "invalid_idempotent_request":
        return MailRefused(reason, status=status)
    wait = {name.lower(): value for name, value in error.headers.items()}.get("retry-after", "")
    return MailUnavailable(reason, status=status, wait_seconds=int(wait[:6]) if wait.isdecimal() else None)


@functools.cache
def mailer() -> Mailer:
    """The process's mailer, by the deployment's settings; raises MissingSetting."""
    return Mailer(mail_settings())
