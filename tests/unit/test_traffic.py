"""What a request says about its browser, and that the short cut for ordinary browsers says what the long way says."""

import itertools

import pytest
from crawlerdetect import CrawlerDetect
from crawlerdetect.providers.crawlers import data as crawlers

from lib import traffic
from lib.traffic import is_crawler, is_prefetch, opts_out

CHROME = "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}{mobile} Safari/537.36{more}"
FIREFOX = "Mozilla/5.0 ({system}; rv:{version}) Gecko/{gecko} Firefox/{version}"
SAFARI = "Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) {name}/{version}{mobile} Safari/{build}"
DESKTOPS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "Macintosh; Intel Mac OS X 10.15",
    "X11; Linux x86_64",
    "X11; Ubuntu; Linux x86_64",
)
PHONES = (
    "iPhone; CPU iPhone OS 18_7 like Mac OS X",
    "iPhone; CPU iPhone OS 26_1_1 like Mac OS X",
    "iPad; CPU OS 17_6 like Mac OS X",
)
VERSIONS = ("9", "26.1", "101.0", "142.0.0.0", "142.0.7444.60", "008.0", "1234.12345.0.99999", "13.37")


def browsers() -> list[str]:
    more = ["", *(f" {name}/{version}" for name in ("Edg", "EdgA", "OPR") for version in VERSIONS)]
    chromes = [
        CHROME.format(system=system, version=version, mobile=mobile, more=extra)
        for system, version, mobile, extra in itertools.product(
            (*DESKTOPS, "Linux; Android 10; K"), VERSIONS, ("", " Mobile"), more
        )
    ]
    firefoxes = [
        FIREFOX.format(system=system, version=version, gecko=gecko)
        for system, version, gecko in itertools.product((*DESKTOPS, "Android 15; Mobile"), VERSIONS, ("20100101", *VERSIONS))
    ]
    safaris = [
        SAFARI.format(system=system, name=name, version=version, mobile=mobile, build=build)
        for system, name, version, mobile, build in itertools.product(
            (*DESKTOPS, *PHONES), ("Version", "CriOS", "FxiOS"), VERSIONS, ("", " Mobile/15E148"), ("604.1", "605.1.15")
        )
    ]
    return chromes + firefoxes + safaris


def says(user_agent: str) -> bool:
    return is_crawler({"user-agent": user_agent})


def test_an_ordinary_browser_is_no_crawler_on_either_way() -> None:
    detector = CrawlerDetect()
    agents = browsers()
    assert len(agents) > 3000
    assert [agent for agent in agents if not traffic._is_ordinary_browser(agent)] == []
    assert [agent for agent in agents if detector.is_crawler(agent)] == []


def test_a_crawler_never_passes_for_an_ordinary_browser() -> None:
    """Each known crawler's name, bare and inside a browser's user agent: the answer is the list's."""
    detector = CrawlerDetect()
    browser = browsers()[0]
    for pattern in crawlers:
        name = pattern.replace("\\", "").lstrip("^").rstrip("$")
        for agent in (name, f"{browser} {name}", browser.replace("x64", f"x64; {name}"), browser.replace("Chrome", name)):
            assert says(agent) == bool(detector.is_crawler(agent.strip()[:512])), agent


@pytest.mark.parametrize("user_agent", ["", " ", "curl/8.5.0", "python-requests/2.32", "Mozilla/5.0 (compatible; Googlebot/2.1)"])
def test_a_program_is_a_crawler(user_agent: str) -> None:
    assert says(user_agent)


def test_no_user_agent_is_a_crawlers() -> None:
    assert is_crawler({})


def test_the_kept_verdicts_are_bounded() -> None:
    for number in range(5000):
        says(f"{browsers()[0]} Odd/{number}" if number < 50 else f"curl/{number}")
    assert traffic._is_crawlers_agent.cache_info().currsize <= 2048


def test_one_yes_opts_out_however_often_the_signal_is_sent() -> None:
    assert all(opts_out({name: value}) for name in ("dnt", "sec-gpc") for value in ("1", "0, 1", " 1", "1,1"))
    assert not any(opts_out({name: value}) for name in ("dnt", "sec-gpc") for value in ("", "0", "11", "\xb9", "true"))
    assert not opts_out({})


def test_every_spelling_of_a_prefetch_is_one() -> None:
    assert (
        is_prefetch({"sec-purpose": "prefetch;prerender"})
        and is_prefetch({"x-moz": "PREFETCH"})
        and is_prefetch({"purpose": "preview"})
    )
    assert not is_prefetch({"purpose": "x"}) and not is_prefetch({})
