"""A member's own notification settings, and when their quiet hours end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.builders import Customer, World


def end_of_quiet(world: World, at: str, time_zone: str, quiet_from: str | None, quiet_until: str | None) -> str:
    """When what happens at a local time may be told of, as local time. Of a time that comes twice, fold says which."""
    local = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(time_zone))
    row = world.database.execute(
        "select private.end_of_quiet(%s, %s, %s, %s)", [local.astimezone(UTC), time_zone, quiet_from, quiet_until]
    ).fetchone()
    assert row is not None
    found: datetime = row[0]
    return found.astimezone(ZoneInfo(time_zone)).isoformat()


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer", "billing"])
def test_every_member_has_settings_of_their_own(world: World, customer: Customer, role: str) -> None:
    caller = customer.owner if role == "owner" else world.teammate(customer.account_id, role)
    row = {"account_id": customer.account_id, "time_zone": "Europe/Berlin", "quiet_from": "22:00", "quiet_until": "07:00"}
    assert caller.insert("notification_settings", row).status_code == 201
    [changed] = caller.update("notification_settings", {"alerts_per_day": 3}, account_id=f"eq.{customer.account_id}").json()
    assert (changed["user_id"], changed["alerts_per_day"], changed["quiet_from"]) == (caller.user_id, 3, "22:00:00")
    other = world.teammate(customer.account_id, "admin")
    for somebody in (other, world.customer().owner):
        assert somebody.rows("notification_settings") == []
        assert (
            somebody.update("notification_settings", {"alerts_per_day": 0}, account_id=f"eq.{customer.account_id}").json() == []
        )
        assert somebody.delete("notification_settings", account_id=f"eq.{customer.account_id}").json() == []
    assert other.insert("notification_settings", {**row, "user_id": caller.user_id}).status_code == 403
    assert len(caller.delete("notification_settings", account_id=f"eq.{customer.account_id}").json()) == 1


def test_a_stranger_has_no_settings_in_an_account(world: World, customer: Customer) -> None:
    row = {"account_id": customer.account_id}
    assert world.customer().owner.insert("notification_settings", row).status_code == 403
    for caller in (world.anonymous(), world.role("service_role"), world.role("announcer")):
        assert caller.insert("notification_settings", row).status_code in (401, 403)
        assert caller.get("notification_settings").status_code in (401, 403)


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"alerts_per_day": -1},
        {"alerts_per_day": 501},
        {"quiet_from": "22:00"},
        {"quiet_until": "07:00"},
        {"quiet_from": "22:00", "quiet_until": "22:00"},
        {"quiet_from": "25:61", "quiet_until": "07:00"},
    ],
)
def test_settings_that_mean_nothing_are_refused(customer: Customer, wrong: dict[str, object]) -> None:
    answer = customer.owner.insert("notification_settings", {"account_id": customer.account_id, **wrong})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("at", "time_zone", "quiet_from", "quiet_until", "expected"),
    [
        ("2026-11-25T12:00", "Europe/Berlin", None, None, "2026-11-25T12:00:00+01:00"),
        # within a day: the end itself is not quiet any more
        ("2026-11-25T12:00", "Europe/Berlin", "09:00", "17:00", "2026-11-25T17:00:00+01:00"),
        ("2026-11-25T17:00", "Europe/Berlin", "09:00", "17:00", "2026-11-25T17:00:00+01:00"),
        ("2026-11-25T08:59", "Europe/Berlin", "09:00", "17:00", "2026-11-25T08:59:00+01:00"),
        # over midnight
        ("2026-11-25T22:00", "Europe/Berlin", "22:00", "07:00", "2026-11-26T07:00:00+01:00"),
        ("2026-11-26T06:59", "Europe/Berlin", "22:00", "07:00", "2026-11-26T07:00:00+01:00"),
        ("2026-11-26T07:00", "Europe/Berlin", "22:00", "07:00", "2026-11-26T07:00:00+01:00"),
        ("2026-12-31T23:30", "Asia/Kathmandu", "22:00", "07:15", "2027-01-01T07:15:00+05:45"),
        # the night on which the clock goes forward: an hour less to wait
        ("2027-03-27T23:00", "Europe/Berlin", "22:00", "07:00", "2027-03-28T07:00:00+02:00"),
        ("2027-03-28T01:30", "Europe/Berlin", "22:00", "07:00", "2027-03-28T07:00:00+02:00"),
        # quiet until an hour that there is not on that day
        ("2027-03-28T01:30", "Europe/Berlin", "22:00", "02:30", "2027-03-28T03:30:00+02:00"),
        # the night on which it goes back: an hour more
        ("2026-10-24T23:00", "Europe/Berlin", "22:00", "07:00", "2026-10-25T07:00:00+01:00"),
        ("2026-10-31T23:00", "America/New_York", "22:00", "07:00", "2026-11-01T07:00:00-05:00"),
        # quiet until an hour that comes twice
        ("2026-10-25T01:00", "Europe/Berlin", "22:00", "02:30", "2026-10-25T02:30:00+01:00"),
        ("2026-11-25T23:00", "Pacific/Auckland", "22:00", "07:00", "2026-11-26T07:00:00+13:00"),
    ],
)
def test_quiet_hours_end_by_the_members_own_clock(
    world: World, at: str, time_zone: str, quiet_from: str | None, quiet_until: str | None, expected: str
) -> None:
    assert end_of_quiet(world, at, time_zone, quiet_from, quiet_until) == expected


def test_quiet_hours_never_end_before_they_are_asked_for(world: World) -> None:
    start = datetime(2026, 10, 24, 20, tzinfo=UTC)
    for minute in range(0, 12 * 60, 5):
        at = start + timedelta(minutes=minute)
        row = world.database.execute(
            "select private.end_of_quiet(%s, 'Europe/Berlin', '22:00', '02:30') >= %s", [at, at]
        ).fetchone()
        assert row == (True,)
