"""Connect an account's CRM: show the token to the CRM first, and keep it encrypted only if it is taken."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from lib.domain.crm import AskedConnection, Crm, MappedField, Place, default_mapping
from lib.errors import CrmRefused, CrmUnavailable, InvalidRequest
from lib.vault import Vault


class Connections(Protocol):
    """The connections of who asks."""

    def check_may_connect(self, account_id: str) -> None:
        """Refuse who may not."""

    def save(
        self, connection_id: str, asked: AskedConnection, place: Place, sealed: str, mapping: list[MappedField]
    ) -> dict[str, Any]:
        """Keep one."""


def connect_crm(
    asked: AskedConnection, *, connections: Connections, open_crm: Callable[[AskedConnection], Crm], vault: Vault
) -> dict[str, Any]:
    """Check the token and keep the connection; answers its row, in which there is no token.

    Raises InvalidRequest with what the CRM said when the token is not taken, MemberRefused when the caller may not, and
    StoreUnavailable.
    """
    connections.check_may_connect(asked.account_id)
    place = _checked(open_crm(asked))
    connection_id = asked.connection_id or str(uuid.uuid4())
    sealed = vault.seal(asked.token, account_id=asked.account_id, connection_id=connection_id)
    return connections.save(connection_id, asked, place, sealed, default_mapping(asked.vendor))


def _checked(crm: Crm) -> Place:
    try:
        return crm.check()
    except CrmRefused as refusal:
        raise InvalidRequest("crm_refused", refusal.message, status=422) from None
    except CrmUnavailable as error:
        raise InvalidRequest("crm_unavailable", f"{error.message} Nothing was kept: try again in a minute.", status=422) from None
