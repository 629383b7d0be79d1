"""Answer who is behind an address, from the table the functions carry."""

import functools
from collections.abc import Callable
from typing import NamedTuple

from lib.identification.address import VisitorAddress
from lib.identification.answer import Evidence, Match, NoMatch, Organisation, Reason
from lib.identification.bundled import bundled_table
from lib.identification.reserved import is_reserved
from lib.identification.table import FACTS, Table


class Holder(NamedTuple):
    """Who holds a range: an organisation that may be shown, or the answer that names none; the evidence but its range."""

    organisation: Organisation | None
    no_match: NoMatch
    evidence: tuple[str | None, int | None, str, str, str, int, dict[str, str]]


def identify(address: VisitorAddress) -> Match | NoMatch:
    """Look an address up in memory. Touches neither network nor disk beyond the table; keeps nothing of the address."""
    packed = address.packed()
    holder = holder_finder()(packed)
    if holder is None:
        return _RESERVED if is_reserved(packed) else _UNKNOWN
    if holder.organisation is None:
        return holder.no_match
    return Match(holder.organisation, Evidence(bundled_table().network_of(packed), *holder.evidence))


def explain(address: VisitorAddress) -> Evidence | None:
    """Why identify answers what it answers, also where it names nobody; None where no range holds the address."""
    packed = address.packed()
    holder = holder_finder()(packed)
    return Evidence(bundled_table().network_of(packed), *holder.evidence) if holder else None


def table_release() -> str:
    """The release of the table, such as 2026.06.17."""
    return str(bundled_table().header["release"])


@functools.cache
def holder_finder() -> Callable[[bytes], Holder | None]:
    """The look-up itself: from an address of 4 or 16 bytes to who holds it; None where no range holds it."""
    return bundled_table().finder(_Holders({0: None}))


_RESERVED, _UNKNOWN = NoMatch(Reason.RESERVED), NoMatch(Reason.UNKNOWN)


class _Holders(dict[int, Holder | None]):
    """Holders by their numbers, each read from the table when it is first asked for. Bounded by the table.

    It knows no range: which ranges were asked for says who was there.
    """

    def __missing__(self, number: int) -> Holder:
        holder = self[number] = _read_holder(bundled_table(), number)
        return holder


def _read_holder(table: Table, number: int) -> Holder:
    record = table.holder(number)
    source = table.header["range_sources"][record.source]
    facts = {} if record.organisation is None else _fact_sources(table, record.organisation)
    return Holder(
        None if record.organisation is None else table.organisation(record.organisation),
        NoMatch(Reason(record.reason or Reason.UNKNOWN)),
        (record.name, record.asn, source["name"], source["release"], record.rule, record.sureness, facts),
    )


def _fact_sources(table: Table, organisation: int) -> dict[str, str]:
    sources = table.header["sources"]
    named = zip(FACTS, table.fact_sources(organisation), strict=True)
    return {fact: f"{sources[source]['name']}, {sources[source]['date']}" for fact, source in named if source}
