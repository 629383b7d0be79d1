"""`python -m dev demo`: the product, an account, a site, and a believable day of visitors at the real beacon door."""

import argparse
import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, groupby
from typing import Any

import httpx
import psycopg

from dev.demo.account import EMAIL, PASSWORD, DemoSite, ensure_demo_site
from dev.demo.addresses import AddressBook
from dev.demo.site_page import open_in_browser, site_served
from dev.demo.traffic import COMPANIES, HOURS, SITE_HOST, PageView, hour_of_traffic
from dev.prove import prove
from dev.stack import Stack
from dev.stack.up import run_stack
from dev.table.command import TABLE
from lib.identification.table import Table

_SEED = 20261124
_SENDERS = 8
_PARTS_OF_AN_HOUR = 3
_MEANINGS = {
    "identified": "from the networks of companies: these are shown",
    "carrier": "from homes, phones and offices behind an internet provider",
    "hoster": "from data centres and clouds",
    "relay": "through VPNs and proxies",
    "natural_person": "from networks held by private individuals: never shown",
    "unknown": "from networks whose holder is not certain: not shown",
    "reserved": "from addresses that do not exist on the internet",
    "bot": "from crawlers",
    "prefetch": "loaded ahead by browsers, seen by nobody",
    "opted_out": "from browsers with Global Privacy Control or Do Not Track",
}
_VISITOR = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("--once", action="store_true", help="print the summary and exit instead of staying up")
    parser.add_argument("--reset", action="store_true", help="forget everything of earlier runs first")


def run(args: argparse.Namespace) -> int:
    """Run the demo; 1 if a part of the stack fails."""
    print("Leadsment demo: a working day at a maker of measuring instruments\n", flush=True)
    return run_stack(_playing, from_scratch=args.reset, once=args.once)


@contextlib.contextmanager
def _playing(stack: Stack) -> Iterator[None]:
    """Send the day, open the page, print what became of it; the website is served for as long as the block lasts."""
    started = time.monotonic()
    site = ensure_demo_site(stack)
    book = AddressBook(Table(TABLE), set(COMPANIES))
    dice = random.Random(_SEED)  # noqa: S311  the same day every time
    answers = _send_day(stack, site, book, dice)
    with site_served(stack, site) as page_url:
        opened = open_in_browser(page_url, book.draw("siemens", dice), _VISITOR)
        answers["identified", "identified"] += opened or 0
        print(_summary(stack, site, answers, seconds=time.monotonic() - started))
        print(_page_line(page_url, opened), flush=True)
        print(_proof_line(stack), flush=True)
        yield


def _send_day(stack: Stack, site: DemoSite, book: AddressBook, dice: random.Random) -> Counter[tuple[str, str]]:
    """Send hour after hour through the beacon door; counts (what the sender is, what the door answered)."""
    answers: Counter[tuple[str, str]] = Counter()
    with (
        httpx.Client(base_url=stack.app_url, timeout=10, trust_env=False) as client,
        ThreadPoolExecutor(_SENDERS) as pool,
    ):
        for hour, label in enumerate(HOURS):
            views = list(hour_of_traffic(hour, book, dice))
            for part in range(_PARTS_OF_AN_HOUR):
                sessions = _sessions(views[part::_PARTS_OF_AN_HOUR])
                for group, outcome in chain.from_iterable(pool.map(lambda session: _send(client, site, session), sessions)):
                    answers[group, outcome] += 1
                _let_time_pass(stack, site)
            print(f"  {label}  {'▪' * (len(views) // 3):<36} {len(views):>3} page views", flush=True)
    return answers


def _sessions(views: list[PageView]) -> list[list[PageView]]:
    """The page views of one browser, which come one after the other; browsers come at the same time."""
    return [list(session) for _, session in groupby(views, key=lambda view: view.address)]


def _send(client: httpx.Client, site: DemoSite, session: list[PageView]) -> list[tuple[str, str]]:
    return [(view.group, _send_one(client, site, view)) for view in session]


def _send_one(client: httpx.Client, site: DemoSite, view: PageView) -> str:
    body = {"k": site.public_key, "i": view.beacon_id, "u": view.url, **({"r": view.referrer} if view.referrer else {})}
    headers = {"Origin": f"https://{SITE_HOST}", "User-Agent": view.user_agent, "X-Simulated-Address": view.address}
    answer = client.post("/b", json=body, headers={**headers, **view.headers})
    outcome: str = answer.headers.get("leadsment-outcome", f"status {answer.status_code}")
    return outcome


def _let_time_pass(stack: Stack, site: DemoSite) -> None:
    """Make what was kept 20 minutes older: the door stamps what it takes with the present, and the day has nine hours."""
    with psycopg.connect(stack.db_url) as connection:
        for statement in _TIME_PASSES:
            connection.execute(statement, [site.account_id])


_TIME_PASSES = (
    "update public.visits set started_at = started_at - interval '20 minutes', "
    "last_seen_at = last_seen_at - interval '20 minutes' where account_id = %s",
    "update public.page_views set viewed_at = viewed_at - interval '20 minutes' where account_id = %s",
    "update public.companies set first_seen_at = first_seen_at - interval '20 minutes', "
    "last_seen_at = last_seen_at - interval '20 minutes' where account_id = %s",
)


def _summary(stack: Stack, site: DemoSite, answers: Counter[tuple[str, str]], *, seconds: float) -> str:
    with psycopg.connect(stack.db_url) as connection:
        kept: dict[str, int] = dict(
            connection.execute("select outcome, beacons from public.site_days where site_id = %s", [site.site_id]).fetchall()
        )
        top = connection.execute(_TOP_COMPANIES, [site.site_id]).fetchall()
    lines = [f"\nWhat became of {answers.total():,} page views ({seconds:.0f} s)"]
    lines += [f"  {kept.get(outcome, 0):>5}  {outcome:<15} {meaning}" for outcome, meaning in _MEANINGS.items()]
    lines.append(_reconciliation(answers, kept))
    lines.append("\nTop companies              visits  pages  looked at")
    lines += [f"  {name[:24]:<24} {visits:>6} {pages:>6}  {paths[:60]}" for name, visits, pages, paths in top]
    lines += [
        f"\nDashboard   {stack.app_url}/app",
        f"  sign in   {EMAIL}  /  {PASSWORD}",
        f"Sent mail   {stack.mail_url}",
    ]
    return "\n".join(lines)


_TOP_COMPANIES = """
select company.name, count(distinct visit.id), count(*), string_agg(distinct view.path, '  ' order by view.path)
from public.companies as company
join public.visits as visit on visit.company_id = company.id
join public.page_views as view on view.visit_id = visit.id
where visit.site_id = %s
group by company.id order by count(*) desc, company.name limit 10
"""


def _reconciliation(answers: Counter[tuple[str, str]], kept: dict[str, Any]) -> str:
    """Whether every page view that was acknowledged is accounted for, and came out as what its sender is."""
    acknowledged = Counter[str]()
    for (_, outcome), count in answers.items():
        acknowledged[outcome] += count
    astray = {f"{group} as {outcome}": count for (group, outcome), count in answers.items() if group != outcome}
    counted = "every one is accounted for" if acknowledged == kept else f"NOT accounted for: {acknowledged} / {kept}"
    taken = "each as what its sender is" if not astray else f"but taken differently: {astray}"
    return f"  {sum(kept.values()):>5}  counted: {counted}, {taken}"


def _proof_line(stack: Stack) -> str:
    proof = prove(stack.app_url, stack.db_url, stack.state)
    rows = proof["places"]["rows"]["rows"]
    said = f"{proof['verdict']}: {proof['beacons']} beacons from {proof['canaries']} canaries, {rows:,} rows"
    return f"Proof       {stack.app_url}/proof  ({said} searched, and all that was sent, logged and printed)"


def _page_line(url: str, opened: int | None) -> str:
    if opened is None:
        return f"Site page   {url}  (no Chromium here to open it; open it yourself and watch its console)"
    return f"Site page   {url}  (opened in Chromium: {opened} page views sent by the real snippet)"
