"""What a request says about the browser that sent it: does it decline, did a person ask for the page, is it a crawler?

Read from headers in memory, answered with yes or no, and forgotten; but for the verdicts on the latest user agents.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any

# A browser's user agent is 100 to 200 characters; a crawler names itself early. The bound limits what a match can cost.
_LONGEST_USER_AGENT = 512
_KEPT_VERDICTS = 2048
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD_OF_USER = re.compile("prefetch|prerender|preview", re.IGNORECASE)

# What today's browsers send, to the letter, versions aside. No list of crawlers need be loaded for them: it takes 40 ms,
# and its verdict on every one of these is the same (tests/unit/test_traffic.py).
_VERSION = r"\d{1,4}(?:\.\d{1,5}){0,3}"
_DESKTOP = r"Windows NT 10\.0; Win64; x64|Macintosh; Intel Mac OS X 10[_.]15(?:_7)?|X11; (?:Ubuntu; )?Linux x86_64"
_APPLE_MOBILE = (
    r"iPhone; CPU iPhone OS \d{1,2}_\d{1,2}(?:_\d{1,2})? like Mac OS X|iPad; CPU OS \d{1,2}_\d{1,2}(?:_\d{1,2})? like Mac OS X"
)
_is_ordinary_browser = re.compile(
    rf"Mozilla/5\.0 \((?:{_DESKTOP}|Linux; Android \d{{1,2}}; K)\) AppleWebKit/537\.36 \(KHTML, like Gecko\) "
    rf"Chrome/{_VERSION}(?: Mobile)? Safari/537\.36(?: (?:Edg|EdgA|OPR)/{_VERSION})?"
    rf"|Mozilla/5\.0 \((?:{_DESKTOP}|Android \d{{1,2}}; Mobile); rv:{_VERSION}\) Gecko/(?:20100101|{_VERSION}) Firefox/{_VERSION}"
    rf"|Mozilla/5\.0 \((?:{_DESKTOP}|{_APPLE_MOBILE})\) AppleWebKit/605\.1\.15 \(KHTML, like Gecko\) "
    rf"(?:Version|CriOS|FxiOS)/{_VERSION}(?: Mobile/15E148)? Safari/60[45]\.1(?:\.15)?"
).fullmatch


def opts_out(headers: Mapping[str, str]) -> bool:
    """Whether the browser sends Global Privacy Control or Do Not Track.

    Sources: W3C Global Privacy Control (Sec-GPC: 1); W3C Tracking Preference Expression (DNT: 1).
    """
    return ("sec-gpc" in headers and _says_yes(headers["sec-gpc"])) or ("dnt" in headers and _says_yes(headers["dnt"]))


def _says_yes(value: str) -> bool:
    """Of a signal sent several times one yes is enough."""
    return any(part.strip() == "1" for part in value.split(","))


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """Whether the browser fetched ahead of its user (Sec-Purpose of the Fetch standard, and its older spellings)."""
    return any(_AHEAD_OF_USER.search(headers[name]) for name in _PURPOSES if name in headers)


def is_crawler(headers: Mapping[str, str]) -> bool:
    """Whether the user agent is a known crawler's, a program's, or missing."""
    return _is_crawlers_agent(headers.get("user-agent", ""))


# A user agent is no address, and a verdict says nothing of who sent it, where or when: thousands of people share each.
@functools.lru_cache(_KEPT_VERDICTS)
def _is_crawlers_agent(sent: str) -> bool:
    user_agent = sent.strip()[:_LONGEST_USER_AGENT]
    if not user_agent:
        return True
    return not _is_ordinary_browser(user_agent) and bool(_detector().is_crawler(user_agent))


@functools.cache
def _detector() -> Any:
    from crawlerdetect import CrawlerDetect  # noqa: PLC0415  a cold start must not pay for it

    return CrawlerDetect()
