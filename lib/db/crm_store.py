"""Connections to CRMs: as the person who makes them sees them, and as the job that pushes does (the role `deliverer`)."""

import functools
from typing import Any

from lib.db.member_session import MemberSession
from lib.db.postgrest import Postgrest
from lib.domain.crm import AskedConnection, MappedField, Place, Pushed
from lib.settings import StoreSettings, deliverer_store_settings


class MemberCrms:
    """A person's own. Each method raises MemberRefused, NotSignedIn or StoreUnavailable."""

    def __init__(self, session: MemberSession) -> None:
        self._session = session

    def check_may_connect(self, account_id: str) -> None:
        """Refuse who is no owner or admin of the account."""
        self._session.call("check_crm_manager", account_id=account_id)

    def save(
        self, connection_id: str, asked: AskedConnection, place: Place, sealed: str, mapping: list[MappedField]
    ) -> dict[str, Any]:
        """Keep a connection, its token encrypted, and answer what there is of it."""
        saved: dict[str, Any] = self._session.call(
            "save_crm_connection",
            id=connection_id,
            account_id=asked.account_id,
            vendor=asked.vendor,
            place=place.name,
            key_field=place.key_field,
            sealed=sealed,
            mapping=[mapped.as_row() for mapped in mapping],
        )
        return saved


class PushNotes:
    """Writes down what CRMs said. Each method raises StoreUnavailable. Safe for several threads."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=10)  # the role has 8 s for a statement

    def note_pushed(self, claim: str, pushed: Pushed, *, reason: str | None, resealed: str | None) -> None:
        """The CRM has taken it; reason: and not all of its contacts. resealed: its token under the key of now, where it was
        under the one before."""
        self._note(claim, pushed.outcome, remote_id=pushed.remote_id, remote_url=pushed.url, reason=reason, resealed=resealed)

    def note_waiting(self, claim: str, reason: str) -> None:
        """Not this time, and why."""
        self._note(claim, "waiting", reason=reason)

    def note_broken(self, claim: str, reason: str) -> None:
        """The token is not taken: nothing more is sent until there is another, and owners and admins are told."""
        self._note(claim, "broken", reason=reason)

    def _note(self, claim: str, outcome: str, **more: str | None) -> None:
        self._database.call("note_crm_push", claim=claim, outcome=outcome, **more)


@functools.cache
def push_notes() -> PushNotes:
    """The process's, by the deployment's settings; raises MissingSetting."""
    return PushNotes(deliverer_store_settings())
