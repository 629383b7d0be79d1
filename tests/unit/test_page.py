"""What is kept of a page's URL, and above all what is not."""

import pytest

from lib.domain.page import host_of_origin, page_of_url, referring_host


def kept_path(path: str) -> str:
    return page_of_url(f"https://example.com{path}").path


def test_host_path_and_campaign_are_kept() -> None:
    page = page_of_url("https://Example.com/pricing?utm_source=newsletter&utm_medium=mail&utm_campaign=spring-2026")
    assert (page.host, page.path) == ("example.com", "/pricing")
    assert (page.utm_source, page.utm_medium, page.utm_campaign) == ("newsletter", "mail", "spring-2026")
    assert (page.utm_term, page.utm_content) == (None, None)


def test_query_and_fragment_are_not_kept() -> None:
    page = page_of_url("https://example.com/a?email=someone@example.org&q=secret&utm_source=x#token=abc")
    assert page.path == "/a"
    assert "secret" not in repr(page) and "someone" not in repr(page) and "abc" not in repr(page)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/blog/2026-11-24-how-we-cut-costs-by-30-percent",
        "/products/iPhone-15-Pro-Max-256GB-Review",
        "/de/donaudampfschifffahrtsgesellschaft-hauptversammlung",
        "/b%C3%BCcher/einkauf",
        "/docs/v2.10.3/api",
        "/kontakt/12345",
        "/log/12:30:45",
        "/reference/std::vector",
    ],
)
def test_paths_of_words_dates_and_short_numbers_stay(path: str) -> None:
    assert kept_path(path) == path


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/u/someone@example.org/x", "/u/[email]/x"),
        ("/u/someone%40example.org", "/u/[email]"),
        ("/u/someone%252540example.org", "/u/[email]"),
        ("/from/192.0.2.7", "/from/[address]"),
        ("/from/192-0-2-7", "/from/[address]"),
        ("/from/2001:db8::7", "/from/[address]"),
        ("/from/2001%3Adb8%3A%3A7", "/from/[address]"),
        ("/from/xn--2001:db8::12001:db8::1", "/from/xn--[address]"),
        ("/from/dead::beef", "/from/[address]"),
        ("/call/+49%20170%201234567", "/call/[number]"),
        ("/call/0170-123-45-67", "/call/[number]"),
        ("/order/123456789", "/order/[number]"),
        ("/reset/abc123", "/reset/[token]"),
        ("/invite/k7", "/invite/[token]"),
        ("/s/d41d8cd98f00b204e9800998ecf8427e", "/s/[token]"),
        ("/s/dGhpcy1pcy1hIHRva2Vu", "/s/[token]"),
        ("/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "/t/[token]"),
        ("/x;jsessionid=A1B2C3D4E5F6A7B8C9D0", "/x;jsessionid=[token]"),
        ("/x/3f0c6a1e-1111-4222-8333-9d8b2c7e5f10/edit", "/x/[token]/edit"),
    ],
)
def test_what_looks_like_a_persons_data_is_replaced(path: str, kept: str) -> None:
    assert kept_path(path) == kept


def test_campaign_values_are_redacted_too() -> None:
    page = page_of_url(
        "https://example.com/?utm_source=someone%40example.org&utm_term=192.0.2.7&utm_content=d41d8cd98f00b204e9800998ecf8427e"
    )
    assert (page.utm_source, page.utm_term, page.utm_content) == ("[email]", "[address]", "[token]")


def test_control_characters_never_come_back_to_life() -> None:
    page = page_of_url("https://example.com/x%00y@z?utm_source=a%00b%0Ac")
    assert page.utm_source == "abc"
    assert not any(ord(character) < 32 for character in page.path)


def test_lengths_are_bounded() -> None:
    page = page_of_url("https://example.com" + "/word" * 400 + "?utm_source=" + "word%20" * 100)
    assert len(page.path) == 1024
    assert page.utm_source is not None and len(page.utm_source) == 120


def test_an_international_host_is_kept_in_its_ascii_form() -> None:
    assert page_of_url("https://bücher.example/").host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "url",
    ["", "/a", "//example.com/a", "ftp://example.com/", "javascript:alert(1)", "https://", "https://user:pw@example.com/",
     "https://exa mple.com/", "https://[::1", "https://example.com/\x00", "https://\ud800.com/", "https://℀.com/",
     "https://example.com/?" + "&" * 50, " https://example.com/", "https:/example.com", "https:///example.com"],
)  # fmt: skip
def test_anything_else_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError) as refusal:
        page_of_url(url)
    assert not url or url not in str(refusal.value)


def test_a_referring_host_that_is_the_pages_own_or_an_address_is_dropped() -> None:
    assert referring_host("News.example", "example.com") == "news.example"
    assert referring_host("example.com", "example.com") is None
    assert referring_host("192.0.2.7", "example.com") is None
    assert referring_host("2001:db8::1", "example.com") is None
    assert referring_host("", "example.com") is None


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://example.com", "example.com"),
        ("http://Example.com:8080", "example.com"),
        ("https://bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_an_origin_names_a_host(origin: str, host: str) -> None:
    assert host_of_origin(origin) == host


@pytest.mark.parametrize(
    "origin",
    ["", "null", "example.com", "https://", "https://example.com/", "https://example.com?", "https://example.com#", "https://u@example.com",
     "htt\tps://example.com", " https://example.com", "https://example.com, https://evil.example", "https://example.com https://evil.example",
     "https://example.com\\evil", "file://example.com", "https://example.com:x"],
)  # fmt: skip
def test_what_is_no_origin_names_none(origin: str) -> None:
    with pytest.raises(ValueError):
        host_of_origin(origin)
