"""What a provider of contacts is: asked for a company's domain, answers with raw entries that lib/domain/contact.py reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from lib.errors import ProviderClosed, ProviderUnavailable


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to look for. domain: the company's, lower-case ASCII. roles, seniorities: of enrichment_settings. most: 1 to 20.

    provider_job: what the provider called this when it was asked before; None the first time.
    """

    domain: str
    company_name: str
    roles: Sequence[str]
    seniorities: Sequence[str]
    most: int
    provider_job: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a provider answered: entries with the keys role, seniority, work_email, linkedin, unread; and what it charged."""

    contacts: list[Mapping[str, Any]] = field(default_factory=list)
    credits_used: int = 0


@dataclass(frozen=True, slots=True)
class NotYet:
    """The provider works on it: ask again for this job after so many seconds."""

    provider_job: str
    wait_seconds: int


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
