"""Where customers' data may be. A function's start reads it, so it imports and makes next to nothing.

`misplaced` judges a deployment's settings. A region is in the European Union where its data centres are: London and Zurich
are not. What leaves all the same is in lib/domain/transfer.py.

Sources: Supabase, "Available regions"; Vercel, "Regions"; Resend, "Choosing a Region"; Sentry, "Data Storage Location".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

# The vendors' names of regions whose data centres are in member states.
DATABASE_REGIONS = ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3")
FUNCTION_REGIONS = ("arn1", "cdg1", "dub1", "fra1")
MAIL_REGIONS = ("eu-west-1",)
# What can be stated of the payment service: data kept in the European Union where that is offered, or the global network.
PAYMENT_REGIONS = ("eu", "global")
_SENTRY_EU = ".de.sentry.io"
_DOTS = 3
# Vercel's name for a developer's own machine.
_ON_THIS_MACHINE = "dev1"


class Misplaced(NamedTuple):
    """A setting with which data would be outside the European Union. fault and mend: sentences' ends, without values."""

    setting: str
    fault: str
    mend: str

    def __str__(self) -> str:
        return f"{self.setting} {self.fault}. {self.mend}"


def misplaced(settings: Mapping[str, str]) -> Iterator[Misplaced]:
    """Whatever of a deployment's settings would have data outside the European Union; nothing where all is well."""
    for judge in _JUDGES:
        if found := judge(settings):
            yield found


def misplaced_mail(settings: Mapping[str, str]) -> Misplaced | None:
    """Of the mail service, where there is one."""
    if not _stated(settings, "RESEND_API_KEY") or _stated(settings, "RESEND_REGION") in MAIL_REGIONS:
        return None
    return Misplaced("RESEND_REGION", _not_among(settings, "RESEND_REGION"), _choose("domain in Resend", MAIL_REGIONS))


def misplaced_reports(settings: Mapping[str, str]) -> Misplaced | None:
    """Of the service for fault reports, where there is one."""
    host = _host(_stated(settings, "SENTRY_DSN"))
    is_sentrys = host == "sentry.io" or host.endswith(".sentry.io")
    is_own = not is_sentrys and _stated(settings, "SENTRY_REGION") == "eu"
    if not _stated(settings, "SENTRY_DSN") or host.endswith(_SENTRY_EU) or is_loopback(host) or is_own:
        return None
    return Misplaced("SENTRY_DSN", "leads to a host that is not known to be in the European Union", _MEND_REPORTS)


_MEND_REPORTS = (
    f"Make the project in Sentry's EU region: the host then ends in {_SENTRY_EU}. "
    "For a Sentry of your own in the European Union, say so: SENTRY_REGION=eu."
)


def misplaced_payments(settings: Mapping[str, str]) -> Misplaced | None:
    """Of the payment service: what is offered has to be stated, since it cannot be seen."""
    stated = _stated(settings, "STRIPE_REGION")
    if stated in PAYMENT_REGIONS or (not stated and not _stated(settings, "STRIPE_SECRET_KEY")):
        return None
    return Misplaced(
        "STRIPE_REGION",
        "does not say where payment data is kept",
        "Set it to eu where Stripe keeps your account's data in the European Union, or to global, which lists the transfer.",
    )


def misplaced_project(vercel_json: Mapping[str, Any]) -> list[Misplaced]:
    """Of the project's own file, which says where functions run."""
    named: Mapping[str, Any] = vercel_json.get("functions", {})
    stated: dict[str, Sequence[str]] = {"vercel.json: regions": vercel_json.get("regions") or ["none"]}
    stated |= {f"vercel.json: functions, {name}": function.get("regions", ()) for name, function in named.items()}
    stated["vercel.json: functionFailoverRegions"] = vercel_json.get("functionFailoverRegions", ())
    return [
        Misplaced(name, f"names {region}, which is not in the European Union", f"Choose among {', '.join(FUNCTION_REGIONS)}.")
        for name, regions in stated.items()
        for region in regions
        if region not in FUNCTION_REGIONS
    ]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which is nowhere else."""
    is_ipv4 = host.count(".") == _DOTS and host.replace(".", "").isdecimal()
    return host in ("localhost", "::1") or (is_ipv4 and host.startswith("127."))


def misplaced_database(settings: Mapping[str, str]) -> Misplaced | None:
    """Of the database."""
    if _stated(settings, "SUPABASE_REGION") in DATABASE_REGIONS or is_loopback(_host(_stated(settings, "SUPABASE_URL"))):
        return None
    return Misplaced("SUPABASE_REGION", _not_among(settings, "SUPABASE_REGION"), _choose("Supabase project", DATABASE_REGIONS))


def misplaced_functions(settings: Mapping[str, str]) -> Misplaced | None:
    """Of the function itself, where the platform says where it runs."""
    if _stated(settings, "VERCEL_REGION") in ("", _ON_THIS_MACHINE, *FUNCTION_REGIONS):
        return None
    return Misplaced(
        "VERCEL_REGION",
        "says that this function runs outside the European Union",
        f"The regions of vercel.json must be among {', '.join(FUNCTION_REGIONS)}, and nothing in the project may override them.",
    )


_JUDGES: tuple[Callable[[Mapping[str, str]], Misplaced | None], ...] = (
    misplaced_database,
    misplaced_functions,
    misplaced_mail,
    misplaced_reports,
    misplaced_payments,
)


def _not_among(settings: Mapping[str, str], name: str) -> str:
    return "is not a region of the European Union" if _stated(settings, name) else "is missing"


def _choose(what: str, regions: Sequence[str]) -> str:
    return f"Say the region of your {what}: {', '.join(regions)}. If it is another one, make a new {what} in one of these."


def _stated(settings: Mapping[str, str], name: str) -> str:
    return settings.get(name, "").strip()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
