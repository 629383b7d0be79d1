"""Requests for contacts, as the job that answers them sees them: the role `enricher`."""

import functools
from typing import Any

from lib.db.postgrest import Postgrest
from lib.domain.contact import Contact
from lib.domain.enrichment import Request, Wanted
from lib.settings import StoreSettings, enricher_store_settings


class EnrichmentStore:
    """Takes requests and keeps what was found. Each method raises StoreUnavailable."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=10)  # the role has 8 s for a statement

    def claim(self, providers: list[str], *, most: int, lease_seconds: int) -> list[Request]:
        """Take requests that are due, for providers that are set up."""
        claimed: list[dict[str, Any]] = self._database.call(
            "claim_enrichments", most=most, lease_seconds=lease_seconds, providers=providers
        )
        return [_request(row) for row in claimed]

    def finish(self, request: Request, contacts: list[Contact]) -> int | None:
        """Keep contacts and end the request: how many were kept; None for one that was overtaken."""
        kept: dict[str, int] | None = self._database.call(
            "finish_enrichment", claim=request.claim, contacts=[contact.row() for contact in contacts]
        )
        return None if kept is None else kept["kept"]

    def postpone(self, request: Request, wait_seconds: int, provider_job: str | None = None) -> None:
        """Let a request wait; provider_job: what the provider calls the work."""
        self._database.call("postpone_enrichment", claim=request.claim, wait_seconds=wait_seconds, provider_job=provider_job)


def _request(row: dict[str, Any]) -> Request:
    wanted = Wanted(row["domain"], row["company_name"], row["roles"], row["seniorities"], row["most"], row["provider_job"])
    return Request(row["claim"], row["account_id"], row["provider"], wanted, row["attempt"])


@functools.cache
def enrichment_store() -> EnrichmentStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return EnrichmentStore(enricher_store_settings())
