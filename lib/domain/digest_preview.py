"""Which digest somebody wants to see before it is sent."""

import re
from urllib.parse import parse_qs

from lib.errors import InvalidRequest

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parse_preview(query: bytes) -> str:
    """The subscription's id of a query subscription=<id>. Raises InvalidRequest."""
    try:
        named = parse_qs(query.decode("ascii"), max_num_fields=5).get("subscription", [])
    except ValueError:
        named = []
    if len(named) != 1 or not _ID.fullmatch(named[0]):
        raise InvalidRequest("invalid_subscription", "Name one subscription by its id: ?subscription=...")
    return named[0]
