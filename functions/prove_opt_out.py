"""Fulfil a request never to be identified, or to be identified again, once it is proved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.find_opt_out import check_is_open, find_opt_out
from lib.db.opt_out_store import FoundRequest
from lib.domain.opt_out import Proof, record_of
from lib.errors import NotProved, UnknownToken
from lib.identification import Organisation


class Store(Protocol):
    """Where requests are kept and fulfilled."""

    def find(self, token: str) -> FoundRequest | None:
        """The request with this token, changing nothing."""

    def confirm(self, token: str) -> str:
        """Fulfil it, once, and return what became of it."""


@dataclass(frozen=True, slots=True)
class ProvedOptOut:
    """What holds from now on. state: opted_out or withdrawn."""

    companies: list[Organisation]
    domain: str
    state: str


def prove_opt_out(
    token: str,
    *,
    store: Store,
    companies_of_domain: Callable[[str], list[Organisation]],
    find_texts: Callable[[str], list[str]],
) -> ProvedOptOut:
    """Check the proof and fulfil the request, for every customer and from the next beacon on.

    Of a mail the token is the proof; for DNS the record is looked up now. Raises UnknownToken, SpentToken, NotProved,
    StoreUnavailable or DnsUnavailable.
    """
    found = find_opt_out(token, store=store, companies_of_domain=companies_of_domain)
    domain = found.request.domain
    if found.request.proof is Proof.DNS:
        _check_record(domain, token, find_texts)
    verdict = store.confirm(token)
    # Somebody else may have come first since it was found.
    check_is_open(verdict)
    if verdict == "unknown":
        raise UnknownToken
    if verdict == "proof_too_weak":
        raise NotProved("proof_too_weak", _TOO_WEAK)
    return ProvedOptOut(found.companies, domain, verdict)


_TOO_WEAK = (
    "This company was opted out by a stronger proof than yours, and only such a proof takes it back: a DNS record where a DNS "
    "record was set, and a word from us where papers were shown. Nothing has changed."
)


def _check_record(domain: str, token: str, find_texts: Callable[[str], list[str]]) -> None:
    name, value = record_of(domain, token)
    texts = find_texts(name)
    if value in (text.strip() for text in texts):
        return
    if texts:
        raise NotProved(
            "record_differs", f"There is a TXT record at {name}, but with another value. Compare it with the one shown here."
        )
    raise NotProved(
        "record_missing", f"There is no TXT record at {name} yet. A new record can take some minutes to be seen everywhere."
    )
