"""Every promise has a test that would fail if it stopped being true, or is not promised yet."""

import html
import re

import httpx
import pytest

from dev.bootstrap import ROOT
from dev.stack import Stack
from lib.domain.transfer import TRANSFERS

_ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]*)\| (kept|open: [^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
REGISTER = (ROOT / "docs" / "promises.md").read_text()
PROMISES = _ROW.findall(REGISTER)


def test_every_row_of_the_register_is_read() -> None:
    # But for its head and the line below.
    assert len(PROMISES) == len(re.findall(r"^\|", REGISTER, re.MULTILINE)) - 2 > 20


@pytest.mark.parametrize(
    ("published", "tests"), [(published, tests) for published, _, tests, state in PROMISES if state == "kept"]
)
def test_a_promise_that_is_kept_has_tests_that_exist(published: str, tests: str) -> None:
    named = _TEST.findall(tests)
    assert named, f"Nothing holds us to: {published}"
    for file, function in named:
        text = (ROOT / file).read_text()
        assert "def test_" in text
        assert not function or f"def {function}(" in text, f"{file} has no {function}"


def test_nothing_is_called_what_it_is_not() -> None:
    for page in [*(ROOT / "web").glob("*.html"), *(ROOT / "docs").glob("*.md")]:
        said = page.read_text().lower()
        for claim in ("pii-free", "no consent needed", "gdpr compliant", "gdpr-compliant"):
            assert claim not in said, f"{page.name} says {claim}"


def test_the_page_says_what_is_kept_and_lists_every_transfer(stack: Stack) -> None:
    page = html.unescape(httpx.get(f"{stack.app_url}/security", trust_env=False).raise_for_status().text)
    for _, words, _, state in PROMISES:
        assert (f"<li>{words}.</li>" in page) == (state == "kept"), words
    for transfer in TRANSFERS:
        assert f'<a href="{transfer.policy_url}">{transfer.recipient}</a>' in page, transfer.recipient
    assert "PROMISES" not in page and "CONTACT_ADDRESS" not in page
