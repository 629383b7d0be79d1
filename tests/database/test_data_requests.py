"""A person's rights: proved by their mailbox, carried out at once, answered in time, and gone from the record but for a hash."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.builders import Caller, Customer, World
from tests.contacts import ANNA, bring, insert, visited_by
from tests.data_requests import Asker, forget_requests

KINDS = ["access", "portability", "erasure", "objection", "rectification", "restriction"]
TABLE = "private.data_requests"


@pytest.fixture(autouse=True)
def fresh(world: World) -> Iterator[None]:
    forget_requests(world)
    yield
    forget_requests(world)


@pytest.fixture
def anna(world: World) -> Asker:
    return Asker(world, ANNA["work_email"])


@pytest.fixture
def kept(customer: Customer) -> str:
    """A company at which Anna is kept."""
    company_id = visited_by(customer)
    bring(customer, company_id)
    return company_id


def contacts(customer: Customer, company_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = customer.owner.result("list_contacts", company_id=company_id)
    return found


def request_row(world: World) -> dict[str, Any]:
    [(row,)] = world.database.execute(f"select to_jsonb(request) from {TABLE} as request").fetchall()
    return dict(row)


def entries(world: World, account_id: str | None = None) -> list[dict[str, Any]]:
    rows = world.database.execute(
        "select entry from audit.entries where chain = coalesce(%s::uuid, '00000000-0000-0000-0000-000000000000') order by seq",
        [account_id],
    ).fetchall()
    return [json.loads(text) for (text,) in rows]


def with_login(world: World, person: Caller) -> Asker:
    [(email,)] = world.database.execute("select email from auth.users where id = %s", [person.user_id]).fetchall()
    return Asker(world, email)


def age(world: World, days: int) -> None:
    world.database.execute(
        f"update {TABLE} set received_at = received_at - %(by)s::interval, due_at = due_at - %(by)s::interval",
        {"by": f"{days} days"},
    )


@pytest.mark.parametrize("kind", KINDS)
def test_asking_changes_nothing_before_the_mailed_button_is_pressed(
    world: World, anna: Asker, customer: Customer, kept: str, kind: str
) -> None:
    anna.ask(kind, "The role is wrong.")
    found = world.role("public_door").result("find_data_request", token=anna.token())
    assert (found["kind"], found["contacts"], found["has_login"]) == (kind, 1, False)
    assert len(contacts(customer, kept)) == 1 and not anna.suppressed()
    assert request_row(world)["state"] == "waiting"


def test_the_answer_tells_nobody_whether_an_address_is_kept(world: World, anna: Asker, customer: Customer, kept: str) -> None:
    known, unknown = anna.ask("access"), Asker(world, "nobody@acme.example").ask("access")
    assert known.keys() == unknown.keys() and known["kind"] == unknown["kind"]


def test_an_erasure_deletes_in_every_account_and_never_lets_the_person_be_kept_again(
    world: World, anna: Asker, customer: Customer, kept: str
) -> None:
    other = world.customer()
    other_id = visited_by(other)
    bring(other, other_id)
    done = anna.asks_and_proves("erasure")
    assert (done["state"], done["outcome"]["contacts"]) == ("done", 2)
    assert contacts(customer, kept) == [] and contacts(other, other_id) == []
    assert bring(other, other_id) == ["suppressed"]
    for account in (customer, other):
        told = [entry for entry in entries(world, account.account_id) if entry["action"] == "data_request.erased"]
        assert [entry["after"] for entry in told] == [{"contacts": 1}]


def test_who_kept_the_person_is_told_to_delete_copies_too_without_a_name(
    world: World, anna: Asker, customer: Customer, kept: str
) -> None:
    admin, viewer = world.teammate(customer.account_id, "admin"), world.teammate(customer.account_id, "viewer")
    anna.asks_and_proves("objection")
    query = "select recipient_id::text, content from private.outbox where template = 'data_request.told'"
    told = dict(world.database.execute(query).fetchall())
    assert told.keys() == {customer.owner.user_id, admin.user_id} and viewer.user_id not in told
    assert all(content["company"] == "Acme" and "anna" not in json.dumps(content) for content in told.values())


def test_who_is_not_kept_yet_and_asks_to_be_erased_never_will_be(world: World, anna: Asker, customer: Customer) -> None:
    company_id = visited_by(customer)
    assert anna.asks_and_proves("erasure")["outcome"]["contacts"] == 0
    assert bring(customer, company_id) == ["suppressed"]


def test_a_handle_that_a_member_brought_along_is_not_the_persons_proof(
    world: World, anna: Asker, customer: Customer, kept: str
) -> None:
    """Else a member could bring a colleague's profile beside their own address, and have the colleague erased."""
    insert(customer, kept, work_email="carl@acme.example", linkedin_handle="carl-acme")
    world.database.execute("update public.contacts set linkedin_handle = 'somebody-else' where work_email = %s", [anna.email])
    anna.asks_and_proves("erasure")
    assert world.database.execute("select private.is_suppressed(null, 'somebody-else')").fetchone() == (False,)
    assert [contact["work_email"] for contact in contacts(customer, kept)] == ["carl@acme.example"]


def test_a_handle_that_a_provider_named_goes_with_the_address(world: World, anna: Asker, customer: Customer) -> None:
    company_id = visited_by(customer)
    insert(customer, company_id, work_email=anna.email, linkedin_handle="anna-berg", source="hunter")
    anna.asks_and_proves("erasure")
    assert world.database.execute("select private.is_suppressed(null, 'anna-berg')").fetchone() == (True,)


def test_a_copy_shows_nobody_elses_address_that_stands_beside_the_handle(world: World, anna: Asker, customer: Customer) -> None:
    company_id = visited_by(customer)
    insert(customer, company_id, work_email=anna.email, linkedin_handle="anna-berg", source="hunter")
    other = world.customer()
    insert(other, visited_by(other), work_email="carl@acme.example", linkedin_handle="anna-berg")
    data = anna.fetch(anna.asks_and_proves("access")["files"])["data"]
    assert {contact["work_email"] for contact in data["contacts"]} == {anna.email, None}
    assert "carl" not in json.dumps(data)


def test_of_several_presses_at_once_one_carries_it_out(anna: Asker, customer: Customer, kept: str) -> None:
    anna.ask("erasure")
    token = anna.token()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: anna.prove(token), range(4)))
    assert [answer["state"] for answer in answers if answer] == ["done"]
    assert len(anna.letters("done")) == 1


def test_a_handle_that_staff_saw_a_proof_of_is_erased_with_the_address(world: World, anna: Asker, customer: Customer) -> None:
    company_id = visited_by(customer)
    insert(customer, company_id, linkedin_handle="anna-berg")
    proof = "Wrote to us from the profile itself"
    assert enter(in_session(world), proof_seen=proof, linkedin_handle=" Anna-Berg ").json()["outcome"]["contacts"] == 1
    assert contacts(customer, company_id) == []
    assert request_row(world)["linkedin_handle"] is None


def test_a_link_works_once_and_not_after_seven_days(world: World, anna: Asker, customer: Customer, kept: str) -> None:
    anna.ask("erasure")
    token = anna.token()
    world.database.execute(f"update {TABLE} set token_expires_at = now() - interval '1 second'")
    assert anna.prove(token) is None and len(contacts(customer, kept)) == 1
    world.database.execute(f"update {TABLE} set token_expires_at = now() + interval '1 day'")
    assert anna.prove(token)["state"] == "done"
    assert anna.prove(token) is None


def test_everything_that_is_kept_of_a_contact_and_a_user_is_in_the_copy(world: World, customer: Customer) -> None:
    company_id = visited_by(customer)
    insert(customer, company_id, work_email="boss@acme.example", role="CEO")
    world.database.execute("update auth.users set email = 'boss@acme.example' where id = %s", [customer.owner.user_id])
    owner = Asker(world, "boss@acme.example")
    customer.owner.insert("follows", {"account_id": customer.account_id, "company_id": company_id})
    customer.owner.insert("notification_settings", {"account_id": customer.account_id, "time_zone": "Europe/Berlin"})
    customer.owner.call("want_mail", kind="alerts", wanted=False)
    done = owner.asks_and_proves("access")
    assert done["state"] == "done"
    data = owner.fetch(done["files"])["data"]
    [contact] = data["contacts"]
    assert (contact["role"], contact["company"], contact["source"]) == ("CEO", "Acme", "import")
    assert data["login"][0]["user_id"] == customer.owner.user_id
    assert [membership["role"] for membership in data["memberships"]] == ["owner"]
    assert {entry["what"] for entry in data["settings"]} == {"when to be told", "follows", "wants no mails"}
    assert "site.created" in {entry["action"] for entry in data["activity"]}
    assert data["requests"][0]["kind"] == "access"


def test_every_source_of_personal_data_answers_for_somebody_of_whom_nothing_is_kept(world: World) -> None:
    nobody = Asker(world, "nobody@acme.example")
    data = nobody.fetch(nobody.asks_and_proves("portability")["files"])["data"]
    assert {name: found for name, found in data.items() if found and name not in ("requests", "messages")} == {}
    assert len(data) == 10


def test_a_place_that_is_added_later_is_found_and_erased_too(world: World, anna: Asker) -> None:
    world.database.execute(
        """set role postgres;
        create table private.reports_of_tests (email text);
        insert into private.reports_of_tests values ('anna.berg@acme.example'), ('carl@acme.example');
        create function private.find_reports_of_tests(subject private.subject) returns jsonb language sql as $$
          select jsonb_agg(to_jsonb(report)) from private.reports_of_tests as report where report.email = subject.email $$;
        create function private.erase_reports_of_tests(subject private.subject) returns int language sql as $$
          with gone as (delete from private.reports_of_tests as report where report.email = subject.email returning 1)
          select count(*)::int from gone $$;
        insert into private.data_sources values ('reports_of_tests');
        reset role"""
    )
    try:
        found = anna.fetch(anna.asks_and_proves("access")["files"])
        assert found["data"]["reports_of_tests"] == [{"email": anna.email}]
        assert anna.asks_and_proves("erasure")["outcome"]["reports_of_tests"] == 1
        assert world.database.execute("select email from private.reports_of_tests").fetchall() == [("carl@acme.example",)]
    finally:
        world.database.execute(
            """delete from private.data_sources where name = 'reports_of_tests';
            drop function private.find_reports_of_tests, private.erase_reports_of_tests; drop table private.reports_of_tests"""
        )


def test_every_column_that_holds_a_mail_address_is_known_here(world: World) -> None:
    """A new one needs a row in private.data_sources, or the copy and the erasure would leave it out."""
    found = world.database.execute(
        """select table_name || '.' || column_name from information_schema.columns
        where table_schema in ('public', 'private') and (column_name like '%email%' or column_name like '%e_mail%')"""
    ).fetchall()
    assert {name for (name,) in found} == {
        "contacts.work_email",
        "objections.work_email",
        "data_requests.email",
        "data_requests.email_hash",
    }


def test_nothing_that_refers_to_a_user_keeps_them_from_being_erased(world: World) -> None:
    holding = world.database.execute(
        """select conrelid::regclass::text from pg_constraint
        where confrelid = 'auth.users'::regclass and confdeltype not in ('c', 'n')
          and connamespace in ('public'::regnamespace, 'private'::regnamespace, 'audit'::regnamespace)"""
    ).fetchall()
    assert holding == []


def test_the_files_open_with_link_and_address_alone_and_for_seven_days(world: World, anna: Asker, customer: Customer) -> None:
    token = anna.asks_and_proves("access")["files"]
    assert Asker(world, "carl@acme.example").fetch(token) is None
    assert anna.fetch("A" * 43) is None and anna.fetch(token)["data"] is not None
    world.database.execute(f"update {TABLE} set files_expire_at = now() - interval '1 second'")
    assert anna.fetch(token) is None


@pytest.mark.parametrize("kind", ["access", "erasure", "objection"])
def test_what_has_ended_keeps_a_hash_and_no_address(world: World, anna: Asker, customer: Customer, kept: str, kind: str) -> None:
    anna.asks_and_proves(kind, "I am Anna.")
    row = request_row(world)
    assert row["state"] == "done" and row["ended_at"]
    assert anna.email not in json.dumps(row) and "Anna" not in json.dumps(row)
    told = [entry for entry in entries(world) if entry["subject_id"] == row["id"]]
    assert [entry["action"].split(".")[1] for entry in told] == ["received", "proved", "done"]
    assert anna.email not in json.dumps(entries(world)) + json.dumps(entries(world, customer.account_id))


def test_an_erased_user_is_gone_and_the_account_goes_on_with_its_other_owner(world: World, customer: Customer) -> None:
    leaving = world.teammate(customer.account_id, "owner")
    asker = with_login(world, leaving)
    leaving.insert("notification_settings", {"account_id": customer.account_id, "time_zone": "UTC"})
    done = asker.asks_and_proves("erasure")
    assert done["outcome"] == {"contacts": 0, "messages": 0, "logins": 1, "memberships": 1, "accounts": 0} | {
        "messages": done["outcome"]["messages"]
    }
    for table in ("auth.users where id", "public.memberships where user_id", "public.notification_settings where user_id"):
        assert world.database.execute(f"select count(*) from {table} = %s", [leaving.user_id]).fetchone() == (0,)
    assert len(customer.owner.rows("memberships", account_id=f"eq.{customer.account_id}")) == 1
    assert entries(world, customer.account_id)[-1]["action"] in ("membership.deleted", "data_request.erased")


def test_an_account_of_nobody_else_goes_with_its_owner_and_that_is_said_before(world: World, customer: Customer) -> None:
    visited_by(customer)
    asker = with_login(world, customer.owner)
    asker.ask("erasure")
    [name] = world.role("public_door").result("find_data_request", token=asker.token())["accounts_deleted"]
    assert name.startswith("Customer")
    assert asker.prove()["outcome"]["accounts"] == 1
    assert world.database.execute("select count(*) from public.accounts where id = %s", [customer.account_id]).fetchone() == (0,)


def test_an_account_with_others_is_never_left_without_an_owner(world: World, customer: Customer) -> None:
    colleague = world.teammate(customer.account_id, "viewer")
    asker = with_login(world, customer.owner)
    assert asker.asks_and_proves("erasure")["state"] == "open"
    assert world.database.execute("select count(*) from auth.users where id = %s", [customer.owner.user_id]).fetchone() == (1,)
    assert asker.letters("received")[0]["outcome"]["accounts_waiting"] == [customer.account_id]
    staff = in_session(world)
    [waiting] = staff.result("admin_list_data_requests")
    looked = staff.result("admin_look_at_data_request", id=waiting["id"])
    assert [member["user_id"] for member in looked["accounts_waiting"][0]["members"]] == [colleague.user_id]
    assert staff.result("admin_carry_out_data_request", id=waiting["id"])["state"] == "open"
    handed = {"request_id": waiting["id"], "account_id": customer.account_id}
    assert staff.call("admin_hand_over_account", **handed, user_id=world.person().user_id).status_code == 404
    assert staff.call("admin_hand_over_account", **handed, user_id=colleague.user_id).is_success
    assert staff.result("admin_carry_out_data_request", id=waiting["id"])["state"] == "done"
    assert colleague.rows("memberships", account_id=f"eq.{customer.account_id}")[0]["role"] == "owner"
    assert "admin.handed_over" in {entry["action"] for entry in entries(world, customer.account_id)}


def test_an_objection_of_a_user_ends_digests_and_alerts_and_keeps_the_login(world: World, customer: Customer) -> None:
    asker = with_login(world, customer.owner)
    assert asker.asks_and_proves("objection")["outcome"]["mails_stopped"] is True
    assert customer.owner.result("own_mail")["refused"] == ["all"]


def in_session(world: World) -> Caller:
    """Somebody of the staff, at work."""
    person = world.person()
    world.database.execute("insert into private.operators (user_id) values (%s)", [person.user_id])
    person.result("open_admin_session", reason="Working on data requests")
    return person


def enter(staff: Caller, **changes: Any) -> httpx.Response:
    arrived = (datetime.now(UTC) - timedelta(days=5)).isoformat()
    asked = {"kind": "erasure", "email": ANNA["work_email"], "channel": "post", "received_at": arrived}
    return staff.call("admin_enter_data_request", **(asked | changes))


def test_staff_enter_a_letter_that_counts_from_its_day_and_proves_by_mail(
    world: World, anna: Asker, customer: Customer, kept: str
) -> None:
    staff = in_session(world)
    assert enter(staff).json()["state"] == "waiting"
    [listed] = staff.result("admin_list_data_requests")
    assert listed["days_left"] == 25 and anna.email not in json.dumps(listed)
    assert len(contacts(customer, kept)) == 1
    assert staff.call("admin_finish_data_request", id=listed["id"], answer="Done it by hand.").status_code == 409
    assert staff.call("admin_carry_out_data_request", id=listed["id"]).status_code == 409
    assert anna.prove()["state"] == "done" and contacts(customer, kept) == []


def test_staff_carry_out_a_letter_with_the_proof_they_saw(world: World, anna: Asker, customer: Customer, kept: str) -> None:
    staff = in_session(world)
    done = enter(staff, proof_seen="Called back by way of the company's switchboard").json()
    assert done["state"] == "done" and "files" not in done and contacts(customer, kept) == []
    assert request_row(world)["proof"] == "staff"


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "no address"},
        {"received_at": "2099-01-01T00:00:00Z"},
        {"received_at": "2020-01-01T00:00:00Z"},
        {"received_at": None},
        {"kind": "everything"},
        {"channel": "form"},
        {"proof_seen": "trust me"},
        {"linkedin_handle": "anna-berg"},
        {"linkedin_handle": "anna-berg", "proof_seen": "Shown on a screen to us", "kind": "access"},
        {"linkedin_handle": "https://x/anna", "proof_seen": "Shown on a screen to us"},
        {"details": "x" * 2001},
    ],
)
def test_what_staff_enter_wrongly_is_refused_in_words(world: World, changes: dict[str, Any]) -> None:
    answer = enter(in_session(world), **changes)
    assert answer.status_code == 422 and answer.json()["message"]
    assert world.database.execute(f"select count(*) from {TABLE}").fetchone() == (0,)


def test_a_rectification_waits_for_the_staff_who_mend_the_role(world: World, anna: Asker, customer: Customer, kept: str) -> None:
    assert anna.asks_and_proves("rectification", "I am the CEO.")["state"] == "open"
    staff = in_session(world)
    [listed] = staff.result("admin_list_data_requests")
    looked = staff.result("admin_look_at_data_request", id=listed["id"])
    assert looked["details"] == "I am the CEO."
    [contact] = looked["contacts"]
    mend = {"request_id": listed["id"], "contact_id": contact["id"]}
    assert staff.call("admin_rectify_contact", **mend, role="Anna Berg").status_code == 422
    assert staff.call("admin_rectify_contact", **mend, role="CEO").is_success
    assert contacts(customer, kept)[0]["role"] == "CEO"
    assert staff.call("admin_finish_data_request", id=listed["id"], answer="Your role says CEO now.").is_success
    assert anna.letters("done")[0]["answer"] == "Your role says CEO now."
    actions = [entry["action"] for entry in entries(world, customer.account_id)]
    assert {"admin.looked", "data_request.rectified"} <= set(actions)
    assert request_row(world)["details"] is None


def test_an_extension_needs_a_reason_and_is_told_within_thirty_days_once(world: World, anna: Asker) -> None:
    anna.asks_and_proves("restriction", "Please only keep it, and do not use it.")
    staff = in_session(world)
    [listed] = staff.result("admin_list_data_requests")
    assert staff.call("admin_extend_data_request", id=listed["id"], reason="busy").status_code == 422
    reason = "Several accounts have to be asked first."
    assert staff.call("admin_extend_data_request", id=listed["id"], reason=reason).is_success
    assert staff.result("admin_list_data_requests")[0]["days_left"] == 90
    assert [letter["reason"] for letter in anna.letters("extended")] == [reason]
    assert staff.call("admin_extend_data_request", id=listed["id"], reason=reason).status_code == 409
    world.database.execute(f"update {TABLE} set extended_at = null, due_at = received_at + interval '30 days'")
    age(world, 30)
    assert staff.call("admin_extend_data_request", id=listed["id"], reason=reason).status_code == 409


def test_a_refusal_says_why_and_forgets_the_address(world: World, anna: Asker) -> None:
    anna.asks_and_proves("rectification", "Make me a king.")
    staff = in_session(world)
    [listed] = staff.result("admin_list_data_requests")
    assert staff.call("admin_refuse_data_request", id=listed["id"], reason="").status_code == 422
    reason = "Manifestly unfounded (Art. 12(5) GDPR): there is no such position."
    assert staff.call("admin_refuse_data_request", id=listed["id"], reason=reason).is_success
    assert anna.letters("refused")[0]["answer"] == reason
    row = request_row(world)
    assert (row["state"], row["email"], row["details"]) == ("refused", None, None)
    assert staff.call("admin_refuse_data_request", id=listed["id"], reason=reason).status_code == 409
    assert [ended["state"] for ended in staff.result("admin_list_data_requests", ended=True)] == ["refused"]


def reminders(world: World, staff: Caller) -> list[int]:
    world.role("scheduler").result("purge_expired")
    world.role("scheduler").result("purge_expired")
    query = (
        "select content -> 'days_left' from private.outbox where template = 'data_request.due' and recipient_id = %s "
        "order by sequence"
    )
    return [days for (days,) in world.database.execute(query, [staff.user_id])]


def test_staff_are_reminded_with_seven_days_left_with_two_and_daily_once_overdue(world: World, anna: Asker) -> None:
    staff = in_session(world)
    anna.asks_and_proves("restriction", "Do not use it.")
    assert reminders(world, staff) == [30]
    age(world, 22)
    assert reminders(world, staff) == [30]
    expected = [30]
    for days, told in [(1, [7]), (1, []), (4, [2]), (1, []), (2, [-1]), (1, [-2])]:
        with _same_due_day(world):
            age(world, days)
        expected = expected + told
        assert reminders(world, staff) == expected


@contextmanager
def _same_due_day(world: World) -> Iterator[None]:
    """Keys of reminders name the day that is due. Time does not move it; making everything older does."""
    query = f"select due_at::text from {TABLE}"
    [(before,)] = world.database.execute(query).fetchall()
    yield
    [(after,)] = world.database.execute(query).fetchall()
    world.database.execute("update private.outbox set key = replace(key, %s, %s)", [before, after])


def test_nobody_is_reminded_of_what_nobody_proved_and_it_is_deleted_after_seven_days(world: World, anna: Asker) -> None:
    staff = in_session(world)
    anna.ask("erasure")
    age(world, 6)
    assert reminders(world, staff) == [] and request_row(world)["email"]
    age(world, 1)
    assert reminders(world, staff) == []
    assert world.database.execute(f"select count(*) from {TABLE}").fetchone() == (0,)


def test_the_record_of_an_answer_is_deleted_after_three_years(world: World, anna: Asker) -> None:
    anna.asks_and_proves("access")
    world.database.execute(f"update {TABLE} set ended_at = ended_at - interval '1094 days'")
    world.role("scheduler").result("purge_expired")
    assert request_row(world)
    world.database.execute(f"update {TABLE} set ended_at = ended_at - interval '2 days'")
    world.role("scheduler").result("purge_expired")
    assert world.database.execute(f"select count(*) from {TABLE}").fetchone() == (0,)


def test_an_address_is_mailed_three_links_a_day_at_the_most(world: World, anna: Asker) -> None:
    assert all(anna.ask("access") for _ in range(3))
    assert anna.ask("access") is None and len(anna.letters("link")) == 3


def test_nobody_but_door_and_staff_reaches_requests(world: World, anna: Asker, customer: Customer) -> None:
    anna.ask("access")
    token = anna.token()
    for caller in (customer.owner, world.teammate(customer.account_id, "admin"), world.person(), world.anonymous(),
                   world.role("service_role"), world.role("deliverer")):  # fmt: skip
        calls: dict[str, dict[str, Any]] = {
            "request_data": {"kind": "access", "email": anna.email, "details": None},
            "find_data_request": {"token": token},
            "prove_data_request": {"token": token},
            "fetch_personal_data": {"token": token, "email": anna.email},
            "list_opt_outs": {},
        }
        for function, arguments in calls.items():
            assert caller.call(function, **arguments).status_code in (401, 403), function
        assert caller.call("admin_list_data_requests").status_code in (401, 403, 404)
    assert world.role("public_door").call("admin_list_data_requests").status_code in (401, 403)
