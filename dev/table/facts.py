"""What is known of companies beyond their names: domain, industry, country, employees, each with source and date.

Sources: dev/table/directory.csv, written by the team; PyPI pytickersymbols (MIT), companies listed on stock exchanges.
"""

import csv
import importlib.metadata
import re
from dataclasses import dataclass
from typing import Any

from pytickersymbols import PyTickerSymbols

from dev.table.classify import fold
from dev.table.names import comparable
from dev.table.sources import HERE

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
_LARGEST_BAND = "10000+"
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
_COUNT = re.compile(r"^\D{0,12}?(\d{1,3}(?:[,. ]\d{3})+|\d+)(?!\S*\s*(?:million|billion))")


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with the key of its source in the table's header."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Company:
    """What the sources know of one company. A fact that is not known is None."""

    name: str
    domain: Fact | None
    industry: Fact | None
    country: Fact | None
    employee_range: Fact | None


class Directory:
    """The team's own directory: which registered names belong to which company, by their beginning or exactly."""

    def __init__(self) -> None:
        self._exact: dict[str, Company] = {}
        self._prefixes: dict[str, Company] = {}
        with (HERE / "directory.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self._add(row)
        # The longest beginning wins: "siemens healthineers" before "siemens".
        longest_first = sorted(self._prefixes, key=len, reverse=True)
        self._beginning = re.compile(rf"({'|'.join(map(re.escape, longest_first))})(?!\w)")

    def find(self, registered: str) -> tuple[str, Company] | None:
        """The part of a registered name that is a company's, folded, and the company."""
        folded = fold(registered)
        if folded in self._exact:
            return folded, self._exact[folded]
        beginning = self._beginning.match(folded)
        return (beginning[1], self._prefixes[beginning[1]]) if beginning else None

    def _add(self, row: dict[str, str]) -> None:
        def fact(value: str) -> Fact | None:
            return Fact(value, "directory") if value else None

        company = Company(
            row["name"],
            fact(row["domain"]),
            fact(NACE_SECTIONS[row["nace_section"]]),
            fact(row["country"]),
            fact(row["employee_range"]),
        )
        for holder in filter(None, row["holders"].split(";")):
            if holder.startswith("="):
                self._exact[fold(holder[1:])] = company
            else:
                self._prefixes[fold(holder).strip()] = company


class ListedCompanies:
    """Companies listed on stock exchanges, by their comparable name."""

    def __init__(self) -> None:
        self._companies: dict[str, Company] = {}
        for stock in PyTickerSymbols().get_all_stocks():
            name = comparable(stock["name"])
            if len(name) >= 4:  # shorter ones are anybody's
                self._companies.setdefault(name, _listed_company(stock))

    def find(self, registered: str) -> Company | None:
        """The listed company whose whole name this is."""
        return self._companies.get(comparable(registered))


def listed_release() -> str:
    """The version of pytickersymbols that is installed."""
    return importlib.metadata.version("pytickersymbols")


def employee_band(count: int) -> str:
    """The band a number of employees falls into."""
    return next((band for bound, band in EMPLOYEE_BANDS if count < bound), _LARGEST_BAND)


def _listed_company(stock: dict[str, Any]) -> Company:
    def fact(value: str | None) -> Fact | None:
        return Fact(value, "listed") if value else None

    metadata = stock.get("metadata") or {}
    website = str(metadata.get("website") or "").strip().lower().removeprefix("www.")
    count = _COUNT.match(str(metadata.get("employees") or "").strip())
    employees = int(re.sub(r"\D", "", count[1])) if count else 0
    return Company(
        name=stock["name"],
        domain=fact(website if _HOST.fullmatch(website) else None),
        industry=fact(_section_of(stock.get("industries") or [])),
        country=None,  # the source gives towns and states as often as countries
        employee_range=fact(employee_band(employees) if employees else None),
    )


def _section_of(industries: list[str]) -> str | None:
    text = " ".join(industries).casefold()
    for section, words in _SECTION_WORDS:
        if any(word in text for word in words.split()):
            return NACE_SECTIONS[section]
    return None
