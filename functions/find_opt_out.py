"""Say what a token stands for, before anybody acts on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lib.db.opt_out_store import FoundRequest
from lib.errors import SpentToken, UnknownToken
from lib.identification import Organisation


class Store(Protocol):
    """Where requests are kept."""

    def find(self, token: str) -> FoundRequest | None:
        """The request with this token, changing nothing."""


@dataclass(frozen=True, slots=True)
class FoundOptOut:
    """An open request and the companies it is about."""

    request: FoundRequest
    companies: list[Organisation]


def find_opt_out(token: str, *, store: Store, companies_of_domain: Callable[[str], list[Organisation]]) -> FoundOptOut:
    """The open request with this token. Changes nothing. Raises UnknownToken, SpentToken or StoreUnavailable."""
    request = store.find(token)
    if request is None:
        raise UnknownToken
    check_is_open(request.state)
    # By any key: the request may have been kept under an older table.
    asked = set(request.company_keys)
    companies = [company for company in companies_of_domain(request.domain) if not asked.isdisjoint(company.keys)]
    return FoundOptOut(request, companies)


def check_is_open(state: str) -> None:
    """Raise SpentToken for what a used or an expired request says of itself."""
    if state == "used":
        raise SpentToken("token_used", "This was done already, and its link works once. To change it again, ask anew.")
    if state == "expired":
        raise SpentToken(
            "token_expired", "This request is too old: a mailed link works for a day, a record for a week. Ask anew."
        )
