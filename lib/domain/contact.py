"""A contact at a company: what may be kept of one, and nothing else, whatever a provider or a file says.

The type holds a role out of known words, a seniority, a work e-mail address at the company's own domain and a LinkedIn
handle, with where it comes from. A name, a phone number, a private address or any other text has no place in it. The
database refuses the same (supabase/migrations, private.check_contact).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from lib.domain.page import host_of
from lib.domain.role_words import JOINING_WORDS, POSITION_WORDS, ROLE_WORDS

Seniority = Literal["junior", "senior", "executive"]
Source = Literal["hunter", "dropcontact", "import"]
IsFreeMail = Callable[[str], bool]

LONGEST_ROLE = 80
_LONGEST_TEXT = 300
_ROLE_FORM = re.compile(r"[^\W\d_]+|[&/,.()'’ -]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-&][^\W\d_]+)*|&")
# A domain, or one said in words: neither is part of a position.
_PLACE = re.compile(r"\w\.\w{2}|\b(?:dot|punkt|www|http)\b", re.IGNORECASE)
_LOCAL_PART = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
_HANDLE = re.compile(r"[a-z0-9-]{3,100}")
# More digits than any name or handle carries, and as many as a phone number has.
_MOST_LOCAL_DIGITS, _MOST_HANDLE_DIGITS = 6, 9
_KNOWN = {word.casefold(): word for word in ROLE_WORDS}
_SENIORITIES = ("junior", "senior", "executive")
_SENIOR_WORDS: dict[str, Seniority] = {
    "junior": "junior", "entry": "junior", "intern": "junior", "trainee": "junior", "employee": "junior",
    "senior": "senior", "manager": "senior", "head": "senior", "lead": "senior", "director": "senior",
    "executive": "executive", "c-level": "executive", "c-suite": "executive", "vp": "executive", "owner": "executive",
    "founder": "executive", "partner": "executive",
}  # fmt: skip

_ROLE_REFUSED = "The role is left out: it must be a position in words, such as Head of Purchasing, and hold nothing else."
_MAIL_REFUSED = "The e-mail address is left out: it is no plain address, such as anna.berg@acme.com."
_MAIL_FOREIGN = "The e-mail address is left out: it is not at {domain} or below it."
_MAIL_FREE = "The e-mail address is left out: anybody can have a mailbox at its domain."
_MAIL_NOWHERE = "The e-mail address is left out: the company's domain is not known, so it cannot be told to be a work address."
_HANDLE_REFUSED = "The LinkedIn profile is left out: it must be an address such as https://www.linkedin.com/in/anna-berg."
_NOTHING = "There is neither a work e-mail address nor a LinkedIn profile."


class NotAContact(ValueError):
    """What was given may not be kept. `reason` is for a person, and repeats nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that may be kept. company_domain: lower-case ASCII. role: of known words alone. Raises NotAContact."""

    company_domain: str | None
    source: Source
    role: str | None = None
    seniority: Seniority | None = None
    work_email: str | None = None
    linkedin_handle: str | None = None

    def __post_init__(self) -> None:
        if self.work_email is None and self.linkedin_handle is None:
            raise NotAContact(_NOTHING)
        if self.role is not None and clean_role(self.role) != self.role:
            raise NotAContact(_ROLE_REFUSED)
        if self.seniority is not None and self.seniority not in _SENIORITIES:
            raise NotAContact("The seniority is none we know.")
        if self.work_email is not None and _checked_mail(self.work_email, self.company_domain) != self.work_email:
            raise NotAContact(_MAIL_REFUSED)
        if self.linkedin_handle is not None and clean_handle(self.linkedin_handle) != self.linkedin_handle:
            raise NotAContact(_HANDLE_REFUSED)

    def row(self) -> dict[str, str | None]:
        """What is handed to the database."""
        return {
            "role": self.role,
            "seniority": self.seniority,
            "work_email": self.work_email,
            "linkedin_handle": self.linkedin_handle,
        }


class Reading(NamedTuple):
    """What could be read: a contact, or none; and, for a person, what was left out and why."""

    contact: Contact | None
    reasons: list[str]


def read_contact(raw: Mapping[str, Any], *, company_domain: str | None, source: Source, is_free_mail: IsFreeMail) -> Reading:
    """Take what may be kept out of whatever was sent: the keys role, seniority, work_email, linkedin; others are not looked at.

    A part that may not be kept is left out with its reason; without address and profile there is no contact. Never raises.
    """
    reasons: list[str] = []

    def part(name: str, clean: Callable[[str], str]) -> str | None:
        value = raw.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
                raise NotAContact({"role": _ROLE_REFUSED, "work_email": _MAIL_REFUSED}.get(name, _HANDLE_REFUSED))
            return clean(value)
        except NotAContact as refused:
            reasons.append(refused.reason)
            return None

    role = part("role", clean_role)
    work_email = part("work_email", lambda text: clean_mail(text, company_domain, is_free_mail))
    handle = part("linkedin", clean_handle)
    if work_email is None and handle is None:
        return Reading(None, reasons or [_NOTHING])
    return Reading(Contact(company_domain, source, role, read_seniority(raw.get("seniority")), work_email, handle), reasons)


def clean_role(text: str) -> str:
    """A position in known words, spelled as we know them; words that are none are dropped. Raises NotAContact.

    What holds a digit, an @, a domain or an unknown sign is refused whole: it is no position. So is what is left without a
    known word, as a person's name is, and without a position where words were dropped.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if len(text) > LONGEST_ROLE * 2 or _PLACE.search(text) or "".join(_ROLE_FORM.findall(text)) != text:
        raise NotAContact(_ROLE_REFUSED)
    said = _WORD.findall(text)
    words = [known for word in said for known in _known_words(word)]
    # Beside words that are none of ours, which may be a name, an area may be part of that name.
    if len(words) < len(said) and not POSITION_WORDS & set(words):
        raise NotAContact(_ROLE_REFUSED)
    while words and words[0] in JOINING_WORDS:
        words.pop(0)
    while words and (words[-1] in JOINING_WORDS or len(" ".join(words)) > LONGEST_ROLE):
        words.pop()
    if not words:
        raise NotAContact(_ROLE_REFUSED)
    return " ".join(words)


def _known_words(word: str) -> list[str]:
    if word.casefold() in _KNOWN:
        return [_KNOWN[word.casefold()]]
    return [_KNOWN[part.casefold()] for part in word.split("-") if part.casefold() in _KNOWN]


def read_seniority(value: object) -> Seniority | None:
    """What a provider calls somebody's seniority, as one of ours; None where it says nothing we know."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        return None
    return _SENIOR_WORDS.get(value.strip().casefold().replace(" ", "-"))


def clean_mail(text: str, company_domain: str | None, is_free_mail: IsFreeMail) -> str:
    """A work e-mail address in lower case, without what follows a plus in its local part. Raises NotAContact."""
    local, at, domain = text.strip().removeprefix("mailto:").lower().rpartition("@")
    try:
        host = host_of(domain)
    except ValueError:
        host = ""
    if not at or not host:
        raise NotAContact(_MAIL_REFUSED)
    if any(is_free_mail(parent) for parent in _parents(host)):
        raise NotAContact(_MAIL_FREE)
    # A private address folded into the local part: anna.gmail.com@acme.com.
    if any(is_free_mail(parent) for parent in _parents(local.replace("_", ".").replace("=", "."))):
        raise NotAContact(_MAIL_REFUSED)
    return _checked_mail(f"{local.partition('+')[0]}@{host}", company_domain)


def _checked_mail(address: str, company_domain: str | None) -> str:
    local, _, host = address.rpartition("@")
    if company_domain is None:
        raise NotAContact(_MAIL_NOWHERE)
    if host != company_domain and not host.endswith(f".{company_domain}"):
        raise NotAContact(_MAIL_FOREIGN.format(domain=company_domain))
    digits = sum(character.isdigit() for character in local)
    is_form = _LOCAL_PART.fullmatch(local) and len(local) <= _LONGEST_LOCAL_PART
    if not is_form or digits > _MOST_LOCAL_DIGITS or not any(character.isalpha() for character in local):
        raise NotAContact(_MAIL_REFUSED)
    return address


def clean_handle(text: str) -> str:
    """A LinkedIn handle, from a profile's address or by itself, in lower case. Raises NotAContact."""
    text = text.strip().lower()
    if "/" in text:
        text = _handle_of(text)
    digits = sum(character.isdigit() for character in text)
    if not _HANDLE.fullmatch(text) or digits > _MOST_HANDLE_DIGITS or not re.search("[a-z]", text):
        raise NotAContact(_HANDLE_REFUSED)
    return text


def _handle_of(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = parts.hostname or ""
    except ValueError:
        raise NotAContact(_HANDLE_REFUSED) from None
    kind, _, handle = parts.path.strip("/").partition("/")
    if kind != "in" or not (host == "linkedin.com" or host.endswith(".linkedin.com")):
        raise NotAContact(_HANDLE_REFUSED)
    return unquote(handle.partition("/")[0])


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[first:]) for first in range(len(labels) - 1)]
