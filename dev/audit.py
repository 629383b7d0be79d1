"""`python -m dev audit verify`: check that no entry of the audit log was changed, removed or put in, and none cut off its end."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from dev.database import Connection, add_database_option, refuse, with_database
from lib.domain.audit_chain import Anchor, Entry, Head, check_chain, merkle_root, read_export

_CHAINS = """
select chain from audit.heads union select chain from audit.entries union select chain from audit.anchored_heads order by 1
"""
_ENTRIES = "select seq, entry, encode(hash, 'hex') from audit.entries where chain = %s order by seq"
_HEAD = "select seq, encode(hash, 'hex') from audit.heads where chain = %s"
_ANCHORS = """
select head.day::text, head.chain::text, head.seq, encode(head.hash, 'hex'), head.path, encode(anchor.root, 'hex')
from audit.anchored_heads as head join audit.anchors as anchor using (day) where head.chain = %s order by head.day
"""
_DAYS = "select day::text, encode(root, 'hex') from audit.anchors order by day"
_HEADS_OF_DAY = "select chain::text, seq, encode(hash, 'hex') from audit.anchored_heads where day = %s order by position"
_PLATFORM = "00000000-0000-0000-0000-000000000000"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add_database_option(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify")
    verify = actions.add_parser("verify", help="check every chain, every anchor, and roots that were mailed")
    verify.add_argument("--file", type=Path, metavar="LOG", help="check an exported log instead of a database")
    verify.add_argument(
        "--root",
        action="append",
        default=[],
        metavar="DAY=HEX",
        help="the root that was mailed or published on a day; may be repeated",
    )


def run(args: argparse.Namespace) -> int:
    """Check and say what was found; 1 when something is broken, 2 when it cannot be checked."""
    roots = dict(root.partition("=")[::2] for root in args.root)
    if args.file:
        return _verify_file(args.file, roots)
    return with_database(args, lambda connection: _verify_database(connection, roots))


def _verify_file(file: Path, roots: dict[str, str]) -> int:
    try:
        with file.open(encoding="utf-8") as lines:
            checked = check_chain(*read_export(lines))
    except (OSError, ValueError) as error:
        return refuse(str(error))
    return _say(checked.entries, [checked.broken] if checked.broken else list(_other_roots(checked.roots, roots)))


def _verify_database(connection: Connection, roots: dict[str, str]) -> int:
    # One moment for all that is read: whoever appends meanwhile is not taken for a fault.
    connection.execute("set transaction isolation level repeatable read, read only")
    entries, faults = 0, []
    for (chain,) in connection.execute(_CHAINS).fetchall():
        checked = check_chain(_entries(connection, chain), [_anchor(row) for row in connection.execute(_ANCHORS, [chain])])
        entries += checked.entries
        fault = checked.broken or _head_fault(connection, chain, checked.entries)
        if fault:
            faults.append(f"{_name(chain)}: {fault}")
    kept = dict(connection.execute(_DAYS).fetchall())
    faults += [f"the anchor of {day} is not over the heads kept with it" for day in kept if _root(connection, day) != kept[day]]
    return _say(entries, [*faults, *_other_roots(kept, roots)])


def _entries(connection: Connection, chain: str) -> Iterator[Entry]:
    with connection.cursor(name="audit_entries") as cursor:
        cursor.itersize = 2000
        cursor.execute(_ENTRIES, [chain])
        for seq, entry, digest in cursor:
            yield Entry(seq, entry, digest)


def _anchor(row: tuple[str, str, int, str, list[str], str]) -> Anchor:
    day, chain, seq, digest, path, root = row
    return Anchor(day, chain, seq, digest, tuple(path), root)


def _head_fault(connection: Connection, chain: str, last: int) -> str | None:
    head = connection.execute(_HEAD, [chain]).fetchone()
    if head is None or head[0] != last:
        return f"entries are missing at the end: there were {head[0] if head else 'some'}, and there are {last}"
    return None


def _root(connection: Connection, day: str) -> str:
    leaves = [Head(*row).leaf for row in connection.execute(_HEADS_OF_DAY, [day])]
    return merkle_root(leaves).hex() if leaves else ""


def _other_roots(kept: dict[str, str], mailed: dict[str, str]) -> Iterator[str]:
    for day, root in mailed.items():
        if kept.get(day) != root:
            yield f"the root of {day} is {kept.get(day, 'not there')}, and {root} was given"


def _name(chain: object) -> str:
    return "the platform's chain" if str(chain) == _PLATFORM else f"the chain of account {chain}"


def _say(entries: int, faults: list[str]) -> int:
    for fault in faults:
        print(f"BROKEN: {fault}.")
    if not faults:
        print(f"{entries:,} entries hold.")
    return 1 if faults else 0
