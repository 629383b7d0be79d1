"""`python -m dev table`: build the company-IP table, or say what is in it."""

import argparse
import datetime
import sys
import time
from pathlib import Path
from typing import Any

from dev.bootstrap import ensure_node_modules
from lib.identification.table import Table

TABLE = Path(__file__).resolve().parents[2] / "lib" / "identification" / "data" / "companies.table"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    build = actions.add_parser("build", help="compile the table from the pinned data releases")
    build.add_argument("--check", action="store_true", help="write nothing; exit 1 if the committed table differs")
    actions.add_parser("info", help="print counts, sources, licences and age of the table")


def run(args: argparse.Namespace) -> int:
    """Do the chosen action."""
    return _build(check=args.check) if args.action == "build" else _info()


def _build(*, check: bool) -> int:
    ensure_node_modules(Path(__file__).parent)
    # Only building needs what the builder imports; `info` must work without it.
    from dev.table.build import build_table  # noqa: PLC0415

    started = time.monotonic()
    built = build_table(lambda text: print(f"[{time.monotonic() - started:5.1f} s] {text}", file=sys.stderr, flush=True))
    if check:
        same = TABLE.exists() and TABLE.read_bytes() == built
        print("The committed table is what the sources give." if same else "The committed table differs: build it anew.")
        return 0 if same else 1
    TABLE.write_bytes(built)
    print(f"Wrote {TABLE.relative_to(Path.cwd()) if TABLE.is_relative_to(Path.cwd()) else TABLE}: {len(built):,} bytes.")
    return 0


def _info() -> int:
    table = Table(TABLE)
    header = table.header
    age = (datetime.datetime.now(datetime.UTC).date() - datetime.date.fromisoformat(header["date"])).days
    print(f"{header['title']}, release {header['release']}, {age} days old, {TABLE.stat().st_size:,} bytes")
    print(f"sha256 of its content {header['sha256']}\n")
    print(f"ranges           IPv4 {header['ranges']['ipv4']:>9,}   IPv6 {header['ranges']['ipv6']:>9,}")
    for kind, count in header["holders"].items():
        print(f"holders          {kind:<16}{count:>8,}")
    for name, count in _known_facts(table, header).items():
        print(f"organisations    {name:<16}{count:>8,}")
    print("\nsources")
    for source in header["sources"].values():
        print(f"  {source['name']} {source['release']}, {source['licence']}, {source['date']}\n    {source['credit']}")
    return 0


def _known_facts(table: Table, header: dict[str, Any]) -> dict[str, int]:
    organisations = list(table.organisations())
    columns = ("key", "kind", "name", "domain", "industry", "country", "employee range")
    known = {f"with {column}": sum(bool(row[place]) for row in organisations) for place, column in enumerate(columns)}
    return {"shown": len(organisations)} | {name: known[name] for name in list(known)[3:]}
