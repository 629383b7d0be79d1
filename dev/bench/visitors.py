"""Beacons as requests: many companies on many sites, and those of whom nothing is kept, as a browser behind Vercel sends them.

A company's visit is a landing with a referrer and a campaign now and then, and one page after another: three page views
in the mean, each with an id of its own. Addresses are drawn over the whole address space, so that organisations with
wide ranges come more often, as on the internet.
"""

import itertools
import json
import random
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dev.bench.place import Site
from lib.identification import Match, Reason, VisitorAddress, identify

# The headers that every browser and the platform send. There are more of both; the floor reads them as well, so that more
# would flatter.
_HEAD = (
    "POST /b HTTP/1.1\r\nhost: leadsment.example\r\ncontent-length: {length}\r\ncontent-type: text/plain;charset=UTF-8\r\n"
    "user-agent: {user_agent}\r\naccept: */*\r\naccept-encoding: gzip, deflate, br, zstd\r\n"
    "accept-language: de-DE,de;q=0.9,en;q=0.7\r\n"
    "origin: https://{host}\r\nreferer: https://{host}/\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n"
    "x-forwarded-for: {address}\r\nx-real-ip: {address}\r\nx-vercel-forwarded-for: {address}\r\n"
    "x-vercel-id: fra1::bench-1764000000000-0123456789ab\r\n{more}\r\n"
)
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
)
_CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
)
_PATHS = ("/", "/pricing", "/products/flow-meters", "/case-studies/paper-mill", "/docs/getting-started", "/contact")
_CAMPAIGNS = (
    "",
    "",
    "",
    "?utm_source=newsletter&utm_medium=email&utm_campaign=autumn-release",
    "?utm_source=google&utm_medium=cpc",
)
_REFERRERS = (None, None, "https://www.google.com/", "https://www.linkedin.com/")
_FURTHER_PAGE = 2 / 3  # how likely another page view is
_IPV6_SHARE = 5  # one draw in so many
_MOST_DRAWS = 2_000_000
_ID_BITS = 80


@dataclass
class Visitors:
    """Everybody who comes. Draw from it what is to be sent."""

    sites: Sequence[Site]
    dice: random.Random
    companies: int = 1000
    _companies: list[str] = field(init=False)
    _carriers: list[str] = field(init=False)
    # No two runs send the same id, whatever else they have in common.
    _ids: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._companies, self._carriers = _drawn_addresses(self.companies, self.dice)

    def matched(self) -> Iterator[bytes]:
        """Page views of companies."""
        return _mixed(lambda: self._visit(self.dice.choice(self._companies)), self.dice)

    def carriers(self) -> Iterator[bytes]:
        """Page views of people at home: behind their address is an internet provider."""
        return _mixed(lambda: self._visit(self.dice.choice(self._carriers)), self.dice)

    def bots(self) -> Iterator[bytes]:
        """Page views of crawlers that say so."""
        return _mixed(lambda: self._visit(self.dice.choice(self._companies), user_agents=_CRAWLERS), self.dice)

    def opted_out(self) -> Iterator[bytes]:
        """Page views of browsers that send Global Privacy Control."""
        return _mixed(lambda: self._visit(self.dice.choice(self._companies), more="sec-gpc: 1\r\n"), self.dice)

    def _visit(self, address: str, *, user_agents: Sequence[str] = _BROWSERS, more: str = "") -> Iterator[bytes]:
        site, user_agent = self.dice.choice(self.sites), self.dice.choice(user_agents)
        campaign, referrer = self.dice.choice(_CAMPAIGNS), self.dice.choice(_REFERRERS)
        while True:
            url = f"https://{site.host}{self.dice.choice(_PATHS)}{campaign}"
            beacon = {"k": site.public_key, "i": f"{self._ids.getrandbits(_ID_BITS):020x}", "u": url}
            body = json.dumps(beacon | ({"r": referrer} if referrer else {}), separators=(",", ":"))
            head = _HEAD.format(length=len(body), user_agent=user_agent, host=site.host, address=address, more=more)
            yield (head + body).encode()
            if self.dice.random() > _FURTHER_PAGE:
                return
            campaign, referrer = "", None


def _mixed(visit: Callable[[], Iterator[bytes]], dice: random.Random, *, at_once: int = 64) -> Iterator[bytes]:
    """The page views of many visits at a time, for a browser does not send its next page view at once."""
    visits = [visit() for _ in range(at_once)]
    while True:
        place = dice.randrange(at_once)
        view = next(visits[place], None)
        if view is None:
            visits[place] = visit()
        else:
            yield view


def _drawn_addresses(wanted: int, dice: random.Random) -> tuple[list[str], list[str]]:
    """Addresses of that many different companies that may be shown, and of as many lines of carriers."""
    companies: dict[str, str] = {}
    carriers: list[str] = []
    for _ in range(_MOST_DRAWS):
        address = _drawn_address(dice)
        answer = identify(VisitorAddress.parse(address))
        if isinstance(answer, Match) and answer.organisation.kind == "company":
            companies.setdefault(answer.organisation.key, address)
        elif not isinstance(answer, Match) and answer.reason is Reason.CARRIER and len(carriers) < wanted:
            carriers.append(address)
        if len(companies) == wanted == len(carriers):
            return list(companies.values()), carriers
    raise RuntimeError(f"the table shows only {len(companies)} companies and {len(carriers)} lines of carriers to chance")


def _drawn_address(dice: random.Random) -> str:
    if dice.randrange(_IPV6_SHARE):
        return socket.inet_ntop(socket.AF_INET, dice.getrandbits(32).to_bytes(4, "big"))
    # Where the registries assign from: 2000::/3, of which some sixteenth is in use.
    first = dice.choice((0x2001, 0x2400, 0x2600, 0x2620, 0x2800, 0x2A00, 0x2A02, 0x2C0F))
    return socket.inet_ntop(socket.AF_INET6, first.to_bytes(2, "big") + dice.randbytes(14))


class Prepared:
    """Requests made beforehand, so that making them is not measured. What is not sent remains for the next time."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._ready: deque[bytes] = deque()

    def at_least(self, count: int) -> Iterator[bytes]:
        """Make sure of that many, now, and hand them out one by one."""
        self._ready.extend(itertools.islice(self._requests, max(0, count - len(self._ready))))
        return self._handed_out()

    def _handed_out(self) -> Iterator[bytes]:
        while self._ready:
            yield self._ready.popleft()
