"""The digest's letter: what it says, to whom it leads, and that nobody's words become its markup."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from lib.mail.digest_letter import LARGEST_BYTES, digest_letter
from lib.mail.digest_words import shortened
from lib.mail.unsubscribing import unsubscribe_headers
from tests.digests import company_told, content

APP = "https://leads.example.com"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;\r\nBcc: x@example.org\x00\u202e$subject ${app}"


class Tags(HTMLParser):
    """The tags of a page, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "background")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_subject_says_what_is_in_it() -> None:
    companies = [company_told(name, part) for name, part in (("Acme", "new"), ("Globex", "new"), ("Initech", "returning"))]
    letter = digest_letter(content(companies=0) | {"companies": companies, "totals": {"new": 2, "returning": 1}}, APP)
    assert letter.subject == "2 new companies, 1 back: Acme, Globex, Initech"
    many = digest_letter(content(500), APP).subject
    assert many.startswith("500 new companies: Company 0, ") and many.endswith(" …") and len(many) <= 112


@pytest.mark.parametrize(
    ("totals", "subject"),
    [
        ({"new": 1}, "1 new company: Acme"),
        ({"surging": 1}, "1 company coming more often: Acme"),
        ({"returning": 2}, "2 companies back: Acme …"),
        ({"followed": 1}, "1 company you follow: Acme"),
        ({"held": 1}, "1 held-back alert: Acme"),
    ],
)
def test_one_part_alone_is_named_in_full(totals: dict[str, int], subject: str) -> None:
    companies = [company_told("Acme", next(iter(totals)))]
    assert digest_letter(content() | {"totals": totals, "companies": companies}, APP).subject == subject


def test_both_forms_tell_of_the_same_companies_and_facts() -> None:
    letter = digest_letter(content(9), APP)
    html = Tags(letter.html).text
    for place in range(9):
        assert f"Company {place}" in html and f"Company {place}" in letter.text
    for fact in ("company.example · Manufacturing · DE · 1000–4999 employees", "3 visits, 9 page views", "/pricing (4)", "/docs"):
        assert fact in html and fact in letter.text
    assert "1,246 page views on 24 November: 12 from companies. Held back: 1,204 from internet providers, 30 by crawlers." in html
    assert "Tue 24 November 08:00 to Wed 25 November 08:00 (Europe/Berlin)" in letter.text


def test_others_words_stay_words() -> None:
    hostile = company_told(
        HOSTILE, domain=HOSTILE, industry=HOSTILE, campaign=HOSTILE, rules=[HOSTILE], pages=[{"path": HOSTILE, "views": 1}]
    )
    letter = digest_letter(content() | {"about": HOSTILE, "companies": [hostile], "totals": {"new": 1}}, APP)
    page, plain = Tags(letter.html), Tags(digest_letter(content(1), APP).html)
    assert set(page.tags) == set(plain.tags) | {"span"}
    assert page.names == plain.names
    assert "alert(1)" in page.text


def test_nobodys_words_become_a_header() -> None:
    hostile = company_told("Acme\r\nBcc: x@example.org")
    letter = digest_letter(content() | {"companies": [hostile], "unsubscribe": "a\r\nBcc: x@example.org" + "a" * 20}, APP)
    assert letter.subject.isprintable() and not letter.headers
    assert unsubscribe_headers({"unsubscribe": "a\r\nBcc: x@example.org" + "a" * 20}, APP) == {}


def test_links_lead_to_the_product_alone() -> None:
    letter = digest_letter(content(12) | {"about": "https://evil.example"}, APP)
    assert {urlsplit(link).netloc for link in Tags(letter.html).links} == {"leads.example.com"}
    assert {urlsplit(link).netloc for link in re.findall(r"https?://leads\S+", letter.text)} == {"leads.example.com"}


def test_one_click_unsubscribing_is_offered_as_rfc_8058_says() -> None:
    assert unsubscribe_headers(content(), APP) == {
        "List-Unsubscribe": f"<{APP}/api/public/unsubscribe/{'u' * 43}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert f"Unsubscribe: {APP}/unsubscribe#{'u' * 43}" in digest_letter(content(), APP).text


def test_the_largest_digest_is_not_cut() -> None:
    parts = ["new"] * 12 + [part for part in ("surging", "followed", "held", "returning") for _ in range(6)]
    companies = [
        company_told(
            "'" * 190 + str(place), part, industry='"' * 120, domain="x" * 253, campaign="&" * 80, rules=["<" * 80] * 3,
            pages=[{"path": "/" + "'" * 119, "views": 1000}] * 5,
        )
        for place, part in enumerate(parts)
    ]  # fmt: skip
    totals = dict.fromkeys(parts, 100)
    letter = digest_letter(content() | {"companies": companies, "totals": totals}, APP)
    assert len(letter.html.encode()) <= LARGEST_BYTES
    assert letter.html.count(" more</a>") == letter.text.count(" more: ") == 5
    told = [place for place in range(len(parts)) if f"'{place}</a>" in letter.html.replace("&#x27;", "'")]
    assert told == [place for place in range(len(parts)) if f"'{place} (score" in letter.text]
    assert told


def test_an_ordinary_full_digest_shows_all_it_has() -> None:
    letter = digest_letter(content(500), APP)
    assert len(letter.html.encode()) < LARGEST_BYTES and letter.text.count("(score ") == 12
    assert "and 488 more" in letter.html and "and 488 more" in letter.text


def test_a_quiet_week_is_a_short_note() -> None:
    letter = digest_letter(content(0) | {"rhythm": "weekly", "tells_when_empty": True}, APP)
    assert letter.subject == "No company visited Website"
    assert "Held back: 1,204 from internet providers" in letter.text


def test_the_same_content_makes_the_same_letter() -> None:
    same = content(5)
    assert digest_letter(same, APP) == digest_letter(same, APP)


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert (shortened("abcdef", 6), shortened("abcdefg", 6)) == ("abcdef", "abcde…")
