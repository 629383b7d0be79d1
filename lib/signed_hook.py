"""Check that a call comes from who holds our hook's secret. Source: Standard Webhooks, "Signature scheme"; its package signs
and verifies, five minutes around the time of the call."""

from collections.abc import Iterable, Sequence

from lib.errors import InvalidRequest


def check_signature(body: bytes, headers: Iterable[tuple[bytes, bytes]], secrets: Sequence[str]) -> None:
    """Raises InvalidRequest (401) for a call that none of the secrets has signed. A secret is base64, with whsec_ or without."""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError  # noqa: PLC0415  only the hooks' doors need it

    signed = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name.startswith(b"webhook-")}
    for secret in secrets:
        try:
            return Webhook(secret).verify(body, signed, json_parse=False)  # type: ignore[no-any-return]
        # A header of another form breaks the package in other ways.
        except (WebhookVerificationError, ValueError):
            continue
    raise InvalidRequest("bad_signature", "This call is not signed with the hook's secret, or its clock is off.", status=401)
