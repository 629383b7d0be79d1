"""`python -m dev digest preview`, as an operator types it."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from dev import digest
from dev.stack import Stack
from tests.builders import Customer
from tests.digests import subscribe


@pytest.fixture
def state(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    places = {"db_url": stack.db_url, "app_url": stack.app_url}
    (tmp_path / "stack.json").write_text(json.dumps(places))
    monkeypatch.setattr(digest, "STATE", tmp_path)
    return tmp_path


def test_the_next_digest_is_printed_and_written(state: Path, customer: Customer, capsys: pytest.CaptureFixture[str]) -> None:
    subscription = subscribe(customer)
    customer.world.record(customer.beacon("acme"))
    html = state / "digest.html"
    assert digest.run(Namespace(what="preview", subscription=subscription, html=html)) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Subject: 1 new company: Acme\n") and "/pricing" in printed
    assert "Acme" in html.read_text()


@pytest.mark.parametrize("subscription", ["0" * 8, "00000000-0000-0000-0000-000000000000"])
def test_a_subscription_there_is_not_is_said(state: Path, subscription: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert digest.run(Namespace(what="preview", subscription=subscription, html=None)) == 1
    assert "There is no such subscription" in capsys.readouterr().err


def test_without_a_stack_it_says_how_to_start_one(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / "stack.json").unlink()
    assert digest.run(Namespace(what="preview", subscription=None, html=None)) == 2
    assert "make demo" in capsys.readouterr().err
