"""Who hears that a site has used up its day's quota."""

import json
from typing import Any

import httpx

from dev.stack import Stack
from tests.builders import World


def mails(stack: Stack, world: World, user_id: str | None) -> list[dict[str, Any]]:
    row = world.database.execute("select email from auth.users where id = %s", [user_id]).fetchone()
    assert row is not None
    sent = [json.loads(file.read_text()) for file in sorted((stack.state / "mail").glob("*.json"))]
    return [mail for mail in sent if mail["to"] == [row[0]]]


def test_owners_and_admins_are_mailed_once_a_day_that_a_site_is_paused(app: httpx.Client, stack: Stack, world: World) -> None:
    world.database.execute("delete from private.outbox")
    world.database.execute("delete from private.job_runs")
    customer = world.customer()
    admin, member = (world.teammate(customer.account_id, role) for role in ("admin", "member"))
    # A name may have several lines, a subject has one.
    assert customer.owner.update("sites", {"name": "Web\r\nsite"}, id=f"eq.{customer.site_id}").is_success
    customer.use_up_quota()
    world.record(customer.beacon(company=None, outcome="bot"))
    secret = {"Authorization": f"Bearer {stack.secrets.cron_secret}"}
    assert app.get("/api/cron/deliver_outbox", headers=secret).json()["done"] == 2
    for reader in (customer.owner, admin):
        [mail] = mails(stack, world, reader.user_id)
        assert mail["subject"] == "Web site has sent as many page views today as it may"
        assert f"{stack.app_url}/app/sites/{customer.site_id}/companies" in mail["text"] and "(UTC)" in mail["text"]
    assert mails(stack, world, member.user_id) == []
