"""`python -m dev table`: build the company-IP table, say what is in it, how good it is, and why."""

import argparse
import datetime
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dev.bootstrap import ensure_node_modules
from dev.database import Connection, add_database_option, refuse, with_database
from dev.table.data_file import WrongData
from lib.identification.table import Table

if TYPE_CHECKING:
    from dev.table.build import Compiled, Knowledge

TABLE = Path(__file__).resolve().parents[2] / "lib" / "identification" / "data" / "companies.table"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")

    def add(name: str, summary: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=summary, description=summary)

    _configure_build(add("build", "compile the table from the pinned data releases"))
    add("info", "print counts, sources, licences, accuracy and age of the table")
    add("train", "train the model of the kinds from dev/table/data/readings.csv")
    add("explain", "say what decides the kind of a registered name").add_argument("name", help="as the registry writes it")
    add("adopt", "take what the team knows of holders into the directory").add_argument(
        "file", type=Path, metavar="FILE", help="CSV: holder,name,domain,nace_section,country,employee_range,source,date"
    )
    add_database_option(add("corrections", "list what customers corrected, by how many accounts"))
    _configure_promote(add("promote", "take a correction into the next table"))
    add("draw", "draw the sample that the report scores, as lines to be read by the labelling guide")
    add("report", "score the table on the held-apart samples and write docs/accuracy.md")


def _configure_build(build: argparse.ArgumentParser) -> None:
    build.add_argument("--check", action="store_true", help="build nothing; exit 1, naming the files, if what is there differs")
    build.add_argument(
        "--source", action="append", default=[], type=Path, metavar="TOML", help="a table of your own, described in a TOML file"
    )
    build.add_argument("--conflicts", type=Path, metavar="CSV", help="list where sources name different organisations")
    build.add_argument("--output", type=Path, default=TABLE, metavar="FILE", help="where to write the table, or find it to check")


def _configure_promote(promote: argparse.ArgumentParser) -> None:
    promote.add_argument("company", metavar="KEY", help="the company's key, present or former")
    verdict = promote.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--isp", action="store_const", const="isp", dest="verdict", help="it is an internet provider")
    verdict.add_argument(
        "--wrong-company", action="store_const", const="wrong_company", dest="verdict", help="it is not this company"
    )
    verdict.add_argument("--same-as", metavar="KEY", help="it is the same company as this one")


def run(args: argparse.Namespace) -> int:
    """Do the chosen action."""
    if args.action == "info":
        return _info()
    if args.action == "corrections":
        return with_database(args, _corrections)
    ensure_node_modules(Path(__file__).parent)
    actions = {
        "build": _build,
        "train": _train,
        "explain": _explain,
        "draw": _draw,
        "adopt": _adopt,
        "promote": _promote,
        "report": _report,
    }
    try:
        return actions[args.action](args)
    except WrongData as error:
        return refuse(str(error))


def _build(args: argparse.Namespace) -> int:
    # Only building needs what the builder imports; `info` must work without it.
    from dev.table.accuracy.figures import read_figures  # noqa: PLC0415
    from dev.table.build import compile_table, pack_table, read_knowledge  # noqa: PLC0415
    from dev.table.companies.keys import write_companies  # noqa: PLC0415
    from dev.table.sources.description import UnusableSource  # noqa: PLC0415
    from dev.table.sources.layers import read_layers  # noqa: PLC0415

    for file in filter(None, (args.output, args.conflicts)):
        if not file.resolve().parent.is_dir():
            return refuse(f"There is no folder {file.parent} to write {file.name} into: make it first.")
    knowledge, report = read_knowledge(), _progress()
    try:
        sources = read_layers(args.source, report, args.conflicts)
    except UnusableSource as error:
        return refuse(str(error))
    compiled = compile_table(sources, knowledge, report)
    # The figures are of the bundled release; another table has to be measured by who builds it.
    table = pack_table(compiled, {} if args.source else read_figures(), report)
    if args.check:
        return _check(args, table, compiled, knowledge)
    args.output.write_bytes(table)
    if not args.source:  # the names of a licensed source stay out of files that are committed
        write_companies(compiled.companies)
    print(f"Wrote {args.output}: {len(table):,} bytes.")
    return 0


def _check(args: argparse.Namespace, table: bytes, compiled: "Compiled", knowledge: "Knowledge") -> int:
    """Say which files are not what the sources give."""
    from dev.table.accuracy.document import DOCUMENT, is_current  # noqa: PLC0415
    from dev.table.accuracy.figures import FIGURES, as_read, figures_of_table, read_figures  # noqa: PLC0415
    from dev.table.companies.keys import stale_files  # noqa: PLC0415

    to_build = [] if args.output.exists() and args.output.read_bytes() == table else [args.output]
    to_report = []
    if not args.source:  # the keys and the figures that are committed are of the release alone
        to_build += stale_files(compiled.companies)
        to_report += [] if as_read(figures_of_table(compiled)) == read_figures() else [FIGURES]
        to_report += [] if is_current(compiled, knowledge.readings) else [DOCUMENT]
    for stale, mend in ((to_report, "report, then build"), (to_build, "build")):
        for file in stale:
            print(f"{file} differs: python3 -m dev table {mend}.")
    if not to_build and not to_report:
        print("The table is what the sources give.")
    return 1 if to_build or to_report else 0


def _train(args: argparse.Namespace) -> int:
    from dev.table.kinds.model import write_model  # noqa: PLC0415
    from dev.table.kinds.training import train_on_release  # noqa: PLC0415

    model = train_on_release(_progress())
    write_model(model)
    print(f"Wrote the model: {len(model.weights):,} features. Build the table next.")
    return 0


def _explain(args: argparse.Namespace) -> int:
    from dev.table.explain import explain  # noqa: PLC0415

    print(explain(args.name))
    return 0


def _draw(args: argparse.Namespace) -> int:
    from dev.table.accuracy.drawing import draw, line_of  # noqa: PLC0415
    from dev.table.holder import look_at_release  # noqa: PLC0415

    holders = look_at_release()
    _, sample = draw(holders)
    for number, name in enumerate(sample, start=1):
        print(line_of(number, holders[name]))
    return 0


def _adopt(args: argparse.Namespace) -> int:
    from dev.table.build import compile_table, read_knowledge  # noqa: PLC0415
    from dev.table.companies.adopt import adopt, read_known  # noqa: PLC0415
    from dev.table.companies.facts import write_directory  # noqa: PLC0415
    from dev.table.companies.keys import write_companies  # noqa: PLC0415
    from dev.table.sources.layers import read_layers  # noqa: PLC0415

    known, knowledge, report = read_known(args.file), read_knowledge(), _progress()
    compiled = compile_table(read_layers([], report), knowledge, report)
    kinds = {party.holder: verdict.kind for party, verdict in compiled.verdicts.items() if compiled.organisation_of(party)}
    try:
        adopted = adopt(known, kinds, compiled.companies, knowledge.directory)
    except ValueError as error:
        return refuse(str(error))
    write_companies(adopted.companies)
    write_directory(adopted.directory)
    print(f"The directory has {len(adopted.directory):,} companies. Build the table next.")
    if adopted.left_out:
        print(
            f"{len(adopted.left_out):,} holders are not shown and were left out, such as {adopted.left_out[0]}.", file=sys.stderr
        )
    return 0


def _corrections(connection: Connection) -> int:
    from dev.table.companies.promote import HEADINGS, list_corrected  # noqa: PLC0415

    corrected = list_corrected(connection)
    print("\n".join([HEADINGS, *map(str, corrected)]) if corrected else "No correction holds.")
    return 0


def _promote(args: argparse.Namespace) -> int:
    from dev.table.companies.facts import read_directory, write_directory  # noqa: PLC0415
    from dev.table.companies.keys import read_companies, write_companies  # noqa: PLC0415
    from dev.table.companies.promote import LETTER_OF_VERDICT, holders_of, join, review_all  # noqa: PLC0415
    from dev.table.kinds.readings import read_readings, write_readings  # noqa: PLC0415

    companies = read_companies()
    try:
        holders = holders_of(companies, args.company)
        if args.same_as:
            joined, directory = join(companies, read_directory(), args.company, args.same_as)
            write_companies(joined)
            write_directory(directory)
        else:
            readings = read_readings().by_name()
            write_readings(review_all(readings, holders, LETTER_OF_VERDICT[args.verdict]))
    except ValueError as error:
        return refuse(str(error))
    print(f"{len(holders)} registered names are affected. Build the table next.")
    return 0


def _report(args: argparse.Namespace) -> int:
    from dev.table.accuracy.report import write_report  # noqa: PLC0415

    print(write_report(_progress()))
    return 0


def _progress() -> Callable[[str], None]:
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
    if header["accuracy"]:
        print("\naccuracy on samples held apart (docs/accuracy.md)")
    for name, figure in header["accuracy"].items():
        print(f"  {name:<44} {_figure(figure)}")
    print("\nsources")
    for source in header["sources"].values():
        print(f"  {source['name']} {source['release']}, {source['licence']}, {source['date']}\n    {source['credit']}")
    return 0


def _figure(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "none in the sample"
    return f"{figure['value']:>7.1%}   n = {figure['n']:,}, {figure['low']:.1%} to {figure['high']:.1%}"


def _known_facts(table: Table) -> dict[str, int]:
    counts = dict.fromkeys(("shown", "with domain", "with industry", "with country", "with employees"), 0)
    for organisation in table.organisations():
        counts["shown"] += 1
        counts["with domain"] += organisation.domain is not None
        counts["with industry"] += organisation.industry is not None
        counts["with country"] += organisation.country is not None
        counts["with employees"] += organisation.employee_range is not None
    return counts
