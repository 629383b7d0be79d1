"""Checking an installation: what is asked, and what a page's HTML and policies say about the snippet on it."""

import base64
import contextlib
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from lib.domain import findings
from lib.domain.beacon import SITE_KEY
from lib.domain.content_policy import (
    LoadedScript,
    beacon_obstacle,
    forbids_scripts,
    hides_the_origin,
    parse_policies,
    script_obstacle,
)
from lib.domain.findings import Finding, Severity
from lib.domain.json_body import flat_object
from lib.domain.page import host_of
from lib.domain.page_tags import ScriptTag, read_tags
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 4096
_LONGEST_URL = 2000
_SCRIPT_PATH = re.compile(r"/s(?:\.\d+\.\d+\.\d+)?\.js")
_SCRIPT_IN_CODE = re.compile(r"https?://[\w.:-]+/(?:[\w-]+/){0,5}s(?:\.\d+\.\d+\.\d+)?\.js")
_TAG_MANAGER = re.compile(r"googletagmanager\.com/(?:gtm\.js|ns\.html)")
_SCRIPT_TYPES = (
    "",
    "text/javascript",
    "application/javascript",
    "text/ecmascript",
    "application/ecmascript",
    "application/x-javascript",
)
_HASHES = ("sha512", "sha384", "sha256")  # the strongest first: of several a browser takes it alone


@dataclass(frozen=True, slots=True)
class AskedCheck:
    """A check as it was asked: which site, and the http(s) URL of one of its pages, without a fragment."""

    site_id: str
    url: str


@dataclass(frozen=True, slots=True)
class CheckedSite:
    """What is known of the site. hosts: as site_hosts has them."""

    public_key: str
    hosts: Sequence[str]

    def has_host(self, host: str) -> bool:
        """Whether pages of a host may send beacons; as private.matches_host decides it."""
        return any(
            host in (listed, f"www.{listed}") or (listed.startswith("*.") and host.endswith(listed[1:])) for listed in self.hosts
        )


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as it came: its own URL after redirects, its policies from headers, and its HTML."""

    url: str
    policies: Sequence[str]
    html: str


def parse_install_check(body: bytes) -> AskedCheck:
    """Read what is asked from a body: a flat JSON object with the keys site_id and url. Raises InvalidRequest."""
    fields = flat_object(body)
    if fields.keys() != {"site_id", "url"}:
        raise InvalidRequest("invalid_fields", "The body has the keys site_id and url and no other.")
    try:
        site_id = str(UUID(fields["site_id"]))
    except ValueError:
        raise InvalidRequest("invalid_site_id", "site_id is the id of one of your sites.") from None
    return AskedCheck(site_id, _page_url(fields["url"].strip()))


def _page_url(text: str) -> str:
    url = text if "://" in text else f"https://{text}"
    parts, host, port = urlsplit(""), "", None
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        host, port = host_of(parts.hostname or ""), parts.port
    if (
        not host
        or len(url) > _LONGEST_URL
        or parts.scheme not in ("http", "https")
        or "@" in parts.netloc
        or not url.isprintable()
    ):
        raise InvalidRequest("invalid_url", "Enter the address of one of your pages as the address bar shows it.")
    place = host if port is None else f"{host}:{port}"
    return parts._replace(netloc=place, path=parts.path or "/", fragment="").geturl()


def judge_page(page: ReadPage, site: CheckedSite, app_url: str) -> tuple[list[Finding], ScriptTag | None, str]:
    """What the page says about its snippet, the tag that counts, if there is one, and the URL of its script."""
    tags = read_tags(page.html)
    candidates = [tag for tag in tags.scripts if _is_snippet(tag, page.url, app_url)]
    policies = [policy for text in (*page.policies, *tags.policies) for policy in parse_policies(text)]
    current = f"{app_url}/s.js"
    if not candidates:
        found, url = _without_tag(page.html, [tag.code for tag in tags.scripts], site.public_key, current)
        if found.severity is not Severity.BAD:
            script = LoadedScript(url, is_in_page=False)
            return [found, *_policy_findings(policies, script, page.url)], None, url
        return [found], None, url
    # As the snippet itself decides which of several counts; the first may be another product's.
    tag = next((tag for tag in tags.scripts if tag.attributes.get("data-site", "").startswith("s")), candidates[0])
    url = _script_url(tag, page.url) or current
    several = [findings.SEVERAL_TAGS] if len(candidates) > 1 else []
    script = LoadedScript(url, tag.attributes.get("nonce", ""), tag.attributes.get("integrity", ""))
    wrong = [*several, *_tag_findings(tag, url, page.url, site, app_url)]
    return [*wrong, *_policy_findings(policies, script, page.url)], tag, url


def is_ours(url: str, app_url: str) -> bool:
    """Whether a script's URL is the current snippet's or a release's."""
    parts = urlsplit(url)
    return url.startswith(f"{app_url}/") and _SCRIPT_PATH.fullmatch(parts.path) is not None


def integrity_holds(integrity: str, script: bytes) -> bool:
    """Whether a browser takes a script for the one that an integrity attribute names. Source: W3C Subresource Integrity."""
    stated = [value.partition("?")[0].partition("-") for value in integrity.split()]
    strongest = next((name for name in _HASHES if any(kind == name for kind, _, _ in stated)), None)
    if strongest is None:
        return True
    actual = base64.b64encode(hashlib.new(strongest, script).digest()).decode()
    return any(kind == strongest and value == actual for kind, _, value in stated)


def _is_snippet(tag: ScriptTag, page_url: str, app_url: str) -> bool:
    has_key = SITE_KEY.fullmatch(tag.attributes.get("data-site", "")) is not None
    return has_key or is_ours(_script_url(tag, page_url), app_url)


def _script_url(tag: ScriptTag, page_url: str) -> str:
    """Where the tag's script comes from; empty if the tag names no http(s) URL."""
    source = tag.attributes.get("src", "").strip()
    try:
        url = urljoin(page_url, source)
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:
        return ""
    return url if source and parts.scheme in ("http", "https") and parts.hostname else ""


def _without_tag(html: str, codes: Sequence[str], key: str, current: str) -> tuple[Finding, str]:
    for code in codes:
        if key in code:
            # Next.js and others write addresses into their code with escaped slashes.
            named = _SCRIPT_IN_CODE.search(code.replace("\\/", "/"))
            return findings.TAG_IN_CODE, named[0] if named else current
    return (findings.ONLY_TAG_MANAGER if _TAG_MANAGER.search(html) else findings.NO_TAG), current


def _tag_findings(tag: ScriptTag, url: str, page_url: str, site: CheckedSite, app_url: str) -> list[Finding]:
    attributes = tag.attributes
    key, kind = attributes.get("data-site", ""), attributes.get("type", "").strip().lower()
    integrity, is_current = attributes.get("integrity", "").strip(), urlsplit(url).path.endswith("/s.js")
    loads = bool(_script_url(tag, page_url))
    consent = attributes.get("data-consent", "granted")
    checks: list[tuple[bool, Callable[[], Finding]]] = [
        (not key, lambda: findings.TAG_WITHOUT_KEY),
        (bool(key) and key != site.public_key, lambda: findings.TAG_OF_ANOTHER_SITE),
        (kind == "module", lambda: findings.MODULE),
        (kind not in (*_SCRIPT_TYPES, "module"), lambda: findings.HELD_BACK),
        (not loads, lambda: findings.NOT_LOADED),
        (page_url.startswith("https:") and url.startswith("http:"), lambda: findings.MIXED_CONTENT),
        (bool(integrity) and _is_foreign(url, page_url) and "crossorigin" not in attributes, lambda: findings.NO_CROSSORIGIN),
        (bool(integrity) and is_current, lambda: findings.INTEGRITY_OF_CURRENT),
        (consent != "granted", lambda: findings.WAITS_FOR_CONSENT),
    ]
    found = [make() for holds, make in checks if holds]
    if loads and not is_ours(url, app_url):
        own = site.has_host(urlsplit(url).hostname or "")
        found.append(findings.FIRST_PARTY if own else findings.script_from_elsewhere(url, f"{app_url}/s.js"))
    return found


def _is_foreign(url: str, page_url: str) -> bool:
    return urlsplit(url)[:2] != urlsplit(page_url)[:2]


def _policy_findings(policies: Sequence[dict[str, tuple[str, ...]]], script: LoadedScript, page_url: str) -> list[Finding]:
    """What policies forbid. All of them have to allow the script and the beacons, each on its own."""
    found: list[Finding] = []
    for policy in policies:
        if forbids_scripts(policy) or hides_the_origin(policy):
            found.append(findings.SANDBOX)
        if obstacle := script_obstacle(policy, script, page_url):
            found.append(findings.policy_blocks_script(obstacle))
        if obstacle := beacon_obstacle(policy, urljoin(script.url, "b"), page_url):
            found.append(findings.policy_blocks_beacon(obstacle))
    return list(dict.fromkeys(found))
