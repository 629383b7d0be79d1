"""Links by which a mail's reader unsubscribes: in the mail, and in its header for the mailbox's button. Source: RFC 8058."""

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def unsubscribe_headers(content: Mapping[str, Any], app_url: str) -> dict[str, str]:
    """The headers of a message from which one can unsubscribe; none of one from which one cannot."""
    token = _token(content)
    if token is None:
        return {}
    return {
        "List-Unsubscribe": f"<{app_url}/api/public/unsubscribe/{token}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def unsubscribe_url(content: Mapping[str, Any], app_url: str) -> str | None:
    """The page that asks once more. The token is behind the #: no server, proxy or log between sees it."""
    token = _token(content)
    return f"{app_url}/unsubscribe#{token}" if token else None


def _token(content: Mapping[str, Any]) -> str | None:
    token = str(content.get("unsubscribe", ""))
    return token if _TOKEN.fullmatch(token) else None
