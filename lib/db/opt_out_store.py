"""Where requests to be identified no more, or again, are kept and fulfilled: as the role `public_door`."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib.db.postgrest import Postgrest
from lib.domain.opt_out import Proof, Wish
from lib.settings import StoreSettings, public_store_settings


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request as it was kept. expires_at: ISO 8601, with its offset."""

    id: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class FoundRequest:
    """A request as it was found by its token. state: open, used or expired. expires_at: ISO 8601, with its offset."""

    domain: str
    company_keys: list[str]
    proof: Proof
    wish: Wish
    state: str
    expires_at: str


class OptOutStore:
    """Keeps requests under the hash of their token; the token itself goes no further than here. Safe for several threads.

    Each method raises StoreUnavailable when it is not known to have happened.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings)

    def request(self, domain: str, company_keys: Sequence[str], proof: Proof, wish: Wish, token: str) -> KeptRequest | None:
        """Keep a request; None when there were too many within a day."""
        kept: dict[str, Any] | None = self._database.call(
            "request_opt_out",
            domain=domain,
            company_keys=list(company_keys),
            proof=proof,
            wish=wish,
            token_hash=_hash_of(token),
        )
        return KeptRequest(**kept) if kept else None

    def find(self, token: str) -> FoundRequest | None:
        """The request with this token, changing nothing."""
        found: dict[str, Any] | None = self._database.call("find_opt_out_request", token_hash=_hash_of(token))
        if found is None:
            return None
        return FoundRequest(**{**found, "proof": Proof(found["proof"]), "wish": Wish(found["wish"])})

    def drop(self, token: str) -> None:
        """Forget a request that nobody was told of."""
        self._database.call("drop_opt_out_request", token_hash=_hash_of(token))

    def confirm(self, token: str) -> str:
        """Fulfil a proved request, once; see confirm_opt_out in supabase/migrations for the verdicts."""
        return str(self._database.call("confirm_opt_out", token_hash=_hash_of(token)))


@functools.cache
def opt_out_store() -> OptOutStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return OptOutStore(public_store_settings())


def _hash_of(token: str) -> str:
    """A token's SHA-256 as PostgreSQL reads a bytea. A token is 256 random bits: nothing slower is needed."""
    return f"\\x{hashlib.sha256(token.encode()).hexdigest()}"
