"""Say what a customer would be told about whoever asks, if they visited that customer's website now."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from lib.identification import Match, NoMatch, VisitorAddress
from lib.traffic import is_crawler, opts_out


class OptOuts(Protocol):
    """Who asked never to be identified."""

    def holds(self, address: VisitorAddress) -> bool:
        """Whether the address is in a network that opted out."""

    def names(self, company_keys: tuple[str, ...]) -> bool:
        """Whether one of these is a company that opted out."""


def show_caller(
    address: VisitorAddress,
    headers: Mapping[str, str],
    *,
    identify: Callable[[VisitorAddress], Match | NoMatch],
    opt_outs: OptOuts,
) -> dict[str, Any]:
    """{company, reason}: the company that would be named, as a customer reads it, or None and the reason why nobody would be.

    Decided as a beacon is (functions/record_beacon.py), but under no account's own rules. Nothing is written, and the address
    goes no further than the look-up in memory.
    """
    if opts_out(headers):
        return _nobody("browser_opted_out")
    if is_crawler(headers):
        return _nobody("bot")
    if opt_outs.holds(address):
        return _nobody("company_opted_out")
    answer = identify(address)
    if isinstance(answer, NoMatch):
        return _nobody(answer.reason)
    company = answer.organisation
    if opt_outs.names(company.keys):
        return _nobody("company_opted_out")
    shown = {name: getattr(company, name) for name in ("name", "kind", "domain", "industry", "country", "employee_range")}
    return {"company": shown, "reason": None}


def _nobody(reason: str) -> dict[str, Any]:
    return {"company": None, "reason": str(reason)}
