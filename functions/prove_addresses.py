"""Prove that no visitor's address is kept: visit from addresses the operator owns, then search everything for them."""

import asyncio
import contextlib
import ipaddress
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from functions.record_beacon import Sender, record_beacon
from lib.asgi import headers_of
from lib.db.admission import Admission, SiteStore
from lib.db.group_commit import GroupCommit
from lib.db.known_rules import KnownRules, RuleStore
from lib.db.proof_store import KeptProof, RowScan
from lib.domain.beacon import parse_beacon
from lib.domain.outcome import Outcome
from lib.domain.page import host_of_origin
from lib.errors import Refusal
from lib.identification import InvalidAddress, client_address, identify
from lib.identification.address import headers_naming
from lib.identification.spellings import spellings
from lib.observe.recording import Recording, recording
from lib.settings import CanarySettings

_MOST_CANARIES = 16
_NOT_LOOKED_UP = (Outcome.BOT, Outcome.PREFETCH, Outcome.OPTED_OUT)
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
Headers = list[tuple[bytes, bytes]]


class BeaconStore(RuleStore, SiteStore, Protocol):
    """Where beacons are committed, and what decides about them is kept."""

    async def record(self, rows: Sequence[str]) -> list[str]:
        """Commit beacons, each a JSON object, and return a verdict for each."""

    def close(self) -> None:
        """Close its connections."""


class ProofStore(Protocol):
    """What searches the rows and keeps the result."""

    def scan(self, spellings: set[bytes], control: set[bytes]) -> RowScan:
        """Search every table."""

    def keep(self, proof: KeptProof) -> str:
        """Add a proof to the record."""


def prove_addresses(
    canaries: CanarySettings,
    *,
    release: str,
    beacon_store: Callable[[Callable[[bytes], None]], BeaconStore],
    proof_store: ProofStore,
) -> KeptProof:
    """Visit in every way there is, search rows, egress, logs, output and reports, keep what was found, and return it.

    beacon_store makes a store that shows what it sends. A text is planted in every place: where it is not found, the
    search proves nothing. Raises StoreUnavailable, having kept nothing, and ValueError for a canary that is no address.
    """
    if canaries.configured:
        proof = _proof(canaries, release, beacon_store, proof_store)
    else:
        proof = KeptProof(release, 0, 0, {}, 0, control_found=False, verdict="not_configured")
    proof_store.keep(proof)
    return proof


def _proof(
    canaries: CanarySettings,
    release: str,
    beacon_store: Callable[[Callable[[bytes], None]], BeaconStore],
    proof_store: ProofStore,
) -> KeptProof:
    addresses = canaries.addresses[:_MOST_CANARIES]
    searched = {form for address in addresses for form in spellings(address)}
    # Of the range for documentation (RFC 3849): nobody's, and drawn anew, so that no earlier proof can have left it.
    control = str(ipaddress.IPv6Address((0x20010DB8 << 96) | secrets.randbits(96)))
    with recording() as recorded:
        visits = [(address, *visit) for address in addresses for visit in _visits(address, canaries)]
        outcomes = asyncio.run(_sent(visits, control, beacon_store(recorded.sees), recorded))
        recorded.plant(control)
    found = proof_store.scan(searched, spellings(control))
    places = {"rows": _rows(found)}
    places |= {place: _searched(content, searched, control) for place, content in recorded.content().items()}
    proof = KeptProof(release, len(addresses), len(outcomes), places, 0, control_found=False, verdict="clean")
    looked_up = {address for address, outcome in outcomes if outcome not in _NOT_LOOKED_UP}
    return _judged(proof, every_canary_came=looked_up == set(addresses))


def _rows(scan: RowScan) -> dict[str, Any]:
    where = {"found_in": scan.found_in} if scan.found else {}
    return {
        "tables": scan.tables,
        "rows": scan.rows,
        "bytes": scan.bytes,
        "found": scan.found,
        "control_found": scan.control_found,
        **where,
    }


def _searched(content: bytes, searched: set[bytes], control: str) -> dict[str, Any]:
    return {
        "bytes": len(content),
        "found": sum(form in content for form in searched),
        "control_found": any(form in content for form in spellings(control)),
    }


def _judged(proof: KeptProof, *, every_canary_came: bool) -> KeptProof:
    """The proof with its verdict. A canary of whose visits none was looked up and acknowledged went past what is to be proved."""
    found = sum(bool(place["found"]) for place in proof.places.values())
    control_found = all(place["control_found"] for place in proof.places.values())
    verdict = "found" if found else "clean" if control_found and every_canary_came else "control_failed"
    return KeptProof(proof.release, proof.canaries, proof.beacons, proof.places, found, control_found, verdict)


async def _sent(
    visits: list[tuple[str, Headers, bytes]], control: str, store: BeaconStore, recorded: Recording
) -> list[tuple[str, Outcome]]:
    """Send beacons and the control, and say what became of the beacons."""
    with contextlib.closing(store):
        outcomes = await _outcomes(visits, store, recorded)
        # Sent as the beacons are, to a site that does not exist: so the bytes that leave are seen.
        await store.record(
            [json.dumps({"site_key": control, "beacon_id": control, "outcome": "identified", "origin_host": control})]
        )
    return outcomes


async def _outcomes(
    visits: list[tuple[str, Headers, bytes]], store: BeaconStore, recorded: Recording
) -> list[tuple[str, Outcome]]:
    """Take beacons as their door does; the address and outcome of each that was acknowledged. What goes wrong is met as a
    report would meet it."""
    commits, rules, admission = GroupCommit(store.record), KnownRules(store), Admission(store)
    outcomes = []
    for address, headers, body in visits:
        try:
            read = headers_of({"headers": headers})
            beacon = parse_beacon(body)
            sender = Sender(host_of_origin(read.get("origin", "")), read, client_address(headers))
            outcome = await record_beacon(beacon, sender, identify=identify, commits=commits, rules=rules, admission=admission)
            outcomes.append((address, outcome))
        except (Refusal, InvalidAddress, ValueError) as error:
            recorded.error(error)
    return outcomes


def _visits(address: str, canaries: CanarySettings) -> Iterator[tuple[Headers, bytes]]:
    """Requests from an address, with the address in every place a browser, a proxy or a stranger could put it."""
    home = f"https://{canaries.app_host}"
    plain, encoded = f"{home}/proof", _percent(address)
    pages = [
        f"{home}/from/{address}/{encoded}/{_percent(encoded)}?utm_source={encoded}&utm_campaign={address}&ip={address}#{address}",
        f"{home}/{address.replace('.', '-').replace(':', '-')}?utm_term={quote(_percent(encoded))}",
    ]
    yield _request(address, canaries, plain)
    yield from (_request(address, canaries, page) for page in pages)
    yield _request(address, canaries, plain, referrer=address)
    yield _request(address, canaries, plain, referrer=f"{address.replace('.', '-').replace(':', '-')}.dyn.example")
    yield _request(address, canaries, plain, agent=f"{_BROWSER} {address}")
    yield _request(address, canaries, plain, agent=f"curl/8.9 {address}")
    yield _request(address, canaries, plain, more=[(b"dnt", b"1")])
    yield _request(address, canaries, plain, origin=f"https://{address}")
    yield _request(address, canaries, f"https://{address}:bad/")
    yield _request(f"{address} and more", canaries, plain)
    yield headers_naming(address), f"not json {address}".encode()
    if ":" not in address:
        yield _request(f"::ffff:{address}", canaries, plain)


def _request(
    address: str,
    canaries: CanarySettings,
    page: str,
    *,
    referrer: str = "",
    agent: str = _BROWSER,
    origin: str = "",
    more: Headers | None = None,
) -> tuple[Headers, bytes]:
    origin = origin or f"https://{canaries.app_host}"
    headers = [*headers_naming(address), (b"user-agent", agent.encode()), (b"origin", origin.encode()), *(more or [])]
    beacon = {"k": canaries.site_key, "i": secrets.token_hex(16), "u": page, **({"r": referrer} if referrer else {})}
    return headers, json.dumps(beacon).encode()


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())
