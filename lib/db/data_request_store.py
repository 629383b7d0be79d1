"""Requests of people about their own data: as the role `public_door`."""

import functools
from typing import Any

from lib.db.postgrest import Postgrest
from lib.domain.data_request import AskedForData
from lib.settings import StoreSettings, public_store_settings


class DataRequestStore:
    """Keeps requests, proves them and carries them out: see carry_out_data_requests in supabase/migrations.

    Each method raises StoreUnavailable when it is not known to have happened. Safe for several threads.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings)

    def request(self, asked: AskedForData) -> dict[str, Any] | None:
        """Keep a request and mail its link: {reference, kind, received_at, due_at}. None for too many."""
        kept: dict[str, Any] | None = self._database.call(
            "request_data", kind=asked.kind, email=asked.email, details=asked.details
        )
        return kept

    def find(self, token: str) -> dict[str, Any] | None:
        """What a mailed link stands for; None for one that is void. Changes nothing."""
        found: dict[str, Any] | None = self._database.call("find_data_request", token=token)
        return found

    def prove(self, token: str) -> dict[str, Any] | None:
        """Carry a request out by its mailed link; None for one that is void."""
        done: dict[str, Any] | None = self._database.call("prove_data_request", token=token)
        return done

    def fetch(self, token: str, email: str) -> dict[str, Any] | None:
        """Everything that is kept of a person; None where the link is void or not theirs."""
        data: dict[str, Any] | None = self._database.call("fetch_personal_data", token=token, email=email)
        return data


@functools.cache
def data_request_store() -> DataRequestStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return DataRequestStore(public_store_settings())
