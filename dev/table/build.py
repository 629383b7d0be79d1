"""Compile the company-IP table: ranges, the kinds of their holders, companies and what is known of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dev.table.classify import Verdict, classify
from dev.table.companies import Companies, read_companies
from dev.table.facts import BANDS, NACE_SECTIONS, Entry, Fact, ListedCompanies, listed_release, read_directory
from dev.table.holder import Holder, look_at
from dev.table.kinds import HIDDEN_KINDS, SHOWN_KINDS
from dev.table.model import KindModel, read_model
from dev.table.names import display_name, legal_name
from dev.table.pack import PackedOrganisation, Packer
from dev.table.readings import Readings, read_readings
from dev.table.sources import Countries, Range, read_ranges, release_of

Report = Callable[[str], None]
_LISTS: dict[str, list[Any]] = {
    "kinds": list(SHOWN_KINDS),
    "reasons": list(HIDDEN_KINDS),
    "industries": [None, *NACE_SECTIONS.values()],
    "employee_ranges": [None, *BANDS],
    "sources": [None, "directory", "listed", "registry", "kind"],
}
_SECTION_OF_KIND = {"education": "P", "government": "O"}


@dataclass(frozen=True)
class Knowledge:
    """What the team and its sources know, apart from the ranges."""

    readings: Readings
    model: KindModel
    companies: Companies
    directory: dict[str, Entry]
    listed: ListedCompanies


@dataclass(frozen=True)
class Compiled:
    """What will be said of every range, before it is packed. Organisations are by key, verdicts by holder."""

    ranges: list[Range]
    holders: dict[str, Holder]
    verdicts: dict[str, Verdict]
    companies: Companies
    organisations: dict[str, PackedOrganisation]

    def organisation_of(self, holder: str) -> PackedOrganisation | None:
        """The organisation a holder's ranges answer with; None when it is not shown."""
        is_shown = self.verdicts[holder].kind in SHOWN_KINDS
        return self.organisations[self.companies.members[holder]] if is_shown else None


def read_knowledge() -> Knowledge:
    """Read the committed data; raises ValueError naming the file and line that is wrong."""
    return Knowledge(read_readings(), read_model(), read_companies(), read_directory(), ListedCompanies())


def compile_table(knowledge: Knowledge, report: Report) -> Compiled:
    """Decide what the table says of every range; the same releases and data decide the same."""
    report("reading ranges and countries")
    ranges = list(read_ranges())
    holders = look_at(ranges, Countries())
    report(f"deciding the kinds of {len(holders):,} holders")
    verdicts = decide(holders.values(), knowledge)
    shown = [holders[name] for name, verdict in verdicts.items() if verdict.kind in SHOWN_KINDS]
    companies = knowledge.companies.with_holders(shown, verdicts.keys() - {holder.name for holder in shown})
    return Compiled(ranges, holders, verdicts, companies, _organisations(shown, verdicts, companies, knowledge))


def pack_table(compiled: Compiled, accuracy: dict[str, Any], report: Report) -> bytes:
    """The table's bytes; the same decisions give the same bytes."""
    report(f"packing {len(compiled.ranges):,} ranges")
    packer = Packer(_LISTS)
    numbers = {key: packer.organisation(organisation) for key, organisation in compiled.organisations.items()}
    records: dict[tuple[str, int], int] = {}
    for row in compiled.ranges:
        record = records.get((row.holder, row.asn))
        if record is None:
            record = records[row.holder, row.asn] = _record(packer, row, compiled, numbers)
        packer.add_range(row.family, row.first, row.last, record)
    return packer.pack({**_header(compiled.verdicts), "accuracy": accuracy})


def decide(holders: Iterable[Holder], knowledge: Knowledge) -> dict[str, Verdict]:
    """The kind of each holder, by name."""
    return {holder.name: classify(holder, knowledge.readings.find(holder.name), knowledge.model) for holder in holders}


def _organisations(
    shown: Sequence[Holder], verdicts: dict[str, Verdict], companies: Companies, knowledge: Knowledge
) -> dict[str, PackedOrganisation]:
    """Every company by its key, in ascending order."""
    by_key: dict[str, list[Holder]] = {}
    for holder in sorted(shown, key=lambda holder: (-holder.ipv4_addresses, holder.name)):
        by_key.setdefault(companies.members[holder.name], []).append(holder)
    former = companies.former_keys()
    return {key: _organisation(key, by_key[key], verdicts, knowledge, former.get(key, [])) for key in sorted(by_key)}


def _organisation(
    key: str, holders: list[Holder], verdicts: dict[str, Verdict], knowledge: Knowledge, former_keys: list[str]
) -> PackedOrganisation:
    largest, entry = holders[0], knowledge.directory.get(key)
    kind = verdicts[largest.name].kind
    facts = _facts(kind, holders, entry, knowledge.listed)
    return PackedOrganisation(
        key=key,
        kind=kind,
        name=entry.name if entry else display_name(largest.name),
        legal_name=legal_name(largest.name),
        facts={name: (fact.value, fact.source) for name, fact in facts.items()},
        former_keys=former_keys,
    )


def _facts(kind: str, holders: list[Holder], entry: Entry | None, listed: ListedCompanies) -> dict[str, Fact]:
    """What is known of a company: the directory before the listed companies before the registry."""
    section, country = _SECTION_OF_KIND.get(kind), holders[0].country
    registry = {"country": Fact(country, "registry")} if country else {}
    by_kind = {"industry": Fact(NACE_SECTIONS[section], "kind")} if section else {}
    of_listed = next(filter(None, (listed.find(holder.name) for holder in holders)), {}) if kind == "company" else {}
    return {**registry, **by_kind, **of_listed, **(entry.facts() if entry else {})}


def _record(packer: Packer, row: Range, compiled: Compiled, numbers: dict[str, int]) -> int:
    verdict, organisation = compiled.verdicts[row.holder], compiled.organisation_of(row.holder)
    if organisation is None:
        return packer.hidden_holder(reason=verdict.kind, rule=verdict.rule, sureness=verdict.sureness, source=0)
    number = numbers[organisation.key]
    return packer.shown_holder(number, rule=verdict.rule, sureness=verdict.sureness, source=0, asn=row.asn, name=row.holder)


def _header(verdicts: dict[str, Verdict]) -> dict[str, object]:
    asn_release, country_release = release_of("asn"), release_of("geo-whois-asn-country")
    stamp = asn_release.rsplit(".", 1)[1]
    date = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"
    team = "2026-11-24"
    return {
        "title": "Leadsment company-IP table",
        "release": date.replace("-", "."),
        "date": date,
        "range_sources": [{"name": "RouteViews, NRO and DB-IP via ip-location-db", "release": date.replace("-", ".")}],
        "holders": dict(sorted(Counter(verdict.kind for verdict in verdicts.values()).items())),
        "sources": {
            "ranges": _source("@ip-location-db/asn", asn_release, "CC-BY-4.0", date,
                              "IP address data by RouteViews, the NRO and DB-IP (https://db-ip.com)"),
            "registry": _source("@ip-location-db/geo-whois-asn-country", country_release, "CC0-1.0", date, "NRO"),
            "listed": _source("pytickersymbols", listed_release(), "MIT", team, "pytickersymbols"),
            "directory": _source("the team's directory", team, "own work", team, "Leadsment"),
            "kind": _source("the kind of organisation", team, "own work", team, "Leadsment"),
            "readings": _source("the team's readings", team, "own work", team, "Leadsment"),
        },
    }  # fmt: skip


def _source(name: str, release: str, licence: str, date: str, credit: str) -> dict[str, str]:
    return {"name": name, "release": release, "licence": licence, "date": date, "credit": credit}
