"""What the data say of a holder: its registered name and the ranges it announces."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dev.table.sources.ranges import Party, Range
from dev.table.sources.release import Countries, read_ranges


@dataclass
class Holder:
    """A registered name with what its ranges tell.

    ipv4_addresses: how many it announces. countries: weight of each ISO 3166-1 country its ranges are registered in; one
    IPv6 range weighs like one /24 of IPv4, because IPv6 addresses outnumber everything.
    """

    name: str
    asns: set[int] = field(default_factory=set)
    countries: Counter[str] = field(default_factory=Counter)
    ipv4_addresses: int = 0
    ipv4_ranges: int = 0
    ipv6_ranges: int = 0

    @property
    def country(self) -> str | None:
        """Where most of its ranges are registered."""
        return min(self.countries, key=lambda code: (-self.countries[code], code)) if self.countries else None


def look_at(ranges: Iterable[Range], countries: Countries) -> dict[Party, Holder]:
    """What the ranges tell of everybody who holds some."""
    holders: dict[Party, Holder] = {}
    for row in ranges:
        party = row.party
        holder = holders.get(party) or holders.setdefault(party, Holder(row.holder))
        if row.asn:
            holder.asns.add(row.asn)
        addresses = row.last - row.first + 1
        if row.family == "ipv4":
            holder.ipv4_addresses += addresses
            holder.ipv4_ranges += 1
        else:
            holder.ipv6_ranges += 1
        country = countries.find(row.family, row.first)
        if country:
            holder.countries[country] += max(addresses // 256, 1) if row.family == "ipv4" else 1
    return holders


def look_at_release() -> dict[str, Holder]:
    """The holders of the bundled data release, by name."""
    return {party.holder: holder for party, holder in look_at(read_ranges(), Countries()).items()}
