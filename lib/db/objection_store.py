"""Objections of people whose work address an account keeps: as the role `public_door`."""

import functools
from typing import Any

from lib.db.postgrest import Postgrest
from lib.settings import StoreSettings, public_store_settings


class ObjectionStore:
    """Finds what is kept under a link, and deletes it. Each method raises StoreUnavailable. Safe for several threads."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings)

    def find(self, token: str) -> dict[str, Any] | None:
        """What is kept, as find_objection in supabase/migrations answers it; None for nothing. Changes nothing."""
        found: dict[str, Any] | None = self._database.call("find_objection", token=token)
        return found

    def object(self, token: str) -> bool | None:
        """Delete it in the account of the link; whether a link to object everywhere was mailed. None where nothing is kept."""
        objected: dict[str, Any] | None = self._database.call("object_to_contact", token=token)
        return None if objected is None else bool(objected["is_mailed"])

    def object_everywhere(self, token: str) -> bool:
        """Delete it everywhere and for good; False for a link that was used or is too old."""
        return bool(self._database.call("object_everywhere", token=token))


@functools.cache
def objection_store() -> ObjectionStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return ObjectionStore(public_store_settings())
