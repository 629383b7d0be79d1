"""The mail that proves a domain: a link that whoever reads it may follow, or leave."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain.opt_out import Wish
from lib.mail.letter import plain_letter
from lib.mail.mailer import Mail, mailer

_DEEDS = {
    Wish.OPT_OUT: ("Never identify {names}", "asked that Leadsment never identifies {names} as a visitor of a website"),
    Wish.WITHDRAW: ("Identify {names} again", "asked that Leadsment identifies {names} again as a visitor of websites"),
}


@dataclass(frozen=True, slots=True)
class OptOutLink:
    """What the mail is made of. company_names: as the table has them. key: the request's id."""

    to: str
    domain: str
    company_names: Sequence[str]
    wish: Wish
    token: str
    key: str


def send_opt_out_link(link: OptOutLink) -> None:
    """Send the link. Raises MailUnavailable when it was not taken, MissingSetting before anything is sent."""
    sender = mailer()
    sender.send(opt_out_mail(link, app_url=sender.settings.app_url))


def opt_out_mail(link: OptOutLink, *, app_url: str) -> Mail:
    """Write the mail, in HTML and as text. Nothing in it is the asker's own words: who asks may be anybody."""
    names = names_of(link.company_names)
    title, deed = (text.format(names=names) for text in _DEEDS[link.wish])
    letter = plain_letter(
        subject=f"{title}?",
        title=title,
        paragraphs=[
            f"Somebody, we hope you, {deed}, and gave this address to show that {link.domain} is theirs. The link opens a page "
            "that asks once more. It works once and for one day."
        ],
        # Behind the #: no server, proxy or log between sees the token, and a scanner that opens the link does nothing.
        action=("Continue", f"{app_url}/opt-out#confirm={link.token}"),
        footnote="You did not ask for it? Ignore this mail: nothing changes. Your address was used for this mail alone.",
    )
    return Mail(to=link.to, letter=letter, key=link.key)


def names_of(company_names: Sequence[str]) -> str:
    """One name, or several as a person lists them; of many the first ones."""
    several = list(dict.fromkeys(company_names))
    if len(several) > 3:
        return f"{', '.join(several[:2])} and {len(several) - 2} others"
    return " and ".join(filter(None, (", ".join(several[:-1]), several[-1])))
