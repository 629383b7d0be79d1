"""The job that looks for contacts: what it does with answers, refusals and faults."""

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from functions.enrich_contacts import enrich_contacts
from lib.domain.contact import Contact
from lib.domain.enrichment import Found, NotYet, Request, Wanted
from lib.domain.job import Counts, Run
from lib.errors import ProviderClosed, ProviderUnavailable, StoreUnavailable
from lib.mail.free_mail import is_free_mail

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def request(number: int, provider: str = "hunter", account: str = "a") -> Request:
    wanted = Wanted("acme.com", "Acme", ["sales"], ["senior"], 2)
    return Request(f"claim-{number}", account, provider, wanted)  # type: ignore[arg-type]


@dataclass
class Queue:
    """Requests in memory, as lib/db/enrichment_store.py keeps them in the database."""

    waiting: list[Request]
    kept: dict[str, list[Contact]] = field(default_factory=dict)
    postponed: list[tuple[str, int, str | None]] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)

    def claim(self, providers: list[str], *, most: int, lease_seconds: int) -> list[Request]:
        taken = [one for one in self.waiting if one.provider in providers][:most]
        self.waiting = [one for one in self.waiting if one not in taken]
        return taken

    def finish(self, request: Request, contacts: list[Contact]) -> int:
        self.kept[request.claim] = contacts
        return len(contacts)

    def postpone(self, request: Request, wait_seconds: int, provider_job: str | None = None) -> None:
        self.postponed.append((request.claim, wait_seconds, provider_job))

    def note_failure(self, job_name: str, account_id: str, fault: str) -> None:
        self.failures.append((account_id, fault))

    def forget_failure(self, job_name: str, account_id: str) -> None:
        """Nothing is remembered here."""


@dataclass
class Provider:
    """Answers one thing after the other; what is an exception is raised."""

    answers: list[object]
    asked: int = 0

    def find(self, wanted: Wanted) -> Found | NotYet:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]


def run(queue: Queue, **providers: Provider) -> tuple[Counts, list[Exception]]:
    reported: list[Exception] = []
    counts = enrich_contacts(
        Run(NOON, lambda: 0.0, 1.0),
        requests=queue,
        providers=providers,
        is_free_mail=is_free_mail,
        failures=queue,
        report=reported.append,
    )
    return counts, reported


def entry(number: int) -> dict[str, object]:
    return {"work_email": f"person.{number}@acme.com".replace("1", "x"), "phone_number": "+49 89 1234567", "first_name": "Erika"}


def test_of_an_answer_only_contacts_are_kept_and_not_more_than_were_wanted() -> None:
    queue = Queue([request(1)])
    answer = Found([{"work_email": "erika@gmail.com"}, entry(2), {"role": "+49 89 1234567"}, entry(3), entry(4)], 1)
    assert run(queue, hunter=Provider([answer])) == (Counts(done=1), [])
    assert [contact.work_email for contact in queue.kept["claim-1"]] == ["person.2@acme.com", "person.3@acme.com"]


def test_what_is_not_ready_is_asked_again_later() -> None:
    queue = Queue([request(1, "dropcontact")])
    assert run(queue, dropcontact=Provider([NotYet("job-1", 45)])) == (Counts(done=1), [])
    assert queue.postponed == [("claim-1", 45, "job-1")]


def test_a_provider_that_is_away_is_asked_again_when_it_says() -> None:
    queue = Queue([request(1), request(2), request(3)])
    counts, reported = run(queue, hunter=Provider([ProviderUnavailable("slow"), ProviderUnavailable("status 403", 77), Found()]))
    assert (counts, reported) == (Counts(done=1, failed=2), [])
    assert queue.postponed == [("claim-1", 120, None), ("claim-2", 77, None)]


def test_waits_grow_with_each_attempt() -> None:
    again = [dataclasses.replace(request(number), attempt=number) for number in (1, 2, 5, 40)]
    queue = Queue(again)
    run(queue, hunter=Provider([ProviderUnavailable("no JSON") for _ in again]))
    assert [wait for _, wait, _ in queue.postponed] == [120, 240, 1920, 6 * 3600]


def test_a_provider_that_takes_nothing_of_ours_is_left_alone_and_the_operator_hears_of_it() -> None:
    closed = ProviderClosed("status 401")
    queue, hunter = Queue([request(1), request(2), request(3, "dropcontact")]), Provider([closed])
    counts, reported = run(queue, hunter=hunter, dropcontact=Provider([Found()]))
    assert (counts, reported, hunter.asked) == (Counts(done=1, failed=1), [closed], 1)
    assert [claim for claim, wait, _ in queue.postponed if wait == 6 * 3600] == ["claim-1", "claim-2"]


def test_a_fault_for_one_account_keeps_no_other_waiting() -> None:
    queue = Queue([request(1, account="bad"), request(2, account="good")])
    fault = ZeroDivisionError()
    assert run(queue, hunter=Provider([fault, Found([entry(2)])])) == (Counts(done=1, failed=1), [fault])
    assert queue.failures == [("bad", "ZeroDivisionError")]
    assert len(queue.kept["claim-2"]) == 1


def test_a_database_that_is_away_ends_the_run() -> None:
    with pytest.raises(StoreUnavailable):
        run(Queue([request(1)]), hunter=Provider([StoreUnavailable("away")]))


def test_without_a_provider_nothing_is_taken() -> None:
    queue = Queue([request(1)])
    assert run(queue) == (Counts(), [])
    assert len(queue.waiting) == 1


def test_when_the_time_is_over_what_was_taken_waits_for_the_next_run() -> None:
    queue = Queue([request(1), request(2)])
    ticks = iter([0.0, 0.0, 9.0, 9.0])
    enrich_contacts(
        Run(NOON, lambda: next(ticks), 1.0), requests=queue, providers={"hunter": Provider([Found()])}, is_free_mail=is_free_mail,
        failures=queue, report=lambda fault: None,
    )  # fmt: skip
    assert list(queue.kept) == ["claim-1"] and queue.postponed == [("claim-2", 1, None)]
