"""Keep the contacts a member brings as a file, or say what would become of each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lib.domain.contact import Contact, IsFreeMail
from lib.domain.contact_import import AskedImport, ImportLine, read_lines


class MemberContacts(Protocol):
    """A member's contacts, reached with the member's own token."""

    def company_domain(self, company_id: str) -> str | None:
        """A company's domain, where it is known. Raises UnknownCompany where the member has no such company."""

    def add(self, company_id: str, contacts: Sequence[Contact]) -> list[str]:
        """Keep contacts: for each added, known, suppressed or refused."""


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """What became of a line: ready (in a dry run), added, known or refused, with reasons for the last."""

    line: int
    state: str
    reasons: Sequence[str]


_SUPPRESSED = "The person has objected, or the company asked to be left alone: this must not be kept."
_REFUSED = "This may not be kept."
_REASONS = {"suppressed": _SUPPRESSED, "refused": _REFUSED}


def import_contacts(asked: AskedImport, *, contacts: MemberContacts, is_free_mail: IsFreeMail) -> list[ImportedLine]:
    """Import a file's good lines, or in a dry run none, and say what became of each.

    Raises InvalidRequest, also in the database's words where the member may not; StoreUnavailable.
    """
    domain = contacts.company_domain(asked.company_id)
    lines = read_lines(asked.csv, company_domain=domain, is_free_mail=is_free_mail)
    good = [(line, line.contact) for line in lines if line.contact]
    states = ["ready"] * len(good)
    if good and not asked.dry_run:
        states = contacts.add(asked.company_id, [contact for _, contact in good])
    became = {line.number: state for (line, _), state in zip(good, states, strict=True)}
    return [_imported(line, became.get(line.number)) for line in lines]


def _imported(line: ImportLine, state: str | None) -> ImportedLine:
    if state is None:
        return ImportedLine(line.number, "refused", line.reasons)
    if state in _REASONS:
        return ImportedLine(line.number, "refused", [_REASONS[state]])
    return ImportedLine(line.number, state, [])
