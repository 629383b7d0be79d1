"""Answer who is behind an address, from the table the functions carry."""

import functools
from pathlib import Path

from lib.identification.address import VisitorAddress
from lib.identification.answer import Evidence, Match, NoMatch, Organisation, Reason
from lib.identification.reserved import is_reserved
from lib.identification.table import NOT_AN_ORGANISATION, Found, Table

_FACTS = ("domain", "industry", "country", "employee_range")
_TABLE = Path(__file__).with_name("data") / "companies.table"


def identify(address: VisitorAddress) -> Match | NoMatch:
    """Look an address up in memory. Touches neither network nor disk beyond the table; keeps nothing."""
    packed = address.packed()
    if is_reserved(packed):
        return NoMatch(Reason.RESERVED, None)
    table = _table()
    found = table.find(packed)
    return NoMatch(Reason.UNKNOWN, None) if found is None else _answer(table, found)


def table_release() -> str:
    """The release of the table, such as 2026.06.17."""
    return str(_table().header["release"])


def _answer(table: Table, found: Found) -> Match | NoMatch:
    answer, rule, asn, name = table.holder(found.holder)
    is_shown = not answer & NOT_AN_ORGANISATION
    evidence = Evidence(
        range=found.network,
        organisation=name,
        asn=asn or None,
        source=table.header["range_source"],
        release=table.header["release"],
        rule=rule,
        facts=_fact_sources(table, answer) if is_shown else {},
    )
    if is_shown:
        return Match(Organisation(*table.organisation(answer)), evidence)
    return NoMatch(Reason(table.header["lists"]["reasons"][answer ^ NOT_AN_ORGANISATION]), evidence)


def _fact_sources(table: Table, organisation: int) -> dict[str, str]:
    sources = table.header["sources"]
    named = zip(_FACTS, table.fact_sources(organisation), strict=True)
    return {fact: f"{sources[source]['name']}, {sources[source]['date']}" for fact, source in named if source}


@functools.cache
def _table() -> Table:
    return Table(_TABLE)
