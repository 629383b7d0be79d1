"""The register of secrets: what is to be changed when, who is reminded, and that it holds no secret."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dev.__main__ import main
from dev.stack import Stack
from lib.domain.secret import SECRETS
from lib.mail.outbox_mail import LETTERS
from tests.builders import World

Operate = Callable[..., int]


@pytest.fixture
def operate(stack: Stack, world: World) -> Iterator[Operate]:
    reset(world)
    yield lambda *words: main(["secrets", "--database", stack.db_url, *words])
    reset(world)


@pytest.fixture
def staff(world: World) -> str:
    person = world.person()
    world.database.execute("insert into private.operators (user_id) values (%s)", [person.user_id])
    return str(person.user_id)


def reset(world: World) -> None:
    world.database.execute(
        "update private.secrets_in_use set rotated_on = case when name in ('HUNTER_API_KEY', 'DROPCONTACT_API_KEY') then null "
        "else current_date end"
    )
    world.database.execute("delete from private.outbox where template = 'secrets_due'")


def rotated(world: World, name: str, days_ago: int) -> None:
    world.database.execute("update private.secrets_in_use set rotated_on = current_date - %s where name = %s", [days_ago, name])


def reminders(world: World, user_id: str) -> list[dict[str, Any]]:
    world.database.execute("select private.purge_secrets()")
    rows = world.database.execute(
        "select content from private.outbox where template = 'secrets_due' and recipient_id = %s order by created_at", [user_id]
    )
    return [content for (content,) in rows]


def test_the_register_has_every_secret_with_its_days(world: World) -> None:
    kept = world.database.execute("select name, every_days from private.secrets_in_use").fetchall()
    assert dict(kept) == {secret.name: secret.every_days for secret in SECRETS}


def test_a_secret_is_never_reminded_of_before_its_time_or_where_it_is_not_used(
    world: World, staff: str, operate: Operate
) -> None:
    rotated(world, "CRON_SECRET", 180 - 15)
    assert reminders(world, staff) == []


def test_the_staff_are_mailed_once_a_week_before_the_day_and_each_day_after_it(
    world: World, staff: str, operate: Operate
) -> None:
    rotated(world, "CRON_SECRET", 180 - 14)
    assert [secret["name"] for secret in reminders(world, staff)[0]["secrets"]] == ["CRON_SECRET"]
    assert len(reminders(world, staff)) == 1  # the same week
    rotated(world, "CRON_SECRET", 181)
    assert len(reminders(world, staff)) == 2
    assert len(reminders(world, staff)) == 2  # the same day
    assert operate("rotated", "CRON_SECRET") == 0
    world.database.execute("delete from private.outbox where template = 'secrets_due'")
    assert reminders(world, staff) == []


def test_the_letter_names_the_secrets_and_the_days_and_says_what_to_do(world: World, staff: str, operate: Operate) -> None:
    rotated(world, "CRM_KEY", 400)
    letter = LETTERS["secrets_due"](reminders(world, staff)[0], "https://leads.example")
    assert "CRM_KEY: by 20" in letter.text and "secrets rotated" in letter.text
    assert letter.subject == "Secrets to change: CRM_KEY"


def test_the_daily_job_reminds_and_ends(world: World, staff: str, operate: Operate) -> None:
    rotated(world, "CRM_KEY", 400)
    assert world.role("scheduler").result("purge_expired")["secrets"] == 0
    assert len(reminders(world, staff)) == 1


def test_the_command_lists_what_is_due_and_writes_down_what_was_changed(
    world: World, operate: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    rotated(world, "CRM_KEY", 366)
    assert operate("list") == 1
    printed = capsys.readouterr().out
    assert "OVERDUE by 1 days" in printed and "CRM_KEY_PREVIOUS" in printed
    assert "HUNTER_API_KEY           not used" in printed
    assert operate("rotated", "CRM_KEY", "--on", "2026-11-01") == 0
    assert operate("rotated", "HUNTER_API_KEY") == 0
    assert operate("unused", "HUNTER_API_KEY") == 0
    assert operate("list") == 0
    noted = world.database.execute(
        "select entry::jsonb ->> 'action' from audit.entries where entry::jsonb ->> 'subject' = 'secret'"
    ).fetchall()
    assert {("secret.rotated",), ("secret.retired",)} <= set(noted)


def test_a_day_that_is_yet_to_come_and_a_name_that_is_none_change_nothing(
    operate: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operate("rotated", "CRM_KEY", "--on", "2099-01-01") == 2
    with pytest.raises(SystemExit):
        operate("rotated", "NO_SUCH_KEY")
    with pytest.raises(SystemExit):
        operate("rotated", "CRM_KEY", "--on", "yesterday")


@pytest.mark.parametrize("role", ["scheduler", "beacon", "public_door", "deliverer"])
def test_no_role_of_the_deployment_reads_or_changes_the_register(world: World, role: str) -> None:
    may = world.database.execute(
        "select has_table_privilege(%s, 'private.secrets_in_use', 'select'), "
        "has_table_privilege(%s, 'private.secrets_in_use', 'update'), "
        "has_function_privilege(%s, 'private.purge_secrets()', 'execute')",
        [role, role, role],
    ).fetchone()
    assert may == (False, False, False)


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_nobody_who_comes_by_the_api_does_either(world: World, role: str) -> None:
    may = world.database.execute("select has_table_privilege(%s, 'private.secrets_in_use', 'select')", [role]).fetchone()
    assert may == (False,)
