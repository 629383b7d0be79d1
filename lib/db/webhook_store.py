"""Webhooks as the door sees them that saves them: with the member's token, and of URLs it has looked at, as `webhook_door`."""

from typing import Any

from lib.db.member_call import call_as_member
from lib.db.postgrest import Postgrest
from lib.domain.webhook import Asked, AskedEndpoint, AskedUrl
from lib.settings import ProjectSettings, StoreSettings


class WebhookStore:
    """One member's webhooks. Each method raises NotSignedIn, InvalidRequest in the database's words, and StoreUnavailable."""

    def __init__(self, token: str, project: ProjectSettings, door: StoreSettings) -> None:
        self._token, self._project, self._door = token, project, door

    def check_may_save(self, asked: Asked) -> None:
        """Raises what the database refuses, if the member may not manage the account's webhooks, or this one."""
        if isinstance(asked, AskedEndpoint):
            self._call("check_may_manage_webhooks", account_id=asked.account_id)
        else:
            self._call("update_webhook_endpoint", endpoint_id=asked.endpoint_id)

    def allow(self, url: str) -> None:
        """Say that a URL was looked at, so that it may be saved within two minutes."""
        door = Postgrest(self._door)
        try:
            door.call("allow_webhook_url", url=url)
        finally:
            door.close()

    def save(self, asked: Asked) -> dict[str, str]:
        """Save a webhook whose URL is allowed: {id, secret} of a new one, {id} of one that got another URL."""
        if isinstance(asked, AskedUrl):
            self._call("update_webhook_endpoint", endpoint_id=asked.endpoint_id, url=asked.url)
            return {"id": asked.endpoint_id}
        created: dict[str, str] = self._call(
            "create_webhook_endpoint",
            account_id=asked.account_id,
            url=asked.url,
            events=list(asked.events),
            description=asked.description,
        )
        return created

    def _call(self, function: str, **arguments: object) -> Any:
        return call_as_member(function, self._token, self._project, **arguments)
