"""Find organisations of the table by what is known of them, rather than by an address."""

import functools
from collections import defaultdict

from lib.identification.answer import Organisation
from lib.identification.identify import _table


def companies_of_domain(domain: str) -> list[Organisation]:
    """The organisations whose domain this is, in the table's order; exactly it, or it with www. before it.

    A subdomain's owner need not speak for the whole domain, nor the other way round, so neither is taken for the other.
    domain: lower-case ASCII, without www.
    """
    return list(_by_domain().get(domain, ()))


def company_of_key(key: str) -> Organisation | None:
    """The organisation with this key, if the table has one."""
    return next((organisation for organisation in _organisations() if organisation.key == key), None)


@functools.cache
def _by_domain() -> dict[str, list[Organisation]]:
    by_domain = defaultdict(list)
    for organisation in _organisations():
        if organisation.domain:
            by_domain[organisation.domain.lower().removeprefix("www.")].append(organisation)
    return dict(by_domain)


@functools.cache
def _organisations() -> list[Organisation]:
    return [Organisation(*values) for values in _table().organisations()]
