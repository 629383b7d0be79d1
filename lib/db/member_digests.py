"""A member's own digests."""

from typing import Any

from lib.db.member_session import MemberSession
from lib.settings import ProjectSettings

_ANSWER_SECONDS = 8  # a month of an account's visits is gone through


def preview_digest(subscription_id: str, token: str, settings: ProjectSettings) -> dict[str, Any]:
    """What the caller's next digest would say now; see preview_digest in supabase/migrations.

    token: the caller's access token, as Supabase issued it. Raises NotSignedIn, MemberRefused (404) where they get no such
    digest, and StoreUnavailable.
    """
    session = MemberSession(token, settings, answer_seconds=_ANSWER_SECONDS)
    content: dict[str, Any] = session.call("preview_digest", subscription_id=subscription_id)
    return content
