"""Find organisations of the table by what is known of them, rather than by an address."""

import functools
from collections import defaultdict

from lib.identification.answer import Organisation
from lib.identification.bundled import bundled_table


def find_organisation(key: str) -> Organisation | None:
    """The organisation with a key of this table, or with one of an earlier table that was merged into it."""
    table = bundled_table()
    number = table.find_key(key)
    return None if number is None else table.organisation(number)


def companies_of_domain(domain: str) -> list[Organisation]:
    """The organisations whose domain this is, in the table's order; exactly it, or it with www. before it.

    A subdomain's owner need not speak for the whole domain, nor the other way round, so neither is taken for the other.
    domain: lower-case ASCII, without www.
    """
    return list(_by_domain().get(domain, ()))


@functools.cache
def _by_domain() -> dict[str, list[Organisation]]:
    by_domain = defaultdict(list)
    for organisation in bundled_table().organisations():
        if organisation.domain:
            by_domain[organisation.domain].append(organisation)
    return dict(by_domain)
