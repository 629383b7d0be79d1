"""A customer with a connected CRM, and the job that pushes, as a test runs them: the real verbs, database and wire."""

import json
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dev.stack import Stack
from functions.deliver_outbox import deliver_outbox
from functions.push_company import push_company
from lib.crm import open_crm
from lib.db.crm_store import PushNotes
from lib.db.outbox_store import OutboxStore
from lib.domain.crm import Vendor, default_mapping
from lib.domain.job import Counts, Run
from lib.domain.outbox import Delivery, Fate, Message
from lib.outbound import Outbound
from lib.settings import StoreSettings, VaultSettings
from lib.vault import Vault
from tests.builders import Caller, Customer, World
from tests.crms.hubspot import HubSpotDouble

KEY = os.urandom(32)


@dataclass
class Pusher:
    """The job that delivers. sent: what it was given; faults: of ours; key: what tokens are opened with."""

    stack: Stack
    world: World
    settings: VaultSettings = field(default_factory=lambda: VaultSettings(KEY))
    faults: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        store = StoreSettings(self.stack.supabase_url, self.stack.publishable_key, self.stack.secrets.token("deliverer"))
        self._outbox, self._notes = OutboxStore(store), PushNotes(store)

    def close(self) -> None:
        """Close the connections to the database."""
        self._outbox._database.close()
        self._notes._database.close()

    def deliver(self, *, hurried: bool = True) -> Counts:
        """Deliver what is due, after waiting for whatever waits for a time."""
        if hurried:
            self.world.database.execute(
                "update private.outbox set next_attempt_at = now() where state = 'waiting' and next_attempt_at <> 'infinity'"
            )
        run = Run(at=datetime.now(UTC), clock=iter([0.0, 0.0, 2.0]).__next__, ends_at=1.0)  # two rounds
        channels = {"crm": self.push, "mail": lambda message: Delivery(Fate.UNAVAILABLE)}
        return deliver_outbox(run, outbox=self._outbox, channels=channels, report=self.faults.append)

    def push(self, message: Message) -> Delivery:
        """One message, as api/cron.py pushes it."""
        opening = partial(open_crm, http=Outbound(["127.0.0.0/8"], seconds=3), base_urls=self.stack.crm_urls)
        return push_company(
            message, notes=self._notes, open_crm=opening, vault=Vault(self.settings), app_url="https://app.example"
        )


@dataclass
class Connected:
    """A customer whose CRM is connected, as the door connects it, and who was visited by acme."""

    customer: Customer
    connection: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.connection["id"])

    @property
    def company_id(self) -> str:
        return self.customer.company_id("acme")

    def push(self) -> dict[str, Any]:
        """Click on "Push"."""
        link: dict[str, Any] = self.customer.owner.result("push_to_crm", company_id=self.company_id, connection_id=self.id)
        return link

    def change(self, **changes: object) -> dict[str, Any]:
        changed: dict[str, Any] = self.customer.owner.result("change_crm_connection", id=self.id, **changes)
        return changed

    def state(self) -> dict[str, Any]:
        [row] = self.customer.owner.rows("crm_connections", id=f"eq.{self.id}")
        return row

    def link(self) -> dict[str, Any]:
        [row] = self.customer.owner.rows("crm_links", connection_id=f"eq.{self.id}", company_id=f"eq.{self.company_id}")
        return row


def connect(customer: Customer, owner: Caller | None = None, *, vendor: str = "hubspot", token: str = HubSpotDouble.token,
            connection_id: str | None = None) -> dict[str, Any]:  # fmt: skip
    """Connect a CRM as the door does, once the CRM has taken the token."""
    connection_id = connection_id or str(uuid.uuid4())
    sealed = Vault(VaultSettings(KEY)).seal({"access_token": token}, account_id=customer.account_id, connection_id=connection_id)
    saved: dict[str, Any] = (owner or customer.owner).result(
        "save_crm_connection",
        id=connection_id,
        account_id=customer.account_id,
        vendor=vendor,
        place="146230000",
        key_field="domain",
        sealed=sealed,
        mapping=[mapped.as_row() for mapped in default_mapping(Vendor(vendor))],
    )
    return saved


def rows_of_everything(world: World) -> str:
    """Every row of every table, as text."""
    tables = world.database.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'private')"
    ).fetchall()
    return json.dumps(
        [world.database.execute(f"select to_jsonb(one)::text from {name} as one").fetchall() for (name,) in tables], default=str
    )
