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
    "CrmToken": {
        "type": "object",
        "description": "A token of one vendor's, as texts. Only the parts of that vendor's are taken.",
        "required": ["account_id", "vendor"],
        "additionalProperties": False,
        "properties": {
            "account_id": {"type": "string", "format": "uuid"},
            "vendor": {"enum": ["hubspot", "pipedrive", "salesforce"]},
            "connection_id": {"type": "string", "format": "uuid", "description": "Of the one that gets another token."},
            "access_token": {"type": "string", "description": "HubSpot: of a private app."},
            "api_token": {"type": "string", "description": "Pipedrive: a user's."},
            "my_domain": {"type": "string", "description": "Salesforce: what stands before .my.salesforce.com."},
            "external_id_field": {"type": "string", "description": "Salesforce: the field of Account that holds the domain."},
            "consumer_key": {"type": "string", "description": "Salesforce: of an external client app."},
            "consumer_secret": {"type": "string", "description": "Salesforce: of the same."},
        },
    },
    "CrmConnection": {
        "type": "object",
        "required": ["id", "vendor", "place", "key_field", "mapping", "pushes", "is_paused", "state"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "vendor": {"enum": ["hubspot", "pipedrive", "salesforce"]},
            "place": {"type": "string", "description": "Which customer of the vendor's it is."},
            "key_field": {"type": "string"},
            "mapping": {"type": "array", "items": {"type": "object"}},
            "pushes": {"enum": ["all", "segment", "by_hand"]},
            "is_paused": {"type": "boolean"},
            "state": {"enum": ["connected", "broken"]},
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
    ("GET", "/api/v1/digest-preview"): {
        "operationId": "previewDigest",
        "summary": "The caller's next digest, as it would be sent now.",
        "security": [{"session": []}],
        "parameters": [
            {"name": "subscription", "in": "query", "required": True, "schema": {"type": "string", "format": "uuid"}},
        ],
        "responses": {
            "200": answer(
                "The mail.",
                {
                    "type": "object",
                    "required": ["subject", "html", "text"],
                    "additionalProperties": False,
                    "properties": {"subject": {"type": "string"}, "html": {"type": "string"}, "text": {"type": "string"}},
                },
            ),
            "400": refusal("The subscription is no id."),
            "401": refusal("Nobody is signed in."),
            "404": refusal("The caller gets no such digest."),
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
    ("POST", "/api/v1/crm-connections"): {
        "operationId": "connectCrm",
        "summary": "Connect a CRM, or give its connection another token. The token is shown to the CRM, and kept encrypted.",
        "security": [{"session": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CrmToken"}}},
        },
        "responses": {
            "200": answer("The connection, without its token.", {"$ref": "#/components/schemas/CrmConnection"}),
            "400": refusal("The body is no connection."),
            "401": refusal("Nobody is signed in."),
            "403": refusal("Only owners and admins connect a CRM."),
            "404": refusal("The caller has no such account."),
            "409": refusal("A CRM of this vendor is connected already."),
            "413": refusal("The body is too large."),
            "415": refusal("The body is not application/json."),
            "422": refusal("The CRM does not take the token, or did not answer: the message says why."),
            "429": refusal("It was tried too often."),
            "503": refusal("The database did not answer."),
        },
    },
    ("GET", "/api/v1/openapi.json"): {
        "operationId": "getOpenApi",
        "summary": "This document.",
        "responses": {"200": answer("The document.", {"type": "object", "required": ["openapi", "info", "paths"]})},
    },
}
