"""Read the JSON our doors take: one value in UTF-8, in which no key stands twice."""

import json
from typing import Any

from lib.errors import InvalidRequest


def parse_json(body: bytes) -> Any:
    """Read a body. Raises InvalidRequest; the message never repeats the body.

    Bound the body's size first: it bounds what this costs.
    """
    try:
        # Depth, big numbers, duplicate keys and bad UTF-8 all end here.
        return _decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _invalid("The body must be one JSON object in UTF-8 with no key twice.") from None


def flat_object(body: bytes) -> dict[str, str]:
    """Read a body that is one object whose values are strings. Raises InvalidRequest, as above."""
    parsed = parse_json(body)
    if not isinstance(parsed, dict) or not all(isinstance(value, str) for value in parsed.values()):
        raise _invalid("The body must be a flat JSON object whose values are strings.")
    return parsed


def _unique_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands twice")
    return unique


# Made once: json.loads with a hook makes a decoder for each call.
_decode = json.JSONDecoder(object_pairs_hook=_unique_pairs).decode


def _invalid(message: str) -> InvalidRequest:
    return InvalidRequest("invalid_json", message)
