"""Bytes kept for a page view: rows, indexes and long values, beside a plain table of the same columns and rows.

Measured on what the other parts left, topped up by the function itself to enough page views. Nothing is packed before:
what updates leave behind is kept as well.
"""

import random

from dev.bench.figures import Figure, Report, show_progress
from dev.bench.place import Database, Place, served
from dev.bench.plain_table import COLUMNS
from dev.bench.sender import send_for
from dev.bench.visitors import Visitors

_SEED = 3
_PAGE_VIEWS, _QUICK_PAGE_VIEWS = 50_000, 5_000
_SENDERS, _LONGEST_SECONDS = 64, 900
_PLAIN = "public.plain_storage"


def measure_storage(report: Report, place: Place, *, quick: bool) -> None:
    """Measure bytes for each page view and for each beacon that is not kept."""
    wanted = _QUICK_PAGE_VIEWS if quick else _PAGE_VIEWS
    _top_up(place, wanted)
    database = place.database
    page_views = _count(database, "public.page_views")
    report.section("storage", f"Storage of {page_views:,} page views: rows, indexes and long values")
    if page_views < wanted:
        report.fail(f"{wanted:,} page views were wanted")
    plain = _bytes_of_plain(database) / page_views
    alone = _bytes(database, "public.page_views") / page_views
    report.add(Figure("a page view", "bytes", alone, "plain table", plain, alone / plain))
    whole = sum(_bytes(database, f"public.{table}") for table in ("page_views", "visits", "companies")) / page_views
    report.add(Figure("with its share of visit and company", "bytes", whole, "plain table", plain, whole / plain))
    report.add(Figure("page views kept in a byte", "rows", 1 / whole, "plain table", 1 / plain, plain / whole))
    report.note(_shares(database))


def _top_up(place: Place, wanted: int) -> None:
    missing = wanted - _count(place.database, "public.page_views")
    if missing > 0:
        show_progress(f"sending {missing:,} page views")
        visits = Visitors(place.sites, random.Random(_SEED)).matched()
        requests = (next(visits) for _ in range(missing))
        with served(place.bundles.beacon, place.stack) as beacon:
            send_for(beacon.address, requests, senders=_SENDERS, seconds=_LONGEST_SECONDS)


def _bytes_of_plain(database: Database) -> int:
    database.execute(f"create table {_PLAIN} ({COLUMNS})".encode())
    # Its own number is the plain table's alone.
    names = ", ".join(name for column in COLUMNS.split(",") if (name := column.split()[0]) != "id")
    database.execute(f"insert into {_PLAIN} ({names}) select {names} from public.page_views".encode())  # noqa: S608
    return _bytes(database, _PLAIN)


def _shares(database: Database) -> str:
    tables = ("page_views", "visits", "companies", "site_days")
    parts = (
        f"{table} {_count(database, f'public.{table}'):,} rows, {_bytes(database, f'public.{table}') / 1e6:.1f} MB"
        for table in tables
    )
    return "; ".join(parts)


def _count(database: Database, table: str) -> int:
    [(count,)] = database.execute(f"select count(*) from {table}".encode()).fetchall()  # noqa: S608
    return int(count)


def _bytes(database: Database, table: str) -> int:
    [(size,)] = database.execute("select pg_total_relation_size(%s::regclass)", [table]).fetchall()
    return int(size)
