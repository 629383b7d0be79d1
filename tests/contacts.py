"""Contacts as tests make them: through the functions, and past them as whoever owns the tables."""

import json
from typing import Any

from tests.builders import Caller, Customer

ANNA = {
    "role": "Head of Purchasing",
    "seniority": "senior",
    "work_email": "anna.berg@acme.example",
    "linkedin_handle": "anna-berg",
}


def visited_by(customer: Customer, key: str = "acme") -> str:
    """Let a company visit, and give its id."""
    customer.world.record(customer.beacon(key))
    return customer.company_id(key)


def bring(customer: Customer, company_id: str, *contacts: dict[str, Any], caller: Caller | None = None) -> list[str]:
    """Import contacts as a member: what became of each."""
    results: list[str] = (caller or customer.owner).result(
        "import_contacts", company_id=company_id, contacts=list(contacts) or [ANNA]
    )
    return results


def insert(customer: Customer, company_id: str, **columns: Any) -> None:
    """Write a contact past all functions, as the table's owner could."""
    row = {"account_id": customer.account_id, "company_id": company_id, "source": "import", **columns}
    names = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    customer.world.database.execute(f"insert into public.contacts ({names}) values ({values})", row)


def accesses(customer: Customer) -> list[tuple[str, int]]:
    """What was done with contacts, oldest first: action and how many."""
    query = "select action, contacts from public.contact_accesses where account_id = %s order by at, id"
    return [(action, contacts) for action, contacts in customer.world.database.execute(query, [customer.account_id]).fetchall()]


def as_json(value: object) -> str:
    """For a parameter of type jsonb."""
    return json.dumps(value)
