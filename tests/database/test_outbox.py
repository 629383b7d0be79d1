"""The outbox: what is told once, in order, again and again, and at last given up."""

import json
from typing import Any

import pytest

from tests.builders import Caller, Customer, World


@pytest.fixture
def deliverer(world: World) -> Caller:
    world.database.execute("delete from private.outbox")
    return world.role("deliverer")


def post(world: World, key: str, lane: str = "a", channel: str = "mail", **more: Any) -> str | None:
    """Put a message into the outbox, as the transaction of its cause does."""
    named = {"key": key, "channel": channel, "lane": lane, "template": "trial", "content": json.dumps({"to": "x@example.org"})}
    arguments = {**named, **more}
    names = ", ".join(f"{name} => %({name})s" for name in arguments)
    row = world.database.execute(f"select private.post({names})::text", arguments).fetchone()
    assert row is not None
    posted: str | None = row[0]
    return posted


def claim(deliverer: Caller, most: int = 10) -> list[dict[str, Any]]:
    claimed: list[dict[str, Any]] = deliverer.result("claim_messages", most=most, lease_seconds=30)
    return claimed


def finish(deliverer: Caller, message: dict[str, Any], outcome: str, **more: object) -> bool:
    return bool(deliverer.result("finish_message", claim=message["claim"], outcome=outcome, **more))


def hurry(world: World) -> None:
    """Let every wait be over."""
    world.database.execute("update private.outbox set next_attempt_at = now() where state = 'waiting'")


def state(world: World, message_id: str | None) -> dict[str, Any]:
    row = world.database.execute(
        "select to_jsonb(message) from private.outbox as message where message.id = %s", [message_id]
    ).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def test_one_cause_makes_one_message(world: World, deliverer: Caller) -> None:
    first = post(world, "welcome 1")
    assert first is not None and post(world, "welcome 1") is None
    assert [message["id"] for message in claim(deliverer)] == [first]


def test_a_cause_that_is_undone_leaves_no_message(world: World, deliverer: Caller) -> None:
    with pytest.raises(RuntimeError), world.database.transaction():
        post(world, "undone")
        raise RuntimeError
    assert claim(deliverer) == []


def test_a_lane_is_delivered_in_order_and_beside_the_others(world: World, deliverer: Caller) -> None:
    one, two, other = post(world, "1"), post(world, "2"), post(world, "3", lane="b")
    [first, beside] = claim(deliverer)
    assert {first["id"], beside["id"]} == {one, other}
    assert claim(deliverer) == []
    finish(deliverer, first, "unavailable", detail="away")
    assert claim(deliverer) == []  # the second does not overtake the first, which waits
    hurry(world)
    [again] = claim(deliverer)
    assert (again["id"], again["attempt"]) == (one, 2)
    finish(deliverer, again, "delivered", status=200)
    [second] = claim(deliverer)
    assert second["id"] == two


def test_what_was_delivered_is_emptied_and_not_sent_again(world: World, deliverer: Caller) -> None:
    message_id = post(world, "once")
    [message] = claim(deliverer)
    assert message["destination"] == {"to": "x@example.org"}
    assert finish(deliverer, message, "delivered", status=200) is True
    assert finish(deliverer, message, "unavailable") is False
    kept = state(world, message_id)
    assert (kept["state"], kept["content"]) == ("delivered", {})


def test_a_mail_to_a_user_goes_to_the_address_they_have_now(world: World, deliverer: Caller) -> None:
    person = world.person()
    post(world, "to a user", recipient_id=person.user_id, content="{}")
    world.database.execute("update auth.users set email = 'new@example.org' where id = %s", [person.user_id])
    assert claim(deliverer)[0]["destination"] == {"to": "new@example.org"}


def test_a_message_to_somebody_who_is_gone_is_given_up(world: World, deliverer: Caller) -> None:
    message_id = post(world, "to nobody", content="{}")
    assert claim(deliverer) == []
    assert state(world, message_id)["fault"] == "there is nowhere to send it to any more"


def test_waits_grow_and_follow_what_the_other_side_asks_for(world: World, deliverer: Caller) -> None:
    message_id = post(world, "slow")
    waits = []
    for asked in (None, None, None, 600):
        hurry(world)
        [message] = claim(deliverer)
        finish(deliverer, message, "unavailable", status=429, wait_seconds=asked)
        row = world.database.execute(
            "select extract(epoch from next_attempt_at - now())::int from private.outbox where id = %s", [message_id]
        ).fetchone()
        assert row is not None
        waits.append(row[0])
    assert 11 <= waits[0] <= 18 and 23 <= waits[1] <= 36 and 47 <= waits[2] <= 72 and 595 <= waits[3] <= 600


def test_a_message_is_given_up_after_its_attempts_and_can_be_sent_again_by_hand(world: World, deliverer: Caller) -> None:
    message_id = post(world, "hopeless")
    for _ in range(12):
        hurry(world)
        [message] = claim(deliverer)
        finish(deliverer, message, "unavailable", status=500, detail="broken")
    assert state(world, message_id)["fault"] == "given up after 12 attempts: broken"
    assert deliverer.result("list_outbox")[0]["messages"] == 1
    assert world.database.execute("select private.replay(%s)", [message_id]).fetchone() == (True,)
    [message] = claim(deliverer)
    assert (message["id"], message["attempt"]) == (message_id, 13)
    finish(deliverer, message, "unavailable")
    assert state(world, message_id)["state"] == "waiting"


def test_a_mail_is_not_tried_beyond_the_day_its_key_is_remembered(world: World, deliverer: Caller) -> None:
    message_id = post(world, "old")
    [message] = claim(deliverer)
    world.database.execute("update private.outbox set first_attempt_at = now() - interval '22 hours 59 minutes 55 seconds'")
    world.database.execute("update private.outbox_attempts set started_at = now() - interval '22 hours 59 minutes 55 seconds'")
    finish(deliverer, message, "uncertain")
    assert state(world, message_id)["state"] == "dead"


def test_what_is_late_is_not_sent(world: World, deliverer: Caller) -> None:
    message_id = post(world, "news", expires_at="2026-01-01")
    assert claim(deliverer) == []
    assert state(world, message_id)["fault"] == "no longer worth sending"


def test_a_refusal_is_final_and_frees_the_lane(world: World, deliverer: Caller) -> None:
    bad, good = post(world, "bad"), post(world, "good")
    [message] = claim(deliverer)
    finish(deliverer, message, "refused", status=422, detail="no such domain")
    assert state(world, bad)["fault"] == "no such domain"
    assert claim(deliverer)[0]["id"] == good


def test_a_lost_attempt_is_tried_again_where_the_receiver_can_tell(world: World, deliverer: Caller) -> None:
    message_id = post(world, "lost")
    claim(deliverer)
    world.database.execute("update private.outbox set leased_until = now() - interval '1 second'")
    assert claim(deliverer) == []
    hurry(world)
    assert claim(deliverer)[0]["attempt"] == 2
    attempts = world.database.execute(
        "select number, outcome from private.outbox_attempts where message_id = %s order by number", [message_id]
    ).fetchall()
    assert attempts == [(1, "lost"), (2, None)]


def test_where_the_receiver_cannot_tell_a_lost_or_uncertain_attempt_is_the_last(world: World, deliverer: Caller) -> None:
    with world.database.transaction(force_rollback=True):
        world.database.execute("insert into private.channels values ('test', false, 5, '1 hour', true)")
        world.database.execute(
            "create function private.test_destination(private.outbox) returns jsonb language sql return '{}'::jsonb"
        )
        lost, uncertain = post(world, "lost", channel="test"), post(world, "uncertain", lane="b", channel="test")
        world.database.execute("select public.claim_messages(10, 30)")
        world.database.execute("select public.finish_message(claim, 'uncertain') from private.outbox where id = %s", [uncertain])
        world.database.execute("update private.outbox set leased_until = now() - interval '1 second' where id = %s", [lost])
        world.database.execute("select public.claim_messages(10, 30)")
        assert [state(world, one)["state"] for one in (lost, uncertain)] == ["dead", "dead"]


def test_only_the_deliverer_reaches_the_outbox(world: World, deliverer: Caller, customer: Customer) -> None:
    for caller in (world.anonymous(), customer.owner, world.role("service_role"), world.beacon_door(), world.role("scheduler")):
        assert caller.call("claim_messages", most=1, lease_seconds=30).status_code in (401, 403)
        assert caller.call("finish_message", claim="0" * 32, outcome="delivered").status_code in (401, 403)
        assert caller.call("list_outbox").status_code in (401, 403)
    for function in ("claim_run", "list_jobs", "purge_expired", "record_beacons"):
        assert deliverer.call(function).status_code in (401, 403, 404)


def test_what_ended_a_month_ago_is_deleted_with_its_attempts(world: World, deliverer: Caller) -> None:
    old, young = post(world, "old"), post(world, "young", lane="b")
    for message in claim(deliverer):
        finish(deliverer, message, "delivered")
    world.database.execute("update private.outbox set ended_at = now() - interval '31 days' where id = %s", [old])
    assert world.role("scheduler").result("purge_expired")["outbox"] == 1
    assert [str(row[0]) for row in world.database.execute("select id from private.outbox")] == [young]
