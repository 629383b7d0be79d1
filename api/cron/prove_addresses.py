"""GET /api/cron/prove_addresses: the nightly proof that no visitor's address is kept. Called by the platform alone.

200 {verdict, canaries, beacons} for clean and not_configured; 500 with the same for found and control_failed, so that
the platform shows a failed job; 401 without the secret; 503 when a setting or the database is missing.
"""

import asyncio
import logging

from functions.prove_addresses import prove_addresses
from lib.asgi import Receive, Scope, Send, answer_json, door
from lib.cron import check_caller
from lib.db.beacon_store import BeaconStore
from lib.db.proof_store import KeptProof, proof_store
from lib.errors import MissingSetting, ProofFailed, Refusal, StoreUnavailable
from lib.observe import report
from lib.settings import beacon_store_settings, canary_settings, release

_log = logging.getLogger("leadsment.proof")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        check_caller(scope)
        await _answer(send, await asyncio.to_thread(_prove))
    except Refusal as refusal:
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message})
    except (StoreUnavailable, MissingSetting) as error:
        _log.error("addresses not proved: %s", error)
        await answer_json(send, 503, {"error": "unavailable", "message": "Nothing was proved. The log says why."})
        await report(error)


def _prove() -> KeptProof:
    return prove_addresses(
        canary_settings(),
        release=release(),
        beacon_store=lambda sees: BeaconStore(beacon_store_settings(), sees=sees),
        proof_store=proof_store(),
    )


async def _answer(send: Send, proof: KeptProof) -> None:
    failed = proof.verdict in ("found", "control_failed")
    said = {"verdict": proof.verdict, "canaries": proof.canaries, "beacons": proof.beacons, "found": proof.found}
    if failed:
        _log.error("the address proof failed: %s", proof.verdict)
    await answer_json(send, 500 if failed else 200, said)
    if failed:
        await report(ProofFailed(proof.verdict))
