"""A member's correction relabels the account's history, can be undone exactly, and is never changed or deleted."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.builders import Caller, Customer, World

REFUSED = {"stranger": 404, "viewer": 403, "billing": 403}
HIDING = ["wrong_company", "isp", "own"]


@pytest.fixture
def visited(world: World, customer: Customer) -> Customer:
    """acme with two page views, globex and initech with one each, one beacon from a carrier."""
    keys = ("acme", "acme", "globex", "initech")
    world.record(*(customer.beacon(key) for key in keys), customer.beacon(company=None, outcome="carrier"))
    return customer


def listed(customer: Customer) -> dict[str, int]:
    """The list of companies, with their page views."""
    rows = customer.owner.result("list_companies", site_id=customer.site_id)
    assert {row["total"] for row in rows} <= {len(rows)}
    return {row["name"]: row["page_views"] for row in rows}


def funnel(customer: Customer) -> dict[str, int]:
    return {row["outcome"]: row["beacons"] for row in customer.owner.result("list_funnel", site_id=customer.site_id)}


def shown(customer: Customer) -> dict[str, tuple[str, str | None]]:
    """What each company is shown as: key, verdict."""
    keys = {row["id"]: row["company_key"] for row in customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")}
    rows = customer.owner.rows("shown_companies", account_id=f"eq.{customer.account_id}")
    return {keys[row["company_id"]]: (keys[row["shown_id"]], row["verdict"]) for row in rows}


def everything(customer: Customer) -> list[object]:
    """All a member sees of the history."""
    rows = customer.owner.result("list_companies", site_id=customer.site_id, sort="name")
    return [rows, customer.owner.result("list_funnel", site_id=customer.site_id), shown(customer), customer.visits()]


def same_as(customer: Customer, key: str, other: str) -> dict[str, Any]:
    return customer.correct(key, "same_as", same_as_company_id=customer.company_id(other))


def undo(customer: Customer, correction: dict[str, Any]) -> dict[str, Any]:
    undone: dict[str, Any] = customer.owner.result("undo_correction", correction_id=correction["id"])
    return undone


@pytest.mark.parametrize("verdict", HIDING)
def test_a_verdict_hides_the_companys_whole_history(visited: Customer, verdict: str) -> None:
    assert visited.correct("acme", verdict)["verdict"] == verdict
    assert listed(visited) == {"Globex": 1, "Initech": 1}
    assert funnel(visited) == {"identified": 2, "corrected": 2, "carrier": 1}
    assert shown(visited)["acme"] == ("acme", verdict)
    assert len(visited.page_views()) == 4  # hidden, not deleted


@pytest.mark.parametrize("verdict", HIDING)
def test_from_then_on_its_beacons_are_counted_only(world: World, visited: Customer, verdict: str) -> None:
    visited.correct("acme", verdict)
    beacon = visited.beacon("acme")
    assert world.record(beacon, visited.beacon("globex"), beacon) == ["corrected", "identified", "duplicate"]
    assert len(visited.page_views()) == 5
    assert funnel(visited) == {"identified": 3, "corrected": 3, "carrier": 1}


def test_a_company_that_is_the_same_as_another_counts_for_it(world: World, visited: Customer) -> None:
    same_as(visited, "acme", "globex")
    assert world.record(visited.beacon("acme")) == ["identified"]
    assert listed(visited) == {"Globex": 4, "Initech": 1}
    [row] = [row for row in visited.owner.result("list_companies", site_id=visited.site_id) if row["name"] == "Globex"]
    assert row["visits"] == 2
    assert funnel(visited) == {"identified": 5, "carrier": 1}
    assert shown(visited)["acme"] == ("globex", None)


def test_a_joined_company_was_first_seen_when_the_first_of_them_was(world: World, customer: Customer) -> None:
    world.record(customer.beacon("acme"))
    world.database.execute(
        "update public.companies set first_seen_at = '2026-01-01' where account_id = %s", [customer.account_id]
    )
    world.record(customer.beacon("globex"))
    same_as(customer, "acme", "globex")
    [row] = customer.owner.result("list_companies", site_id=customer.site_id)
    assert row["first_seen_at"].startswith("2026-01-01")


@pytest.mark.parametrize("verdict", [*HIDING, "same_as"])
def test_undoing_restores_exactly_what_was_seen(visited: Customer, verdict: str) -> None:
    before = everything(visited)
    correction = same_as(visited, "acme", "globex") if verdict == "same_as" else visited.correct("acme", verdict)
    assert everything(visited) != before
    undone = undo(visited, correction)
    assert everything(visited) == before
    assert undone["undone_by"] == visited.owner.user_id and undone["undone_at"]


def test_undoing_a_merge_gives_each_its_own_followers_back(visited: Customer) -> None:
    same_as(visited, "acme", "globex")
    before = everything(visited)
    correction = same_as(visited, "globex", "initech")
    assert listed(visited) == {"Initech": 4}  # acme has followed globex
    assert shown(visited)["acme"] == ("initech", None)
    undo(visited, correction)
    assert everything(visited) == before


def test_a_target_that_is_the_same_as_another_stands_for_that_one(visited: Customer) -> None:
    same_as(visited, "acme", "globex")
    assert same_as(visited, "initech", "acme")["same_as_company_id"] == visited.company_id("globex")
    assert listed(visited) == {"Globex": 4}


def test_what_is_said_of_the_root_holds_for_those_that_count_as_it(world: World, visited: Customer) -> None:
    same_as(visited, "acme", "globex")
    visited.correct("globex", "isp")
    assert (listed(visited), shown(visited)["acme"]) == ({"Initech": 1}, ("globex", "isp"))
    assert world.record(visited.beacon("acme")) == ["corrected"]


def test_no_circle_can_be_said(visited: Customer) -> None:
    same_as(visited, "acme", "globex")
    same_as(visited, "globex", "initech")
    for other in ("acme", "globex", "initech"):
        answer = visited.owner.call(
            "correct_company",
            company_id=visited.company_id("initech"),
            verdict="same_as",
            same_as_company_id=visited.company_id(other),
        )
        assert answer.status_code == 422 and answer.json()["hint"]


def test_a_new_verdict_ends_the_old_one_and_keeps_it_on_record(world: World, visited: Customer) -> None:
    member = world.teammate(visited.account_id, "member")
    first = visited.correct("acme", "isp", note="  It is a provider. ")
    second = member.result("correct_company", company_id=visited.company_id("acme"), verdict="own")
    [ended, active] = visited.owner.rows("corrections", account_id=f"eq.{visited.account_id}", order="created_at")
    assert (ended["id"], ended["note"], ended["created_by"], ended["undone_by"]) == (
        first["id"], "It is a provider.", visited.owner.user_id, member.user_id,
    )  # fmt: skip
    assert (active["id"], active["created_by"], active["undone_at"]) == (second["id"], member.user_id, None)
    assert shown(visited)["acme"] == ("acme", "own")


def test_what_was_undone_is_not_undone_again(visited: Customer) -> None:
    correction = visited.correct("acme", "isp")
    undone = undo(visited, correction)
    answer = visited.owner.call("undo_correction", correction_id=correction["id"])
    assert answer.status_code == 409 and "already" in answer.json()["message"]
    assert visited.owner.rows("corrections", id=f"eq.{correction['id']}") == [undone]


@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_who_works_with_visits_may_correct_and_undo(world: World, visited: Customer, role: str) -> None:
    caller = visited.owner if role == "owner" else world.teammate(visited.account_id, role)
    said = caller.result("correct_company", company_id=visited.company_id("acme"), verdict="isp")
    assert caller.result("undo_correction", correction_id=said["id"])["undone_by"] == caller.user_id


@pytest.mark.parametrize("who", ["stranger", "viewer", "billing"])
def test_nobody_else_corrects_or_undoes(world: World, visited: Customer, who: str) -> None:
    caller = world.customer().owner if who == "stranger" else world.teammate(visited.account_id, who)
    before = everything(visited)
    correction = visited.correct("globex", "isp")
    answers = [
        caller.call("correct_company", company_id=visited.company_id("acme"), verdict="isp"),
        caller.call("undo_correction", correction_id=correction["id"]),
    ]
    assert [answer.status_code for answer in answers] == [REFUSED[who]] * 2
    undo(visited, correction)
    assert everything(visited) == before


@pytest.mark.parametrize("role", ["anonymous", "service_role", "beacon"])
def test_other_roles_have_no_part_in_it(world: World, visited: Customer, role: str) -> None:
    caller = world.anonymous() if role == "anonymous" else world.role(role)
    calls: dict[str, dict[str, object]] = {
        "correct_company": {"company_id": visited.company_id("acme"), "verdict": "isp"},
        "undo_correction": {"correction_id": str(uuid.uuid4())},
        "list_funnel": {"site_id": visited.site_id},
    }
    for function, arguments in calls.items():
        assert caller.call(function, **arguments).status_code in (401, 403)
    assert caller.get("shown_companies").status_code in (401, 403)


def test_a_correction_stays_in_its_account(world: World, visited: Customer) -> None:
    other = world.customer()
    world.record(other.beacon("acme"))
    before = everything(other)
    visited.correct("acme", "isp", note="Between us")
    assert everything(other) == before
    assert world.record(other.beacon("acme")) == ["identified"]
    for table in ("corrections", "shown_companies"):
        answer = other.owner.get(table)
        assert visited.account_id not in answer.text and "Between us" not in answer.text
    assert other.owner.result("list_funnel", site_id=visited.site_id) == []


def test_a_company_of_another_account_is_no_target(world: World, visited: Customer) -> None:
    other = world.customer()
    world.record(other.beacon("umbrella"))
    theirs = other.company_id("umbrella")
    arguments = {"company_id": visited.company_id("acme"), "verdict": "same_as"}
    refused = visited.owner.call("correct_company", **arguments, same_as_company_id=theirs)
    unknown = visited.owner.call("correct_company", **arguments, same_as_company_id=str(uuid.uuid4()))
    assert refused.status_code == unknown.status_code == 404
    assert refused.json() == unknown.json()  # nothing tells that it exists


@pytest.mark.parametrize(
    "arguments",
    [
        {"verdict": "nonsense"},
        {"verdict": None},
        {"verdict": "same_as"},
        {"verdict": "isp", "same_as_company_id": "other"},
        {"verdict": "isp", "note": "x" * 501},
    ],
)
def test_what_is_not_understood_is_refused_in_words(visited: Customer, arguments: dict[str, Any]) -> None:
    if arguments.get("same_as_company_id"):
        arguments = {**arguments, "same_as_company_id": visited.company_id("globex")}
    answer = visited.owner.call("correct_company", company_id=visited.company_id("acme"), **arguments)
    assert answer.status_code == 422
    assert len(answer.json()["message"]) > 10 and answer.json()["hint"]
    assert visited.owner.rows("corrections", account_id=f"eq.{visited.account_id}") == []


@pytest.mark.parametrize("undone", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        "update public.corrections set verdict = 'own' where id = %s",
        "update public.corrections set note = 'other' where id = %s",
        "update public.corrections set created_by = null where id = %s",
        "update public.corrections set undone_at = now(), verdict = 'own' where id = %s",
        "update public.corrections set undone_at = null, undone_by = null where id = %s",
        "delete from public.corrections where id = %s",
        "delete from public.companies where id = (select company_id from public.corrections where id = %s)",
    ],
)
def test_no_role_changes_or_deletes_a_record(world: World, visited: Customer, change: str, undone: bool) -> None:
    """Not even the database's own superuser, unless it takes the table apart."""
    correction = visited.correct("acme", "isp")
    correction = undo(visited, correction) if undone else correction
    for role in ("supabase_admin", "postgres", "service_role", "authenticated"):
        with world.database.transaction(force_rollback=True):
            world.database.execute(f"set local role {role}")
            with pytest.raises(psycopg.Error, match=r"is a record|permission denied"), world.database.transaction():
                world.database.execute(change, [correction["id"]])
    assert visited.owner.rows("corrections", id=f"eq.{correction['id']}") == [correction]


def test_a_session_that_leaves_triggers_out_is_held_all_the_same(world: World, visited: Customer) -> None:
    correction = visited.correct("acme", "isp")
    with world.database.transaction(force_rollback=True):
        world.database.execute("set local session_replication_role = replica")
        with pytest.raises(psycopg.Error, match="is a record"):
            world.database.execute("delete from public.corrections where id = %s", [correction["id"]])


def test_the_records_cannot_be_emptied_at_once(world: World, visited: Customer) -> None:
    visited.correct("acme", "isp")
    for tables in ("public.corrections", "public.companies cascade"):
        with pytest.raises(psycopg.Error, match="is a record"):
            world.database.execute(f"truncate {tables}")


def test_the_records_go_with_their_account(world: World, visited: Customer) -> None:
    same_as(visited, "acme", "globex")
    visited.correct("initech", "isp")
    visited.exclude("155.56.0.0/16")
    world.database.execute("delete from public.accounts where id = %s", [visited.account_id])
    left = world.database.execute("select count(*) from public.corrections where account_id = %s", [visited.account_id])
    assert left.fetchone() == (0,)


def test_the_records_stay_when_a_member_goes(world: World, visited: Customer) -> None:
    member = world.teammate(visited.account_id, "member")
    said = member.result("correct_company", company_id=visited.company_id("acme"), verdict="isp")
    world.database.execute("delete from auth.users where id = %s", [member.user_id])
    [kept] = visited.owner.rows("corrections", id=f"eq.{said['id']}")
    assert kept["created_by"] == member.user_id


def test_two_members_at_once_leave_one_verdict(world: World, visited: Customer) -> None:
    members = [world.teammate(visited.account_id, "member") for _ in range(6)]
    company_id = visited.company_id("acme")

    def correct(place: int) -> int:
        verdict = HIDING[place % 3]
        return members[place % 6].call("correct_company", company_id=company_id, verdict=verdict).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(correct, range(18))) == {200}
    rows = visited.owner.rows("corrections", company_id=f"eq.{company_id}")
    assert (len(rows), sum(row["undone_at"] is None for row in rows)) == (18, 1)


def test_two_members_at_once_close_no_circle(world: World, visited: Customer) -> None:
    keys = ["acme", "globex", "initech"]
    ids = {key: visited.company_id(key) for key in keys}

    def join(caller: Caller, one: str, other: str) -> int:
        said = {"company_id": ids[one], "verdict": "same_as", "same_as_company_id": ids[other]}
        return caller.call("correct_company", **said).status_code

    pairs = [(one, other) for one in keys for other in keys if one != other] * 3
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda pair: join(visited.owner, *pair), pairs))
    assert set(statuses) <= {200, 422}
    assert sum(listed(visited).values()) == 4  # a circle would show nobody


def test_a_retry_after_a_correction_counts_nothing_twice(world: World, visited: Customer) -> None:
    beacon = visited.beacon("acme")
    world.record(beacon)
    correction = visited.correct("acme", "isp")
    late = visited.beacon("acme")
    assert world.record(beacon, late) == ["duplicate", "corrected"]
    undo(visited, correction)
    assert world.record(late) == ["duplicate"]
    assert funnel(visited) == {"identified": 5, "corrected": 1, "carrier": 1}


@pytest.mark.parametrize("time_zone", ["Pacific/Niue", "Pacific/Kiritimati", "Europe/Berlin"])
def test_the_funnel_moves_page_views_on_the_sites_own_day(world: World, time_zone: str) -> None:
    customer = world.customer(time_zone=time_zone)
    world.record(customer.beacon("acme"), customer.beacon("globex"))
    [counted] = customer.owner.rows("site_days", site_id=f"eq.{customer.site_id}")
    customer.correct("acme", "isp")
    rows = customer.owner.result("list_funnel", site_id=customer.site_id)
    assert {(row["day"], row["outcome"], row["beacons"]) for row in rows} == {
        (counted["day"], "identified", 1), (counted["day"], "corrected", 1),
    }  # fmt: skip
    assert customer.owner.result("list_funnel", site_id=customer.site_id, since=counted["day"]) == rows
    assert customer.owner.result("list_funnel", site_id=customer.site_id, since="2999-01-01") == []


def test_the_funnel_keeps_its_sum_when_the_time_zone_changes(world: World) -> None:
    customer = world.customer(time_zone="Pacific/Niue")
    world.record(customer.beacon("acme"), customer.beacon("globex"), customer.beacon(company=None, outcome="bot"))
    customer.owner.update("sites", {"time_zone": "Pacific/Kiritimati"}, id=f"eq.{customer.site_id}")
    customer.correct("acme", "isp")
    assert sum(funnel(customer).values()) == 3
