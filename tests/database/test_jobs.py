"""Runs of jobs: one for each period, whoever calls how often, and begun again where one died."""

import uuid
from typing import Any

import pytest

from tests.builders import Caller, Customer, World

PERIOD, NEXT = "2026-11-25T08:00:00+00:00", "2026-11-25T08:15:00+00:00"


@pytest.fixture
def scheduler(world: World) -> Caller:
    world.database.execute("delete from private.job_runs where job like 'test_%'")
    return world.role("scheduler")


def claim(scheduler: Caller, period: str = PERIOD, job: str = "test_job") -> dict[str, Any]:
    claimed: dict[str, Any] = scheduler.result("claim_run", job=job, period=period, next_due_at=NEXT, lease_seconds=30)
    return claimed


def listed(scheduler: Caller) -> dict[str, Any]:
    [job] = [job for job in scheduler.result("list_jobs") if job["job"] == "test_job"]
    assert isinstance(job, dict)
    return job


def test_a_period_has_one_run(scheduler: Caller) -> None:
    first = claim(scheduler)
    assert (first["state"], first["attempt"]) == ("claimed", 1)
    assert claim(scheduler) == {"state": "running"}
    assert scheduler.result("finish_run", claim=first["claim"], done=3, failed=1) is True
    assert claim(scheduler) == {"state": "done"}
    assert (listed(scheduler)["done"], listed(scheduler)["failed"], listed(scheduler)["fault"]) == (3, 1, None)


def test_a_run_does_not_overlap_with_that_of_the_next_period_or_keep_other_jobs_waiting(scheduler: Caller) -> None:
    claim(scheduler)
    assert claim(scheduler, NEXT) == {"state": "running"}
    assert claim(scheduler, job="test_other")["state"] == "claimed"


def test_a_run_that_died_is_begun_again_and_the_dead_one_writes_nothing(scheduler: Caller, world: World) -> None:
    dead = claim(scheduler)
    world.database.execute("update private.job_runs set leased_until = now() - interval '1 second' where job = 'test_job'")
    again = claim(scheduler)
    assert (again["state"], again["attempt"]) == ("claimed", 2)
    assert scheduler.result("finish_run", claim=dead["claim"], done=9, failed=9) is False
    assert listed(scheduler)["finished_at"] is None


def test_a_run_with_a_fault_is_begun_again(scheduler: Caller) -> None:
    scheduler.result("finish_run", claim=claim(scheduler)["claim"], done=0, failed=0, fault="StoreUnavailable")
    assert (listed(scheduler)["fault"], listed(scheduler)["finished_at"]) == ("StoreUnavailable", None)
    assert claim(scheduler)["attempt"] == 2


def test_an_account_for_which_a_job_fails_is_left_out_for_longer_and_longer(
    scheduler: Caller, world: World, customer: Customer
) -> None:
    def held() -> Any:
        row = world.database.execute("select private.holds_back('test_job', %s)", [customer.account_id]).fetchone()
        assert row is not None
        return row[0]

    def note() -> None:
        scheduler.call("note_job_failure", job="test_job", account_id=customer.account_id, fault="ValueError")

    assert held() is False
    note()
    assert held() is True
    world.database.execute("update private.job_failures set next_try_at = now() - interval '1 second'")
    assert held() is False
    for _ in range(7):
        note()
    world.database.execute(
        "update private.job_failures set next_try_at = now() - interval '1 second' where next_try_at is not null"
    )
    assert held() is True  # given up
    scheduler.call("forget_job_failure", job="test_job", account_id=customer.account_id)
    assert held() is False


def test_only_the_scheduler_reaches_the_record(world: World, scheduler: Caller, customer: Customer) -> None:
    for caller in (world.anonymous(), customer.owner, world.role("service_role"), world.beacon_door(), world.role("deliverer")):
        for function in ("list_jobs", "purge_expired"):
            assert caller.call(function).status_code in (401, 403)
        assert caller.call("claim_run", job="test_job", period=PERIOD, next_due_at=NEXT, lease_seconds=30).status_code in (
            401,
            403,
        )
        assert caller.call("finish_run", claim=str(uuid.uuid4()), done=0, failed=0).status_code in (401, 403)
    assert scheduler.call("claim_messages", most=1, lease_seconds=30).status_code in (401, 403)
