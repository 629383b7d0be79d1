"""Looking for contacts: what is asked of a provider, and what it may answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.domain.contact import Source


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
    """What a provider answered: entries with the keys role, seniority, work_email, linkedin, unread, of which more may come than
    were wanted; and what it charged."""

    contacts: list[Mapping[str, Any]] = field(default_factory=list)
    credits_used: int = 0


@dataclass(frozen=True, slots=True)
class NotYet:
    """The provider works on it: ask again for this job after so many seconds."""

    provider_job: str
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a company's contacts, taken by its claim. attempt: how many times it was taken, this one included."""

    claim: str
    account_id: str
    provider: Source
    wanted: Wanted
    attempt: int = 1
