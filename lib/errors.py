"""Every error the product raises on purpose, drawn once:

    LeadsmentError
    ├── MissingSetting          the deployment lacks an environment variable; the operator mends it
    ├── Refusal                 the caller sent something we do not take; the caller mends it
    │   ├── InvalidRequest      its form is wrong: method, size, encoding, JSON, a field
    │   ├── UnknownSite         no site has this key
    │   ├── OriginNotAllowed    the page is not on one of the site's hosts
    │   ├── UnknownDomain       we name no company with this domain
    │   ├── TooManyRequests     the domain, or everybody together, asked too often
    │   ├── NotProved           the domain is not shown to be the asker's, or not by strong enough means
    │   ├── UnknownToken        no request has this token
    │   ├── SpentToken          the request was proved before, or came too late
    │   └── NotSignedIn         the caller's token is missing, spent or none of ours
    ├── PageUnreachable         a customer's page could not be read; checking an installation says so
    └── Unavailable             something beyond our code did not answer in time; the caller tries again
        ├── StoreUnavailable    the database did not commit
        ├── MailUnavailable     the mail service did not take the mail
        └── DnsUnavailable      no name server answered

Errors carry facts for the reader who has to act. None carries a visitor's address or any other text of the request
that could hold one.
"""


class LeadsmentError(Exception):
    """The root: lets a door tell our own errors from surprises."""


class MissingSetting(LeadsmentError):
    """An environment variable is missing or empty."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The setting {name} is missing. README.md says where its value comes from.")
        self.name = name


class Refusal(LeadsmentError):
    """A request we do not take.

    `code` is for programs and never changes; `message` says what is wrong and how to mend it; `status` is the HTTP
    status that says the same (RFC 9110).
    """

    status = 400

    def __init__(self, code: str, message: str, *, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status or self.status


class InvalidRequest(Refusal):
    """The request's form is wrong."""


class UnknownSite(Refusal):
    """No site has this public key."""

    status = 404

    def __init__(self) -> None:
        super().__init__("unknown_site", "No site has this key. Copy the snippet again from your dashboard, under Install.")


class OriginNotAllowed(Refusal):
    """The page that sent the beacon is not on one of the site's hosts."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "origin_not_allowed",
            "This page's host does not belong to the site. Add the host in the dashboard, under Settings, Hosts.",
        )


class UnknownDomain(Refusal):
    """The company-IP table names no company with this domain."""

    status = 404


class TooManyRequests(Refusal):
    """The caller, or somebody else about the same thing, asked too often. Tomorrow is another day."""

    status = 429


class NotProved(Refusal):
    """The proof is missing, or what it should undo was proved by stronger means."""

    status = 409


class UnknownToken(Refusal):
    """No request has this token."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "unknown_token", "We do not know this link. It may have been cut, or be older than a week: please ask again."
        )


class SpentToken(Refusal):
    """The token was used, or is too old."""

    status = 410


class NotSignedIn(Refusal):
    """Whoever asks has to be signed in."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not_signed_in", "Sign in again: this needs somebody who is signed in.")


class PageUnreachable(LeadsmentError):
    """A customer's page could not be read, or must not be.

    `reason` is a word out of the list in lib/domain/findings.py; `detail` is a status, a host, or empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Unavailable(LeadsmentError):
    """Something beyond our code did not answer in time, or refused.

    `reason` is a word for the log; `message` is for the person who waits.
    """

    retry_after_seconds = 2
    message = "Something on our side does not work. Please try again in a while."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StoreUnavailable(Unavailable):
    """The database was away, too slow, or refused; nothing was acknowledged."""

    message = "Our database did not answer. Please try again in a moment."


class MailUnavailable(Unavailable):
    """The mail service did not take the mail."""

    retry_after_seconds = 60
    message = "The mail could not be sent, for a reason on our side. Please ask again in a minute."


class DnsUnavailable(Unavailable):
    """No name server answered, so nothing is known about the record."""

    retry_after_seconds = 10
    message = "Your domain's name servers did not answer in time. Please check again in a moment."
