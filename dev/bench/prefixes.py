"""The table's ranges as the peers take them: prefixes with a name each, in plain files and as a .mmdb file, made once a table.

A name is the organisation's where one may be shown, and empty where none may.
"""

import hashlib
import itertools
import json
import socket
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPNetwork, IPSet  # type: ignore[import-untyped]

from dev.bench.figures import show_progress
from dev.bench.lookup_peers import read_prefixes
from dev.bench.place import STATE
from dev.table.command import TABLE
from lib.identification.table import IPV4, IPV6, Family, Table, networks

FAMILIES = (IPV4, IPV6)
_PREFIX = {IPV4.name: struct.Struct("<4sBI"), IPV6.name: struct.Struct("<16sBI")}
# Grows when the files below are made otherwise.
_FORMAT = "1"


def prepared_prefixes() -> Path:
    """The folder of this table's files: names.json, ipv4.prefixes, ipv6.prefixes, names.mmdb."""
    folder = STATE / "prefixes" / hashlib.sha256(_FORMAT.encode() + TABLE.read_bytes()).hexdigest()[:16]
    if not (folder / "names.mmdb").exists():
        show_progress("writing the peers' files, once for this table (a minute or two)")
        folder.mkdir(parents=True, exist_ok=True)
        _write(Table(TABLE), folder)
    return folder


def _write(table: Table, folder: Path) -> None:
    names: dict[str, int] = {}
    for family in FAMILIES:
        with (folder / f"{family.name}.prefixes").open("wb") as file:
            for packed, length, name in _named(table, family):
                file.write(_PREFIX[family.name].pack(packed, length, names.setdefault(name, len(names))))
    (folder / "names.json").write_text(json.dumps(list(names)))
    _write_mmdb(folder)


def _named(table: Table, family: Family) -> Iterator[tuple[bytes, int, str]]:
    for first, last, holder in table.ranges(family):
        organisation = table.holder(holder).organisation
        name = "" if organisation is None else table.organisation(organisation).name
        yield from ((packed, length, name) for packed, length in networks(family, first, last))


def _write_mmdb(folder: Path) -> None:
    by_name: dict[str, list[IPNetwork]] = defaultdict(list)
    for packed, length, name in itertools.chain.from_iterable(read_prefixes(str(folder), family.name) for family in FAMILIES):
        text = socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
        by_name[name].append(IPNetwork(f"{text}/{length}"))
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="names")
    for name, prefixes in by_name.items():
        writer.insert_network(IPSet(prefixes), {"name": name})
    unfinished = folder / "unfinished.mmdb"
    writer.to_db_file(str(unfinished))
    unfinished.replace(folder / "names.mmdb")
