"""The REST API as one OpenAPI 3.1 document. Each route of api/v1.py has an entry in OPERATIONS; tests hold them together.

Source: OpenAPI Specification 3.1.1.
"""

from typing import Any

_VERSION = "1.0.0"


def document() -> dict[str, Any]:
    """The document, as GET /api/v1/openapi.json answers it."""
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), operation in OPERATIONS.items():
        responses = {**operation["responses"], "405": refusal("The path knows other methods; Allow names them.")}
        paths.setdefault(path, {})[method.lower()] = {**operation, "responses": responses}
    return {
        "openapi": "3.1.1",
        "info": {"title": "Leadsment", "version": _VERSION, "description": "What a customer's programs may ask of Leadsment."},
        "paths": paths,
        "components": {"schemas": _SCHEMAS, "securitySchemes": _SECURITY_SCHEMES},
    }


def answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A response with a JSON body."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def refusal(description: str) -> dict[str, Any]:
    """A response that says what is wrong."""
    return answer(description, {"$ref": "#/components/schemas/Refusal"})


_SCHEMAS: dict[str, Any] = {
    "Refusal": {
        "type": "object",
        "description": "Why a request was not taken. `error` is for programs and never changes; `message` is for a person.",
        "required": ["error", "message"],
        "additionalProperties": False,
        "properties": {"error": {"type": "string", "pattern": "^[a-z_]+$"}, "message": {"type": "string", "minLength": 1}},
    },
}
_SECURITY_SCHEMES: dict[str, Any] = {
    "siteSecret": {"type": "http", "scheme": "bearer", "description": "A site's secret, from Settings, Secrets."},
    "session": {"type": "http", "scheme": "bearer", "description": "The token of a person who is signed in."},
}

OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "/api/v1/network"): {
        "operationId": "getOwnNetwork",
        "summary": "The caller's own network, to exclude it.",
        "responses": {
            "200": answer(
                "The network.",
                {
                    "type": "object",
                    "required": ["network"],
                    "additionalProperties": False,
                    "properties": {"network": {"type": "string", "description": "In CIDR form: /32 of IPv4, /64 of IPv6."}},
                },
            ),
            "400": refusal("The platform did not say where the request came from."),
        },
    },
    ("GET", "/api/v1/openapi.json"): {
        "operationId": "getOpenApi",
        "summary": "This document.",
        "responses": {"200": answer("The document.", {"type": "object", "required": ["openapi", "info", "paths"]})},
    },
}
