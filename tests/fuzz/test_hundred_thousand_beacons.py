"""A hundred thousand beacons nobody asked for, through the real door: none breaks it, none leaves a secret behind.

FUZZ_SEED repeats a run, FUZZ_BEACONS sets how many are sent.
"""

import contextlib
import json
import os
import re
import secrets as entropy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from dev.stack import Stack, running_stack
from lib.domain.beacon import parse_beacon
from lib.errors import InvalidRequest
from tests.builders import World
from tests.fuzz.beacons import HOSTS, Beacon, draw_beacon, number_of
from tests.fuzz.secrets import Secret
from tests.fuzz.sending import Answer, Report, send_all, shrunk

_BEACONS = int(os.environ.get("FUZZ_BEACONS", "100000"))
_SEED = os.environ.get("FUZZ_SEED") or entropy.token_hex(4)
_SITES, _SITES_PER_ACCOUNT = 200, 20
_LEGITIMATE = {204, 400, 403, 404, 405, 411, 413, 415}
_KEPT = ("host", "path", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer_host")
_GRAM = 8
# What no beacon chooses: row ids, times, the ids of beacons, whose form the database checks, and whole SHA-256 hashes, as those
# of the audit log. No secret that is planted is as long as one; eight digits of an address stand in one now and then by chance.
_NOT_CHOSEN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*\+00|f\d{7}z[0-9a-f]{10}"
    r"|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"
)


@dataclass
class Fuzzed:
    """A stack after the run: what was sent, and everything that was kept."""

    report: Report
    sites: list[str]
    planted: dict[int, tuple[Secret, ...]] = field(repr=False)
    page_views: list[tuple[str | None, ...]] = field(repr=False)
    elsewhere: set[str] = field(repr=False)
    counted: int = 0


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    with (
        running_stack(tmp_path_factory.mktemp("fuzz")) as stack,
        psycopg.connect(stack.superuser_url, autocommit=True) as database,
    ):
        world = World(stack.supabase_url, stack.publishable_key, stack.secrets.jwt_secret, stack.secrets.beacon_token, database)
        with world.client:
            sites = site_keys(world)
        yield run(stack, database, sites)


def run(stack: Stack, database: psycopg.Connection[tuple[object, ...]], sites: list[str]) -> Fuzzed:
    planted: dict[int, tuple[Secret, ...]] = {}

    def draw(number: int) -> Beacon:
        beacon = draw_beacon(_SEED, number, sites)
        planted[number] = beacon.secrets
        return beacon

    report = send_all(stack.ports.app, range(_BEACONS), draw, what_is_wrong)
    columns = ", ".join(_KEPT)
    page_views = database.execute(f"select beacon_id, {columns} from public.page_views").fetchall()
    [(counted,)] = database.execute("select coalesce(sum(beacons), 0)::int from public.site_days").fetchall()
    elsewhere = set(rows_elsewhere(database)) | set(log_lines(stack.logs))
    return Fuzzed(report, sites, planted, page_views, elsewhere, int(str(counted)))  # type: ignore[arg-type]


def site_keys(world: World) -> list[str]:
    keys = []
    for _ in range(_SITES // _SITES_PER_ACCOUNT):
        customer = world.customer(*HOSTS)
        named = {"account_id": customer.account_id, "hosts": list(HOSTS), "site_time_zone": "UTC"}
        sites = [customer.owner.result("create_site", site_name=f"Site {n}", **named) for n in range(_SITES_PER_ACCOUNT)]
        keys += [str(site["public_key"]) for site in sites]
    world.database.execute("update public.sites set keeps_referrer_host = true")
    return keys


def what_is_wrong(beacon: Beacon, answer: Answer) -> str | None:
    if answer.status not in _LEGITIMATE:
        return f"answered {answer.status or 'nothing'}"
    content = answer.content.decode("latin-1").lower()
    if any(trace in content for secret in beacon.secrets for trace in secret.traces):
        return "the answer repeats a secret"
    return None


def rows_elsewhere(database: psycopg.Connection[tuple[object, ...]]) -> Iterator[str]:
    """Every row of every other table, without what no beacon chooses."""
    tables = database.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables "
        "where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'page_views'"
    ).fetchall()
    for (table,) in tables:
        for (text,) in database.execute(f"select t::text from {table} as t"):
            yield _NOT_CHOSEN.sub("", str(text)).lower()


def log_lines(logs: Path) -> Iterator[str]:
    for file in logs.iterdir():
        for line in file.read_text(errors="replace").splitlines():
            yield _NOT_CHOSEN.sub("", line).lower()


def kept_secrets(fuzzed: Fuzzed) -> list[tuple[int, Secret, str]]:
    """Secrets that can be read in the row of the beacon that brought them."""
    found = []
    for beacon_id, *values in fuzzed.page_views:
        number = number_of(str(beacon_id))
        for value in filter(None, values):
            found += [(number, secret, value) for secret in fuzzed.planted[number] if secret.found_in(value)]
    return found


def found_elsewhere(planted: dict[int, tuple[Secret, ...]], lines: set[str]) -> list[tuple[int, str]]:
    """Traces of any secret in any line. A trace is compared only where its first characters occur at all."""
    text = "\n".join(lines)
    grams = {text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1)}
    traces = ((number, trace) for number, secrets in planted.items() for secret in secrets for trace in secret.traces)
    return [(number, trace) for number, trace in traces if len(trace) >= _GRAM and trace[:_GRAM] in grams and trace in text]


def smallest_leak(beacon: Beacon, secret: Secret) -> str:
    """The shortest URL like the beacon's of which the secret is kept."""

    def leaks(url: str) -> bool:
        body = b'{"k":"site_%b","i":"00000000","u":%b}' % (b"0" * 24, json.dumps(url).encode())
        with contextlib.suppress(InvalidRequest):
            return any(secret.found_in(value) for value in parse_beacon(body).page if value)
        return False

    return shrunk(beacon.url, leaks) if leaks(beacon.url) else beacon.url


def test_no_beacon_breaks_the_door(fuzzed: Fuzzed) -> None:
    report = fuzzed.report
    print(f"\nFUZZ_SEED={_SEED}: {report.sent:,} beacons sent, {report.throttled:,} of them again after 429")
    print(f"  answers   {dict(report.statuses.most_common())}")
    print(f"  outcomes  {dict(report.outcomes.most_common())}")
    print(f"  planted   {dict(report.planted.most_common())}")
    print(f"  kept      {len(fuzzed.page_views):,} page views; searched {len(fuzzed.elsewhere):,} other lines")
    assert report.sent == _BEACONS
    shown = [f"{wrong}: {draw_beacon(_SEED, number, fuzzed.sites).request!r}" for number, wrong in report.failed[:5]]
    assert (len(report.failed), shown) == (0, [])
    assert report.statuses.keys() >= {204, 400, 403, 404, 413, 415}
    assert report.outcomes.keys() >= {"identified", "carrier", "bot", "opted_out", "reserved"}


def test_each_acknowledged_beacon_is_counted_once(fuzzed: Fuzzed) -> None:
    outcomes = fuzzed.report.outcomes
    assert len(fuzzed.page_views) == outcomes["identified"]
    assert fuzzed.counted == fuzzed.report.statuses[204] - outcomes["duplicate"]


def test_no_secret_is_kept_with_a_page_view(fuzzed: Fuzzed) -> None:
    leaks = kept_secrets(fuzzed)
    shown = [
        f"{secret.kind} {secret.text!r} of {smallest_leak(draw_beacon(_SEED, number, fuzzed.sites), secret)!r} in {value!r}"
        for number, secret, value in leaks[:5]
    ]
    assert (len(leaks), shown) == (0, [])


def test_no_secret_is_in_any_other_row_or_log(fuzzed: Fuzzed) -> None:
    assert found_elsewhere(fuzzed.planted, fuzzed.elsewhere) == []


def test_the_search_would_find_what_is_kept(fuzzed: Fuzzed) -> None:
    """The negative control: the URLs as they were sent, as if nothing had been redacted, and one line of a log."""
    numbers = range(min(2000, _BEACONS))
    sent = [draw_beacon(_SEED, number, fuzzed.sites) for number in numbers]
    hidden = [beacon for beacon in sent if not any(secret.found_in(beacon.url) for secret in beacon.secrets)]
    print(f"\n  negative control: {len(sent) - len(hidden):,} of {len(sent):,} found in the URLs as sent")
    assert len(hidden) < 0.02 * len(sent)
    for number in numbers[:200]:
        secret = fuzzed.planted[number][-1]  # the visitor's address
        assert found_elsewhere({number: (secret,)}, {f"error at {secret.text} ..."}), secret
