"""Where the nightly proof searches rows and keeps what it found: as the role `prover`."""

import functools
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from lib.db.postgrest import Postgrest
from lib.settings import StoreSettings, proof_store_settings


@dataclass(frozen=True, slots=True)
class RowScan:
    """A search of every table. found: in how many tables, found_in: which. control_found: whether a planted text was."""

    tables: int
    rows: int
    bytes: int
    found: int
    found_in: list[str]
    control_found: bool


@dataclass(frozen=True, slots=True)
class KeptProof:
    """What a proof searched and found. places: counts by place. It holds no address."""

    release: str
    canaries: int
    beacons: int
    places: dict[str, dict[str, Any]]
    found: int
    control_found: bool
    verdict: str


class ProofStore:
    """Searches the database for canaries and keeps proofs. Each method raises StoreUnavailable."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=25)  # the scan has 20 s, a setting of the role

    def scan(self, spellings: Iterable[bytes], control: Iterable[bytes]) -> RowScan:
        """Search every table; see scan_for_canaries in supabase/migrations. Spellings that are no text are left out."""
        found: dict[str, Any] = self._database.call("scan_for_canaries", spellings=_texts(spellings), control=_texts(control))
        return RowScan(**{name: found[name] for name in RowScan.__dataclass_fields__})

    def keep(self, proof: KeptProof) -> str:
        """Add a proof to the record; the time it is kept under, ISO 8601 with its offset."""
        return str(self._database.call("keep_address_proof", proof=asdict(proof)))


@functools.cache
def proof_store() -> ProofStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return ProofStore(proof_store_settings())


def _texts(spellings: Iterable[bytes]) -> list[str]:
    # A row's text holds no NUL and no raw byte: bytes are shown as hexadecimal digits, which are among the spellings.
    return sorted(
        {text for spelling in spellings if (text := spelling.decode("ascii", "ignore")).encode() == spelling and "\0" not in text}
    )
