"""An operator looks at the outbox and at the jobs, and runs one by hand."""

import re
from collections.abc import Callable, Iterator

import pytest

from dev import cron
from dev.__main__ import main
from dev.stack import Stack
from dev.stack.layout import DOOR_ROLES
from lib.db.job_store import job_store
from lib.db.outbox_store import outbox_store
from tests.builders import World

Operate = Callable[..., int]


@pytest.fixture
def outbox(stack: Stack, world: World) -> Iterator[Operate]:
    world.database.execute("delete from private.outbox")
    yield lambda *words: main(["outbox", "--database", stack.db_url, *words])
    world.database.execute("delete from private.outbox")


@pytest.fixture
def jobs(stack: Stack, world: World, monkeypatch: pytest.MonkeyPatch) -> Operate:
    """The command, as if the stack ran from this folder."""
    world.database.execute("delete from private.job_runs")
    for store in (job_store, outbox_store):  # another test's process was another deployment's
        store.cache_clear()
    for name, value in stack.function_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cron, "STATE", stack.state)
    return lambda *words: main(["cron", *words])


def test_a_trial_mail_is_sent_by_the_job_and_can_be_seen_waiting(
    outbox: Operate, jobs: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outbox("trial", "me@example.org") == 0
    outbox("list")
    assert re.search(r"mail +waiting +1 ", capsys.readouterr().out)
    assert jobs("deliver_outbox") == 0
    assert re.search(r"deliver_outbox, .* UTC: 1 done, 0 failed", capsys.readouterr().out)
    outbox("list")
    assert capsys.readouterr().out == ""


def test_what_was_given_up_is_named_with_its_reason_and_sent_again(
    outbox: Operate, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    outbox("trial", "me@example.org")
    world.database.execute("update private.outbox set state = 'dead', ended_at = now(), fault = 'the server was on fire'")
    capsys.readouterr()
    outbox("list")
    said = capsys.readouterr().out
    assert "the server was on fire" in said and "me@example.org" not in said
    [[message_id]] = world.database.execute("select id::text from private.outbox").fetchall()
    assert outbox("replay", message_id) == 0
    assert outbox("replay", message_id) == 2  # it has not ended
    assert outbox("replay", "no such id") == 2


def test_a_job_is_run_for_another_moment_once(jobs: Operate, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--at", "2026-03-29T02:30:30+01:00"]
    assert jobs("purge_expired", *at) == 0
    assert "purge_expired, 2026-03-29 00:00 UTC: " in capsys.readouterr().out
    assert jobs("purge_expired", *at) == 0
    assert "this period has had its run" in capsys.readouterr().out
    jobs()
    said = capsys.readouterr().out
    assert re.search(r"purge_expired +last went through", said) and re.search(r"deliver_outbox +has never run", said)


def test_a_jobs_fault_is_said(jobs: Operate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cron, "running_settings", lambda state: {"DELIVERER_TOKEN": ""})
    outbox_store.cache_clear()
    assert jobs("deliver_outbox") == 1
    assert "deliver_outbox met a fault: MissingSetting DELIVERER_TOKEN" in capsys.readouterr().err


def test_every_role_gets_a_token_as_a_setting(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "x" * 40)
    assert main(["token"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("=")[0] for line in lines] == [f"{role.upper()}_TOKEN" for role in DOOR_ROLES]
    assert all(re.fullmatch(r"[A-Z_]+=eyJ[\w-]+\.[\w-]+\.[\w-]+", line) for line in lines)
