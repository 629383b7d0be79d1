"""Jobs the platform calls by the clock: who may call them."""

import hmac

from lib.asgi import Scope
from lib.errors import InvalidRequest
from lib.settings import cron_secrets


def check_caller(scope: Scope) -> None:
    """Let the platform's own call of a job through, and nobody else's.

    Raises InvalidRequest (401, or 405 for a method other than GET), and MissingSetting where there is no secret:
    without one everybody would know it. Source: Vercel, "Managing cron jobs": GET, Authorization: Bearer CRON_SECRET.
    """
    if scope["method"] != "GET":
        raise InvalidRequest("method_not_allowed", "Jobs are called with GET.", status=405)
    expected = [f"Bearer {secret}".encode() for secret in cron_secrets()]
    sent = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    # Bytes: compare_digest refuses texts that are not ASCII, with an exception.
    # All are compared, whichever fits, so that the time tells nothing.
    if len(sent) != 1 or not any([hmac.compare_digest(bytes(sent[0]), secret) for secret in expected]):
        raise InvalidRequest("not_allowed", "Only the platform calls jobs.", status=401)
