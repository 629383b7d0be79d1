"""The beacons of the fault tests: page views of companies, and of those who are counted and not kept."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.builders import Customer
from tests.doors.page_views import BROWSER, CARRIER, COMPANY, HOSTER
from tests.faults.wire import Answer, request_bytes

_CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_PATHS = ("/", "/pricing", "/products", "/contact")


@dataclass(frozen=True)
class Group:
    """Visitors of one kind, and how often they come beside the others. `address` is in a range of the committed table."""

    outcome: str
    address: str
    often: int
    headers: dict[str, str] = field(default_factory=dict)


# One company comes far more often than the others, so that beacons meet at its rows.
COMPANIES = (
    Group("identified", COMPANY, 8),
    Group("identified", "141.73.240.133", 2),
    Group("identified", "141.6.9.253", 2),
    Group("identified", "194.105.124.69", 2),
    Group("identified", "129.192.14.122", 2),
)
COUNTED = (
    Group("carrier", CARRIER, 6),
    Group("hoster", HOSTER, 2),
    Group("bot", COMPANY, 2, {"User-Agent": _CRAWLER}),
    Group("opted_out", COMPANY, 2, {"Sec-GPC": "1"}),
)
GROUPS = COMPANIES + COUNTED


@dataclass(frozen=True)
class Site:
    """A customer's website."""

    id: str
    key: str


@dataclass
class Beacon:
    """One page view, and every answer to it, in the order they came."""

    site: Site
    group: Group
    id: str
    request: bytes
    answers: list[Answer] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        return any(answer.acknowledged for answer in self.answers)

    @property
    def firsts(self) -> int:
        """How often it was acknowledged as new."""
        return sum(answer.acknowledged and answer.outcome != "duplicate" for answer in self.answers)


def site_of(customer: Customer) -> Site:
    """A customer's site as its beacons name it."""
    return Site(customer.site_id, customer.site["public_key"])


def draw_beacon(sites: Sequence[Site], dice: random.Random, groups: Sequence[Group] = GROUPS) -> Beacon:
    """Somebody looks at a page."""
    site = dice.choice(sites)
    [group] = dice.choices(groups, [group.often for group in groups])
    beacon_id = f"{dice.getrandbits(96):024x}"
    page = f"https://example.com{dice.choice(_PATHS)}"
    headers = {"Origin": "https://example.com", "User-Agent": BROWSER, "Content-Type": "text/plain;charset=UTF-8"}
    headers |= {"X-Simulated-Address": group.address, **group.headers}
    body = json.dumps({"k": site.key, "i": beacon_id, "u": page}).encode()
    return Beacon(site, group, beacon_id, request_bytes("/b", headers, body))
