"""The ways from an address to a name that are compared, each opened and asked in the form it prefers.

Nothing is imported before it is needed: dev/bench/lookup_process.py times imports as well. Each `find` takes addresses
of one family, packed and as text, and asks for the name behind each.
"""

from collections.abc import Callable, Iterator

Find = Callable[[list[bytes], list[str]], None]


def read_prefixes(folder: str, family: str) -> Iterator[tuple[bytes, int, str]]:
    """Address bytes, length and name of every prefix of ipv4 or ipv6, as dev/bench/prefixes.py wrote them."""
    import json  # noqa: PLC0415
    import struct  # noqa: PLC0415

    with open(f"{folder}/names.json") as file:  # noqa: PTH123
        names = json.load(file)
    prefix = struct.Struct("<4sBI" if family == "ipv4" else "<16sBI")
    with open(f"{folder}/{family}.prefixes", "rb") as file:  # noqa: PTH123
        while record := file.read(prefix.size):
            packed, length, name = prefix.unpack(record)
            yield packed, length, names[name]


def open_ours(folder: str) -> Find:
    """The product's own: from address bytes, as the door has them once it has read the platform's header, to the answer with
    the name, of either family."""
    from lib.identification.identify import holder_finder  # noqa: PLC0415

    holder_of = holder_finder()

    def find(packed: list[bytes], texts: list[str]) -> None:
        for address in packed:
            holder_of(address)

    return find


def open_maxminddb(folder: str) -> Find:
    """maxminddb's reader in C over a mapped file: by text, which costs it less than objects of ipaddress."""
    import maxminddb  # noqa: PLC0415

    get = maxminddb.open_database(f"{folder}/names.mmdb", maxminddb.MODE_MMAP_EXT).get

    def find(packed: list[bytes], texts: list[str]) -> None:
        for address in texts:
            get(address)["name"]  # type: ignore[call-overload, index]

    return find


def open_pytricia(folder: str) -> Find:
    """pytricia used plainly, one trie for each family, for in one trie 32.0.0.1 would match 2000::/8: by address bytes."""
    from pytricia import PyTricia  # noqa: PLC0415

    ipv4, ipv6 = PyTricia(32), PyTricia(128)
    for family, trie in (("ipv4", ipv4), ("ipv6", ipv6)):
        for packed, length, name in read_prefixes(folder, family):
            trie.insert(packed, length, name)
        trie.freeze()

    def name_of(address: bytes) -> str | None:
        found: str | None = (ipv4 if len(address) == 4 else ipv6).get(address)
        return found

    def find(packed: list[bytes], texts: list[str]) -> None:
        for address in packed:
            name_of(address)

    return find


def open_radix(folder: str) -> Find:
    """py-radix, one tree for both families, each prefix with its name: by address bytes."""
    from radix import Radix  # noqa: PLC0415

    tree = Radix()
    for family in ("ipv4", "ipv6"):
        for packed, length, name in read_prefixes(folder, family):
            tree.add(packed=packed, masklen=length).data["name"] = name

    def find(packed: list[bytes], texts: list[str]) -> None:
        search = tree.search_best
        for address in packed:
            search(packed=address).data["name"]

    return find


PEERS: dict[str, Callable[[str], Find]] = {
    "ours": open_ours,
    "maxminddb (C)": open_maxminddb,
    "pytricia": open_pytricia,
    "py-radix": open_radix,
}
