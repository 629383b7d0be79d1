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
    """The product's own: by address bytes, as the door has them once it has read the platform's header."""
    name_of = _our_name_of()

    def find(packed: list[bytes], texts: list[str]) -> None:
        for address in packed:
            name_of(address)

    return find


def _our_name_of() -> Callable[[bytes], str | None]:
    """The door to the name alone where there is one; else the whole answer, evidence and all."""
    from lib import identification  # noqa: PLC0415
    from lib.identification import Match, VisitorAddress, identify  # noqa: PLC0415

    def name_of(packed: bytes) -> str | None:
        answer = identify(VisitorAddress(packed))
        return answer.organisation.name if isinstance(answer, Match) else None

    return getattr(identification, "company_name", name_of)


def open_maxminddb(folder: str) -> Find:
    """maxminddb's reader in C over a mapped file: by text, which costs it less than objects of ipaddress."""
    import maxminddb  # noqa: PLC0415

    get = maxminddb.open_database(f"{folder}/names.mmdb", maxminddb.MODE_MMAP_EXT).get

    def find(packed: list[bytes], texts: list[str]) -> None:
        for address in texts:
            get(address)["name"]  # type: ignore[call-overload, index]

    return find


def open_pytricia(folder: str) -> Find:
    """pytricia used plainly, one trie for each family: by address bytes."""
    from pytricia import PyTricia  # noqa: PLC0415

    tries = {4: PyTricia(32), 16: PyTricia(128)}
    for family, trie in zip(("ipv4", "ipv6"), tries.values(), strict=True):
        for packed, length, name in read_prefixes(folder, family):
            trie.insert(packed, length, name)
        trie.freeze()

    def find(packed: list[bytes], texts: list[str]) -> None:
        get = tries[len(packed[0])].get  # chosen once: choosing is not measured
        for address in packed:
            get(address)

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
