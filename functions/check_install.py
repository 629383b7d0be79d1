"""Say what is wrong with a snippet on a customer's page, by reading the page as a browser would."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from lib.domain import findings
from lib.domain.findings import Finding, Severity
from lib.domain.install_check import AskedCheck, CheckedSite, ReadPage, integrity_holds, is_ours, judge_page
from lib.domain.page_tags import ScriptTag
from lib.errors import InvalidRequest, PageUnreachable
from lib.web_page import WebPage


class Reader(Protocol):
    """Who reads pages, within a time."""

    def read(self, url: str, may_visit: Callable[[str], bool]) -> WebPage:
        """Ask for a page and follow its redirects to hosts that may be visited; raises PageUnreachable."""


@dataclass(frozen=True, slots=True)
class CheckedInstall:
    """What was found. url: the page's own, after redirects."""

    url: str
    findings: list[Finding]


def check_install(
    asked: AskedCheck, *, find_site: Callable[[str], CheckedSite | None], reader: Reader, app_url: str
) -> CheckedInstall:
    """Read the page and judge it. Keeps nothing.

    find_site: the caller's own sites alone. Raises InvalidRequest when the site is not the caller's or the page not on one of
    its hosts, and what find_site raises; a page that cannot be read is a finding.
    """
    site = find_site(asked.site_id)
    if site is None:
        raise InvalidRequest("unknown_site", "This site is not one of yours.", status=404)
    host = urlsplit(asked.url).hostname or ""
    if not site.has_host(host):
        raise InvalidRequest("host_not_listed", _NOT_LISTED.format(host=host), status=422)
    try:
        answer = reader.read(asked.url, site.has_host)
    except PageUnreachable as error:
        return CheckedInstall(asked.url, [findings.unreachable(error)])
    if not _is_html(answer):
        return CheckedInstall(answer.url, [findings.NOT_HTML])
    page = ReadPage(answer.url, answer.values_of("content-security-policy"), _text_of(answer))
    found, tag, script_url = judge_page(page, site, app_url)
    if tag is not None:
        found += _script_findings(tag, script_url, site, reader, app_url)
        if all(finding.severity is Severity.NOTE for finding in found):
            found.append(findings.ALL_FINE)
    return CheckedInstall(answer.url, found)


_NOT_LISTED = (
    "{host} is not one of your site's hosts, so beacons of its pages are refused. Add the host under Settings, Hosts, or check "
    "a page of another one."
)


def _script_findings(tag: ScriptTag, url: str, site: CheckedSite, reader: Reader, app_url: str) -> list[Finding]:
    """What the script itself says, where it is not simply ours."""
    integrity = tag.attributes.get("integrity", "").strip()
    own_host, host = urlsplit(app_url).hostname, urlsplit(url).hostname or ""
    if (url == f"{app_url}/s.js" and not integrity) or not (is_ours(url, app_url) or site.has_host(host)):
        return []
    try:
        script = reader.read(url, lambda asked: asked == own_host or site.has_host(asked))
    except PageUnreachable as error:
        # Whether it is away, or only away from here: the live check tells.
        return [findings.SCRIPT_UNREACHABLE] if error.reason in ("status", "name", "redirects") else []
    if "javascript" not in _content_type(script):
        return [findings.SCRIPT_UNREACHABLE]
    return [] if integrity_holds(integrity, script.body) else [findings.INTEGRITY_DIFFERS]


def _content_type(page: WebPage) -> str:
    return next(iter(page.values_of("content-type")), "").lower()


def _is_html(page: WebPage) -> bool:
    return _content_type(page).partition(";")[0].strip() in ("text/html", "application/xhtml+xml")


def _text_of(page: WebPage) -> str:
    charset = _content_type(page).partition("charset=")[2].partition(";")[0].strip(" \"'") or "utf-8"
    try:
        # No charset of the web, and takes minutes for a megabyte.
        named = "utf-8" if codecs.lookup(charset).name == "punycode" else charset
        return page.body.decode(named, "replace")
    except (LookupError, UnicodeError):
        return page.body.decode("utf-8", "replace")
