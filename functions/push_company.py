"""Push a company to an account's CRM: one message of the outbox."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from lib.domain.crm import Crm, CrmCompany, CrmContact, Place, Pushed, Vendor, parse_mapping
from lib.domain.outbox import Delivery, Fate, Message
from lib.errors import CrmDenied, CrmRefused, CrmUnavailable, SealBroken
from lib.vault import Vault

# With the company's own requests less than the lease of a message: nobody else may begin while this goes on.
_CONTACTS_FOR_SECONDS = 15.0
_CANNOT_BE_READ = "The token cannot be read any more: connect the CRM with a new one."


class Notes(Protocol):
    """Where it is written down what a CRM said."""

    def note_pushed(self, claim: str, pushed: Pushed, *, reason: str | None, resealed: str | None) -> None:
        """It has taken the company; reason: and not all of its contacts."""

    def note_waiting(self, claim: str, reason: str) -> None:
        """Not this time."""

    def note_broken(self, claim: str, reason: str) -> None:
        """It does not take the token."""


OpenCrm = Callable[[Vendor, Mapping[str, str], Place], Crm]


def push_company(
    message: Message, *, notes: Notes, open_crm: OpenCrm, vault: Vault, app_url: str, clock: Callable[[], float] = time.monotonic
) -> Delivery:
    """Make the CRM's record of the company say what is mapped. Harmless to repeat: the record is looked for first.

    A token that is not taken breaks the connection: the message then waits in the outbox until there is another one.
    Raises StoreUnavailable.
    """
    to = message.destination
    try:
        company = _company(to, app_url)
    except ValueError:
        return Delivery(Fate.REFUSED, detail="The company's domain is none that a CRM takes.")
    owner = {"account_id": str(to["account_id"]), "connection_id": str(to["connection_id"])}
    try:
        token = vault.open(to["sealed"], **owner)
        crm = open_crm(Vendor(to["vendor"]), token, Place(to["place"], to["key_field"]))
        pushed = crm.push_company(company, parse_mapping(to["mapping"]))
        reason = _push_contacts(crm, to["contacts"], pushed.remote_id, clock)
    except SealBroken:
        notes.note_broken(message.claim, _CANNOT_BE_READ)
        return Delivery(Fate.UNAVAILABLE, detail=_CANNOT_BE_READ)
    except CrmDenied as denial:
        notes.note_broken(message.claim, denial.message)
        return Delivery(Fate.UNAVAILABLE, denial.status, denial.message)
    except CrmRefused as refusal:
        return Delivery(Fate.REFUSED, refusal.status, refusal.message)
    except CrmUnavailable as error:
        notes.note_waiting(message.claim, error.message)
        return Delivery(Fate.UNCERTAIN, error.status, error.message, error.wait_seconds)
    resealed = vault.seal(token, **owner) if vault.is_outdated(to["sealed"]) else None
    notes.note_pushed(message.claim, pushed, reason=reason, resealed=resealed)
    return Delivery(Fate.DELIVERED, detail=pushed.outcome)


def _push_contacts(
    crm: Crm, contacts: Sequence[Mapping[str, str | None]], company_id: str, clock: Callable[[], float]
) -> str | None:
    """Push a company's contacts; why not all of them, if so. The company is there all the same, and no connection breaks."""
    ends_at = clock() + _CONTACTS_FOR_SECONDS
    try:
        for contact in contacts:
            if clock() >= ends_at:
                return "its contacts were not all pushed: the CRM is slow. The next push goes on."
            crm.push_contact(CrmContact(contact["work_email"] or "", contact["role"], contact["linkedin_handle"]), company_id)
    except CrmRefused as refusal:
        return f"its contacts were not all taken. {refusal.message}"
    except ValueError:
        return "its contacts were not all taken: one has no address that a CRM takes."
    return None


def _company(to: Mapping[str, Any], app_url: str) -> CrmCompany:
    known = {fact: str(value) for fact, value in to["company"].items() if value}
    known["page"] = f"{app_url}{known['page']}"
    return CrmCompany(known["name"], known["domain"], known, to["remote_id"])
