"""Contacts a member brings as a file: read line by line, each held to what a contact may be, with reasons for a person."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lib.domain.contact import Contact, IsFreeMail, read_contact
from lib.domain.json_body import parse_json
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 300_000
MOST_LINES = 500
COLUMNS = ("role", "work_email", "linkedin")
_HEADINGS = (
    "The first line must name the columns: role, work_email, linkedin, in any order; role and one of the others may be missing."
)


@dataclass(frozen=True, slots=True)
class AskedImport:
    """An import as it was asked: for which company, the file's text, and whether it is only to be looked at."""

    company_id: str
    csv: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A line of the file by its number, the first of which names the columns. contact: None where it is refused, for reasons."""

    number: int
    contact: Contact | None
    reasons: Sequence[str]


def parse_import(body: bytes) -> AskedImport:
    """Read an import from a body: {company_id, csv, dry_run}. Raises InvalidRequest saying what is wrong."""
    fields = parse_json(body)
    if not isinstance(fields, dict) or fields.keys() != {"company_id", "csv", "dry_run"}:
        raise InvalidRequest("invalid_fields", "An import has the keys company_id, csv and dry_run, and no other.")
    company_id, text, dry_run = fields["company_id"], fields["csv"], fields["dry_run"]
    if not isinstance(text, str) or not isinstance(dry_run, bool):
        raise InvalidRequest("invalid_fields", "csv must be a text, and dry_run true or false.")
    try:
        return AskedImport(str(UUID(company_id)), text, dry_run)
    except (ValueError, AttributeError, TypeError):
        raise InvalidRequest("invalid_company", "company_id must be the id of a company.") from None


def read_lines(text: str, *, company_domain: str | None, is_free_mail: IsFreeMail) -> list[ImportLine]:
    """Read a file with commas, semicolons or tabs. A line of which anything may not be kept is refused whole, so that nothing
    is lost unseen; empty lines count for nothing. Raises InvalidRequest where it is no such file, or a too long one."""
    rows = _rows(text.removeprefix("\ufeff"))
    if not rows:
        raise InvalidRequest("invalid_csv", f"The file is empty. {_HEADINGS}")
    columns = [heading.strip().lower() for heading in rows[0][1]]
    named = [column for column in columns if column]
    if not set(named) <= set(COLUMNS) or len(set(named)) != len(named) or not {"work_email", "linkedin"} & set(named):
        raise InvalidRequest("invalid_columns", _HEADINGS)
    if len(rows) - 1 > MOST_LINES:
        raise InvalidRequest("too_many_lines", f"The file has more than {MOST_LINES} lines. Split it.")
    return [_line(number, columns, cells, company_domain, is_free_mail) for number, cells in rows[1:]]


def _rows(text: str) -> list[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
    except csv.Error:
        message = f"Line {reader.line_num} cannot be read as CSV. Save the file as CSV with UTF-8 characters."
        raise InvalidRequest("invalid_csv", message) from None
    return rows


def _line(
    number: int, columns: Sequence[str], cells: Sequence[str], company_domain: str | None, is_free_mail: IsFreeMail
) -> ImportLine:
    if any(cell.strip() for cell in cells[len(columns) :]):
        return ImportLine(number, None, ["The line has more cells than there are columns."])
    raw = dict(zip(columns, cells, strict=False))
    contact, reasons = read_contact(raw, company_domain=company_domain, source="import", is_free_mail=is_free_mail)
    return ImportLine(number, None if reasons else contact, reasons)
