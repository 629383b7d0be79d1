"""Read the one form of JSON our doors take: a flat object of strings."""

import json

from lib.errors import InvalidRequest


def flat_object(body: bytes) -> dict[str, str]:
    """Read a body that is one JSON object in UTF-8 with no key twice, whose values are strings.

    Raises InvalidRequest; the message never repeats the body. Bound the body's size first: it bounds what this costs.
    """
    try:
        # Depth, big numbers, duplicate keys and bad UTF-8 all end here.
        parsed = json.loads(body.decode("utf-8"), object_pairs_hook=_unique_pairs)
    except (ValueError, RecursionError):
        raise _invalid("The body must be one JSON object in UTF-8 with no key twice.") from None
    if not isinstance(parsed, dict) or not all(isinstance(value, str) for value in parsed.values()):
        raise _invalid("The body must be a flat JSON object whose values are strings.")
    return parsed


def _unique_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _invalid(message: str) -> InvalidRequest:
    return InvalidRequest("invalid_json", message)
