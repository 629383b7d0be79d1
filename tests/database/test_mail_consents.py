"""Who wants no mails and whose come back: nothing is sent there, until they want it again."""

import hashlib
from typing import Any

import pytest

from lib.domain.mail_event import address_hash
from tests.builders import Caller, Customer, World
from tests.digests import due, keep, posted, subscribe, visit

AT = "2026-11-10T08:00Z"


@pytest.fixture
def subscription(customer: Customer) -> str:
    """A digest with something to say at AT."""
    visit(customer, "acme", "2026-11-10T07:00Z")
    return subscribe(customer)


def token_of(world: World, subscription: str) -> str:
    return str(posted(world, subscription)[-1]["content"]["unsubscribe"])


def link(world: World, token: str, wish: str | None = None) -> Any:
    hashed = f"\\x{hashlib.sha256(token.encode()).hexdigest()}"
    door = world.role("public_door")
    return (
        door.result("use_mail_link", token_hash=hashed, wish=wish) if wish else door.result("find_mail_link", token_hash=hashed)
    )


def address_of(world: World, person: Caller) -> str:
    row = world.database.execute("select email from auth.users where id = %s", [person.user_id]).fetchone()
    assert row is not None
    return str(row[0])


def note(world: World, address: str, reason: str, happened_at: str = "2026-11-10T09:00Z") -> None:
    hashes = [f"\\x{address_hash(address).hex()}"]
    answer = world.role("postmaster").call("note_mail_event", address_hashes=hashes, reason=reason, happened_at=happened_at)
    assert answer.is_success, answer.text


def is_claimed(world: World, subscription: str) -> bool:
    claimed = world.role("deliverer").result("claim_messages", most=100, lease_seconds=30)
    ids = {message["id"] for message in posted(world, subscription)}
    return any(message["id"] in ids for message in claimed)


def test_a_link_stops_its_digest_again_and_again_and_lets_it_come_again(world: World, subscription: str) -> None:
    keep(world, subscription, AT)
    token = token_of(world, subscription)
    assert link(world, token) == {"kind": "digests", "about": "Website", "rhythm": "daily", "stopped": "none"}
    assert link(world, token, "stop")["stopped"] == link(world, token, "stop")["stopped"] == "these"
    assert not is_claimed(world, subscription)
    assert subscription not in due(world, "2026-11-11T09:00Z")
    assert link(world, token, "resume")["stopped"] == "none"


def test_a_link_stops_all_mails_and_undo_brings_them_back(world: World, customer: Customer, subscription: str) -> None:
    keep(world, subscription, AT)
    token = token_of(world, subscription)
    assert link(world, token, "stop_all")["stopped"] == "all"
    assert customer.owner.result("own_mail")["refused"] == ["all"]
    for kind in ("digests", "alerts"):
        assert world.database.execute("select private.may_mail(%s, %s)", [customer.owner.user_id, kind]).fetchone() == (False,)
    link(world, token, "resume")
    assert customer.owner.result("own_mail")["refused"] == []
    assert is_claimed(world, subscription)


def test_a_link_names_nobody_and_is_kept_as_a_hash(world: World, customer: Customer, subscription: str) -> None:
    keep(world, subscription, AT)
    token = token_of(world, subscription)
    assert str(customer.owner.user_id) not in str(link(world, token))
    rows = world.database.execute("select to_jsonb(known)::text from private.mail_links as known").fetchall()
    assert token not in str(rows)
    assert link(world, "x" * 43) is None


def test_links_are_forgotten_after_400_days(world: World, subscription: str) -> None:
    keep(world, subscription, AT)
    world.database.execute("update private.mail_links set made_at = now() - interval '401 days'")
    assert world.role("scheduler").result("purge_expired")["mail_links"] >= 1
    assert link(world, token_of(world, subscription)) is None


def test_a_mail_that_bounced_is_the_last_until_the_reader_tries_again(
    world: World, customer: Customer, subscription: str
) -> None:
    keep(world, subscription, AT)
    note(world, address_of(world, customer.owner).upper(), "bounced")
    assert customer.owner.result("own_mail")["suppressed"] == "bounced"
    assert not is_claimed(world, subscription)
    assert subscription not in due(world, "2026-11-11T08:00Z")
    assert customer.owner.call("try_mail_again").is_success
    assert customer.owner.result("own_mail")["suppressed"] is None
    # The next one tells of what was not delivered.
    assert keep(world, subscription, "2026-11-11T08:00Z") == "sent"
    assert posted(world, subscription)[-1]["content"]["totals"] == {"new": 1}


def test_events_told_of_again_or_late_change_nothing(world: World, customer: Customer) -> None:
    address = address_of(world, customer.owner)
    note(world, address, "bounced", "2026-11-10T09:00Z")
    customer.owner.call("try_mail_again")
    for happened_at in ("2026-11-10T09:00Z", "2026-11-09T09:00Z"):
        note(world, address, "bounced", happened_at)
        note(world, address, "complained", happened_at)
    assert customer.owner.result("own_mail") == {"address": address, "suppressed": None, "refused": []}


def test_an_event_of_the_future_does_not_outlive_what_the_reader_says(world: World, customer: Customer) -> None:
    note(world, address_of(world, customer.owner), "bounced", "2099-01-01T00:00Z")
    customer.owner.call("try_mail_again")
    assert customer.owner.result("own_mail")["suppressed"] is None


def test_a_complaint_also_unsubscribes_from_everything(world: World, customer: Customer, subscription: str) -> None:
    keep(world, subscription, AT)
    address = address_of(world, customer.owner)
    note(world, address, "complained")
    note(world, address, "bounced", "2026-11-11T09:00Z")
    assert customer.owner.result("own_mail") == {"address": address, "suppressed": "complained", "refused": ["all"]}
    assert not is_claimed(world, subscription)
    customer.owner.call("try_mail_again")
    customer.owner.call("want_mail", kind="all", wanted=True)
    assert customer.owner.result("own_mail")["refused"] == []


def test_what_somebody_waits_for_is_tried_all_the_same(world: World, customer: Customer) -> None:
    note(world, address_of(world, customer.owner), "bounced")
    with world.database.transaction(force_rollback=True):
        world.database.execute("insert into private.mail_templates (template, is_asked_for) values ('asked', true)")
        for template, found in (("asked", True), ("trial", False)):
            row = world.database.execute(
                "select private.mail_destination(jsonb_populate_record(null::private.outbox, %s::jsonb)) is not null",
                [f'{{"template": "{template}", "content": {{}}, "recipient_id": "{customer.owner.user_id}"}}'],
            ).fetchone()
            assert row == (found,)


def test_a_user_may_refuse_a_kind_and_want_it_again(world: World, customer: Customer, subscription: str) -> None:
    customer.owner.call("want_mail", kind="digests", wanted=False)
    assert subscription not in due(world, AT)
    customer.owner.call("want_mail", kind="digests", wanted=True)
    assert subscription in due(world, AT)
    assert customer.owner.call("want_mail", kind="invoices", wanted=False).status_code == 400


def test_each_role_does_its_own_part_alone(world: World, customer: Customer) -> None:
    for caller in (
        world.anonymous(),
        world.role("service_role"),
        customer.owner,
        world.role("digester"),
        world.role("public_door"),
    ):
        assert caller.call("note_mail_event", address_hashes=[], reason="bounced", happened_at=AT).status_code in (401, 403)
    for caller in (world.anonymous(), world.role("service_role"), customer.owner, world.role("postmaster")):
        assert caller.call("find_mail_link", token_hash="\\x00").status_code in (401, 403)
        assert caller.call("use_mail_link", token_hash="\\x00", wish="stop").status_code in (401, 403)
    for outsider in (world.anonymous(), world.role("service_role"), world.role("postmaster"), world.role("public_door")):
        assert outsider.call("own_mail").status_code in (401, 403)
        assert outsider.call("want_mail", kind="all", wanted=True).status_code in (401, 403)
        assert outsider.call("try_mail_again").status_code in (401, 403)


def test_an_alert_can_be_unsubscribed_from_as_well(world: World, customer: Customer) -> None:
    key = f"alert {customer.account_id}"
    world.database.execute(
        "select private.post(%s, 'mail', 'alerts', 'alert', '{}', account_id => %s, recipient_id => %s)",
        [key, customer.account_id, customer.owner.user_id],
    )
    row = world.database.execute("select content ->> 'unsubscribe' from private.outbox where key = %s", [key]).fetchone()
    assert row is not None
    assert link(world, row[0], "stop") == {"kind": "alerts", "about": None, "rhythm": None, "stopped": "these"}
    assert customer.owner.result("own_mail")["refused"] == ["alerts"]
