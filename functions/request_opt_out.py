"""Keep a request never to be identified, or to be identified again, and hand out what proves it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lib.db.opt_out_store import KeptRequest
from lib.domain.opt_out import AskedOptOut, Proof, Wish
from lib.errors import InvalidRequest, MailUnavailable, MissingSetting, TooManyRequests, UnknownDomain
from lib.identification import Organisation
from lib.mail.opt_out_link import OptOutLink

CompaniesOfDomain = Callable[[str], list[Organisation]]


class Store(Protocol):
    """Where requests are kept."""

    def request(self, domain: str, company_keys: Sequence[str], proof: Proof, wish: Wish, token: str) -> KeptRequest | None:
        """Keep a request; None when there were too many."""

    def drop(self, token: str) -> None:
        """Forget one that nobody was told of."""


@dataclass(frozen=True, slots=True)
class RequestedOptOut:
    """A request that waits for its proof. token: for a proof by DNS; of one by mail it is in the mail alone."""

    asked: AskedOptOut
    companies: list[Organisation]
    expires_at: str
    token: str | None


def request_opt_out(
    asked: AskedOptOut,
    *,
    companies_of_domain: CompaniesOfDomain,
    is_free_mail: Callable[[str], bool],
    store: Store,
    send_link: Callable[[OptOutLink], None],
) -> RequestedOptOut:
    """Keep a request and, for a proof by mail, send the link. Changes nothing about who is identified.

    Raises UnknownDomain, InvalidRequest for an address that proves nothing, TooManyRequests; StoreUnavailable,
    MailUnavailable or MissingSetting, after which asking again is free.
    """
    companies = companies_of_domain(asked.domain)
    if not companies:
        raise UnknownDomain("unknown_domain", _UNKNOWN.format(domain=asked.domain))
    if asked.proof is Proof.MAIL:
        _check_address(asked, companies, is_free_mail)
    token = secrets.token_urlsafe(32)
    kept = store.request(asked.domain, _keys(companies, asked.wish), asked.proof, asked.wish, token)
    if kept is None:
        raise TooManyRequests("too_many_requests", _TOO_MANY.format(domain=asked.domain), retry_after_seconds=_DAY_SECONDS)
    if asked.email is not None:
        _send(asked, asked.email, companies, token, kept, store, send_link)
    return RequestedOptOut(asked, companies, kept.expires_at, None if asked.proof is Proof.MAIL else token)


_UNKNOWN = (
    "We name no company with the domain {domain}, so there is nothing to opt out. If we name you under another domain, use that "
    "one. A network whose owner we know by no domain can be opted out as well: write to the address at the end of this page, "
    "with a proof from the registry (RIPE NCC, ARIN, APNIC, LACNIC or AFRINIC) that it is yours."
)
_DAY_SECONDS = 24 * 60 * 60
_TOO_MANY = (
    "There were too many requests for {domain}, or for everybody, today. The links of the earlier ones still work. "
    "Try the other proof, or come back tomorrow."
)
_SHARED = (
    "Many people have a mailbox at {domain} who do not speak for all that uses it, such as students, or the offices of a state. "
    "Please use the DNS record."
)


def _keys(companies: list[Organisation], wish: Wish) -> list[str]:
    """What the request is about. An opt-out under a key of an older table holds on, so who takes it back means those too."""
    if wish is Wish.OPT_OUT:
        return [company.key for company in companies]
    return [key for company in companies for key in company.keys]


def _check_address(asked: AskedOptOut, companies: list[Organisation], is_free_mail: Callable[[str], bool]) -> None:
    if is_free_mail(asked.domain):
        message = f"Anybody can have a mailbox at {asked.domain}, so that a mail proves nothing. Please use the DNS record."
        raise InvalidRequest("free_mail_domain", message, status=422)
    if len(companies) > 1 or any(company.kind == "education" for company in companies):
        raise InvalidRequest("shared_domain", _SHARED.format(domain=asked.domain), status=422)
    if asked.email_domain == asked.domain:
        return
    if is_free_mail(asked.email_domain):
        message = f"Anybody can have a mailbox at {asked.email_domain}. Enter an address that ends in @{asked.domain}."
        raise InvalidRequest("free_mail_address", message, status=422)
    message = f"The address must end in @{asked.domain}, to show that the domain is yours. Or use the DNS record."
    raise InvalidRequest("foreign_address", message, status=422)


def _send(
    asked: AskedOptOut,
    to: str,
    companies: list[Organisation],
    token: str,
    kept: KeptRequest,
    store: Store,
    send_link: Callable[[OptOutLink], None],
) -> None:
    names = [company.name for company in companies]
    try:
        send_link(OptOutLink(to, asked.domain, names, asked.wish, token, kept.id))
    except (MailUnavailable, MissingSetting):
        # Nobody has its token, so that it must not count towards the limit of the day.
        store.drop(token)
        raise
