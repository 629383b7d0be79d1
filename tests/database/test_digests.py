"""Digests: when they are due by the reader's clock, what they tell of, and that nothing is told twice or left out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.builders import Customer, World
from tests.digests import due, keep, kept, names, posted, subscribe, visit


@pytest.mark.parametrize(
    ("time_zone", "hour", "before", "after", "local_date"),
    [
        ("Europe/Berlin", 8, "2026-03-28T06:59:59Z", "2026-03-28T07:00:00Z", "2026-03-28"),  # winter: UTC+1
        ("Europe/Berlin", 8, "2026-03-30T05:59:59Z", "2026-03-30T06:00:00Z", "2026-03-30"),  # summer: UTC+2
        ("Europe/Berlin", 2, "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-03-29"),  # 2:00 is skipped: at 3:00
        ("Europe/Berlin", 2, "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-10-25"),  # 2:00 comes twice: the second
        ("America/New_York", 2, "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-03-08"),
        ("Asia/Kolkata", 8, "2026-03-28T02:29:59Z", "2026-03-28T02:30:00Z", "2026-03-28"),  # UTC+5:30
        ("Asia/Kathmandu", 8, "2026-03-28T02:14:59Z", "2026-03-28T02:15:00Z", "2026-03-28"),  # UTC+5:45
        ("Australia/Lord_Howe", 2, "2026-10-03T15:29:59Z", "2026-10-03T15:30:00Z", "2026-10-04"),  # half an hour is skipped
        ("Pacific/Kiritimati", 0, "2026-03-27T09:59:59Z", "2026-03-27T10:00:00Z", "2026-03-28"),  # UTC+14, a day ahead
        ("Pacific/Pago_Pago", 23, "2026-03-29T09:59:59Z", "2026-03-29T10:00:00Z", "2026-03-28"),  # UTC-11, a day behind
    ],
)
def test_a_digest_is_due_when_the_readers_own_clock_strikes(
    world: World, customer: Customer, time_zone: str, hour: int, before: str, after: str, local_date: str
) -> None:
    subscription = subscribe(customer, hour=hour, time_zone=time_zone)
    # The day before is done.
    keep(world, subscription, before)
    assert subscription not in due(world, before)
    assert subscription in due(world, after)
    keep(world, subscription, after)
    assert subscription not in due(world, after)
    assert kept(world, subscription)[-1][0] == local_date
    assert kept(world, subscription)[-1][2] == datetime.fromisoformat(after)


def test_an_hour_that_comes_twice_makes_one_digest(world: World, customer: Customer) -> None:
    subscription = subscribe(customer, hour=2, time_zone="Europe/Berlin")
    keep(world, subscription, "2026-10-24T12:00Z")
    moments = [f"2026-10-25T0{hour}:{minute}:00Z" for hour in range(4) for minute in ("00", "15", "30", "45")]
    assert sum(subscription in due(world, at) and keep(world, subscription, at) != "not_due" for at in moments) == 1


def test_a_weekly_digest_is_due_on_its_day_alone(world: World, customer: Customer) -> None:
    subscription = subscribe(customer, rhythm="weekly", weekday=1)
    visit(customer, "acme", "2026-11-16T07:00Z")
    keep(world, subscription, "2026-11-16T08:00Z")
    assert [day for day in range(17, 24) if subscription in due(world, f"2026-11-{day}T09:00Z")] == [23]
    keep(world, subscription, "2026-11-23T09:00Z")
    assert kept(world, subscription)[-1][1:] == (datetime(2026, 11, 16, 8, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC))


def test_missed_days_are_caught_up_with_in_one_digest_and_nothing_is_told_twice(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-11-10T07:00Z")
    assert keep(world, subscription, "2026-11-10T08:00Z") == "sent"
    # Three days on which nobody called the job.
    for day, company in ((11, "globex"), (12, "initech"), (13, "hooli")):
        visit(customer, company, f"2026-11-{day}T10:00Z")
    visit(customer, "umbrella", "2026-11-10T08:00Z")
    assert subscription in due(world, "2026-11-14T09:10Z")
    assert keep(world, subscription, "2026-11-14T09:10Z") == "sent"
    assert keep(world, subscription, "2026-11-14T09:20Z") == "not_due"
    first, second = posted(world, subscription)
    assert names(first) == ["Acme"]
    assert sorted(names(second)) == ["Globex", "Hooli", "Initech", "Umbrella"]
    visit(customer, "late", "2026-11-15T07:59:59Z")
    keep(world, subscription, "2026-11-15T08:00Z")
    assert names(posted(world, subscription)[-1]) == ["Late"]


def test_two_jobs_at_once_send_one_digest(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-11-10T07:00Z")
    with ThreadPoolExecutor(6) as threads:
        said = list(threads.map(lambda _: keep(world, subscription, "2026-11-10T08:00Z"), range(6)))
    assert sorted(said) == ["not_due"] * 5 + ["sent"]
    assert len(posted(world, subscription)) == 1


def test_an_hour_that_is_changed_after_sending_sends_no_second_digest_that_day(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-11-10T07:00Z", "2026-11-10T08:30Z")
    keep(world, subscription, "2026-11-10T08:00Z")
    assert customer.owner.update("digest_subscriptions", {"hour": 9}, id=f"eq.{subscription}").status_code == 200
    world.database.execute(
        "update public.digest_subscriptions set settled_at = '2026-11-10T08:30Z' where id = %s", [subscription]
    )
    assert subscription not in due(world, "2026-11-10T09:00Z")
    assert subscription in due(world, "2026-11-11T09:00Z")
    keep(world, subscription, "2026-11-11T09:00Z")
    assert len(posted(world, subscription)) == 2


def test_an_hour_that_struck_before_it_was_chosen_does_not_count(world: World, customer: Customer) -> None:
    subscription = subscribe(customer, hour=(datetime.now(UTC).hour - 1) % 24)
    world.database.execute("update public.digest_subscriptions set settled_at = now() where id = %s", [subscription])
    assert subscription not in due(world, datetime.now(UTC).isoformat())


def test_nothing_to_say_is_not_said_and_the_next_digest_covers_it(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    assert keep(world, subscription, "2026-11-10T08:00Z") == "empty"
    assert posted(world, subscription) == [] and subscription not in due(world, "2026-11-10T12:00Z")
    visit(customer, "acme", "2026-11-09T12:00Z")  # told of late by a server
    assert keep(world, subscription, "2026-11-11T08:00Z") == "sent"
    assert names(posted(world, subscription)[0]) == ["Acme"]


def test_a_quiet_week_is_told_of_where_the_reader_chose_so(world: World, customer: Customer) -> None:
    subscription = subscribe(customer, rhythm="weekly", weekday=2, tells_when_empty=True)
    assert keep(world, subscription, "2026-11-10T08:00Z") == "sent"
    assert posted(world, subscription)[0]["content"]["companies"] == []


def test_who_is_no_member_any_more_gets_nothing(world: World, customer: Customer) -> None:
    reader = world.teammate(customer.account_id, "viewer")
    subscription = subscribe(customer, reader)
    visit(customer, "acme", "2026-11-10T07:00Z")
    keep(world, subscription, "2026-11-10T08:00Z")
    world.database.execute("delete from public.memberships where user_id = %s", [reader.user_id])
    assert subscription not in due(world, "2026-11-11T08:00Z")
    # Not even what was on its way.
    claimed = world.role("deliverer").result("claim_messages", most=100, lease_seconds=30)
    [message] = posted(world, subscription)
    assert message["id"] not in [one["id"] for one in claimed] and message["fault"] == "there is nowhere to send it to any more"


def test_parts_are_told_apart_and_sorted_by_score(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "old", "2026-10-01T09:00Z", "2026-11-10T07:00Z")
    visit(customer, "keen", "2026-11-01T09:00Z", *[f"2026-11-10T0{hour}:00Z" for hour in range(1, 6)])
    visit(customer, "usual", "2026-11-06T09:00Z", *[f"2026-11-0{day}T1{hour}:00Z" for day in (6, 7, 8) for hour in range(3)])
    visit(customer, "usual", *[f"2026-11-10T0{hour}:00Z" for hour in range(1, 6)])
    visit(customer, "fresh", "2026-11-10T01:00Z", "2026-11-10T03:00Z")
    visit(customer, "newer", "2026-11-10T02:00Z")
    visit(customer, "dear", "2026-10-01T09:00Z", "2026-11-10T02:00Z")
    dear = {"account_id": customer.account_id, "company_id": customer.company_id("dear")}
    assert customer.owner.insert("follows", dear).status_code == 201
    keep(world, subscription, "2026-11-10T08:00Z")
    [message] = posted(world, subscription)
    assert names(message, "new") == ["Fresh", "Newer"]
    assert names(message, "surging") == ["Keen"]
    assert names(message, "followed") == ["Dear"]
    assert names(message, "returning") == ["Usual", "Old"]
    assert message["content"]["totals"] == {"new": 2, "surging": 1, "followed": 1, "returning": 2}


def test_a_corrected_company_is_left_out_and_a_merged_one_counts_for_the_other(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    for company in ("acme", "wrong", "branch"):
        visit(customer, company, "2026-11-10T07:00Z")
    customer.correct("wrong", "wrong_company")
    customer.correct("branch", "same_as", same_as_company_id=customer.company_id("acme"))
    keep(world, subscription, "2026-11-10T08:00Z")
    [company] = posted(world, subscription)[0]["content"]["companies"]
    assert (company["name"], company["visits"]) == ("Acme", 2)


def test_alerts_that_were_held_back_are_told_of(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-10-01T07:00Z", "2026-11-10T07:00Z")
    world.database.execute(
        """
        with rule as (
          insert into public.alert_rules (account_id, user_id, name, about, channel)
          values (%(account)s, %(user)s, 'Hot ones', 'every', 'mail') returning id
        )
        insert into private.held_alerts (rule_id, visit_id, account_id, user_id, company_id, site_id, reason, held_at)
        select rule.id, visit.id, %(account)s, %(user)s, visit.company_id, visit.site_id, 'over_budget', '2026-11-10T07:00Z'
        from rule, public.visits as visit where visit.site_id = %(site)s and visit.started_at = '2026-11-10T07:00Z'
        """,
        {"account": customer.account_id, "user": customer.owner.user_id, "site": customer.site_id},
    )
    keep(world, subscription, "2026-11-10T08:00Z")
    [message] = posted(world, subscription)
    assert (names(message, "held"), message["content"]["companies"][0]["rules"]) == (["Acme"], ["Hot ones"])


def test_a_segments_digest_tells_of_its_companies_alone(world: World, customer: Customer) -> None:
    segment = {"account_id": customer.account_id, "name": "Pricing", "filter": _PRICING}
    assert customer.owner.insert("segments", segment).status_code == 201
    [row] = customer.owner.rows("segments", account_id=f"eq.{customer.account_id}")
    subscription = subscribe(customer, site_id=None, segment_id=row["id"])
    visit(customer, "acme", "2026-11-10T07:00Z")
    visit(customer, "reader", "2026-11-10T07:00Z", path="/blog")
    keep(world, subscription, "2026-11-10T08:00Z")
    [message] = posted(world, subscription)
    assert names(message) == ["Acme"] and message["content"]["about"] == "Pricing"


_PRICING = {"match": "all", "conditions": [{"field": "page", "starts_with": ["/pricing"]}]}


def test_pages_and_campaign_are_those_of_the_period(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-11-01T07:00Z", path="/before")
    for place in range(7):
        visit(customer, "acme", f"2026-11-10T0{place}:00Z", path=f"/page-{place}", utm_campaign="spring")
    keep(world, subscription, "2026-11-10T08:00Z")
    [company] = posted(world, subscription)[0]["content"]["companies"]
    assert [page["path"] for page in company["pages"]] == [f"/page-{place}" for place in range(5)]
    assert (company["campaign"], company["visits"], company["page_views"]) == ("spring", 7, 7)


def test_many_companies_are_counted_and_the_best_are_shown(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-11-10T07:00Z", "2026-11-10T05:00Z")
    world.database.execute(
        """
        with company as (
          insert into public.companies (account_id, company_key, kind, name, evidence, first_seen_at, last_seen_at)
          select %(account)s, 'many ' || number, 'company', 'Many ' || number, '{}', '2026-11-10T06:00Z', '2026-11-10T06:00Z'
          from generate_series(1, 499) as number returning id, account_id
        )
        insert into public.visits (account_id, site_id, company_id, started_at, last_seen_at, page_view_count)
        select account_id, %(site)s, id, '2026-11-10T06:00Z', '2026-11-10T06:00Z', 1 from company
        """,
        {"account": customer.account_id, "site": customer.site_id},
    )
    keep(world, subscription, "2026-11-10T08:00Z")
    [message] = posted(world, subscription)
    assert message["content"]["totals"] == {"new": 500}
    assert len(names(message)) == 12 and names(message)[0] == "Acme"


def test_a_mail_that_was_given_up_is_told_of_again(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-11-10T07:00Z")
    keep(world, subscription, "2026-11-10T08:00Z")
    world.database.execute(
        "select private.end_message(id, 'dead', 'test') from private.outbox where destination_id = %s", [subscription]
    )
    assert keep(world, subscription, "2026-11-11T08:00Z") == "sent"
    assert names(posted(world, subscription)[-1]) == ["Acme"]


def test_a_digest_covers_a_month_at_most(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-08-01T07:00Z")
    keep(world, subscription, "2026-08-01T08:00Z")
    keep(world, subscription, "2026-11-10T08:00Z")
    assert kept(world, subscription)[-1][1] == datetime(2026, 10, 10, 8, tzinfo=UTC)


def test_an_account_that_failed_is_left_out(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    scheduler = world.role("scheduler")
    scheduler.call("note_job_failure", job="send_digests", account_id=customer.account_id, fault="57014")
    assert subscription not in due(world, "2026-11-10T08:00Z")
    scheduler.call("forget_job_failure", job="send_digests", account_id=customer.account_id)
    assert subscription in due(world, "2026-11-10T08:00Z")


def test_only_the_digester_writes_digests(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    for caller in (
        world.anonymous(),
        customer.owner,
        world.role("service_role"),
        world.role("scheduler"),
        world.role("postmaster"),
    ):
        assert caller.call("due_digests", at="2026-11-10", most=5).status_code in (401, 403)
        assert caller.call("keep_digest", subscription_id=subscription, at="2026-11-10").status_code in (401, 403)
    assert world.role("digester").call("record_beacons", beacons=[]).status_code in (401, 403)


def test_the_score_is_the_one_that_is_shown_everywhere(world: World, customer: Customer) -> None:
    subscription = subscribe(customer)
    visit(customer, "acme", "2026-09-20T07:00Z", "2026-10-30T07:00Z", "2026-11-09T23:00Z", "2026-11-10T07:00Z")
    visit(customer, "branch", "2026-11-10T07:30Z")
    customer.correct("branch", "same_as", same_as_company_id=customer.company_id("acme"))
    keep(world, subscription, "2026-11-10T08:00Z")
    [company] = posted(world, subscription)[0]["content"]["companies"]
    shown = world.database.execute(
        "select private.company_score(%s, %s, '2026-11-10T08:00Z')", [customer.account_id, customer.company_id("acme")]
    ).fetchone()
    assert shown == (company["score"],)
