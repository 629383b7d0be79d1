"""Compile the company-IP table from the pinned releases, the reviewed labels and the directory."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dev.table.classify import HIDDEN_KINDS, SHOWN_KINDS, Holder, Verdict, classify
from dev.table.facts import EMPLOYEE_BANDS, NACE_SECTIONS, Company, Directory, Fact, ListedCompanies, listed_release
from dev.table.names import display_name, key_of
from dev.table.pack import Packer
from dev.table.sources import HERE, Countries, Range, read_ranges, release_of

Report = Callable[[str], None]
_LISTS: dict[str, list[Any]] = {
    "kinds": list(SHOWN_KINDS),
    "reasons": list(HIDDEN_KINDS),
    "industries": [None, *NACE_SECTIONS.values()],
    "employee_ranges": [None, *(band for _, band in EMPLOYEE_BANDS), "10000+"],
    "sources": [None, "directory", "listed", "registry"],
}


@dataclass
class Seen:
    """What the ranges tell of a holder."""

    asns: set[int] = field(default_factory=set)
    countries: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Decided:
    """What the table says of a holder."""

    verdict: Verdict
    company: Company | None
    country: str | None


def build_table(report: Report) -> bytes:
    """The table's bytes; the same releases, labels and directory give the same bytes."""
    report("reading ranges and countries")
    ranges = list(read_ranges())
    seen = _look_at(ranges)
    report(f"deciding the kinds of {len(seen):,} holders")
    decided = _decide(seen)
    report(f"packing {len(ranges):,} ranges")
    packer = Packer(_LISTS)
    records = _add_holders(packer, ranges, decided)
    for row in ranges:
        packer.add_range(row.family, row.first, row.last, records[row.holder, row.asn])
    return packer.pack(_header(decided))


def read_labels() -> dict[str, str]:
    """The reviewed kinds by registered name; raises ValueError for a kind that does not exist."""
    with (HERE / "labels.csv").open(newline="", encoding="utf-8") as file:
        labels = {row["holder"]: row["kind"] for row in csv.DictReader(file)}
    unknown = set(labels.values()) - {*SHOWN_KINDS, *HIDDEN_KINDS}
    if unknown:
        raise ValueError(f"labels.csv names kinds that do not exist: {', '.join(sorted(unknown))}")
    return labels


def _look_at(ranges: list[Range]) -> dict[str, Seen]:
    countries, seen = Countries(), defaultdict[str, Seen](Seen)
    for row in ranges:
        seen[row.holder].asns.add(row.asn)
        country = countries.find(row.family, row.first)
        if country:
            # One row of IPv6 counts like one /24 of IPv4: its addresses outnumber everything.
            seen[row.holder].countries[country] += (row.last - row.first + 1) // 256 if row.family == "ipv4" else 1
    return seen


def _decide(seen: dict[str, Seen]) -> dict[str, Decided]:
    labels, directory, listed_companies = read_labels(), Directory(), ListedCompanies()
    decided = {}
    for name, facts in seen.items():
        brand = directory.find(name)
        listed = listed_companies.find(name)
        holder = Holder(name, frozenset(facts.asns), frozenset(facts.countries))
        verdict = classify(holder, label=labels.get(name), brand=brand[0] if brand else None, listed=listed is not None)
        country = min(facts.countries, key=lambda code: (-facts.countries[code], code)) if facts.countries else None
        decided[name] = Decided(verdict, brand[1] if brand else listed, country)
    return decided


def _add_holders(packer: Packer, ranges: list[Range], decided: dict[str, Decided]) -> dict[tuple[str, int], int]:
    records: dict[tuple[str, int], int] = {}
    organisations: dict[str, int] = {}
    for row in ranges:
        if (row.holder, row.asn) in records:
            continue
        verdict = decided[row.holder].verdict
        if verdict.kind in SHOWN_KINDS:
            number = _organisation(packer, organisations, row.holder, decided[row.holder])
            record = packer.holder(organisation=number, reason=None, rule=verdict.rule, asn=row.asn, name=row.holder)
        else:
            # Neither name nor number of a holder that is not shown: it may be a person's.
            record = packer.holder(organisation=None, reason=verdict.kind, rule=verdict.rule, asn=0, name=None)
        records[row.holder, row.asn] = record
    return records


def _organisation(packer: Packer, known: dict[str, int], registered: str, decided: Decided) -> int:
    company = decided.company
    from_directory = company is not None and company.country is not None
    key = key_of(company.name, None) if company and from_directory else key_of(registered, decided.country)
    if key not in known:
        country = company.country if company and company.country else None
        facts: dict[str, Fact | None] = {
            "domain": company.domain if company else None,
            "industry": company.industry if company else _industry_of_kind(decided.verdict.kind),
            "country": country or (Fact(decided.country, "registry") if decided.country else None),
            "employee_range": company.employee_range if company else None,
        }
        known[key] = packer.organisation(
            key=key,
            name=company.name if company and from_directory else display_name(registered),
            kind=decided.verdict.kind,
            facts={name: (fact.value, fact.source) if fact else (None, None) for name, fact in facts.items()},
        )
    return known[key]


def _industry_of_kind(kind: str) -> Fact | None:
    section = {"education": "P", "government": "O"}.get(kind)
    return Fact(NACE_SECTIONS[section], "registry") if section else None


def _header(decided: dict[str, Decided]) -> dict[str, object]:
    asn_release, country_release = release_of("asn"), release_of("geo-whois-asn-country")
    stamp = asn_release.rsplit(".", 1)[1]
    date = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"
    return {
        "title": "Leadsment company-IP table",
        "release": date.replace("-", "."),
        "date": date,
        "range_source": "RouteViews, NRO and DB-IP via ip-location-db",
        "holders": dict(sorted(Counter(decision.verdict.kind for decision in decided.values()).items())),
        "sources": {
            "ranges": _source("@ip-location-db/asn", asn_release, "CC-BY-4.0", date,
                              "IP address data by RouteViews, the NRO and DB-IP (https://db-ip.com)"),
            "registry": _source("@ip-location-db/geo-whois-asn-country", country_release, "CC0-1.0", date, "NRO"),
            "listed": _source("pytickersymbols", listed_release(), "MIT", "2026-11-24", "pytickersymbols"),
            "directory": _source("dev/table/directory.csv", "2026-11-24", "own work", "2026-11-24", "Leadsment"),
            "labels": _source("dev/table/labels.csv", "2026-11-24", "own work", "2026-11-24", "Leadsment"),
        },
    }  # fmt: skip


def _source(name: str, release: str, licence: str, date: str, credit: str) -> dict[str, str]:
    return {"name": name, "release": release, "licence": licence, "date": date, "credit": credit}
