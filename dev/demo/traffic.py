"""A believable working day: who comes to the site in which hour, and what they look at."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from dev.demo.addresses import AddressBook

SITE_HOST = "northwind.example"
HOURS = ("08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00")
_BUSYNESS = (0.5, 1.0, 1.3, 1.2, 0.7, 0.8, 1.2, 1.1, 0.8)

# Companies a maker of measuring instruments would be glad to see, with how often they come.
COMPANIES = {
    "siemens": 4, "bosch": 4, "basf": 3, "volkswagen": 3, "bmw-group": 2, "mercedes-benz": 3, "abb": 3, "roche": 2,
    "novartis": 2, "nestle": 1, "airbus": 3, "thales": 2, "schneider-electric": 3, "renault": 1, "michelin": 1,
    "philips": 2, "asml": 4, "shell": 1, "ericsson": 2, "scania": 2, "skf": 2, "nokia": 2, "vestas": 2, "lego": 1,
    "equinor": 1, "norsk-hydro": 1, "iberdrola": 1, "repsol": 1, "enel": 1, "leonardo": 2, "andritz": 2, "festo": 3,
    "liebherr": 1, "infineon": 3, "zf": 2, "bayer": 2, "evonik": 1, "covestro": 1, "schaeffler": 2, "jaguar-land-rover": 1,
    "bae-systems": 1, "boeing": 1, "3m": 1, "caterpillar": 1, "sap": 2,
}  # fmt: skip
# How many come in an ordinary hour, apart from companies.
_OTHERS = {"carrier": 15, "hoster": 3, "unknown": 4, "relay": 1, "natural_person": 1}
_COMPANY_SESSIONS = 11
_BOTS, _OPTED_OUT, _PREFETCHES = 4, 3, 1

_PAGES = {
    "/": 6, "/products/flow-meters": 4, "/products/pressure-sensors": 4, "/products/vibration-analysis": 3, "/pricing": 5,
    "/case-studies/paper-mill": 2, "/case-studies/wind-farm": 2, "/docs/getting-started": 2, "/docs/modbus-registers": 1,
    "/contact": 2, "/about": 1, "/careers": 1,
}  # fmt: skip
_CAMPAIGNS = ("", "", "", "", "utm_source=newsletter&utm_medium=email&utm_campaign=autumn-release",
              "utm_source=google&utm_medium=cpc&utm_campaign=flow-meters", "utm_source=linkedin&utm_medium=social")  # fmt: skip
_REFERRERS = (None, None, "www.google.com", "www.linkedin.com", "duckduckgo.com")
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari/604.1",
)
_CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/142",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
)
_LONGEST_SESSION = 6


@dataclass(frozen=True)
class PageView:
    """One beacon to send. `group` is what the sender is, for comparison with what becomes of the beacon."""

    group: str
    address: str
    url: str
    user_agent: str
    beacon_id: str
    referrer: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def hour_of_traffic(hour: int, book: AddressBook, dice: random.Random) -> Iterator[PageView]:
    """The page views of one hour of the day, 0 being the first of HOURS."""
    busyness = _BUSYNESS[hour]
    known = [key for key in COMPANIES if key in book.known()]
    weights = [COMPANIES[key] for key in known]
    for key in dice.choices(known, weights, k=round(_COMPANY_SESSIONS * busyness)):
        yield from _session("identified", book.draw(key, dice), dice)
    for reason, usual in _OTHERS.items():
        for _ in range(_around(usual * busyness, dice)):
            yield from _session(reason, book.draw(reason, dice), dice, longest=3)
    for _ in range(_around(_BOTS * busyness, dice)):
        yield _view("bot", book.draw("hoster", dice), dice, user_agent=dice.choice(_CRAWLERS))
    for _ in range(_around(_OPTED_OUT * busyness, dice)):
        yield _view("opted_out", book.draw("carrier", dice), dice, headers={"Sec-GPC": "1"})
    for _ in range(_around(_PREFETCHES * busyness, dice)):
        yield _view("prefetch", book.draw("carrier", dice), dice, headers={"Sec-Purpose": "prefetch"})


def _session(group: str, address: str, dice: random.Random, *, longest: int = _LONGEST_SESSION) -> Iterator[PageView]:
    """One browser's page views, as a single-page app or a reader with links sends them: a landing, then further pages."""
    browser = dice.choice(_BROWSERS)
    yield _view(group, address, dice, user_agent=browser, referrer=dice.choice(_REFERRERS), campaign=dice.choice(_CAMPAIGNS))
    for _ in range(min(int(dice.expovariate(0.6)), longest - 1)):
        yield _view(group, address, dice, user_agent=browser)


def _view(
    group: str,
    address: str,
    dice: random.Random,
    *,
    user_agent: str = _BROWSERS[0],
    referrer: str | None = None,
    campaign: str = "",
    headers: dict[str, str] | None = None,
) -> PageView:
    path = dice.choices(list(_PAGES), list(_PAGES.values()))[0]
    url = f"https://{SITE_HOST}{path}" + (f"?{campaign}" if campaign else "")
    return PageView(group, address, url, user_agent, f"{dice.getrandbits(80):020x}", referrer, headers or {})


def _around(mean: float, dice: random.Random) -> int:
    return max(0, round(dice.gauss(mean, mean**0.5 / 2)))
