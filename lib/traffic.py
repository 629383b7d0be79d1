"""What a request says about the browser that sent it: does it decline, did a person ask for the page, is it a crawler?

Read from headers in memory, answered with yes or no, and forgotten.
"""

from collections.abc import Mapping

from crawlerdetect import CrawlerDetect

# A browser's user agent is 100 to 200 characters; a crawler names itself early. The bound limits what a match can cost.
_LONGEST_USER_AGENT = 512
_detector = CrawlerDetect()


def opts_out(headers: Mapping[str, str]) -> bool:
    """Whether the browser sends Global Privacy Control or Do Not Track.

    Sources: W3C Global Privacy Control (Sec-GPC: 1); W3C Tracking Preference Expression (DNT: 1).
    """
    return headers.get("sec-gpc") == "1" or headers.get("dnt") == "1"


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """Whether the browser fetched ahead of its user (Sec-Purpose of the Fetch standard, and its older spellings)."""
    purposes = (headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    return any(word in purpose.lower() for purpose in purposes for word in ("prefetch", "prerender", "preview"))


def is_crawler(headers: Mapping[str, str]) -> bool:
    """Whether the user agent is a known crawler's, a program's, or missing."""
    user_agent = headers.get("user-agent", "").strip()[:_LONGEST_USER_AGENT]
    return not user_agent or _detector.is_crawler(user_agent)
