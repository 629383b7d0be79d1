"""Follow the link in a mail: say what it is about, or stop mails and let them come again. No sign-in is asked for."""

from typing import Any, Protocol

from lib.errors import UnknownMailLink


class MailLinks(Protocol):
    """Where the links of mails that were sent are known."""

    def find(self, token: str) -> dict[str, Any] | None:
        """What a link is about, changing nothing."""

    def use(self, token: str, wish: str) -> dict[str, Any] | None:
        """Do what is wished, as often as one likes."""


def use_mail_link(token: str, wish: str | None, *, links: MailLinks) -> dict[str, Any]:
    """Answer what a link is about after doing what is wished: stop, stop_all, resume, or nothing.

    Raises UnknownMailLink for one there is not, and StoreUnavailable.
    """
    about = links.find(token) if wish is None else links.use(token, wish)
    if about is None:
        raise UnknownMailLink
    return about


def stop_by_one_click(token: str, *, links: MailLinks) -> None:
    """Stop what a link is about. One there is not has nothing to stop: the mailbox that asks is told the same (RFC 8058)."""
    links.use(token, "stop")
