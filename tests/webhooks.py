"""Webhooks as tests need them: one that is saved, and the jobs' view of what is sent to it."""

from dataclasses import dataclass
from typing import Any

from lib.domain.webhook import EVENTS
from tests.builders import Caller, Customer, World

__all__ = ["EVENTS", "Endpoint", "add_endpoint", "announce", "attempts_of", "claim_webhooks", "hurry"]


@dataclass(frozen=True)
class Endpoint:
    """A webhook with the secret it got when it was created."""

    customer: Customer
    id: str
    url: str
    secret: str


def add_endpoint(
    customer: Customer,
    url: str = "https://hooks.example/in",
    events: tuple[str, ...] | list[str] = EVENTS,
    *,
    caller: Caller | None = None,
    description: str = "",
) -> Endpoint:
    """Save a webhook as the door does once it has looked at the URL."""
    world = customer.world
    assert world.role("webhook_door").call("allow_webhook_url", url=url).is_success
    made = (caller or customer.owner).result(
        "create_webhook_endpoint", account_id=customer.account_id, url=url, events=list(events), description=description
    )
    return Endpoint(customer, made["id"], url, made["secret"])


def announce(world: World) -> None:
    """Tell of all events, as the job does."""
    while world.role("announcer").result("announce_events", most=100)["done"]:
        pass


def claim_webhooks(world: World) -> list[dict[str, Any]]:
    """Take what is due, as the job does, and nothing but webhooks."""
    claimed: list[dict[str, Any]] = world.role("deliverer").result("claim_messages", most=100, lease_seconds=30)
    return [message for message in claimed if message["channel"] == "webhook"]


def hurry(world: World) -> None:
    """Let every wait be over."""
    world.database.execute("update private.outbox set next_attempt_at = now() where state = 'waiting'")


def attempts_of(world: World, endpoint: Endpoint, *outcomes: tuple[str, int | None]) -> None:
    """Let attempts of the first message of an endpoint end one after the other, without their waits."""
    for outcome, status in outcomes:
        hurry(world)
        [message] = [message for message in claim_webhooks(world) if message["destination"]["url"] == endpoint.url]
        assert world.role("deliverer").result(
            "finish_message", claim=message["claim"], outcome=outcome, status=status, detail="x"
        )
