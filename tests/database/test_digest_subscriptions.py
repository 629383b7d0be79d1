"""Who subscribes to digests: members for themselves, and for nobody else."""

import pytest

from tests.builders import Caller, Customer, World
from tests.digests import subscribe


@pytest.fixture
def stranger(world: World) -> Caller:
    return world.customer().owner


@pytest.mark.parametrize("role", ["admin", "member", "viewer", "billing"])
def test_every_teammate_subscribes_themselves(world: World, customer: Customer, role: str) -> None:
    reader = world.teammate(customer.account_id, role)
    subscription = subscribe(customer, reader)
    assert [row["id"] for row in reader.rows("digest_subscriptions")] == [subscription]
    assert reader.update("digest_subscriptions", {"hour": 9, "state": "paused"}, id=f"eq.{subscription}").json()[0]["hour"] == 9
    assert len(reader.delete("digest_subscriptions", id=f"eq.{subscription}").json()) == 1


def test_nobody_sees_or_changes_anothers(world: World, customer: Customer, stranger: Caller) -> None:
    subscription = subscribe(customer, world.teammate(customer.account_id, "member"))
    for caller in (customer.owner, world.teammate(customer.account_id, "admin"), stranger):
        assert subscription not in caller.get("digest_subscriptions").text
        assert caller.update("digest_subscriptions", {"hour": 9}, id=f"eq.{subscription}").json() == []
        assert caller.delete("digest_subscriptions", id=f"eq.{subscription}").json() == []
        assert caller.result("list_digest_subscriptions", account_id=customer.account_id) == []
        assert caller.call("preview_digest", subscription_id=subscription).status_code == 404
    for outsider in (world.anonymous(), world.role("service_role"), world.beacon_door(), world.role("digester")):
        assert outsider.get("digest_subscriptions").status_code in (401, 403)
        assert outsider.call("preview_digest", subscription_id=subscription).status_code in (401, 403)


def test_nobody_subscribes_another_or_to_another_accounts_site(world: World, customer: Customer, stranger: Caller) -> None:
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "rhythm": "daily", "hour": 8, "time_zone": "UTC"}
    assert stranger.insert("digest_subscriptions", row).status_code == 403
    assert customer.owner.insert("digest_subscriptions", {**row, "user_id": stranger.user_id}).status_code == 403
    own_account = stranger.rows("accounts")[0]["id"]
    assert stranger.insert("digest_subscriptions", {**row, "account_id": own_account}).status_code == 409


@pytest.mark.parametrize(
    "choices",
    [
        {"hour": 24}, {"hour": -1}, {"time_zone": "Mars/Olympus"}, {"rhythm": "hourly"}, {"rhythm": "weekly"}, {"weekday": 3},
        {"rhythm": "weekly", "weekday": 8}, {"tells_when_empty": True}, {"site_id": None},
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_refused(customer: Customer, choices: dict[str, object]) -> None:
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "rhythm": "daily", "hour": 8, "time_zone": "UTC"}
    assert customer.owner.insert("digest_subscriptions", {**row, **choices}).status_code == 400


def test_the_same_digest_is_there_once(customer: Customer) -> None:
    subscribe(customer)
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "rhythm": "daily", "hour": 9, "time_zone": "UTC"}
    assert customer.owner.insert("digest_subscriptions", row).status_code == 409


def test_a_member_gets_twenty_at_most(world: World, customer: Customer) -> None:
    world.database.execute(
        "insert into public.sites (account_id, name) select %s, 'Site ' || number from generate_series(1, 10) as number",
        [customer.account_id],
    )
    for site in customer.owner.rows("sites", account_id=f"eq.{customer.account_id}")[:10]:
        subscribe(customer, site_id=site["id"])
        subscribe(customer, site_id=site["id"], rhythm="weekly", weekday=1)
    last = customer.owner.rows("sites", account_id=f"eq.{customer.account_id}")[10]["id"]
    row = {"account_id": customer.account_id, "site_id": last, "rhythm": "daily", "hour": 8, "time_zone": "UTC"}
    answer = customer.owner.insert("digest_subscriptions", row)
    assert (answer.status_code, answer.json()["message"]) == (422, "You get 20 digests already, which is the most.")


def test_the_list_says_when_the_next_one_comes(customer: Customer) -> None:
    subscribe(customer, time_zone="Europe/Berlin")
    [row] = customer.owner.result("list_digest_subscriptions", account_id=customer.account_id)
    assert (row["about"], row["state"], row["last_sent_at"]) == ("Website", "on", None)
    assert row["next_at"] is not None


def test_nobody_is_subscribed_unasked(world: World) -> None:
    assert world.customer().owner.rows("digest_subscriptions") == []
