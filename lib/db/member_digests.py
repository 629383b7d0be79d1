"""A member's own digests, read with the member's own token."""

from http import HTTPStatus
from typing import Any

from lib.db.postgrest import Postgrest
from lib.errors import NotSignedIn, StoreUnavailable, UnknownDigest
from lib.settings import ProjectSettings, StoreSettings


def preview_digest(subscription_id: str, token: str, settings: ProjectSettings) -> dict[str, Any]:
    """What the caller's next digest would say now; see preview_digest in supabase/migrations.

    token: the caller's access token, as Supabase issued it. Raises NotSignedIn, UnknownDigest and StoreUnavailable.
    """
    database = Postgrest(StoreSettings(settings.supabase_url, settings.publishable_key, token), answer_seconds=8)
    try:
        content: dict[str, Any] = database.call("preview_digest", subscription_id=subscription_id)
    except StoreUnavailable as error:
        # Of PostgREST: 401 for a token that is none of ours or spent, 404 for what the function calls unknown.
        if error.reason.startswith((f"status {HTTPStatus.UNAUTHORIZED}", f"status {HTTPStatus.FORBIDDEN}")):
            raise NotSignedIn from None
        if error.reason.startswith(f"status {HTTPStatus.NOT_FOUND}"):
            raise UnknownDigest from None
        raise
    finally:
        database.close()
    return content
