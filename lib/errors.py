"""Every error the product raises on purpose, drawn once:

    LeadsmentError
    ├── MissingSetting          the deployment lacks an environment variable; the operator mends it
    ├── Refusal                 the caller sent something we do not take; the caller mends it
    │   ├── InvalidRequest      its form is wrong: method, size, encoding, JSON, a field
    │   ├── UnknownSite         no site has this key
    │   └── OriginNotAllowed    the page is not on one of the site's hosts
    └── StoreUnavailable        the database did not commit in time; the caller tries again

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


class StoreUnavailable(LeadsmentError):
    """The database was away, too slow, or refused; nothing was acknowledged. `reason` is a word for the log."""

    retry_after_seconds = 2

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
