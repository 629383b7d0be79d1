"""Addresses for simulated visitors, drawn from the ranges of the company-IP table."""

import ipaddress
import random
from collections import defaultdict

from lib.identification import Reason
from lib.identification.table import IPV4, IPV6, Family, Table

_MOST_RANGES_KEPT = 400
_UNSTORED_IPV6_BITS = 64


class AddressBook:
    """Ranges by the company that holds them, and by the reason nobody is named."""

    def __init__(self, table: Table, keys: set[str]) -> None:
        self._by_name: dict[str, list[tuple[Family, int, int]]] = defaultdict(list)
        for family in (IPV4, IPV6):
            for first, last, holder in table.ranges(family):
                name = self._name_of(table, holder)
                if (name in keys or name in set(Reason)) and len(self._by_name[name]) < _MOST_RANGES_KEPT:
                    self._by_name[name].append((family, first, last))

    def known(self) -> list[str]:
        """The companies and reasons that have ranges, in a fixed order."""
        return sorted(self._by_name)

    def draw(self, name: str, dice: random.Random) -> str:
        """An address of a company or of a reason such as carrier."""
        family, first, last = dice.choice(self._by_name[name])
        value = dice.randint(first, last)
        if family is IPV4:
            return str(ipaddress.IPv4Address(value))
        return str(ipaddress.IPv6Address(value << _UNSTORED_IPV6_BITS | dice.getrandbits(_UNSTORED_IPV6_BITS)))

    @staticmethod
    def _name_of(table: Table, holder: int) -> str:
        record = table.holder(holder)
        return record.reason or table.organisation(record.organisation or 0).key
