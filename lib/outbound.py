"""Send HTTP to a server that a customer named: a webhook's, a chat's, a CRM's. The only place that does.

https alone, and only at addresses of the public internet, looked at anew for each request (lib/guarded_http.py). No redirect
is followed: whoever may answer for one host must not send us to another.
"""

import functools
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from lib.errors import OutboundRefused, OutboundUnavailable, Unreached
from lib.guarded_http import GuardedHttp, Target, target_of
from lib.settings import outbound_networks
from lib.tls import trusted

LONGEST_URL = 2000
_LARGEST_ANSWER_BYTES = 65_536
_SECONDS = 8.0
_LONGEST_WAIT_SECONDS = 86_400
_HEADERS = {"User-Agent": "Leadsment/1.0", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """What a server answered. body: its first 64 KB. retry_after_seconds: how long it asked to be left alone, at most a day;
    None where it did not. location: where a redirect leads, which was not followed."""

    status: int
    body: bytes
    retry_after_seconds: int | None = None
    location: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")


class Outbound:
    """Sends requests, each within eight seconds. Safe for several threads.

    reachable_networks: those that may be asked, also without TLS, although they are reserved, in CIDR notation; none in
    production. trust: whose certificates are taken; the machine's by default.
    """

    def __init__(
        self, reachable_networks: Sequence[str] = (), *, seconds: float = _SECONDS, trust: ssl.SSLContext | None = None
    ) -> None:
        self._networks = reachable_networks
        self._seconds = seconds
        self._trust = trust or trusted()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> OutboundAnswer:
        """Send a body. Whatever the status is, it is an answer.

        Raises OutboundRefused when the URL is not one we send to, and OutboundUnavailable when no answer came.
        """
        return self.request("POST", url, body=body, headers=headers)

    def request(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> OutboundAnswer:
        """The same with another method: GET, PUT, PATCH, DELETE."""
        target = self._target(url)
        try:
            answer = self._http().ask(method, target, {**_HEADERS, **(headers or {})}, body, largest_bytes=_LARGEST_ANSWER_BYTES)
        except Unreached as error:
            raise _failure(error) from None
        named = dict(answer.headers)
        return OutboundAnswer(answer.status, answer.body, _wait_seconds(named.get("retry-after")), named.get("location"))

    def check_url(self, url: str) -> None:
        """See whether a URL may be sent to, before it is saved; nothing is sent.

        What it leads to may have changed when something is sent, so each request looks again. Raises OutboundRefused, and
        OutboundUnavailable when the name's servers did not answer in time.
        """
        target = self._target(url)
        try:
            self._http().find_places(target)
        except Unreached as error:
            if error.reason == "name":
                raise OutboundRefused("unknown_host", _MESSAGES["name"]) from None
            if error.reason == "slow":
                raise OutboundUnavailable("slow", _SLOW_NAME, was_sent=False) from None
            raise _failure(error) from None

    def _target(self, url: str) -> Target:
        target = _target(url)
        if not target.is_secure and not self._networks:
            raise _failure(Unreached("scheme"))
        return target

    def _http(self) -> GuardedHttp:
        return GuardedHttp(self._networks, _refuse_public, seconds=self._seconds, trust=self._trust)


@functools.cache
def outbound() -> Outbound:
    """The process's own, by the deployment's settings."""
    return Outbound(outbound_networks())


def _target(url: str) -> Target:
    """A URL as it may be sent to: one that every reader takes apart in the same way."""
    if len(url) > LONGEST_URL or not url.isprintable() or any(sign in url for sign in " \\"):
        raise _failure(Unreached("url"))
    try:
        target = target_of(url)
    except Unreached as error:
        raise _failure(error) from None
    if "@" in target.parts.netloc:
        raise OutboundRefused("url_has_password", _MESSAGES["userinfo"])
    return target


def _refuse_public(target: Target) -> str | None:
    return None if target.is_secure else "scheme"


def _failure(error: Unreached) -> OutboundRefused | OutboundUnavailable:
    if code := _REFUSALS.get(error.reason):
        return OutboundRefused(code, _MESSAGES[error.reason])
    return OutboundUnavailable(error.reason, _MESSAGES[error.reason], was_sent=error.was_sent)


_REFUSALS = {"url": "bad_url", "scheme": "not_https", "address": "address_not_public"}
_SLOW_NAME = "The host's name servers did not answer in time. Please try again in a moment."
_MESSAGES = {
    "url": f"This is no URL that can be sent to. Write it as https://host/path, with at most {LONGEST_URL} characters.",
    "scheme": "The URL must begin with https://.",
    "userinfo": "The URL must not hold a user name or password.",
    "address": "The host leads to an address that is not on the public internet. Nothing is sent there.",
    "name": "The host's name could not be resolved. Check its spelling, and that its DNS record exists.",
    "connection": "The server did not accept the connection.",
    "certificate": "The server's TLS certificate is not valid for this host.",
    "answer": "The server ended the connection without an answer, or answered with something that is not HTTP.",
    "slow": f"The server did not answer within {_SECONDS:.0f} seconds.",
}


def _wait_seconds(value: str | None) -> int | None:
    """Retry-After: seconds, or a date (RFC 9110, section 10.2.3). What is neither counts as none."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), _LONGEST_WAIT_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)
    return min(max(int(wait.total_seconds()), 0), _LONGEST_WAIT_SECONDS)
