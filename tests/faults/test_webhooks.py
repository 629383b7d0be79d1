"""Whatever a receiver of webhooks answers, and whenever the sender is killed: each is taken once, in order.

As in test_outbox.py what the test hurries along is the waiting; and an attempt may take one second here, not eight.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from typing import Any, LiteralString

import psycopg

from dev.stack import Stack
from dev.stack.layout import ROOT
from tests.builders import World
from tests.faults.webhook_receiver import WebhookReceiver
from tests.webhooks import Endpoint, add_endpoint, announce

_ACCOUNTS, _ENDPOINTS, _EVENTS = 4, 10, 27
_KILLS, _SECONDS = 12, 240
_JOB = """
import sys, time
from datetime import UTC, datetime
from functions.deliver_outbox import deliver_outbox
from lib.db.outbox_store import outbox_store
from lib.domain.job import Run
from lib.outbound import Outbound
from lib.webhook import send_webhook
sender, ends_at = Outbound(["127.0.0.0/8"], seconds=1), time.monotonic() + 45
deliver = lambda message: send_webhook(message, sender, now=datetime.now(UTC))
run = Run(datetime.now(UTC), time.monotonic, ends_at)
deliver_outbox(run, outbox=outbox_store(), channels={"webhook": deliver}, report=print)
"""


def test_each_webhook_is_taken_once_and_in_order(stack: Stack, seed: str) -> None:
    print(f"\nFAULT_SEED={seed}")
    dice, started, kills = random.Random(seed), time.monotonic(), 0
    with (
        psycopg.connect(stack.superuser_url, autocommit=True) as database,
        WebhookReceiver(random.Random(seed), {}) as receiver,
    ):
        world = World(stack.supabase_url, stack.publishable_key, stack.secrets.jwt_secret, stack.secrets.beacon_token, database)
        with world.client:
            endpoints = _told(world, receiver)
        while (left := _left(database)) and time.monotonic() - started < _SECONDS:
            # Killed while there is much to do, and left alone at the end.
            is_killed = kills < _KILLS and left > _ACCOUNTS * _ENDPOINTS
            kills += _run_job(stack, seconds=dice.uniform(0.6, 1.6) if is_killed else 60)
            _hurry(database)
        attempts = _counts(database, "select outcome, count(*)::int from private.outbox_attempts group by 1")
        states = _counts(database, "select state, count(*)::int from private.outbox group by 1")
        enabled = database.execute("select count(*)::int from public.webhook_endpoints where is_enabled").fetchone()
    taken = sum(map(len, receiver.taken.values()))
    print(f"{len(endpoints) * _EVENTS} messages to {len(endpoints)} webhooks, {time.monotonic() - started:.0f} s, {kills} kills")
    print("manners:", dict(receiver.manners))
    print(f"attempts: {attempts}; repeated and told apart by their id: {receiver.repeated}")
    print(f"taken {taken}, states {states}")
    assert states == {"delivered": len(endpoints) * _EVENTS} and taken == len(endpoints) * _EVENTS > 1_000
    assert Counter(map(tuple, receiver.taken.values())) == {tuple(range(_EVENTS)): len(endpoints)}
    assert enabled == (len(endpoints),)
    assert kills == _KILLS and receiver.repeated > 0


def _told(world: World, receiver: WebhookReceiver) -> list[Endpoint]:
    """Several accounts' webhooks at the receiver, each told of the same numbers in order; with the secrets it verifies with."""
    world.database.execute("delete from private.outbox")
    endpoints = []
    for account in range(_ACCOUNTS):
        customer = world.customer()
        for number in range(_ENDPOINTS):
            path = f"/{account}/{number}"
            endpoints.append(add_endpoint(customer, url=receiver.url + path))
            receiver.secrets[path] = endpoints[-1].secret
            if number % 2:  # every other one verifies with the secret before a change
                customer.owner.result("rotate_webhook_secret", endpoint_id=endpoints[-1].id)
        for number in range(_EVENTS):
            content = json.dumps({"number": number})
            world.database.execute("select private.tell(%s, 'plan.limit_reached', %s)", [customer.account_id, content])
    announce(world)
    return endpoints


def _run_job(stack: Stack, *, seconds: float) -> bool:
    """Run the job for so long at most; whether it had to be killed."""
    with (stack.logs / "webhooks.log").open("ab") as log:
        environment = {**os.environ, **stack.function_environment()}
        process = subprocess.Popen([sys.executable, "-c", _JOB], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True
    return False


def _counts(database: psycopg.Connection[Any], query: LiteralString) -> dict[str, int]:
    return dict(database.execute(query).fetchall())


def _hurry(database: psycopg.Connection[Any]) -> None:
    """Let every lease and every wait be over, as they are after a while."""
    database.execute("update private.outbox set next_attempt_at = now() where state = 'waiting'")
    database.execute("update private.outbox set leased_until = now() - interval '1 second' where state = 'sending'")


def _left(database: psycopg.Connection[Any]) -> int:
    states = _counts(database, "select state, count(*)::int from private.outbox group by 1")
    return states.get("waiting", 0) + states.get("sending", 0)
