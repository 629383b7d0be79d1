"""Asking never to be identified, or to be identified again: what is asked, taken from bytes without trust."""

import re
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.json_body import flat_object
from lib.domain.page import host_of
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 2048
_REQUIRED, _ALLOWED = {"domain", "proof", "wish"}, {"domain", "proof", "wish", "email"}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
# RFC 5322's dot-atom without the exotic rest: nothing in it separates addresses or ends a header.
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
# Source: IANA, Special-Use Domain Names, and ICANN's "internal". A name under them is not the public internet's.
_SPECIAL = frozenset(
    ("alt", "arpa", "example", "home", "internal", "invalid", "lan", "local", "localdomain", "localhost", "onion", "test")
)
_RECORD_LABEL, _RECORD_KEY = "_leadsment-opt-out", "leadsment-opt-out"


class Proof(StrEnum):
    """How somebody shows that a domain is theirs."""

    MAIL = "mail"  # they read the mail of an address at it
    DNS = "dns"  # they set a record of it


class Wish(StrEnum):
    """What is asked for."""

    OPT_OUT = "opt_out"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class AskedOptOut:
    """A request as it was asked. `email` is there when, and only when, the proof is a mail."""

    domain: str
    proof: Proof
    wish: Wish
    email: str | None

    @property
    def email_domain(self) -> str:
        """What follows the @; empty without an address."""
        return (self.email or "").rpartition("@")[2]


def parse_opt_out(body: bytes) -> AskedOptOut:
    """Read a request from a body: a flat JSON object of strings, keys domain, proof, wish and, for a mail, email.

    Raises InvalidRequest saying what is wrong, for a person to read.
    """
    fields = flat_object(body)
    if not _REQUIRED <= fields.keys() <= _ALLOWED:
        raise InvalidRequest("invalid_fields", "A request has the keys domain, proof and wish, may have email, and has no other.")
    proof, wish = _proof(fields["proof"]), _wish(fields["wish"])
    if (proof is Proof.MAIL) != ("email" in fields):
        raise InvalidRequest("invalid_fields", "A proof by mail needs an e-mail address, and a proof by DNS takes none.")
    return AskedOptOut(company_domain(fields["domain"]), proof, wish, parse_email(fields["email"]) if "email" in fields else None)


def parse_token(body: bytes) -> str:
    """Read a token from a body: a flat JSON object with the key token. Raises InvalidRequest."""
    fields = flat_object(body)
    if fields.keys() != {"token"}:
        raise InvalidRequest("invalid_fields", "The body has the key token and no other.")
    return parse_token_text(fields["token"])


def parse_token_text(text: str) -> str:
    """A token as a link carries it. Raises InvalidRequest."""
    if not _TOKEN.fullmatch(text):
        raise InvalidRequest("invalid_token", "The link is not complete. Copy the whole of it, or ask again.")
    return text


def company_domain(text: str) -> str:
    """Bring a company's domain to lower-case ASCII, without a leading www.; raises InvalidRequest for anything else."""
    try:
        domain = host_of(text.strip()).removeprefix("www.")
    except ValueError:
        domain = ""
    last = domain.rpartition(".")[2]
    if "." not in domain or last.isdigit() or last in _SPECIAL:
        raise InvalidRequest("invalid_domain", "Enter the domain of your company's website, such as acme.com, and nothing else.")
    return domain


def parse_email(text: str) -> str:
    """One e-mail address, its domain in lower-case ASCII; raises InvalidRequest for anything else."""
    local, _, domain = text.strip().rpartition("@")
    try:
        host = host_of(domain)
    except ValueError:
        host = ""
    if not host or len(local) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local):
        raise InvalidRequest("invalid_email", "Enter one e-mail address, such as it@acme.com.")
    return f"{local}@{host}"


def record_of(domain: str, token: str) -> tuple[str, str]:
    """The name and the value of the TXT record that proves control of a domain."""
    return f"{_RECORD_LABEL}.{domain}", f"{_RECORD_KEY}={token}"


def _proof(text: str) -> Proof:
    try:
        return Proof(text)
    except ValueError:
        raise InvalidRequest("invalid_proof", "proof must be mail or dns.") from None


def _wish(text: str) -> Wish:
    try:
        return Wish(text)
    except ValueError:
        raise InvalidRequest("invalid_wish", "wish must be opt_out or withdraw.") from None
