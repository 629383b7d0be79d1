"""Compile the company-IP table: ranges, the kinds of their holders, companies and what is known of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dev.table.companies.facts import BANDS, NACE_SECTIONS, Entry, Fact, ListedCompanies, read_directory
from dev.table.companies.keys import Companies, read_companies
from dev.table.companies.names import display_name, legal_name
from dev.table.header import header, range_sources
from dev.table.holder import Holder, look_at
from dev.table.kinds.classify import Verdict, classify
from dev.table.kinds.letters import HIDDEN_KINDS, SHOWN_KINDS
from dev.table.kinds.model import KindModel, read_model
from dev.table.kinds.readings import Readings, read_readings
from dev.table.pack import PackedOrganisation, Packer
from dev.table.sources.layers import Sources
from dev.table.sources.ranges import Party, Range
from dev.table.sources.release import RELEASE, Countries

Report = Callable[[str], None]
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
    """What will be said of every range, before it is packed. Organisations are by key."""

    sources: Sources
    holders: dict[Party, Holder]
    verdicts: dict[Party, Verdict]
    companies: Companies
    organisations: dict[str, PackedOrganisation]

    def organisation_of(self, party: Party) -> PackedOrganisation | None:
        """The organisation a party's ranges answer with; None when it is not shown."""
        is_shown = self.verdicts[party].kind in SHOWN_KINDS
        return self.organisations[self.companies.members[party.holder]] if is_shown else None

    def of_release(self) -> dict[str, Party]:
        """The holders of the bundled data release, by name."""
        return {party.holder: party for party in self.holders if party.source == RELEASE}


def read_knowledge() -> Knowledge:
    """Read the committed data. Raises WrongData."""
    return Knowledge(read_readings(), read_model(), read_companies(), read_directory(), ListedCompanies())


def compile_table(sources: Sources, knowledge: Knowledge, report: Report) -> Compiled:
    """Decide what the table says of every range; the same sources and data decide the same."""
    report("looking at the holders of ranges")
    holders = look_at(sources.ranges, Countries())
    report(f"deciding the kinds of {len(holders):,} holders")
    verdicts = {
        party: classify(holder, _claim(party), knowledge.readings.find(holder.name), knowledge.model)
        for party, holder in holders.items()
    }
    shown = [party for party, verdict in verdicts.items() if verdict.kind in SHOWN_KINDS]
    hidden = {party.holder for party in verdicts} - {party.holder for party in shown}
    companies = knowledge.companies.with_holders([holders[party] for party in shown], hidden)
    return Compiled(sources, holders, verdicts, companies, _organisations(shown, holders, verdicts, companies, knowledge))


def pack_table(compiled: Compiled, accuracy: dict[str, Any], report: Report) -> bytes:
    """The table's bytes; the same decisions give the same bytes."""
    descriptions = compiled.sources.descriptions
    report(f"packing {len(compiled.sources.ranges):,} ranges")
    packer = Packer(_lists([description.name for description in descriptions]))
    places = {source["name"]: place for place, source in enumerate(range_sources(descriptions))}
    numbers = {key: packer.organisation(organisation) for key, organisation in compiled.organisations.items()}
    records: dict[tuple[Party, int], int] = {}
    for row in compiled.sources.ranges:
        identity = row.party, row.asn
        if identity not in records:
            records[identity] = _record(packer, row, compiled, numbers, places[row.source])
        packer.add_range(row.family, row.first, row.last, records[identity])
    kinds = (verdict.kind for verdict in compiled.verdicts.values())
    return packer.pack(header(kinds, descriptions, accuracy))


def _lists(own_sources: Iterable[str]) -> dict[str, list[Any]]:
    return {
        "kinds": list(SHOWN_KINDS),
        "reasons": list(HIDDEN_KINDS),
        "industries": [None, *NACE_SECTIONS.values()],
        "employee_ranges": [None, *BANDS],
        "sources": [None, "directory", "listed", "registry", "kind", *own_sources],
    }


def _claim(party: Party) -> str | None:
    """What the source itself says the holder is."""
    return party.details.kind if party.details else None


def _organisations(
    shown: Sequence[Party],
    holders: dict[Party, Holder],
    verdicts: dict[Party, Verdict],
    companies: Companies,
    knowledge: Knowledge,
) -> dict[str, PackedOrganisation]:
    """Every company by its key, in ascending order."""
    by_key: dict[str, list[Party]] = {}
    for party in sorted(shown, key=lambda party: (-holders[party].ipv4_addresses, party.holder, party.source)):
        by_key.setdefault(companies.members[party.holder], []).append(party)
    former = companies.former_keys()
    return {
        key: _organisation(key, by_key[key], holders, verdicts[by_key[key][0]].kind, knowledge, former.get(key, []))
        for key in sorted(by_key)
    }


def _organisation(
    key: str, parties: list[Party], holders: dict[Party, Holder], kind: str, knowledge: Knowledge, former_keys: list[str]
) -> PackedOrganisation:
    """A company out of its parties, the one with most addresses first."""
    largest, entry = parties[0], knowledge.directory.get(key)
    facts = {
        **_facts_of_registry(holders[largest], kind),
        **_facts_of_listed(parties, kind, knowledge.listed),
        **_facts_of_sources(parties),
        **(entry.facts() if entry else {}),
    }
    return PackedOrganisation(
        key=key,
        kind=kind,
        name=entry.name if entry else display_name(largest.holder),
        legal_name=legal_name(largest.holder),
        facts={name: (fact.value, fact.source) for name, fact in facts.items()},
        former_keys=former_keys,
    )


def _facts_of_registry(holder: Holder, kind: str) -> dict[str, Fact]:
    section = _SECTION_OF_KIND.get(kind)
    facts = {"country": Fact(holder.country, "registry")} if holder.country else {}
    return facts | ({"industry": Fact(NACE_SECTIONS[section], "kind")} if section else {})


def _facts_of_listed(parties: Sequence[Party], kind: str, listed: ListedCompanies) -> dict[str, Fact]:
    return next(filter(None, (listed.find(party.holder) for party in parties)), {}) if kind == "company" else {}


def _facts_of_sources(parties: Sequence[Party]) -> dict[str, Fact]:
    """What the operator's own sources say; of two that say different things, the one with more addresses."""
    facts: dict[str, Fact] = {}
    for party in reversed(parties):
        if party.details:
            said = asdict(party.details) | {"industry": NACE_SECTIONS.get(party.details.industry or "")}
            facts |= {name: Fact(value, party.source) for name, value in said.items() if value and name != "kind"}
    return facts


def _record(packer: Packer, row: Range, compiled: Compiled, numbers: dict[str, int], source: int) -> int:
    verdict, organisation = compiled.verdicts[row.party], compiled.organisation_of(row.party)
    rule, sureness = verdict.rule, verdict.sureness
    if organisation is None:
        return packer.hidden_holder(reason=verdict.kind, rule=rule, sureness=sureness, source=source)
    number = numbers[organisation.key]
    return packer.shown_holder(number, rule=rule, sureness=sureness, source=source, asn=row.asn, name=row.holder)
