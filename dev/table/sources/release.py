"""Read the data releases: ranges with their holders, and countries of ranges.

Sources: npm @ip-location-db/asn (CC BY 4.0: RouteViews, the NRO, DB-IP) and
@ip-location-db/geo-whois-asn-country (CC0).
"""

import bisect
import csv
import json
from collections.abc import Iterator

from dev.table import FOLDER
from dev.table.sources.ranges import Range

_PACKAGES = FOLDER / "node_modules" / "@ip-location-db"
RELEASE = "RouteViews, NRO and DB-IP via ip-location-db"  # the bundled data release, as evidence names it


def read_ranges() -> Iterator[Range]:
    """All ranges of the data release, IPv4 then IPv6, in ascending order."""
    for family in ("ipv4", "ipv6"):
        with (_PACKAGES / "asn" / f"asn-{family}-num.csv").open(newline="", encoding="utf-8") as file:
            for first, last, asn, holder in csv.reader(file):
                yield Range(family, int(first), int(last), int(asn), holder.strip(), RELEASE)


class Countries:
    """The country each range is registered in."""

    def __init__(self) -> None:
        self._firsts: dict[str, list[int]] = {}
        self._rows: dict[str, list[tuple[int, str]]] = {}
        for family in ("ipv4", "ipv6"):
            file = _PACKAGES / "geo-whois-asn-country" / f"geo-whois-asn-country-{family}-num.csv"
            with file.open(newline="", encoding="utf-8") as opened:
                rows = [(int(first), int(last), country) for first, last, country in csv.reader(opened)]
            self._firsts[family] = [first for first, _, _ in rows]
            self._rows[family] = [(last, country) for _, last, country in rows]

    def find(self, family: str, address: int) -> str | None:
        """ISO 3166-1 alpha-2 of the range that holds an address."""
        place = bisect.bisect_right(self._firsts[family], address) - 1
        if place < 0:
            return None
        last, country = self._rows[family][place]
        return country if address <= last and len(country) == 2 and country.isalpha() else None


def release_of(package: str) -> str:
    """The version of an installed data package."""
    return str(json.loads((_PACKAGES / package / "package.json").read_text())["version"])
