"""What a provider of contacts is: asked for a company's domain, answers with raw entries that lib/domain/contact.py reads."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

from lib.domain.enrichment import Found, NotYet, Wanted
from lib.errors import ProviderClosed, ProviderUnavailable


class Answer(Protocol):
    """What came back over HTTP."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def body(self) -> bytes:
        """As much of the body as was read."""

    @property
    def retry_after_seconds(self) -> int | None:
        """How long the other side asked to wait, where it did."""


class Http(Protocol):
    """How requests leave. Raises ProviderUnavailable where there was no answer."""

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Hand something over."""


class ContactProvider(Protocol):
    """Somebody who knows whom to speak to at a company."""

    def find(self, wanted: Wanted) -> Found | NotYet:
        """Ask. Raises ProviderUnavailable, and ProviderClosed where asking for anything else is no use either."""


def object_of(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer that went well. Raises ProviderUnavailable for one that is none."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise ProviderUnavailable("no JSON") from None
    if not isinstance(value, dict):
        raise ProviderUnavailable("no JSON object")
    return value


def entries_of(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; what is no list, or no object in it, is left out."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def check_status(answer: Answer, *, closed: frozenset[int]) -> None:
    """Raise what a status stands for, unless it is 200, 201 or 202. closed: those by which a provider takes nothing of ours."""
    status = answer.status
    if status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
        return
    if status in closed:
        raise ProviderClosed(f"status {status}", answer.retry_after_seconds)
    raise ProviderUnavailable(f"status {status}", answer.retry_after_seconds)
