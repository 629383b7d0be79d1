"""What the data say of a holder: its registered name and the ranges it announces."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dev.table.sources import Countries, Range


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


def look_at(ranges: Iterable[Range], countries: Countries) -> dict[str, Holder]:
    """All holders by name."""
    holders: dict[str, Holder] = {}
    for row in ranges:
        holder = holders.get(row.holder) or holders.setdefault(row.holder, Holder(row.holder))
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
