"""JSON over HTTP as the CRMs speak it: what every vendor has in common, and nothing that names a secret."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode

from lib.domain.crm import Vendor
from lib.errors import CrmRefused, CrmUnavailable, OutboundRefused, OutboundUnavailable
from lib.outbound import OutboundAnswer

_LONGEST_MESSAGE = 200
_MAIL = re.compile(r"[^\s\"'<>@]+@[^\s\"'<>@]+")
_RECORD_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
# Where a vendor names none: as long as their shortest windows, and the outbox waits longer each time.
_SHORT_WAIT_SECONDS = 15


class Http(Protocol):
    """Who sends requests: lib/outbound.py."""

    def request(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> OutboundAnswer:
        """Send a request; raises OutboundRefused or OutboundUnavailable."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a CRM said. value: its JSON; None where the body was none. wait_seconds: what Retry-After asked for."""

    status: int
    value: Any
    wait_seconds: int | None

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Wire:
    """Asks one vendor's API. secrets: what must be in no message, whatever the other side quotes."""

    def __init__(self, http: Http, vendor: Vendor, base_url: str, *, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
        self.vendor = vendor
        self._http = http
        self._base_url = base_url
        self._headers = {"Accept": "application/json", **headers}
        self._secrets = [secret for secret in secrets if secret]

    def ask(
        self,
        method: str,
        path: str,
        value: object = None,
        *,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request, its body JSON or a form. An answer of refusal is an answer, for the vendor's module to read.

        Raises CrmUnavailable when none came, when the CRM asks to wait or has a fault of its own, or when an answer of
        success is no JSON; CrmRefused when its address is not one we send to.
        """
        url = f"{self._base_url}{path}{'?' + urlencode(query) if query else ''}"
        body, kind = _encoded(value, form)
        try:
            sent = {**self._headers, **kind, **(headers or {})}
            answer = self._http.request(method, url, body=body, headers=sent)
        except OutboundRefused as refusal:
            raise CrmRefused(f"{self.vendor.label} cannot be reached: {refusal.message}") from None
        except OutboundUnavailable as error:
            raise CrmUnavailable(f"{self.vendor.label} did not answer: {error.message}") from None
        return self._read(answer)

    def said(self, text: object) -> str:
        """What a CRM wrote, for the customer to read: short, without a secret or a mail address, whatever it quotes."""
        shown = str(text)
        for secret in self._secrets:
            shown = shown.replace(secret, "…")
        shown = " ".join(_MAIL.sub("…", "".join(sign if sign.isprintable() else " " for sign in shown)).split())
        return shown if len(shown) <= _LONGEST_MESSAGE else f"{shown[:_LONGEST_MESSAGE]}…"

    def busy(self, reply: Reply, wait_seconds: int | None = None) -> CrmUnavailable:
        """The CRM asks to wait: as long as it says, or as its kind of limit takes."""
        wait = reply.wait_seconds or wait_seconds or _SHORT_WAIT_SECONDS
        message = f"{self.vendor.label} takes no more requests for now; this is tried again by itself."
        return CrmUnavailable(message, status=reply.status, wait_seconds=wait)

    def record_id(self, record: Any, name: str = "id") -> str:
        """A record's id, which becomes a part of addresses. Raises CrmUnavailable when there is none, or one that is no id."""
        found = str(record.get(name)) if isinstance(record, dict) else ""
        if record and _RECORD_ID.fullmatch(found) and found != "None":
            return found
        raise CrmUnavailable(f"{self.vendor.label} answered without naming the record.")

    def unreadable(self, reply: Reply) -> CrmUnavailable:
        """The CRM answered with something that is not what it documents."""
        return CrmUnavailable(f"{self.vendor.label} answered in a form that is not understood.", status=reply.status)

    def _read(self, answer: OutboundAnswer) -> Reply:
        reply = Reply(answer.status, _parsed(answer.body), answer.retry_after_seconds)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            message = f"{self.vendor.label} has a fault (status {answer.status}); this is tried again by itself."
            raise CrmUnavailable(message, status=answer.status, wait_seconds=answer.retry_after_seconds)
        if reply.is_success and reply.value is None and answer.status != HTTPStatus.NO_CONTENT:
            raise self.unreadable(reply)
        return reply


def _encoded(value: object, form: Mapping[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
    if form is not None:
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    if value is not None:
        return json.dumps(value).encode(), {"Content-Type": "application/json"}
    return None, {}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    # Depth and numbers of absurd length end here too.
    except (ValueError, RecursionError):
        return None
