"""Every error the product raises on purpose, drawn once:

    LeadsmentError
    ├── MissingSetting          the deployment lacks an environment variable; the operator mends it
    │   └── UnfitSetting        or has one that must not be used: outside the European Union, or without TLS
    ├── ProofFailed             the nightly proof found an address, or could not have; the operator looks where
    ├── Refusal                 the caller sent something we do not take; the caller mends it
    │   ├── InvalidRequest      its form is wrong: method, size, encoding, JSON, a field
    │   ├── UnknownSite         no site has this key
    │   ├── OriginNotAllowed    the page is not on one of the site's hosts
    │   ├── InvalidSignature    a proxy stated an address, and not as the site's own does
    │   ├── InvalidSecret       a server sent page views without a secret of ours
    │   ├── ForeignSecret       a server sent page views of another site than its secret's
    │   ├── UnknownDomain       we name no company with this domain
    │   ├── TooManyRequests     the caller, or somebody else about the same thing, asked too often
    │   │   └── OverQuota       a site has used up its day's quota
    │   ├── NotProved           the domain is not shown to be the asker's, or not by strong enough means
    │   ├── UnknownToken        no request has this token
    │   ├── UnknownMailLink     no mail of ours has this link to unsubscribe
    │   ├── SpentToken          the request was proved before, or came too late
    │   ├── NotSignedIn         the caller's token is missing, spent or none of ours
    │   ├── OutboundRefused     a URL leads where nothing of ours is sent
    │   └── MemberRefused       the database says to a signed-in person why it does not do what they ask
    ├── SealBroken              an encrypted token cannot be read with a key of ours
    ├── CrmRefused              a customer's CRM never will take what it was sent
    │   └── CrmDenied           nor anything else, with this token
    ├── PageUnreachable         a customer's page could not be read; checking an installation says so
    ├── Unreached               a server that somebody else named was not reached, or must not be
    └── Unavailable             something beyond our code did not answer in time; the caller tries again
        ├── StoreUnavailable    the database did not commit
        │   ├── RowsRefused     it never will: it does not take one of the rows
        │   └── RowsLocked      it may: somebody else holds a lock that one of the rows needs
        ├── MailUnavailable     the mail service is not known to have taken the mail
        │   └── MailRefused     it never will
        ├── DnsUnavailable      no name server answered
        ├── OutboundUnavailable a server that a customer named did not answer
        ├── CrmUnavailable      a customer's CRM asks to wait, or does not answer
        └── ProviderUnavailable a provider of contacts did not answer, or wants to be left alone for a while
            └── ProviderClosed  our key is not taken or used up: whatever is asked of it

Errors carry facts for the reader who has to act. None carries a visitor's address or any other text of the request
that could hold one.
"""


class LeadsmentError(Exception):
    """The root: lets a door tell our own errors from surprises."""


class MissingSetting(LeadsmentError):
    """An environment variable is missing or empty."""

    fault = "is missing"

    def __init__(self, name: str) -> None:
        super().__init__(f"The setting {name} is missing. docs/deploy.md says where its value comes from.")
        self.name = name


class UnfitSetting(MissingSetting):
    """An environment variable has a value that must not be used: nothing is served with it.

    `fault` says what is wrong, `mend` what to do. Neither quotes a value that may be secret.
    """

    def __init__(self, name: str, fault: str, mend: str) -> None:
        LeadsmentError.__init__(self, f"The setting {name} {fault}. {mend}")
        self.name = name
        self.fault = fault


class ProofFailed(LeadsmentError):
    """The nightly proof found a canary's address somewhere, or did not find what it had planted."""

    def __init__(self, verdict: str) -> None:
        super().__init__(verdict)
        self.verdict = verdict


class Refusal(LeadsmentError):
    """A request we do not take.

    `code` is for programs and never changes; `message` says what is wrong and how to mend it; `status` is the HTTP
    status that says the same (RFC 9110). `retry_after_seconds` is set where the same request may be taken later.
    """

    status = 400
    retry_after_seconds: int | None = None

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


class InvalidSignature(Refusal):
    """A proxy stated a visitor's address, and not as the site's own proxy does.

    `reason` is form, secret, clock, body or address. Never answered by taking the proxy's own address instead: its company
    would be shown for every visitor's.
    """

    status = 401

    def __init__(self, reason: str) -> None:
        super().__init__("bad_signature", _WRONG_SIGNATURES[reason])
        self.reason = reason


_WRONG_SIGNATURES = {
    "form": "Leadsment-Forwarded must stand once, as: v1 t=<unix seconds> a=<address> b=<sha256 of the body> s=<hmac>.",
    "secret": "Not signed with a secret of this site. Compare the proxy's secret with the dashboard, under Settings, Secrets.",
    "clock": "Signed more than 5 minutes ago, or ahead. Set the proxy's clock (NTP), and let it sign each request anew.",
    "body": "The body is not the one that was signed. The proxy must sign the very bytes it sends, uncompressed and unchanged.",
    "address": "The stated address is none of the public internet. The proxy must take the visitor's own, not a neighbour's.",
}


class InvalidSecret(Refusal):
    """No site named in the request has this secret."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "bad_secret",
            "Send a secret of this site as Authorization: Bearer lmsk_... It is made in the dashboard, under Settings, Secrets.",
        )


class ForeignSecret(Refusal):
    """The secret is another site's."""

    status = 403

    def __init__(self) -> None:
        super().__init__("foreign_secret", "This secret belongs to another site than the one named in the body.")


class UnknownDomain(Refusal):
    """The company-IP table names no company with this domain."""

    status = 404


class TooManyRequests(Refusal):
    """The caller, or somebody else about the same thing, asked too often."""

    status = 429

    def __init__(self, code: str, message: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(code, message)
        self.retry_after_seconds = retry_after_seconds


class OverQuota(TooManyRequests):
    """A site has used up what it may send in a day."""

    retry_after_seconds: int = 60

    def __init__(self) -> None:
        super().__init__(
            "over_quota",
            "This site has sent as many page views today as it may; later ones are not recorded until midnight in its time zone.",
            retry_after_seconds=self.retry_after_seconds,
        )


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


class UnknownMailLink(Refusal):
    """No mail of ours has this link, or none that is still known."""

    status = 404

    def __init__(self) -> None:
        super().__init__("unknown_mail_link", "This link is not known. Sign in, and choose your mails under Notifications.")


class SpentToken(Refusal):
    """The token was used, or is too old."""

    status = 410


class NotSignedIn(Refusal):
    """Whoever asks has to be signed in."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not_signed_in", "Sign in again: this needs somebody who is signed in.")


class OutboundRefused(Refusal):
    """A URL leads where nothing of ours is sent, now or ever. `code` and `message` are in lib/outbound.py."""

    status = 422


class MemberRefused(Refusal):
    """The database says to a signed-in person, in words of its own, why it does not do what they ask."""


class SealBroken(LeadsmentError):
    """An encrypted token cannot be read: it is of another connection, was changed, or its key is gone."""


class CrmRefused(LeadsmentError):
    """A customer's CRM never will take what it was sent.

    `message` is for the customer, and holds no token; `status` is the answer's.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(f"status {status}")
        self.message = message
        self.status = status


class CrmDenied(CrmRefused):
    """A customer's CRM does not take the token, or the token may not do what is needed."""


class PageUnreachable(LeadsmentError):
    """A customer's page could not be read, or must not be.

    `reason` is a word out of the list in lib/domain/findings.py; `detail` is a status, a host, or empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Unreached(LeadsmentError):
    """A server that somebody else named was not reached, or must not be.

    `reason`: url, scheme, port, name, address, connection, certificate, answer or slow. `was_sent`: whether the request may
    have arrived all the same.
    """

    def __init__(self, reason: str, *, was_sent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_sent = was_sent


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


class RowsRefused(StoreUnavailable):
    """The database does not take one of the rows, whenever it is asked."""


class RowsLocked(StoreUnavailable):
    """Somebody else held a lock that one of the rows needs for longer than the others should wait."""


class MailUnavailable(Unavailable):
    """The mail service is not known to have taken the mail.

    status: of its answer, None where none came. wait_seconds: how long it asked to be left alone, where it did.
    """

    retry_after_seconds = 60
    message = "The mail could not be sent, for a reason on our side. Please ask again in a minute."

    def __init__(self, reason: str, *, status: int | None = None, wait_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.wait_seconds = wait_seconds


class MailRefused(MailUnavailable):
    """The mail service never will take this mail."""


class DnsUnavailable(Unavailable):
    """No name server answered, so nothing is known about the record."""

    retry_after_seconds = 10
    message = "Your domain's name servers did not answer in time. Please check again in a moment."


class OutboundUnavailable(Unavailable):
    """A server that a customer named did not answer in time, or not in a form that was understood.

    `reason` is a word, as in Unreached; `was_sent`: whether it may have taken the request all the same; `message` is for the
    customer.
    """

    retry_after_seconds = 10

    def __init__(self, reason: str, message: str, *, was_sent: bool) -> None:
        super().__init__(reason)
        self.message = message
        self.was_sent = was_sent


class CrmUnavailable(Unavailable):
    """A customer's CRM asks to wait, answers with a fault of its own, or not at all.

    `message` is for the customer; `status` is the answer's, if there was one; `wait_seconds`: how long it asked to be left
    alone.
    """

    retry_after_seconds = 10

    def __init__(self, message: str, *, status: int | None = None, wait_seconds: int | None = None) -> None:
        super().__init__(f"status {status}" if status else "no answer")
        self.message = message
        self.status = status
        self.wait_seconds = wait_seconds


class ProviderUnavailable(Unavailable):
    """A provider of contacts did not answer, or not with what it documents.

    wait_seconds: how long it asked to be left alone, where it did.
    """

    retry_after_seconds = 60

    def __init__(self, reason: str, wait_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


class ProviderClosed(ProviderUnavailable):
    """The provider takes no request of ours: the key is wrong, or what was paid for is used up. The operator mends it."""
