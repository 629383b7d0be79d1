"""The mails about a person's request: each says its number, and what the law wants said."""

from typing import Any

import pytest

from lib.mail.outbox_mail import LETTERS

CONTENT: dict[str, Any] = {
    "to": "anna+x@acme.example", "kind": "erasure", "reference": "DR-0A1B2C3D", "channel": "form", "received_on": "2026-11-25",
    "due_on": "2026-12-25", "ended_on": "2026-11-26", "outcome": {}, "answer": None, "files": None, "token": "T" * 43,
    "reason": "We have to ask the customer first.", "id": "x", "state": "open", "days_left": 7,
}  # fmt: skip
APP = "https://leadsment.example"


def text_of(letter: str, **changes: Any) -> str:
    return LETTERS[f"data_request.{letter}"]({**CONTENT, **changes}, APP).text


@pytest.mark.parametrize("kind", ["access", "portability", "erasure", "objection", "rectification", "restriction"])
@pytest.mark.parametrize("letter", ["link", "received", "extended", "done", "refused", "due"])
def test_each_names_the_request(letter: str, kind: str) -> None:
    assert "DR-0A1B2C3D" in text_of(letter, kind=kind, answer="Said and done.")


def test_a_link_keeps_token_and_address_behind_the_hash() -> None:
    assert f"{APP}/data-request#proof={'T' * 43}&of=anna%2Bx%40acme.example" in text_of("link")
    assert f"{APP}/data-request#files=F&of=anna%2Bx%40acme.example" in text_of("done", kind="access", files="F")


def test_a_receipt_says_what_was_done_what_is_kept_and_why() -> None:
    outcome = {"contacts": 2, "logins": 1, "memberships": 1, "accounts": 1, "messages": 0}
    receipt = text_of("done", outcome=outcome)
    assert "26 November 2026" in receipt and "2 contact entries about you were deleted." in receipt
    assert "Your login was deleted" in receipt and "1 account in which you were alone" in receipt
    assert "What is kept" in receipt and "Art. 77" in receipt and "mail about you" not in receipt
    assert "Nothing was kept of you" in text_of("done", outcome={"contacts": 0})


def test_a_receipt_counts_what_it_has_no_words_for() -> None:
    outcome = {"contacts": 0, "disclosure_reports": 3, "mails_stopped": False}
    assert "3 entries under “disclosure reports” were deleted." in text_of("done", outcome=outcome)


def test_an_extension_and_a_refusal_say_why_and_where_to_complain() -> None:
    assert CONTENT["reason"] in text_of("extended") and "Art. 77" in text_of("extended")
    refusal = text_of("refused", answer="Manifestly unfounded.")
    assert "Manifestly unfounded." in refusal and "Art. 77" in refusal and "Art. 79" in refusal


@pytest.mark.parametrize(("days", "said"), [(7, "due in 7 days"), (0, "due today"), (-3, "3 days overdue")])
def test_the_staff_read_how_long_is_left_and_nobodys_address(days: int, said: str) -> None:
    letter = text_of("due", days_left=days)
    assert said in letter and "anna" not in letter


def test_who_waits_for_another_owner_is_told_so() -> None:
    assert "without an owner" in text_of("received", outcome={"accounts_waiting": ["a"]})
