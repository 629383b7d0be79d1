"""Whether a page's Content-Security-Policy lets the snippet load and its beacons go. Source: W3C CSP Level 3, 6.7.

Reporting-only policies are not for here: they stop nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

SCRIPT_DIRECTIVES = ("script-src-elem", "script-src", "default-src")
BEACON_DIRECTIVES = ("connect-src", "default-src")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SCHEME_SOURCE = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_HOST_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::(?P<port>\d{1,5}|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What of a policy stands in the way.

    directive: the one that holds. sources: what it allows. needed: the sources or the whole directive to write instead;
    None where no source helps because the policy trusts nonces or hashes alone.
    """

    directive: str
    sources: tuple[str, ...]
    needed: str | None


@dataclass(frozen=True, slots=True)
class LoadedScript:
    """How the page loads the script. is_in_page: a tag of the page's own HTML, rather than one that a script adds."""

    url: str
    nonce: str = ""
    integrity: str = ""
    is_in_page: bool = True


def parse_policies(text: str) -> list[dict[str, tuple[str, ...]]]:
    """The policies of one header or meta tag, each as sources by directive. Of a directive stated twice the first holds."""
    return [policy for part in text.split(",") if (policy := _policy(part))]


def script_obstacle(policy: dict[str, tuple[str, ...]], script: LoadedScript, page_url: str) -> Obstacle | None:
    """What keeps one policy from letting the script load; None if nothing does."""
    directive = _effective(policy, SCRIPT_DIRECTIVES)
    if directive is None:
        return None
    sources = policy[directive]
    keywords = {source.lower() for source in sources}
    if _is_trusted_by_itself(sources, script):
        return None
    if "'strict-dynamic'" in keywords:
        return Obstacle(directive, sources, None) if script.is_in_page else None
    return _unless_listed(policy, directive, "script-src", script.url, page_url)


def beacon_obstacle(policy: dict[str, tuple[str, ...]], beacon_url: str, page_url: str) -> Obstacle | None:
    """What keeps one policy from letting beacons go; None if nothing does."""
    directive = _effective(policy, BEACON_DIRECTIVES)
    return None if directive is None else _unless_listed(policy, directive, "connect-src", beacon_url, page_url)


def forbids_scripts(policy: dict[str, tuple[str, ...]]) -> bool:
    """Whether the policy runs the page in a sandbox without any script."""
    return "sandbox" in policy and "allow-scripts" not in {token.lower() for token in policy["sandbox"]}


def hides_the_origin(policy: dict[str, tuple[str, ...]]) -> bool:
    """Whether the policy runs the page in a sandbox in which it does not say where it is."""
    return "sandbox" in policy and "allow-same-origin" not in {token.lower() for token in policy["sandbox"]}


def origin_of(url: str) -> str:
    """A URL's scheme, host and port, as a source of a policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _policy(text: str) -> dict[str, tuple[str, ...]]:
    directives: dict[str, tuple[str, ...]] = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            directives.setdefault(name.lower(), tuple(sources))
    return directives


def _effective(policy: dict[str, tuple[str, ...]], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in policy), None)


def _unless_listed(
    policy: dict[str, tuple[str, ...]], directive: str, own_directive: str, url: str, page_url: str
) -> Obstacle | None:
    sources = policy[directive]
    if any(_matches(source, url, page_url) for source in sources):
        return None
    if directive != "default-src":
        return Obstacle(directive, sources, origin_of(url))
    # A directive of its own takes over nothing from default-src, so what that one allows has to be said again.
    kept = [source for source in sources if source.lower() not in ("'none'", "'report-sample'")]
    return Obstacle(directive, sources, " ".join([own_directive, *kept, origin_of(url)]))


def _is_trusted_by_itself(sources: Sequence[str], script: LoadedScript) -> bool:
    if script.nonce and f"'nonce-{script.nonce}'" in sources:
        return True
    hashes = script.integrity.split()
    return bool(hashes) and all(f"'{value.partition('?')[0]}'" in sources for value in hashes)


def _matches(source: str, url: str, page_url: str) -> bool:
    target, page = urlsplit(url), urlsplit(page_url)
    if source == "*":
        return target.scheme in ("http", "https", "ws", "wss") or target.scheme == page.scheme
    if source.lower() == "'self'":
        same_host = target.hostname == page.hostname and _is_upgrade(page.scheme, target.scheme)
        return same_host and (_port(target) == _port(page) or (_is_default(target) and _is_default(page)))
    if scheme := _SCHEME_SOURCE.fullmatch(source):
        return _is_upgrade(scheme[1].lower(), target.scheme)
    stated = _HOST_SOURCE.fullmatch(source)
    return stated is not None and _host_matches(stated, url, page.scheme)


def _host_matches(stated: re.Match[str], url: str, page_scheme: str) -> bool:
    target = urlsplit(url)
    scheme = (stated["scheme"] or page_scheme).lower()
    host, actual = stated["host"].lower(), target.hostname or ""
    if not _is_upgrade(scheme, target.scheme):
        return False
    if not (host == "*" or (actual.endswith(host[1:]) if host.startswith("*.") else actual == host)):
        return False
    return _port_matches(stated["port"], target.scheme, _port(target)) and _path_matches(stated["path"] or "", target.path)


def _port_matches(stated: str | None, scheme: str, port: int | None) -> bool:
    if stated is None:
        return port == _DEFAULT_PORTS.get(scheme)
    # Port 80 of a source stands for 443 too, where the scheme was upgraded.
    return stated == "*" or int(stated) == port or (int(stated) == 80 and port == 443)


def _path_matches(stated: str, path: str) -> bool:
    stated, path = unquote(stated), unquote(path or "/")
    return not stated or (path.startswith(stated) if stated.endswith("/") else path == stated)


def _is_upgrade(stated: str, actual: str) -> bool:
    """Whether a scheme is the stated one or its secure form. A source of http also stands for https."""
    return actual == stated or (stated, actual) in (("http", "https"), ("ws", "wss"))


def _port(parts: SplitResult) -> int | None:
    return parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _is_default(parts: SplitResult) -> bool:
    return _port(parts) == _DEFAULT_PORTS.get(parts.scheme)
