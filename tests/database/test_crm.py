"""Pushing to a CRM, from a visit to the record: once for each company, whatever fails between, and nothing for strangers."""

import json
import os
import threading
from collections.abc import Iterator

import pytest

from dev.stack import Stack
from lib.domain.outbox import Delivery, Message
from lib.settings import VaultSettings
from lib.vault import key_id
from tests.builders import World
from tests.crms import Fault, running_crms
from tests.crms.hubspot import HubSpotDouble
from tests.crms.pushing import KEY, Connected, Pusher, connect, rows_of_everything


@pytest.fixture
def hubspot(stack: Stack) -> Iterator[HubSpotDouble]:
    double = HubSpotDouble()
    with running_crms(stack.ports.crm, {"hubspot": double}):
        yield double


@pytest.fixture
def pusher(stack: Stack, world: World) -> Iterator[Pusher]:
    world.database.execute("delete from private.outbox")
    world.database.execute("delete from private.events")
    pusher = Pusher(stack, world)
    yield pusher
    pusher.close()


@pytest.fixture
def connected(world: World) -> Connected:
    customer = world.customer()
    world.record(customer.beacon())
    return Connected(customer, connect(customer))


def announce(world: World) -> None:
    world.role("announcer").result("announce_events", most=100)


def test_a_click_pushes_a_company_and_the_log_names_its_record(
    pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    assert connected.push()["outcome"] == "waiting"
    assert pusher.deliver().done == 1
    [record] = hubspot.records.values()
    assert record["properties"] == {"name": "Acme", "domain": "acme.example", "country": "DE"}
    link = connected.link()
    assert (link["outcome"], link["remote_id"], link["reason"]) == ("created", record["id"], None)
    assert link["remote_url"] == f"https://app.hubspot.com/contacts/146230000/record/0-2/{record['id']}"
    for _ in range(2):
        connected.push()
        pusher.deliver()
    assert (len(hubspot.records), connected.link()["outcome"], pusher.faults) == (1, "unchanged", [])


def test_visits_push_by_themselves_once_a_day(world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected) -> None:
    customer = connected.customer
    world.record(customer.beacon("early"))
    announce(world)
    assert pusher.deliver().done == 0  # by hand is what a new connection does
    connected.change(pushes="all")
    for _ in range(3):
        world.record(customer.beacon("globex"))
        announce(world)
        customer.pass_time("2 hours")
        pusher.deliver()
    assert [record["properties"]["domain"] for record in hubspot.records.values()] == ["globex.example"]
    assert world.database.execute("select count(*) from private.outbox where channel = 'crm'").fetchone() == (1,)


def test_what_a_correction_hides_is_not_pushed_and_what_it_joins_goes_as_the_other(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    customer = connected.customer
    world.record(customer.beacon("brand"))
    connected.push()
    customer.correct("acme", "own")
    assert pusher.deliver().done == 0
    assert connected.link()["outcome"] == "failed" and hubspot.records == {}
    refused = customer.owner.call("push_to_crm", company_id=connected.company_id, connection_id=connected.id)
    assert refused.status_code == 422 and "cannot be pushed" in refused.json()["message"]
    customer.correct("acme", "same_as", same_as_company_id=customer.company_id("brand"))
    link = customer.owner.result("push_to_crm", company_id=connected.company_id, connection_id=connected.id)
    assert link["company_id"] == customer.company_id("brand")
    pusher.deliver()
    assert [record["properties"]["domain"] for record in hubspot.records.values()] == ["brand.example"]


def test_a_team_pushes_so_many_companies_an_hour_by_hand(world: World, connected: Connected) -> None:
    world.database.execute(
        """insert into private.outbox (account_id, key, channel, lane, template, content)
        select %s, 'crm of a test by hand ' || number, 'crm', 'crm of a test', 'crm.push', '{}'
        from generate_series(1, 500) as number""",
        [connected.customer.account_id],
    )
    push = {"company_id": connected.company_id, "connection_id": connected.id}
    refused = connected.customer.owner.call("push_to_crm", **push)
    assert refused.status_code == 429 and "500 companies" in refused.json()["message"]
    world.database.execute(
        "update private.outbox set created_at = created_at - interval '61 minutes' where lane = 'crm of a test'"
    )
    assert connected.customer.owner.call("push_to_crm", **push).is_success
    world.database.execute("delete from private.outbox where lane = 'crm of a test'")


def test_a_company_without_a_domain_is_not_pushed(world: World, pusher: Pusher, connected: Connected) -> None:
    connected.change(pushes="all")
    world.database.execute("update public.companies set domain = null where id = %s", [connected.company_id])
    announce(world)
    assert (
        connected.customer.owner.call("push_to_crm", company_id=connected.company_id, connection_id=connected.id).status_code
        == 422
    )
    assert pusher.deliver().done == 0


def test_killed_between_the_crm_and_the_database_it_makes_no_second_record(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Not an Exception: nothing catches it, as nothing catches a kill."""

    def killed(message: Message) -> Delivery:
        real(message)
        raise Killed

    connected.push()
    real = pusher.push
    with monkeypatch.context() as patch:
        patch.setattr("lib.db.crm_store.PushNotes.note_pushed", lambda *_, **__: None)
        patch.setattr(pusher, "push", killed)
        with pytest.raises(Killed):
            pusher.deliver()
    assert (len(hubspot.records), connected.link()["outcome"]) == (1, "waiting")
    assert pusher.deliver().done == 0  # the attempt counts as lost once its lease is over
    world.database.execute("update private.outbox set leased_until = now() - interval '1 second' where state = 'sending'")
    pusher.deliver()
    assert pusher.deliver().done == 1
    assert (len(hubspot.records), connected.link()["outcome"]) == (1, "unchanged")


def test_two_deliverers_at_once_and_two_clicks_make_one_record(
    pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    hubspot.lag_seconds = 1.0
    connected.push()
    connected.push()
    threads = [threading.Thread(target=pusher.deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    connected.push()
    pusher.deliver()
    assert (len(hubspot.records), connected.link()["outcome"], pusher.faults) == (1, "unchanged", [])


def test_a_crm_that_asks_to_wait_is_left_alone_as_long_as_it_says(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    connected.push()
    hubspot.faults = [Fault(429, {"status": "error", "policyName": "SECONDLY"}, headers={"Retry-After": "600"})]
    assert pusher.deliver().failed == 1
    row = world.database.execute("select extract(epoch from next_attempt_at - now())::int from private.outbox").fetchone()
    assert row is not None and 590 < row[0] <= 600
    link = connected.link()
    assert link["outcome"] == "waiting" and "takes no more requests for now" in link["reason"]
    pusher.deliver()
    assert connected.link()["outcome"] == "created"


def test_what_the_crm_refuses_is_given_up_in_its_own_words_and_can_be_pushed_again(
    pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    connected.change(mapping=[{"fact": "industry", "field": "industry", "when": "always"}])
    connected.push()
    pusher.deliver()
    link = connected.link()
    assert link["outcome"] == "failed" and "INVALID_OPTION" in link["reason"]
    connected.change(mapping=[])
    connected.push()
    pusher.deliver()
    assert connected.link()["outcome"] == "created" and connected.state()["state"] == "connected"


def test_a_token_that_is_revoked_breaks_the_connection_once_and_another_one_mends_it(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    customer = connected.customer
    admin, member = world.teammate(customer.account_id, "admin"), world.teammate(customer.account_id, "member")
    world.record(customer.beacon("globex"))
    connected.push()
    customer.owner.result("push_to_crm", company_id=customer.company_id("globex"), connection_id=connected.id)
    hubspot.token = "pat-eu1-another-token"
    pusher.deliver()
    asked = len(hubspot.requests)
    pusher.deliver()
    assert len(hubspot.requests) == asked  # nothing more is sent
    state = connected.state()
    assert state["state"] == "broken" and "does not take this token" in state["reason"] and state["broken_at"]
    mails = world.database.execute(
        "select recipient_id::text, content from private.outbox where template = 'crm.broken'"
    ).fetchall()
    assert {person for person, _ in mails} == {customer.owner.user_id, admin.user_id} and member.user_id not in dict(mails)
    refused = customer.owner.call("push_to_crm", company_id=connected.company_id, connection_id=connected.id)
    assert refused.status_code == 409 and "no longer takes the token" in refused.json()["message"]

    connect(customer, token=hubspot.token, connection_id=connected.id)
    pusher.deliver()
    pusher.deliver()
    assert len(hubspot.records) == 2 and connected.state()["state"] == "connected"


def test_a_paused_connection_keeps_what_waits_and_takes_no_more(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    connected.change(pushes="all")
    connected.push()
    assert connected.change(is_paused=True)["is_paused"] is True
    world.record(connected.customer.beacon("globex"))
    announce(world)
    assert pusher.deliver().done == 0
    assert (
        connected.customer.owner.call("push_to_crm", company_id=connected.company_id, connection_id=connected.id).status_code
        == 409
    )
    connected.change(is_paused=False)
    pusher.deliver()
    assert [record["properties"]["name"] for record in hubspot.records.values()] == ["Acme"]


def test_a_key_that_is_gone_breaks_the_connection_and_one_that_is_changed_seals_anew(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    new = os.urandom(32)

    def sealed_with() -> str:
        row = world.database.execute(
            "select left(sealed, 16) from private.crm_tokens where connection_id = %s", [connected.id]
        ).fetchone()
        assert row is not None
        return str(row[0])

    connected.push()
    pusher.settings = VaultSettings(new, KEY)
    pusher.deliver()
    assert (connected.link()["outcome"], sealed_with()) == ("created", key_id(new))
    pusher.settings = VaultSettings(os.urandom(32))
    connected.push()
    pusher.deliver()
    assert "cannot be read any more" in connected.state()["reason"]
    assert len(hubspot.records) == 1


def test_a_token_moved_to_another_accounts_connection_opens_nothing(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    thief = world.customer()
    world.record(thief.beacon())
    stolen = Connected(thief, connect(thief, token="pat-eu1-the-thiefs-own"))
    world.database.execute(
        "update private.crm_tokens as mine set sealed = theirs.sealed from private.crm_tokens as theirs "
        "where mine.connection_id = %s and theirs.connection_id = %s",
        [stolen.id, connected.id],
    )
    stolen.push()
    pusher.deliver()
    assert hubspot.requests == [] and stolen.state()["state"] == "broken"


def test_disconnecting_forgets_the_token_the_log_and_what_was_on_its_way(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    connected.change(pushes="all")
    connected.push()
    assert connected.customer.owner.call("disconnect_crm", id=connected.id).is_success
    assert pusher.deliver() == (0, 0) and hubspot.requests == []
    for table in ("private.crm_tokens", "public.crm_links"):
        found = world.database.execute(f"select count(*) from {table} where connection_id = %s", [connected.id]).fetchone()
        assert found == (0,)
    assert world.database.execute(
        "select count(*) from private.listening where account_id = %s and listener = 'crm'", [connected.customer.account_id]
    ).fetchone() == (0,)
    connect(connected.customer)


def test_an_account_takes_its_connections_with_it(world: World, connected: Connected) -> None:
    connected.push()
    world.database.execute("delete from public.accounts where id = %s", [connected.customer.account_id])
    found = world.database.execute("select count(*) from private.crm_tokens where connection_id = %s", [connected.id]).fetchone()
    assert found == (0,)


@pytest.mark.parametrize("role", ["member", "viewer", "billing"])
def test_only_owners_and_admins_connect_change_and_disconnect(world: World, connected: Connected, role: str) -> None:
    teammate = world.teammate(connected.customer.account_id, role)
    answers = [
        teammate.call("check_crm_manager", account_id=connected.customer.account_id),
        teammate.call("change_crm_connection", id=connected.id, is_paused=True),
        teammate.call("disconnect_crm", id=connected.id),
        teammate.call("save_crm_connection", **saving(connected)),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert all("owners and admins" in answer.json()["message"] for answer in answers)
    push = teammate.call("push_to_crm", company_id=connected.company_id, connection_id=connected.id)
    assert push.status_code == (200 if role == "member" else 403)
    assert teammate.rows("crm_connections", id=f"eq.{connected.id}")


def test_an_admin_manages_them(world: World, connected: Connected) -> None:
    admin = world.teammate(connected.customer.account_id, "admin")
    assert admin.result("change_crm_connection", id=connected.id, pushes="all")["pushes"] == "all"
    assert admin.call("disconnect_crm", id=connected.id).is_success


def test_a_stranger_and_nobody_reach_nothing(world: World, connected: Connected) -> None:
    connected.push()
    own = world.customer()
    world.record(own.beacon())
    calls: dict[str, dict[str, object]] = {
        "check_crm_manager": {"account_id": connected.customer.account_id},
        "change_crm_connection": {"id": connected.id, "is_paused": True},
        "disconnect_crm": {"id": connected.id},
        "save_crm_connection": saving(connected),
        "push_to_crm": {"company_id": own.company_id("acme"), "connection_id": connected.id},
    }
    for function, arguments in calls.items():
        assert own.owner.call(function, **arguments).status_code == 404
        for nobody in (world.anonymous(), world.role("service_role"), world.beacon_door(), world.role("deliverer")):
            assert nobody.call(function, **arguments).status_code in (401, 403)
    theirs = own.owner.call("push_to_crm", company_id=connected.company_id, connection_id=connect(own)["id"])
    assert theirs.status_code == 404
    assert own.owner.rows("crm_connections", id=f"eq.{connected.id}") == own.owner.rows("crm_links") == []
    for caller in (connected.customer.owner, own.owner, world.anonymous(), world.role("announcer")):
        assert caller.call("note_crm_push", claim="0" * 32, outcome="created").status_code in (401, 403)


def test_another_accounts_connection_is_not_taken_over_by_its_id(world: World, connected: Connected) -> None:
    own = world.customer()
    taken = {**saving(connected), "account_id": own.account_id}
    assert own.owner.call("save_crm_connection", **taken).status_code == 409
    assert connected.state()["account_id"] == connected.customer.account_id


def test_one_crm_of_a_vendor_is_the_most(connected: Connected) -> None:
    again = connected.customer.owner.call("save_crm_connection", **{**saving(connected), "id": "0" * 32})
    assert again.status_code == 409 and "connected already" in again.json()["message"]


@pytest.mark.parametrize(
    "mapping",
    [
        {}, "x", 7, [1], [{}], [{"fact": "name", "field": "name"}], [{"fact": "name", "field": "name", "when": "never"}],
        [{"fact": "address", "field": "name", "when": "always"}], [{"fact": None, "field": None, "when": None}],
        [{"fact": "name", "field": "Name FROM User", "when": "always"}], [{"fact": "name", "field": "", "when": "always"}],
        [{"fact": "name", "field": "name", "when": "always", "more": 1}],
        [{"fact": "name", "field": "name", "when": "always"}, {"fact": "domain", "field": "name", "when": "empty"}],
        [{"fact": "name", "field": f"f{place}", "when": "always"} for place in range(21)],
    ],
)  # fmt: skip
def test_a_mapping_that_is_none_is_refused_in_words(connected: Connected, mapping: object) -> None:
    answer = connected.customer.owner.call("change_crm_connection", id=connected.id, mapping=mapping)
    assert answer.status_code == 422 and "mapping does not hold together" in answer.json()["message"]


def test_a_choice_of_companies_that_is_none_is_refused(connected: Connected) -> None:
    assert connected.customer.owner.call("change_crm_connection", id=connected.id, pushes="some").status_code == 422
    assert connected.customer.owner.call("change_crm_connection", id=connected.id, pushes="segment").status_code == 422


def test_a_token_is_in_no_row_no_answer_and_no_fault(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    secret = HubSpotDouble.token
    quoting = {"status": "error", "message": f"Bearer {secret} was refused for someone@example.org"}
    for fault in (Fault(400, quoting), Fault(403, quoting), Fault(500, quoting)):
        connect(connected.customer, connection_id=connected.id)
        hubspot.faults = [fault]
        connected.push()
        pusher.deliver()
    rows = rows_of_everything(world)
    assert "was refused for" in rows and connected.id in rows
    assert secret not in rows and "someone@example.org" not in rows
    assert [fault for fault in pusher.faults if secret in repr(fault) + str(fault)] == []
    for table in ("crm_connections", "crm_links"):
        text = connected.customer.owner.get(table).text
        assert secret not in text and "sealed" not in text
    assert connected.customer.owner.get("crm_tokens").status_code == 404


def saving(connected: Connected) -> dict[str, object]:
    """What the door saves, as somebody who found out the ids would send it."""
    return {
        "id": connected.id,
        "account_id": connected.customer.account_id,
        "vendor": "hubspot",
        "place": "1",
        "key_field": "domain",
        "sealed": "0" * 16 + "." + "A" * 60,
        "mapping": [],
    }


def add_contact(world: World, connected: Connected, email: str = "jane.doe@acme.example") -> None:
    said = {"role": "Head of Purchasing", "work_email": email, "linkedin_handle": "jane-doe"}
    row = world.database.execute(
        "select private.add_contact(%s, %s, 'import', %s)",
        [connected.customer.account_id, connected.company_id, json.dumps(said)],
    ).fetchone()
    assert row == ("added",)


def exports(connected: Connected) -> list[tuple[str, int]]:
    rows = connected.customer.owner.result("list_contact_accesses", account_id=connected.customer.account_id)
    return [(row["action"], row["contacts"]) for row in rows if row["action"] == "exported"]


def test_contacts_go_along_only_where_an_owner_says_so_and_each_time_is_recorded(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    add_contact(world, connected)
    connected.push()
    pusher.deliver()
    assert hubspot.contacts == {} and exports(connected) == []
    assert connected.change(pushes_contacts=True)["pushes_contacts"] is True
    connected.push()
    hubspot.faults = [Fault(503, {})]
    pusher.deliver()
    pusher.deliver()
    [person] = hubspot.contacts.values()
    assert person["properties"] == {
        "email": "jane.doe@acme.example",
        "jobtitle": "Head of Purchasing",
        "hs_linkedin_url": "https://www.linkedin.com/in/jane-doe",
    }
    assert exports(connected) == [("exported", 1)]
    assert "jane.doe" not in json.dumps(world.database.execute("select to_jsonb(o)::text from private.outbox as o").fetchall())


def test_contacts_that_a_crm_refuses_break_nothing_and_are_said_to_be_missing(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    add_contact(world, connected)
    connected.change(pushes_contacts=True)
    hubspot.scopes = {"read", "write"}
    connected.push()
    pusher.deliver()
    link = connected.link()
    assert link["outcome"] == "created" and "contacts were not all taken" in link["reason"]
    assert connected.state()["state"] == "connected" and "jane" not in link["reason"]


def test_a_segments_companies_go_by_themselves_and_the_others_stay(
    world: World, pusher: Pusher, hubspot: HubSpotDouble, connected: Connected
) -> None:
    customer = connected.customer
    row = {
        "account_id": customer.account_id,
        "name": "Priced",
        "filter": {"match": "all", "conditions": [{"field": "page", "starts_with": ["/pricing"]}]},
    }
    assert customer.owner.insert("segments", row).is_success
    [segment] = customer.owner.rows("segments")
    assert connected.change(pushes="segment", segment_id=segment["id"])["segment_id"] == segment["id"]
    world.record(customer.beacon("globex"), customer.beacon("initech", page={"host": "example.com", "path": "/jobs"}))
    announce(world)
    pusher.deliver()
    assert [record["properties"]["domain"] for record in hubspot.records.values()] == ["globex.example"]
    foreign = world.customer().owner.call("change_crm_connection", id=connected.id, pushes="segment", segment_id=segment["id"])
    assert foreign.status_code == 404
    customer.owner.delete("segments", id=f"eq.{segment['id']}")
    assert (connected.state()["pushes"], connected.state()["segment_id"]) == ("segment", None)


def test_another_accounts_segment_is_none_of_mine(world: World, connected: Connected) -> None:
    other = world.customer()
    everywhere = {"match": "all", "conditions": [{"field": "country", "is": ["DE"]}]}
    assert other.owner.insert("segments", {"account_id": other.account_id, "name": "x", "filter": everywhere}).is_success
    [segment] = other.owner.rows("segments")
    answer = connected.customer.owner.call("change_crm_connection", id=connected.id, pushes="segment", segment_id=segment["id"])
    assert answer.status_code == 404 and "no such segment" in answer.json()["message"]
