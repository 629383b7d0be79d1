"""Read a page of a customer's website, and what it leads to.

Only at addresses that may be asked (lib/guarded_http.py). Redirects are looked at again, one by one. Nothing is sent that
says who asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from lib.errors import PageUnreachable, Unreached
from lib.guarded_http import GuardedHttp, HttpAnswer, Target, target_of

_LARGEST_BYTES = 1_000_000
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {"User-Agent": "LeadsmentInstallCheck/1.0", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a URL answered, after redirects. headers: by lower-case name, in order. body: its first megabyte."""

    url: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def values_of(self, name: str) -> list[str]:
        """The values of a header, in order."""
        return [value for known, value in self.headers if known == name]


class PageReader:
    """Reads pages until some seconds after it was made, all of them together.

    reachable_networks: those that may be asked although they are reserved, in CIDR notation; for a stack on one machine.
    """

    def __init__(self, reachable_networks: Sequence[str] = (), *, seconds: float = 5.0) -> None:
        self._http = GuardedHttp(reachable_networks, _refuse_public, seconds=seconds)

    def read(self, url: str, may_visit: Callable[[str], bool]) -> WebPage:
        """Ask for a page and follow its redirects, as long as each host is one of those that may be visited.

        Raises PageUnreachable with the reason, also for an answer whose status is none of success.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            page = self._ask(url, may_visit)
            target = dict(page.headers).get("location")
            if page.status not in _REDIRECTS or not target:
                if not 200 <= page.status < 300:
                    raise PageUnreachable("status", str(page.status))
                return page
            url = _joined(url, target)
        raise PageUnreachable("redirects")

    def _ask(self, url: str, may_visit: Callable[[str], bool]) -> WebPage:
        try:
            target = target_of(url)
            if not may_visit(target.host):
                raise PageUnreachable("other_host", target.host)
            answer = self._http.ask("GET", target, _HEADERS, largest_bytes=_LARGEST_BYTES)
        except Unreached as error:
            raise PageUnreachable("answer" if error.reason == "url" else error.reason) from None
        return _page(url, answer)


def _page(url: str, answer: HttpAnswer) -> WebPage:
    return WebPage(url, answer.status, answer.headers, answer.body)


def _refuse_public(target: Target) -> str | None:
    """A website is asked where websites are."""
    return None if target.has_usual_port else "port"


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target.encode("latin-1").decode("utf-8", "replace"))
    except ValueError:
        raise PageUnreachable("answer") from None
