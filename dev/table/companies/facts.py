"""What is known of companies beyond their names: domain, industry, country, employees, each with source and date.

Sources: data/directory.csv, written by the team; PyPI pytickersymbols (MIT), companies listed on stock exchanges.
"""

import importlib.metadata
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytickersymbols import PyTickerSymbols

from dev.table import DATA
from dev.table.companies.names import comparable
from dev.table.data_file import read_by_first_column, text_of_rows

DIRECTORY = DATA / "directory.csv"
# NACE Rev. 2 sections (Regulation (EC) No 1893/2006, Annex I), with plain labels.
NACE_SECTIONS = {
    "A": "Agriculture, forestry and fishing",
    "B": "Mining, oil and gas",
    "C": "Manufacturing",
    "D": "Electricity and gas supply",
    "E": "Water supply and waste management",
    "F": "Construction",
    "G": "Wholesale and retail trade",
    "H": "Transport and storage",
    "I": "Accommodation and food service",
    "J": "Information and communication",
    "K": "Finance and insurance",
    "L": "Real estate",
    "M": "Professional, scientific and technical services",
    "N": "Administrative and support services",
    "O": "Public administration and defence",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Arts, entertainment and recreation",
    "S": "Other services",
}
EMPLOYEE_BANDS = (
    (10, "1-9"),
    (50, "10-49"),
    (250, "50-249"),
    (1000, "250-999"),
    (5000, "1000-4999"),
    (10000, "5000-9999"),
)
LARGEST_BAND = "10000+"
BANDS = (*(band for _, band in EMPLOYEE_BANDS), LARGEST_BAND)
# What the words of listed companies' industries say about the section; the first that fits decides.
_SECTION_WORDS = (
    ("K", "bank insurance financ investment asset capital brokerage reit"),
    ("D", "electric utilit power gas renewable"),
    ("B", "oil petroleum mining metals gold coal drilling exploration"),
    ("J", "software internet media telecom information technology computer it services publishing entertainment video"),
    ("C", "manufactur semiconductor pharma biotech automo aerospace chemical machinery equipment food beverage apparel "
          "steel electronics medical device consumer goods packaging paper tobacco defense cosmetic building"),
    ("G", "retail wholesale distribution e-commerce store"),
    ("H", "transport logistic airline shipping freight railroad rail"),
    ("F", "construction homebuilding engineering"),
    ("I", "hotel restaurant hospitality lodging"),
    ("L", "real estate property"),
    ("Q", "health hospital care"),
    ("R", "casino gaming leisure sport"),
)  # fmt: skip
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_COUNT = re.compile(r"^\D{0,12}?(\d{1,3}(?:[,. ]\d{3})+|\d+)(?!\S*\s*(?:million|billion))")
_SHORTEST_LISTED_NAME = 4  # shorter ones are anybody's
_COLUMNS = ("company_key", "name", "domain", "nace_section", "country", "employee_range", "source", "date")

_FORMS = {
    "domain": "one host name, such as example.com",
    "nace_section": "a letter from A to S",
    "country": "two capital letters of ISO 3166-1",
    "employee_range": f"one of {', '.join(BANDS)}",
    "date": "YYYY-MM-DD",
    "name": "a text without spaces around it",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with the key of its source in the table's header."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A company of the team's directory: the columns of data/directory.csv. What is not known is empty."""

    company_key: str
    name: str
    domain: str
    nace_section: str
    country: str
    employee_range: str
    source: str
    date: str

    def __post_init__(self) -> None:
        checks = {
            "domain": not self.domain or _HOST.fullmatch(self.domain),
            "nace_section": not self.nace_section or self.nace_section in NACE_SECTIONS,
            "country": not self.country or _COUNTRY.fullmatch(self.country),
            "employee_range": not self.employee_range or self.employee_range in BANDS,
            "date": _DATE.fullmatch(self.date),
            "name": self.name and self.name == self.name.strip(),
        }
        wrong = [f"{column} cannot be right: it is {_FORMS[column]}" for column, holds in checks.items() if not holds]
        if wrong:
            raise ValueError(f"{self.company_key}: {'; '.join(wrong)}")

    def facts(self) -> dict[str, Fact]:
        """What it knows, by name of the fact."""
        values = {
            "domain": self.domain,
            "industry": NACE_SECTIONS.get(self.nace_section, ""),
            "country": self.country,
            "employee_range": self.employee_range,
        }
        return {name: Fact(value, "directory") for name, value in values.items() if value}


def read_directory(file: Path = DIRECTORY) -> dict[str, Entry]:
    """The team's directory by company key. Raises WrongData, naming the entry and column that is wrong."""
    return read_by_first_column(file, _COLUMNS, lambda row: Entry(**row))


def write_directory(entries: dict[str, Entry], file: Path = DIRECTORY) -> None:
    """Write the directory, sorted by key."""
    rows = ([getattr(entries[key], column) for column in _COLUMNS] for key in sorted(entries))
    file.write_bytes(text_of_rows(_COLUMNS, rows).encode())


class ListedCompanies:
    """Facts of companies listed on stock exchanges, by their comparable name."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[str, Fact]] = {}
        for stock in PyTickerSymbols().get_all_stocks():
            name = comparable(stock["name"])
            if len(name) >= _SHORTEST_LISTED_NAME:
                self._facts.setdefault(name, _listed_facts(stock))

    def __iter__(self) -> Iterator[dict[str, Fact]]:
        return iter(self._facts.values())

    def find(self, registered: str) -> dict[str, Fact]:
        """The facts of the listed company whose whole name this is; empty when there is none."""
        return self._facts.get(comparable(registered), {})


def listed_release() -> str:
    """The version of pytickersymbols that is installed."""
    return importlib.metadata.version("pytickersymbols")


def employee_band(count: int) -> str:
    """The band a number of employees falls into."""
    return next((band for bound, band in EMPLOYEE_BANDS if count < bound), LARGEST_BAND)


def _listed_facts(stock: dict[str, Any]) -> dict[str, Fact]:
    metadata = stock.get("metadata") or {}
    website = str(metadata.get("website") or "").strip().lower().removeprefix("www.")
    count = _COUNT.match(str(metadata.get("employees") or "").strip())
    employees = int(re.sub(r"\D", "", count[1])) if count else 0
    values = {
        "domain": website if _HOST.fullmatch(website) else None,
        "industry": _section_of(stock.get("industries") or []),
        # No country: the source gives towns and states as often as countries.
        "employee_range": employee_band(employees) if employees else None,
    }
    return {name: Fact(value, "listed") for name, value in values.items() if value}


def _section_of(industries: list[str]) -> str | None:
    text = " ".join(industries).casefold()
    for section, words in _SECTION_WORDS:
        if any(word in text for word in words.split()):
            return NACE_SECTIONS[section]
    return None
