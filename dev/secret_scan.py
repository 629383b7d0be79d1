"""`python -m dev secrets scan`: no file of the repository holds a secret. In `make check`.

Forms of many vendors' keys and strings of high entropy are found by detect-secrets; the forms of those vendors that the
product uses, and a value beside the name of a setting, are found here. What is no secret although it looks like one (an
example, a test's own) stands in dev/known_secrets.json, by file and hash, so that the list itself says nothing.

The search asks nobody whether a key works, and prints no value.
"""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from dev.bootstrap import ROOT

KNOWN = ROOT / "dev" / "known_secrets.json"
# Binary, made by a machine, or nothing but hashes.
_SKIPPED = (".table", "package-lock.json", ".woff2", ".png", ".ico", "dev/known_secrets.json")
_PLUGINS = (
    "ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "CloudantDetector",
    "DiscordBotTokenDetector", "GitHubTokenDetector", "IbmCloudIamDetector", "JwtTokenDetector", "MailchimpDetector",
    "NpmDetector", "SendGridDetector", "SlackDetector", "SquareOAuthDetector", "StripeDetector",
    "TwilioKeyDetector",
)  # fmt: skip
_FILTERS = ("is_indirect_reference", "is_likely_id_string", "is_not_alphanumeric_string", "is_potential_uuid",
            "is_prefixed_with_dollar_sign", "is_sequential_string", "is_templated_secret")  # fmt: skip
_SETTINGS = {
    "plugins_used": [
        *({"name": name} for name in _PLUGINS),
        {"name": "Base64HighEntropyString", "limit": 4.5},
        {"name": "HexHighEntropyString", "limit": 3.0},
    ],
    "filters_used": [{"path": f"detect_secrets.filters.heuristic.{name}"} for name in _FILTERS],
}
# Source: each vendor's own documentation of its keys.
_FORMS = {
    "Supabase secret key": re.compile(r"\bsb_secret_[A-Za-z0-9_-]{16,}"),
    "Supabase access token": re.compile(r"\bsbp_[a-f0-9]{40}\b"),
    "Resend key": re.compile(r"\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{16,}"),
    "webhook secret": re.compile(r"\bwhsec_[A-Za-z0-9+/=]{24,}"),
    "Stripe key": re.compile(r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    "site secret": re.compile(r"\blmsk_[A-Za-z0-9_-]{24,}"),
    "HubSpot token": re.compile(r"\bpat-(?:eu|na)\d-[a-f0-9-]{30,}"),
    "Sentry address": re.compile(r"https://[a-f0-9]{32}@[\w.-]*sentry\.io/"),
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "setting with a value": re.compile(
        r"\b[A-Z]{2,}[A-Z_]*_(?:SECRET|TOKEN|KEY|PASSWORD)(?:_PREVIOUS)?[\"']?\s?[=:]\s?([\"']?)"
        r"(?=[^\"'\s]*\d)[\w+/=-]{20,}\1(?=[\s,;]|$)"
    ),
}


class Finding(NamedTuple):
    """What looks like a secret. digest: of the value, which is shown nowhere."""

    file: str
    line: int
    kind: str
    digest: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: looks like a secret ({self.kind.lower()})"


def scan(root: Path = ROOT, files: Iterable[str] | None = None) -> list[Finding]:
    """Whatever looks like a secret in the files git has or would take, in order."""
    names = [name for name in (files if files is not None else _tracked(root)) if not name.endswith(_SKIPPED)]
    workers = min(os.cpu_count() or 1, len(names)) or 1
    if workers == 1:
        return sorted(_scanned(root, names))
    with ProcessPoolExecutor(workers) as pool:
        parts = pool.map(_scanned, [root] * workers, [names[start::workers] for start in range(workers)])
        return sorted(finding for part in parts for finding in part)


def unknown(findings: Iterable[Finding], known: Path = KNOWN) -> list[Finding]:
    """Those that nobody has looked at and called no secret."""
    listed: dict[str, list[str]] = json.loads(known.read_text()) if known.exists() else {}
    return [finding for finding in findings if finding.digest not in listed.get(finding.file, [])]


def accept(findings: Iterable[Finding], known: Path = KNOWN) -> int:
    """Write down that these are no secrets, and forget what is found no more. Answers how many."""
    listed: dict[str, set[str]] = {}
    for finding in findings:
        listed.setdefault(finding.file, set()).add(finding.digest)
    text = json.dumps({file: sorted(digests) for file, digests in sorted(listed.items())}, indent=2)
    known.write_text(f"{text}\n")
    return sum(map(len, listed.values()))


def _scanned(root: Path, names: list[str]) -> list[Finding]:
    from detect_secrets.core.scan import scan_file  # noqa: PLC0415  a third of a second, for whoever scans
    from detect_secrets.settings import transient_settings  # noqa: PLC0415

    found = {finding for name in names for finding in _of_known_forms(root, name)}
    with transient_settings(_SETTINGS):
        for name in names:
            for secret in scan_file(str(root / name)):
                found.add(Finding(name, secret.line_number, secret.type, _digest(secret.secret_value or "")))
    return list(found)


def _of_known_forms(root: Path, name: str) -> Iterator[Finding]:
    for number, line in enumerate((root / name).read_text(encoding="utf-8", errors="ignore").splitlines(), 1):
        for kind, form in _FORMS.items():
            yield from (Finding(name, number, kind, _digest(match[0])) for match in form.finditer(line))


def _digest(value: str) -> str:
    # Of the whole value, and cut: enough to know it again, too little to try values against.
    return hashlib.sha256(f"leadsment known secret {value}".encode()).hexdigest()[:20]


def _tracked(root: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in listed if name and (root / name).is_file()]
