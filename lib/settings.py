"""What the deployment decides. The only reader of the environment; .env.example lists the same names."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lib.domain.residency import (
    Misplaced,
    is_loopback,
    misplaced_database,
    misplaced_functions,
    misplaced_mail,
    misplaced_payments,
    misplaced_reports,
)
from lib.errors import MissingSetting, UnfitSetting

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """Where the database is, for a caller who brings a token of their own. Fields as in StoreSettings."""

    supabase_url: str
    publishable_key: str


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the database is and how a door signs in.

    supabase_url: the project's URL, no trailing slash. publishable_key: the key any browser may know; it opens the
    gateway. door_token: a JWT of the door's own narrow role, which may execute the functions granted to it and nothing else.
    previous_token: while it is being changed, the one before, for as long as the database takes that one alone.
    """

    supabase_url: str
    publishable_key: str
    door_token: str = field(repr=False)
    previous_token: str = field(repr=False, default="")

    @property
    def tokens(self) -> list[str]:
        """The tokens to try, the one of now first."""
        return [token for token in (self.door_token, self.previous_token) if token]


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mails leave.

    api_key: Resend's, with the right to send only. from_address: whose answers somebody reads. app_url: where links in
    mails lead, no trailing slash; not taken from a request, whose Host header is the sender's to choose. previous_key:
    while the key is being changed, the one before.
    """

    api_key: str = field(repr=False)
    from_address: str
    app_url: str
    previous_key: str = field(repr=False, default="")

    @property
    def keys(self) -> list[str]:
        """The keys to try, the one of now first."""
        return [key for key in (self.api_key, self.previous_key) if key]


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Where reports of our own faults go, and what they say about the deployment.

    dsn: Sentry's address for the project. release: the commit, as hexadecimal digits; environment: production, preview
    or development. Both are the platform's to say, and empty where it does not.
    """

    dsn: str = field(repr=False)
    release: str
    environment: str


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """What tokens are encrypted with: the key of now, and while it is being changed the one before. 32 bytes each."""

    key: bytes = field(repr=False)
    previous: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class CanarySettings:
    """What the nightly proof visits with.

    addresses: IPv4 and IPv6, the operator's own. site_key: of a site of the operator's own, which has host. app_host:
    the host the product is at. Without addresses or site there is no proof.
    """

    addresses: tuple[str, ...] = field(repr=False)
    site_key: str
    app_host: str

    @property
    def configured(self) -> bool:
        """Whether there is enough for a proof."""
        return bool(self.addresses and self.site_key and self.app_host)


def beacon_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read the beacon door's store settings; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "BEACON_TOKEN"))


def public_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read the public door's store settings; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "PUBLIC_DOOR_TOKEN"))


def proof_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read the nightly proof's store settings; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "PROVER_TOKEN"))


def canary_settings(environment: Mapping[str, str] = os.environ) -> CanarySettings:
    """Read what the nightly proof visits with; what is not set is empty."""
    return CanarySettings(
        addresses=tuple(_optional(environment, "CANARY_ADDRESSES").split()),
        site_key=_optional(environment, "CANARY_SITE_KEY"),
        app_host=urlsplit(_optional(environment, "APP_URL")).hostname or "",
    )


def scheduler_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how the record of jobs is reached; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "SCHEDULER_TOKEN"))


def deliverer_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how the outbox is reached; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "DELIVERER_TOKEN"))


def announcer_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how events are reached; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "ANNOUNCER_TOKEN"))


def webhook_door_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how the database is told of URLs; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "WEBHOOK_DOOR_TOKEN"))


def auditor_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how the audit log is anchored; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "AUDITOR_TOKEN"))


def digester_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how digests are reached; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "DIGESTER_TOKEN"))


def postmaster_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how mails that came back are written down; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "POSTMASTER_TOKEN"))


def mail_event_secrets(environment: Mapping[str, str] = os.environ) -> list[str]:
    """What the mail service signs its events with: one, or two while it is being changed. Raises MissingSetting without."""
    return _required(environment, "RESEND_WEBHOOK_SECRET").split()


def enricher_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how requests for contacts are reached; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "ENRICHER_TOKEN"))


def contact_provider_keys(environment: Mapping[str, str] = os.environ) -> dict[str, list[str]]:
    """The keys of the contact providers that are set up, by the provider's name; empty where contacts are only imported.

    Of each one key, or while it is being changed that of now and the one before."""
    keys = {
        "dropcontact": _optional(environment, "DROPCONTACT_API_KEY"),
        "hunter": _optional(environment, "HUNTER_API_KEY"),
    }
    return {name: key.split() for name, key in keys.items() if key}


def watcher_store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read how visits that go on are reached; raises MissingSetting naming the first one that is missing."""
    return _store_settings(environment, _secrets(environment, "WATCHER_TOKEN"))


def cron_secrets(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The secrets jobs may be called with: the one of now, and while it is being changed the one before.

    Raises MissingSetting without the one of now, so that without one nobody is let in.
    """
    previous = _optional(environment, "CRON_SECRET_PREVIOUS")
    return (_required(environment, "CRON_SECRET"), *filter(None, [previous]))


def auth_hook_secrets(environment: Mapping[str, str] = os.environ) -> list[str]:
    """What the auth server signs its calls with, several separated by | while one is changed; raises MissingSetting."""
    return [secret.strip().removeprefix("v1,") for secret in _required(environment, "SEND_EMAIL_HOOK_SECRET").split("|")]


def heartbeat_url(check: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Where a dead man's switch hears of a job, by the job's name with dashes; None for nowhere. Raises UnfitSetting."""
    url = _optional(environment, "HEARTBEAT_URL")
    if not url:
        return None
    check_tls("HEARTBEAT_URL", url)
    return url.replace("{job}", check)


def report_settings(environment: Mapping[str, str] = os.environ) -> ReportSettings | None:
    """Read where reports of faults go; None when nowhere. Raises UnfitSetting for a place that is not known to be in the EU."""
    dsn = _optional(environment, "SENTRY_DSN")
    if dsn:
        _require(misplaced_reports({"SENTRY_DSN": dsn, "SENTRY_REGION": _optional(environment, "SENTRY_REGION")}))
        check_tls("SENTRY_DSN", dsn)
    return ReportSettings(dsn, release(environment), _optional(environment, "VERCEL_ENV")) if dsn else None


def release(environment: Mapping[str, str] = os.environ) -> str:
    """The commit that is deployed, as the platform says; empty elsewhere."""
    return _optional(environment, "VERCEL_GIT_COMMIT_SHA")


def mail_settings(environment: Mapping[str, str] = os.environ) -> MailSettings:
    """Read how mails leave; raises MissingSetting naming the first one that is missing."""
    check_function_region(environment)
    api_key, previous_key = _secrets(environment, "RESEND_API_KEY")
    _require(misplaced_mail({"RESEND_API_KEY": api_key, "RESEND_REGION": _optional(environment, "RESEND_REGION")}))
    return MailSettings(
        api_key=api_key,
        from_address=_required(environment, "MAIL_FROM_ADDRESS"),
        app_url=app_url(environment),
        previous_key=previous_key,
    )


def project_settings(environment: Mapping[str, str] = os.environ) -> ProjectSettings:
    """Read where the database is; raises MissingSetting naming the first one that is missing."""
    return ProjectSettings(
        supabase_url=_supabase_url(environment),
        publishable_key=_required(environment, "SUPABASE_PUBLISHABLE_KEY"),
    )


def app_url(environment: Mapping[str, str] = os.environ) -> str:
    """Where the product is, no trailing slash; raises MissingSetting."""
    return _tls_url(environment, "APP_URL")


def check_function_region(environment: Mapping[str, str] = os.environ) -> None:
    """Raises UnfitSetting where the platform says that this function runs outside the European Union.

    What reads the database or sends mail is checked with their settings; whoever handles personal data without either asks this.
    """
    _require(misplaced_functions({"VERCEL_REGION": _optional(environment, "VERCEL_REGION")}))


def payment_region(environment: Mapping[str, str] = os.environ) -> str:
    """What was stated of where payment data is kept: eu, global, or nothing. Raises UnfitSetting for anything else."""
    stated = _optional(environment, "STRIPE_REGION")
    _require(misplaced_payments({"STRIPE_REGION": stated}))
    return stated


def install_check_networks(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Networks that the installation check may reach although they are not public, in CIDR notation; none in production."""
    return _optional(environment, "INSTALL_CHECK_NETWORKS").split()


def outbound_networks(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Networks that what customers name may be on although they are not public, in CIDR notation; none in production."""
    return _optional(environment, "OUTBOUND_NETWORKS").split()


def vault_settings(environment: Mapping[str, str] = os.environ) -> VaultSettings:
    """Read what tokens of customers' CRMs are encrypted with; raises MissingSetting, also for a text that is no key."""
    return VaultSettings(_key(environment, "CRM_KEY"), _previous_key(environment))


def crm_base_urls(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Where CRMs are instead of where their vendors have them, by vendor, as vendor=URL; none in production."""
    pairs = [pair.partition("=") for pair in _optional(environment, "CRM_BASE_URLS").split()]
    return {vendor: url.rstrip("/") for vendor, _, url in pairs}


def dns_resolvers(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The name servers to ask, each an address with or without a port; empty for those of the platform."""
    return _optional(environment, "DNS_RESOLVERS").split()


def _store_settings(environment: Mapping[str, str], tokens: tuple[str, str]) -> StoreSettings:
    return StoreSettings(
        supabase_url=_supabase_url(environment),
        publishable_key=_required(environment, "SUPABASE_PUBLISHABLE_KEY"),
        door_token=tokens[0],
        previous_token=tokens[1],
    )


def _supabase_url(environment: Mapping[str, str]) -> str:
    """Where the database is, once it is known to be in the European Union, as this function itself."""
    url = _tls_url(environment, "SUPABASE_URL")
    _require(misplaced_database({"SUPABASE_URL": url, "SUPABASE_REGION": _optional(environment, "SUPABASE_REGION")}))
    check_function_region(environment)
    return url


def _require(found: Misplaced | None) -> None:
    if found:
        raise UnfitSetting(found.setting, found.fault, found.mend)


def _tls_url(environment: Mapping[str, str], name: str) -> str:
    url = _required(environment, name).rstrip("/")
    check_tls(name, url)
    return url


def check_tls(name: str, url: str) -> None:
    """Raises UnfitSetting for a URL by which anything would leave this machine without TLS."""
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    except ValueError:
        is_fit = False
    if not is_fit:
        raise UnfitSetting(name, "is no URL with TLS", "Write it with https://.")


def _secrets(environment: Mapping[str, str], name: str) -> tuple[str, str]:
    """A secret we show to others: the one of now, and the one before or nothing. In one setting, separated by a space."""
    current, _, previous = _required(environment, name).partition(" ")
    return current, previous.strip()


def _previous_key(environment: Mapping[str, str]) -> bytes | None:
    return _key(environment, "CRM_KEY_PREVIOUS") if _optional(environment, "CRM_KEY_PREVIOUS") else None


def _key(environment: Mapping[str, str], name: str) -> bytes:
    try:
        key = base64.b64decode(_required(environment, name), validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise MissingSetting(name)
    return key


def _optional(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip()


def _required(environment: Mapping[str, str], name: str) -> str:
    value = _optional(environment, name)
    if not value:
        raise MissingSetting(name)
    return value
