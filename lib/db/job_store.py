"""The record of jobs: which runs there were, and for which accounts one failed. As the role `scheduler`."""

import functools
from datetime import datetime
from typing import Any

from lib.db.postgrest import Postgrest
from lib.domain.job import Counts, Job
from lib.settings import StoreSettings, scheduler_store_settings


class JobStore:
    """Claims runs and writes down what became of them. Each method raises StoreUnavailable. Safe for several threads."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=10)  # the role has 8 s for a statement

    def claim(self, job: Job, at: datetime, *, lease_seconds: int) -> tuple[str, str | None]:
        """Begin the run of a moment's period: claimed with its claim; done, or running, without."""
        answer: dict[str, Any] = self._database.call(
            "claim_run",
            job=job.name,
            period=job.period_of(at).isoformat(),
            next_due_at=job.next_after(at).isoformat(),
            lease_seconds=lease_seconds,
        )
        return answer["state"], answer.get("claim")

    def finish(self, claim: str, counts: Counts, *, fault: str | None = None) -> None:
        """End a run; one with a fault is begun again by the next call."""
        self._database.call("finish_run", claim=claim, done=counts.done, failed=counts.failed, fault=fault)

    def note_failure(self, job_name: str, account_id: str, fault: str) -> None:
        """Leave an account out for a while: longer each time, in the end for good."""
        self._database.call("note_job_failure", job=job_name, account_id=account_id, fault=fault)

    def forget_failure(self, job_name: str, account_id: str) -> None:
        """The job succeeded for an account, or is to try again."""
        self._database.call("forget_job_failure", job=job_name, account_id=account_id)

    def list_jobs(self) -> list[dict[str, Any]]:
        """Each job's latest run; see list_jobs in supabase/migrations."""
        jobs: list[dict[str, Any]] = self._database.call("list_jobs")
        return jobs

    def purge_expired(self) -> dict[str, int]:
        """Delete what is kept for a time that is over: how many rows of what, some thousands at most."""
        purged: dict[str, int] = self._database.call("purge_expired")
        return purged


@functools.cache
def job_store() -> JobStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return JobStore(scheduler_store_settings())
