"""A customer's webhook as it is asked for, and what is sent to it.

Source: the Standard Webhooks specification, 1.0.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lib.domain.json_body import flat_object, parse_json
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 8192
EVENTS = ("company.identified", "company.returned", "segment.matched", "contact.enriched", "plan.limit_reached")
_LONGEST_DESCRIPTION = 120
_REQUIRED = {"account_id", "url", "events"}


@dataclass(frozen=True, slots=True)
class AskedEndpoint:
    """A webhook to be created. The URL is not looked at yet."""

    account_id: str
    url: str
    events: Sequence[str]
    description: str

    @property
    def subject(self) -> str:
        """What is counted where somebody asks too often."""
        return self.account_id


@dataclass(frozen=True, slots=True)
class AskedUrl:
    """Another URL for a webhook there is. It is not looked at yet."""

    endpoint_id: str
    url: str

    @property
    def subject(self) -> str:
        """What is counted where somebody asks too often."""
        return self.endpoint_id


Asked = AskedEndpoint | AskedUrl


def parse_endpoint(body: bytes) -> AskedEndpoint:
    """Read what is asked from a body: a JSON object with account_id, url, events and, if wanted, description.

    Raises InvalidRequest saying what is wrong, for a person to read.
    """
    fields = parse_json(body)
    if not isinstance(fields, dict) or not _REQUIRED <= fields.keys() <= {*_REQUIRED, "description"}:
        raise InvalidRequest(
            "invalid_fields", "The body has the keys account_id, url and events, may have description, and no other."
        )
    description = fields.get("description", "")
    if not isinstance(description, str) or len(description.strip()) > _LONGEST_DESCRIPTION or not description.isprintable():
        raise InvalidRequest("invalid_description", f"The description is a line of at most {_LONGEST_DESCRIPTION} characters.")
    return AskedEndpoint(_id("account_id", fields), _url(fields), _events(fields["events"]), description.strip())


def parse_url(body: bytes) -> AskedUrl:
    """Read what is asked from a body: a flat JSON object with id and url. Raises InvalidRequest."""
    fields = flat_object(body)
    if fields.keys() != {"id", "url"}:
        raise InvalidRequest("invalid_fields", "The body has the keys id and url and no other.")
    return AskedUrl(_id("id", fields), _url(fields))


def payload(kind: str, content: Mapping[str, Any]) -> str:
    """What is sent: the event's type, when it happened, and what there is to know. The same at each attempt."""
    told = {"type": kind, "timestamp": content["timestamp"], "data": content["data"]}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _id(name: str, fields: Mapping[str, Any]) -> str:
    try:
        return str(UUID(fields[name]))
    except (ValueError, TypeError, AttributeError):
        raise InvalidRequest(
            f"invalid_{name}", f"{name} is an id of yours, such as 5b0c8f0e-8a51-4a0c-9a39-0d5f1c4a7e21."
        ) from None


def _url(fields: Mapping[str, Any]) -> str:
    if not isinstance(fields["url"], str):
        raise InvalidRequest("invalid_url", "url is a text such as https://example.com/leadsment.")
    return fields["url"].strip()


def _events(asked: object) -> list[str]:
    if not isinstance(asked, list) or not asked or len(asked) > len(EVENTS) or any(event not in EVENTS for event in asked):
        raise InvalidRequest("invalid_events", f"events is a list of at least one of {', '.join(EVENTS)}.")
    return list(dict.fromkeys(asked))
