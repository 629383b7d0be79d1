"""An operator looks at the outbox and at the jobs, and runs one by hand."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from dev.__main__ import main
from dev.stack import Stack
from dev.stack.layout import DOOR_ROLES, ROOT
from tests.builders import World

Operate = Callable[..., int]


@pytest.fixture
def outbox(stack: Stack, world: World) -> Iterator[Operate]:
    world.database.execute("delete from private.outbox")
    yield lambda *words: main(["outbox", "--database", stack.db_url, *words])
    world.database.execute("delete from private.outbox")


@pytest.fixture
def jobs(stack: Stack, world: World) -> Callable[..., str]:
    """What the command says."""
    world.database.execute("delete from private.job_runs")

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "dev", "cron", "--state", str(stack.state), *words]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    return run


def test_a_trial_mail_is_sent_by_the_job_and_can_be_seen_waiting(
    outbox: Operate, jobs: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert outbox("trial", "me@example.org") == 0
    outbox("list")
    assert re.search(r"mail +waiting +1 ", capsys.readouterr().out)
    assert re.search(r"deliver_outbox, .* UTC: 1 done, 0 failed", jobs("deliver_outbox"))
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


def test_a_job_is_run_for_another_moment_once(jobs: Callable[..., str]) -> None:
    at = ["--at", "2026-03-29T02:30:30+01:00"]
    assert "purge_expired, 2026-03-29 00:00 UTC: " in jobs("purge_expired", *at)
    assert "this period has had its run" in jobs("purge_expired", *at)
    said = jobs()
    assert re.search(r"purge_expired +last went through", said) and re.search(r"deliver_outbox +has never run", said)


def test_every_role_gets_a_token_as_a_setting(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "x" * 40)
    assert main(["token"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("=")[0] for line in lines] == [f"{role.upper()}_TOKEN" for role in DOOR_ROLES]
    assert all(re.fullmatch(r"[A-Z_]+=eyJ[\w-]+\.[\w-]+\.[\w-]+", line) for line in lines)
