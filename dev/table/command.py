"""`python -m dev table`: build the company-IP table, say what is in it, how good it is, and why."""

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
    build.add_argument("--check", action="store_true", help="write nothing; exit 1 if what is committed differs")
    actions.add_parser("info", help="print counts, sources, licences and age of the table")
    actions.add_parser("train", help="train the model of the kinds from data/readings.csv")
    explain = actions.add_parser("explain", help="say what decides the kind of a registered name")
    explain.add_argument("name", help="as the registry writes it")
    adopt = actions.add_parser("adopt", help="take what the team knows of holders into the directory")
    adopt.add_argument(
        "file", type=Path, metavar="FILE", help="CSV: holder,name,domain,nace_section,country,employee_range,source,date"
    )
    actions.add_parser("report", help="score the table on the held-apart sample and write docs/accuracy.md")


def run(args: argparse.Namespace) -> int:
    """Do the chosen action."""
    if args.action == "info":
        return _info()
    ensure_node_modules(Path(__file__).parent)
    actions = {"build": _build, "train": _train, "explain": _explain, "adopt": _adopt, "report": _report}
    return actions[args.action](args)


def _build(args: argparse.Namespace) -> int:
    # Only building needs what the builder imports; `info` must work without it.
    from dev.table.accuracy import read_figures  # noqa: PLC0415
    from dev.table.build import compile_table, pack_table, read_knowledge  # noqa: PLC0415
    from dev.table.companies import write_companies  # noqa: PLC0415

    knowledge, report = read_knowledge(), _progress()
    compiled = compile_table(knowledge, report)
    table = pack_table(compiled, read_figures(), report)
    if args.check:
        same = TABLE.exists() and TABLE.read_bytes() == table and knowledge.companies == compiled.companies
        print("The committed table is what the sources give." if same else "The committed table differs: build it anew.")
        return 0 if same else 1
    TABLE.write_bytes(table)
    write_companies(compiled.companies)
    print(f"Wrote {TABLE.relative_to(Path.cwd()) if TABLE.is_relative_to(Path.cwd()) else TABLE}: {len(table):,} bytes.")
    return 0


def _train(args: argparse.Namespace) -> int:
    from dev.table.model import write_model  # noqa: PLC0415
    from dev.table.training import train_on_release  # noqa: PLC0415

    model = train_on_release(_progress())
    write_model(model)
    print(f"Wrote the model: {len(model.weights):,} features. Build the table next.")
    return 0


def _explain(args: argparse.Namespace) -> int:
    from dev.table.explain import explain  # noqa: PLC0415

    print(explain(args.name))
    return 0


def _adopt(args: argparse.Namespace) -> int:
    from dev.table.adopt import adopt, read_known  # noqa: PLC0415
    from dev.table.build import compile_table, read_knowledge  # noqa: PLC0415
    from dev.table.companies import write_companies  # noqa: PLC0415
    from dev.table.facts import write_directory  # noqa: PLC0415

    try:
        known, knowledge = read_known(args.file), read_knowledge()
        compiled = compile_table(knowledge, _progress())
        kinds = {name: verdict.kind for name, verdict in compiled.verdicts.items() if compiled.organisation_of(name)}
        adopted = adopt(known, kinds, compiled.companies, knowledge.directory)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    write_companies(adopted.companies)
    write_directory(adopted.directory)
    print(f"The directory has {len(adopted.directory):,} companies. Build the table next.")
    if adopted.left_out:
        print(
            f"{len(adopted.left_out):,} holders are not shown and were left out, such as {adopted.left_out[0]}.", file=sys.stderr
        )
    return 0


def _report(args: argparse.Namespace) -> int:
    from dev.table.report import write_report  # noqa: PLC0415

    print(write_report(_progress()))
    return 0


def _progress() -> "Any":
    started = time.monotonic()
    return lambda text: print(f"[{time.monotonic() - started:5.1f} s] {text}", file=sys.stderr, flush=True)


def _info() -> int:
    table = Table(TABLE)
    header = table.header
    age = (datetime.datetime.now(datetime.UTC).date() - datetime.date.fromisoformat(header["date"])).days
    print(f"{header['title']}, release {header['release']}, {age} days old, {TABLE.stat().st_size:,} bytes")
    print(f"sha256 of its content {header['sha256']}\n")
    print(f"ranges           IPv4 {header['ranges']['ipv4']:>9,}   IPv6 {header['ranges']['ipv6']:>9,}")
    for kind, count in header["holders"].items():
        print(f"holders          {kind:<16}{count:>8,}")
    for name, count in _known_facts(table).items():
        print(f"organisations    {name:<16}{count:>8,}")
    print("\nsources")
    for source in header["sources"].values():
        print(f"  {source['name']} {source['release']}, {source['licence']}, {source['date']}\n    {source['credit']}")
    return 0


def _known_facts(table: Table) -> dict[str, int]:
    counts = dict.fromkeys(("shown", "with domain", "with industry", "with country", "with employees"), 0)
    for organisation in table.organisations():
        counts["shown"] += 1
        counts["with domain"] += organisation.domain is not None
        counts["with industry"] += organisation.industry is not None
        counts["with country"] += organisation.country is not None
        counts["with employees"] += organisation.employee_range is not None
    return counts
