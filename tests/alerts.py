"""Build what tests of alerts need: rules, visits that are announced, and what came of them."""

import json
from typing import Any

from tests.builders import Caller, Customer, World

GERMANS: dict[str, object] = {"match": "all", "conditions": [{"field": "country", "is": ["DE"]}]}


def segment(customer: Customer, filter: dict[str, object] = GERMANS, name: str = "Germans") -> str:
    """A segment, as the owner adds it; its id."""
    row = {"account_id": customer.account_id, "name": name, "filter": filter}
    assert customer.owner.insert("segments", row).status_code == 201
    [added] = customer.owner.rows("segments", account_id=f"eq.{customer.account_id}", name=f"eq.{name}")
    return str(added["id"])


def rule(customer: Customer, caller: Caller | None = None, **more: object) -> str:
    """A rule, as its member adds it: a mail about every company, if nothing else is said; its id."""
    by = caller or customer.owner
    row = {"account_id": customer.account_id, "name": "Rule", "about": "every", "channel": "mail", **more}
    answer = by.insert("alert_rules", row)
    assert answer.status_code == 201, answer.text
    added = by.rows("alert_rules", account_id=f"eq.{customer.account_id}", order="created_at.desc")
    return str(added[0]["id"])


def announce(world: World) -> None:
    """Let whoever listens be told of what has happened."""
    announcer = world.role("announcer")
    while (told := announcer.result("announce_events", most=500))["done"]:
        assert told["failed"] == 0, told


def watch(world: World) -> None:
    """Look at the visits that went on."""
    assert world.role("watcher").result("watch_visits", most=500)["failed"] == 0


def visit(customer: Customer, *keys: str, path: str = "/pricing") -> None:
    """Let companies visit, and whoever listens be told."""
    page = {"host": "example.com", "path": path}
    for key in keys or ("acme",):
        customer.world.record(customer.beacon(key, page=page))
    announce(customer.world)


def messages(customer: Customer, template: str = "alert") -> list[dict[str, Any]]:
    """The account's messages in the outbox, the oldest first."""
    rows = customer.world.database.execute(
        "select to_jsonb(message) from private.outbox as message where account_id = %s and template = %s order by sequence",
        [customer.account_id, template],
    ).fetchall()
    return [row for (row,) in rows]


def held(customer: Customer) -> list[dict[str, Any]]:
    """The account's alerts that wait for the digest."""
    rows = customer.world.database.execute(
        "select to_jsonb(held) from private.held_alerts as held where account_id = %s order by held_at", [customer.account_id]
    ).fetchall()
    return [row for (row,) in rows]


def told(customer: Customer) -> list[str]:
    """The names in the account's alerts."""
    return [message["content"]["name"] for message in messages(customer)]


def forget_watched(world: World) -> None:
    """Let no visit of other tests be watched any more."""
    world.database.execute("delete from private.watched_visits")


def settings(customer: Customer, caller: Caller | None = None, **more: object) -> None:
    """A member's notification settings."""
    row = {"account_id": customer.account_id, **more}
    assert (caller or customer.owner).insert("notification_settings", row).status_code == 201, json.dumps(row)
