"""GET /api/cron/{job}: what is done by the clock. Called by the platform alone, or by whoever else holds its secret.

200 {state, done, failed}: claimed and run, or done or running already; 401 without the secret; 404 for a job there is none
of; 500 when the job found what must not be, so that the platform shows a failed job; 503 when a setting is missing or
something beyond our code did not answer, and the next call begins the same run again.
"""

import asyncio
import functools
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from functions.anchor_audit import anchor_audit
from functions.announce_events import announce_events
from functions.deliver_outbox import deliver_outbox
from functions.enrich_contacts import enrich_contacts
from functions.prove_addresses import prove_addresses
from functions.push_company import push_company
from functions.run_job import Ran, run_job
from functions.send_digests import send_digests
from functions.watch_visits import watch_visits
from lib.asgi import Receive, Scope, Send, answer_json, door
from lib.chat.deliver import deliver_slack, deliver_teams
from lib.contacts.over_http import contact_providers
from lib.crm import open_crm
from lib.cron import check_caller
from lib.db.audit_store import audit_store
from lib.db.beacon_store import BeaconStore
from lib.db.crm_store import push_notes
from lib.db.digest_store import digest_store
from lib.db.enrichment_store import enrichment_store
from lib.db.event_store import event_store
from lib.db.job_store import job_store
from lib.db.outbox_store import outbox_store
from lib.db.proof_store import proof_store
from lib.db.visit_store import visit_store
from lib.domain.job import JOBS, Counts, Job, Run, Work
from lib.domain.outbox import Deliver, Delivery, Message
from lib.errors import InvalidRequest, MissingSetting, ProofFailed, Refusal, Unavailable
from lib.heartbeat import beat
from lib.mail.free_mail import is_free_mail
from lib.mail.outbox_mail import deliver_mail
from lib.observe import report
from lib.outbound import Outbound
from lib.settings import app_url, beacon_store_settings, canary_settings, crm_base_urls, outbound_networks, release
from lib.vault import vault
from lib.webhook import deliver_webhook

# Of the sixty the platform gives this function: what is under way then has ten to end.
_WORKS_FOR_SECONDS = 45
# For each request of a push, of which there are five at most before the company is there: within the lease of a message.
_CRM_SECONDS = 5.0
_log = logging.getLogger("leadsment.jobs")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        check_caller(scope)
        job = _job(scope["path"])
        ran = await asyncio.to_thread(run, job, datetime.now(UTC))
        await answer_json(send, 200, {"job": job.name, "state": ran.state, "done": ran.counts.done, "failed": ran.counts.failed})
    except Refusal as refusal:
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message})
    except ProofFailed as failure:
        _log.error("the address proof failed: %s", failure.verdict)
        await answer_json(send, 500, {"error": failure.verdict, "message": "The proof of addresses failed: see /proof."})
        await report(failure)
    except (Unavailable, MissingSetting) as error:
        _log.error("a job was not run: %s %s", type(error).__name__, error)
        await answer_json(send, 503, {"error": "unavailable", "message": "The job did not end. The log says why."})
        await report(error)


def run(job: Job, at: datetime) -> Ran:
    """Run a job for the period of a moment, as this deployment is set up."""
    return run_job(job, WORK[job.name], at=at, seconds=_WORKS_FOR_SECONDS, runs=job_store(), heartbeat=beat)


def _job(path: str) -> Job:
    job = JOBS.get(path.removeprefix("/api/cron/"))
    if job is None:
        raise InvalidRequest("not_found", "There is no such job.", status=404)
    return job


def _anchor_audit(run: Run) -> Counts:
    return anchor_audit(run, audit=audit_store())


def _announce_events(run: Run) -> Counts:
    told = announce_events(run, events=event_store())
    if told.done:
        # What is to be heard at once need not wait for the next minute.
        _deliver_outbox(run)
    return told


def _deliver_outbox(run: Run) -> Counts:
    return deliver_outbox(run, outbox=outbox_store(), channels=CHANNELS, report=_report)


@functools.cache
def _crm_http() -> Outbound:
    return Outbound(outbound_networks(), seconds=_CRM_SECONDS)


def _push_company(message: Message) -> Delivery:
    return push_company(
        message,
        notes=push_notes(),
        open_crm=partial(open_crm, http=_crm_http(), base_urls=crm_base_urls()),
        vault=vault(),
        app_url=app_url(),
    )


def _enrich_contacts(run: Run) -> Counts:
    return enrich_contacts(
        run,
        requests=enrichment_store(),
        providers=contact_providers(),
        is_free_mail=is_free_mail,
        failures=job_store(),
        report=_report,
    )


def _prove_addresses(run: Run) -> Counts:
    proof = prove_addresses(
        canary_settings(),
        release=release(),
        beacon_store=lambda sees: BeaconStore(beacon_store_settings(), sees=sees),
        proof_store=proof_store(),
    )
    if proof.verdict in ("found", "control_failed"):
        raise ProofFailed(proof.verdict)
    return Counts(done=proof.beacons)


def _purge_expired(run: Run) -> Counts:
    counts = Counts()
    while run.has_time and (gone := sum(job_store().purge_expired().values())):
        counts += Counts(done=gone)
    return counts


def _send_digests(run: Run) -> Counts:
    return send_digests(run, digests=digest_store(), failures=job_store())


def _watch_visits(run: Run) -> Counts:
    looked = watch_visits(run, visits=visit_store())
    if looked.done:
        _deliver_outbox(run)
    return looked


def _report(fault: Exception) -> None:
    _log.error("unexpected %s", type(fault).__name__)
    asyncio.run(report(fault))


CHANNELS: Mapping[str, Deliver] = {
    "mail": deliver_mail,
    "webhook": deliver_webhook,
    "crm": _push_company,
    "slack": deliver_slack,
    "teams": deliver_teams,
}
WORK: Mapping[str, Work] = {
    "anchor_audit": _anchor_audit,
    "announce_events": _announce_events,
    "deliver_outbox": _deliver_outbox,
    "enrich_contacts": _enrich_contacts,
    "prove_addresses": _prove_addresses,
    "purge_expired": _purge_expired,
    "send_digests": _send_digests,
    "watch_visits": _watch_visits,
}
