"""Webhooks as the door sees them that saves them: with the member's token, and of URLs it has looked at, as `webhook_door`."""

from lib.db.member_session import MemberSession
from lib.db.postgrest import Postgrest
from lib.domain.webhook import Asked, AskedEndpoint, AskedUrl
from lib.settings import ProjectSettings, StoreSettings


class WebhookStore:
    """One member's webhooks. Each method raises NotSignedIn, MemberRefused in the database's words, and StoreUnavailable."""

    def __init__(self, token: str, project: ProjectSettings, door: StoreSettings) -> None:
        self._session, self._door = MemberSession(token, project), door

    def check_may_save(self, asked: Asked) -> None:
        """Raises what the database refuses, if the member may not manage the account's webhooks, or this one."""
        if isinstance(asked, AskedEndpoint):
            self._session.call("check_may_manage_webhooks", account_id=asked.account_id)
        else:
            self._session.call("update_webhook_endpoint", endpoint_id=asked.endpoint_id)

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
            self._session.call("update_webhook_endpoint", endpoint_id=asked.endpoint_id, url=asked.url)
            return {"id": asked.endpoint_id}
        created: dict[str, str] = self._session.call(
            "create_webhook_endpoint",
            account_id=asked.account_id,
            url=asked.url,
            events=list(asked.events),
            description=asked.description,
        )
        return created
