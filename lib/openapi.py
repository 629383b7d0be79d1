"""The REST API as one OpenAPI 3.1 document. Each route of api/v1.py has an entry in OPERATIONS; tests hold them together.

Source: OpenAPI Specification 3.1.1.
"""

from typing import Any

from lib.domain.webhook import EVENTS

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
    "InstallCheck": {
        "type": "object",
        "required": ["site_id", "url"],
        "additionalProperties": False,
        "properties": {
            "site_id": {"type": "string", "format": "uuid"},
            "url": {"type": "string", "pattern": "^https?://", "maxLength": 2000},
        },
    },
    "CheckedPage": {
        "type": "object",
        "required": ["url", "findings"],
        "additionalProperties": False,
        "properties": {
            "url": {"type": "string"},
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "severity", "message", "mend", "add"],
                    "additionalProperties": False,
                    "properties": {
                        "code": {"type": "string"},
                        "severity": {"enum": ["bad", "wait", "note", "good"]},
                        "message": {"type": "string"},
                        "mend": {"type": "string", "description": "How to mend it. Empty where nothing is to be mended."},
                        "add": {"type": "string", "description": "The very text to add. Empty where there is none."},
                    },
                },
            },
        },
    },
    "ContactImport": {
        "type": "object",
        "required": ["company_id", "csv", "dry_run"],
        "additionalProperties": False,
        "properties": {
            "company_id": {"type": "string", "format": "uuid"},
            "csv": {"type": "string", "description": "With the columns role, work_email and linkedin; at most 500 lines."},
            "dry_run": {"type": "boolean", "description": "Say what would become of each line, and keep nothing."},
        },
    },
    "ImportedContacts": {
        "type": "object",
        "required": ["lines"],
        "additionalProperties": False,
        "properties": {
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["line", "state", "reasons"],
                    "additionalProperties": False,
                    "properties": {
                        "line": {"type": "integer"},
                        "state": {"enum": ["ready", "added", "known", "refused"]},
                        "reasons": {"type": "array", "items": {"type": "string"}},
                    },
                },
            },
        },
    },
    "PageViewBatch": {
        "type": "object",
        "required": ["site", "page_views"],
        "additionalProperties": False,
        "properties": {
            "site": {"type": "string", "pattern": "^site_[0-9a-f]{24}$"},
            "page_views": {"type": "array", "maxItems": 500, "items": {"$ref": "#/components/schemas/PageView"}},
        },
    },
    "PageView": {
        "type": "object",
        "required": ["id", "url", "address", "user_agent"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z0-9]{8,32}$", "description": "The same when it is sent again."},
            "url": {"type": "string"},
            "address": {"type": "string", "description": "The visitor's IP address. Looked up in memory, and forgotten."},
            "user_agent": {"type": "string"},
            "referrer_host": {"type": "string"},
            "at": {"type": "string", "format": "date-time", "description": "At most 24 hours ago. Now where it is missing."},
            "opted_out": {"type": "boolean", "description": "The browser sent Global Privacy Control or Do Not Track."},
        },
    },
    "PageViewResults": {
        "type": "object",
        "required": ["results"],
        "additionalProperties": False,
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id"],
                    "additionalProperties": False,
                    "properties": {
                        "id": {"type": ["string", "null"]},
                        "outcome": {"type": "string"},
                        "error": {"type": "string"},
                        "message": {"type": "string"},
                        "retry_after": {"type": "integer"},
                    },
                },
            }
        },
    },
    "WebhookEndpoint": {
        "type": "object",
        "required": ["account_id", "url", "events"],
        "additionalProperties": False,
        "properties": {
            "account_id": {"type": "string", "format": "uuid"},
            "url": {"type": "string", "pattern": "^https://", "maxLength": 2000},
            "events": {"type": "array", "minItems": 1, "maxItems": len(EVENTS), "items": {"enum": list(EVENTS)}},
            "description": {"type": "string", "maxLength": 120},
        },
    },
    "WebhookUrl": {
        "type": "object",
        "required": ["id", "url"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "url": {"type": "string", "pattern": "^https://", "maxLength": 2000},
        },
    },
}
_SECURITY_SCHEMES: dict[str, Any] = {
    "siteSecret": {"type": "http", "scheme": "bearer", "description": "A site's secret, from Settings, Secrets."},
    "session": {"type": "http", "scheme": "bearer", "description": "The token of a person who is signed in."},
}

_SAVING_REFUSALS = {
    "400": refusal("The body is no webhook."),
    "401": refusal("Nobody is signed in."),
    "403": refusal("The caller is neither owner nor admin."),
    "404": refusal("The caller has no such account or webhook."),
    "409": refusal("Somebody else has just changed it."),
    "413": refusal("The body is too large."),
    "415": refusal("The body is not application/json."),
    "422": refusal("The URL leads where nothing is sent, or there are ten webhooks already."),
    "429": refusal("Webhooks were saved too often."),
    "503": refusal("The database, or the name servers of the URL, did not answer."),
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
    ("POST", "/api/v1/page-views"): {
        "operationId": "sendPageViews",
        "summary": "Send page views from a server, as a browser would send them one by one.",
        "security": [{"siteSecret": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PageViewBatch"}}},
        },
        "responses": {
            "200": answer("What became of each entry, in order.", {"$ref": "#/components/schemas/PageViewResults"}),
            "400": refusal("The body is no batch."),
            "401": refusal("The secret is missing or unknown."),
            "403": refusal("The secret is another site's."),
            "404": refusal("No site has this key."),
            "413": refusal("The batch is too large."),
            "415": refusal("The body is not application/json."),
            "503": {
                "description": "Nothing was recorded. Send the same batch again.",
                "content": {
                    "application/json": {
                        "schema": {
                            "anyOf": [{"$ref": "#/components/schemas/PageViewResults"}, {"$ref": "#/components/schemas/Refusal"}]
                        }
                    }
                },
            },
        },
    },
    ("POST", "/api/v1/install-checks"): {
        "operationId": "checkInstallation",
        "summary": "Read a page of a site, and say what keeps the snippet on it from working.",
        "security": [{"session": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/InstallCheck"}}},
        },
        "responses": {
            "200": answer("What was found, the worst first.", {"$ref": "#/components/schemas/CheckedPage"}),
            "400": refusal("The body is no check, or the URL no page of the site."),
            "401": refusal("Nobody is signed in."),
            "404": refusal("The caller has no such site."),
            "413": refusal("The body is too large."),
            "415": refusal("The body is not application/json."),
            "429": refusal("The site was checked too often."),
            "503": refusal("The database did not answer."),
        },
    },
    ("GET", "/api/v1/contact-providers"): {
        "operationId": "listContactProviders",
        "summary": "Who is asked when contacts are looked for. None: contacts are only imported.",
        "responses": {
            "200": answer(
                "Their names.",
                {
                    "type": "object",
                    "required": ["providers"],
                    "additionalProperties": False,
                    "properties": {"providers": {"type": "array", "items": {"enum": ["dropcontact", "hunter"]}}},
                },
            ),
        },
    },
    ("POST", "/api/v1/contact-imports"): {
        "operationId": "importContacts",
        "summary": "Import contacts of a company from a CSV file, or say what would become of each line.",
        "security": [{"session": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ContactImport"}}},
        },
        "responses": {
            "200": answer("What became of each line.", {"$ref": "#/components/schemas/ImportedContacts"}),
            "400": refusal("The body is no import, or the file no CSV with these columns."),
            "401": refusal("Nobody is signed in."),
            "403": refusal("The caller's role in the account does not allow it."),
            "404": refusal("The caller has no such company."),
            "413": refusal("The body is too large."),
            "415": refusal("The body is not application/json."),
            "503": refusal("The database did not answer."),
        },
    },
    ("POST", "/api/v1/webhook-endpoints"): {
        "operationId": "createWebhookEndpoint",
        "summary": "Add a webhook, after a look at where its URL leads.",
        "security": [{"session": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookEndpoint"}}},
        },
        "responses": {
            "201": answer(
                "The webhook. Its secret is shown this once.",
                {
                    "type": "object",
                    "required": ["id", "secret"],
                    "additionalProperties": False,
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "secret": {"type": "string", "pattern": "^whsec_"},
                    },
                },
            ),
            **_SAVING_REFUSALS,
        },
    },
    ("PUT", "/api/v1/webhook-endpoints"): {
        "operationId": "changeWebhookUrl",
        "summary": "Give a webhook another URL, after a look at where it leads.",
        "security": [{"session": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookUrl"}}},
        },
        "responses": {
            "200": answer(
                "The webhook.",
                {
                    "type": "object",
                    "required": ["id"],
                    "additionalProperties": False,
                    "properties": {"id": {"type": "string", "format": "uuid"}},
                },
            ),
            **_SAVING_REFUSALS,
        },
    },
    ("GET", "/api/v1/openapi.json"): {
        "operationId": "getOpenApi",
        "summary": "This document.",
        "responses": {"200": answer("The document.", {"type": "object", "required": ["openapi", "info", "paths"]})},
    },
}
