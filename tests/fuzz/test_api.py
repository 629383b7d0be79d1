"""/api/v1 is what its OpenAPI document says, to whatever a caller may send."""

from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.v1 import SERVED
from dev.stack import Stack
from lib.openapi import OPERATIONS, document

# 413 too: a body may break the schema and the limit of bytes at once, and the limit is looked at first.
_REJECTED = [400, 401, 403, 404, 405, 413, 415, 429]
_CONFIG = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": _REJECTED}}})
_schema = schemathesis.openapi.from_dict(document(), config=_CONFIG)


def test_each_route_is_in_the_document() -> None:
    assert sorted(OPERATIONS) == sorted(SERVED)
    named = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(named)) == len(named)


def test_the_document_is_served(stack: Stack) -> None:
    answer = httpx.get(f"{stack.app_url}/api/v1/openapi.json", trust_env=False)
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, "application/json", document())


@_schema.parametrize()
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_answer_is_one_the_document_names(case: schemathesis.Case[Any], stack: Stack) -> None:
    with requests.Session() as session:
        session.trust_env = False
        # What a schema cannot say, such as that a host is one of the site's, is refused with a reason all the same.
        case.call_and_validate(base_url=stack.app_url, session=session, excluded_checks=[positive_data_acceptance])


@pytest.mark.parametrize("path", sorted({path for _, path in OPERATIONS}))
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_an_unknown_method_is_refused_and_the_known_ones_named(stack: Stack, path: str, method: str) -> None:
    known = [known for known, served in OPERATIONS if served == path]
    if method not in known:
        answer = httpx.request(method, f"{stack.app_url}{path}", trust_env=False)
        assert (answer.status_code, answer.headers["allow"]) == (405, ", ".join(known))


@pytest.mark.parametrize("path", ["", "/", "/x", "/network/", "/network%00", "/%ff", "/network;x", "/NETWORK", "//network"])
def test_an_unknown_path_is_not_found(stack: Stack, path: str) -> None:
    answer = httpx.get(f"{stack.app_url}/api/v1{path}", trust_env=False)
    assert answer.status_code == 404 and answer.headers["x-content-type-options"] == "nosniff"
