"""Answer who is behind an address, from the table the functions carry."""

import functools
from typing import NamedTuple

from lib.identification.address import VisitorAddress
from lib.identification.answer import Evidence, Match, NoMatch, Organisation, Reason
from lib.identification.bundled import bundled_table
from lib.identification.reserved import is_reserved
from lib.identification.table import FACTS, Table


class _Holder(NamedTuple):
    """What is the same for every address of a holder: a shown organisation or a reason, and the evidence but its range."""

    organisation: Organisation | None
    no_match: NoMatch
    evidence: tuple[str | None, int | None, str, str, str, int, dict[str, str]]


def identify(address: VisitorAddress) -> Match | NoMatch:
    """Look an address up in memory. Touches neither network nor disk beyond the table; keeps nothing of the address."""
    packed, table = address.packed(), bundled_table()
    number = table.find(packed)
    if not number:
        return _RESERVED if is_reserved(packed) else _UNKNOWN
    holder = _holder(number)
    if holder.organisation is None:
        return holder.no_match
    return Match(holder.organisation, Evidence(table.network_of(packed), *holder.evidence))


def explain(address: VisitorAddress) -> Evidence | None:
    """Why identify answers what it answers, also where it names nobody; None where no range holds the address."""
    packed, table = address.packed(), bundled_table()
    number = table.find(packed)
    return Evidence(table.network_of(packed), *_holder(number).evidence) if number else None


def table_release() -> str:
    """The release of the table, such as 2026.06.17."""
    return str(bundled_table().header["release"])


_RESERVED, _UNKNOWN = NoMatch(Reason.RESERVED), NoMatch(Reason.UNKNOWN)


# Bounded by the number of holders in the table. It holds no range: which ranges were asked for says who was there.
@functools.cache
def _holder(number: int) -> _Holder:
    table = bundled_table()
    record = table.holder(number)
    source = table.header["range_sources"][record.source]
    facts = {} if record.organisation is None else _fact_sources(table, record.organisation)
    return _Holder(
        None if record.organisation is None else table.organisation(record.organisation),
        NoMatch(Reason(record.reason or Reason.UNKNOWN)),
        (record.name, record.asn, source["name"], source["release"], record.rule, record.sureness, facts),
    )


def _fact_sources(table: Table, organisation: int) -> dict[str, str]:
    sources = table.header["sources"]
    named = zip(FACTS, table.fact_sources(organisation), strict=True)
    return {fact: f"{sources[source]['name']}, {sources[source]['date']}" for fact, source in named if source}
