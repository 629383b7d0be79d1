"""The mails about a person's request on their own data: link, receipts at both ends, extension, refusal; and the staff's."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from lib.mail.letter import Letter, plain_letter

_KINDS = {
    "access": "a copy of your data (Art. 15 GDPR)",
    "portability": "your data to take along (Art. 20 GDPR)",
    "erasure": "the erasure of your data (Art. 17 GDPR)",
    "objection": "to object to your data being used (Art. 21 GDPR)",
    "rectification": "a correction of your data (Art. 16 GDPR)",
    "restriction": "a restriction of how your data is used (Art. 18 GDPR)",
}
_COMPLAIN = "You may complain to a data protection authority, where you live, work, or think the law was broken (Art. 77 GDPR)."
_IGNORE = "You did not ask for this? Ignore this mail: nothing happens, and what we noted is deleted after seven days."
# Of what was done, in the order it is told: the number's name, one, and several.
_DONE = (
    ("contacts", "1 contact entry about you was deleted.", "{} contact entries about you were deleted."),
    ("logins", "Your login was deleted, with your settings, digests and rules.", ""),
    ("memberships", "You are no longer a member of 1 account.", "You are no longer a member of {} accounts."),
    ("accounts", "1 account in which you were alone was deleted with all its data.",
     "{} accounts in which you were alone were deleted with all their data."),
    ("messages", "1 mail about you in our outbox was deleted.", "{} mails about you in our outbox were deleted."),
)  # fmt: skip
_KEPT_AFTER_ERASURE = (
    "What is kept: a code made of your address, from which it cannot be read, so that nobody can add you again (Art. 17(3)(b) "
    "and 21 GDPR); this request under such a code for three years, to show that it was answered; and the audit log, which "
    "names a former user by a number that leads nowhere. Backups are overwritten in turn; nothing is restored from them "
    "without this erasure being done again. What a customer exported before is theirs to answer for."
)
_KEPT = "What is kept of this request: that it was made and answered, under a code made of your address, for three years."


def link_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """The request has arrived; the link shows that the address is the asker's. Nothing in it is anybody's own words."""
    return plain_letter(
        subject=f"Your request {content['reference']}: one press to confirm",
        title="Please confirm that you asked",
        paragraphs=[
            f"On {_day(content['received_on'])} we received a request with this address for {_kind(content)}. Its number is "
            f"{content['reference']}; you have an answer by {_day(content['due_on'])}.",
            "So that nobody else gets or deletes your data, follow this link. It opens a page that asks once more. It works once "
            "and for seven days.",
        ],
        # Behind the #: no server, proxy or log between sees the token, and a scanner that opens the link does nothing.
        action=("Confirm your request", _link(content, app_url, f"proof={content['token']}")),
        footnote=_IGNORE,
    )


def received_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """A proved request that somebody of the staff has to carry out."""
    waits = (content.get("outcome") or {}).get("accounts_waiting")
    middle = (
        "Contact entries about you are deleted already. Your login owns an account that others work in, or one too large to go "
        "at once: we see to it that the account is not left without an owner, and then delete your login."
        if waits
        else "A person reads it and carries it out. You need to do nothing."
    )
    return plain_letter(
        subject=f"Your request {content['reference']} is confirmed",
        title="We have your request",
        paragraphs=[
            f"You asked on {_day(content['received_on'])} for {_kind(content)}. Thank you for confirming it.",
            middle,
            f"You have our answer by {_day(content['due_on'])}. Should it need longer, we tell you before and say why.",
        ],
        footnote=f"The number of your request is {content['reference']}. Reply to this mail to add something.",
    )


def extended_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """The answer needs longer, and why: Art. 12(3) GDPR."""
    return plain_letter(
        subject=f"Your request {content['reference']} needs longer",
        title="We need longer, and this is why",
        paragraphs=[
            f"You asked on {_day(content['received_on'])} for {_kind(content)}.",
            f"Reason: {content['reason']}",
            f"You have our answer by {_day(content['due_on'])} at the latest (Art. 12(3) GDPR).",
            _COMPLAIN,
        ],
        footnote=f"The number of your request is {content['reference']}.",
    )


def done_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """What was done, by when, what is kept and why."""
    erased = content["kind"] in ("erasure", "objection")
    return plain_letter(
        subject=f"Your request {content['reference']} is done",
        title="Done: what we did with your request",
        paragraphs=[
            f"You asked on {_day(content['received_on'])} for {_kind(content)}. It was done on {_day(content['ended_on'])}.",
            *_what_was_done(content),
            _KEPT_AFTER_ERASURE if erased else _KEPT,
            _COMPLAIN,
        ],
        action=("Fetch your data", _link(content, app_url, f"files={content['files']}")) if content.get("files") else None,
        footnote=f"This is your receipt. The number of your request is {content['reference']}.",
    )


def refused_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """Why nothing was done, and where to complain: Art. 12(4) GDPR."""
    return plain_letter(
        subject=f"Your request {content['reference']}: our answer",
        title="We did not carry out your request",
        paragraphs=[
            f"You asked on {_day(content['received_on'])} for {_kind(content)}.",
            f"Reason: {content['answer']}",
            f"{_COMPLAIN} You may also go to court (Art. 79 GDPR).",
        ],
        footnote=f"The number of your request is {content['reference']}.",
    )


def due_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """To the staff: a request waits for them."""
    days = int(content["days_left"])
    left = f"{-days} days overdue" if days < 0 else "due today" if days == 0 else f"due in {days} days"
    return plain_letter(
        subject=f"Data request {content['reference']}: {left}",
        title=f"A data request is {left}",
        paragraphs=[
            f"{content['reference']} asks for {content['kind']}, and is {content['state']}. The answer is due by "
            f"{_day(content['due_on'])} (Art. 12(3) GDPR).",
        ],
        action=("Open the request", f"{app_url}/app/admin/data-requests?id={content['id']}"),
        footnote="You get this as one of the staff of this Leadsment deployment, until the request has ended.",
    )


def told_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """To who kept a contact that is gone: what they took out has to go too (Art. 19 GDPR). Names nobody, as nothing may."""
    return plain_letter(
        subject=f"A contact of {content['company']} was erased",
        title="Somebody asked to be erased",
        paragraphs=[
            f"Somebody whom {content['account']} kept as a contact at {content['company']} asked for it to end. The entry is "
            "deleted, and cannot be made again.",
            "If you exported it or pushed it to a CRM, please delete it there too (Art. 17 and 19 GDPR): compare your copy with "
            "the contacts of this company in Leadsment.",
        ],
        action=("Open Leadsment", f"{app_url}/app"),
        footnote=f"You get this as an owner or admin of {content['account']}.",
    )


def _what_was_done(content: Mapping[str, Any]) -> list[str]:
    if content.get("answer"):
        return [str(content["answer"])]
    if content.get("files"):
        return [
            "Follow the link to see everything that is kept of you, and to save it as JSON or CSV. It works for seven days. It "
            "is made when you open it: no copy lies anywhere."
        ]
    outcome = content.get("outcome") or {}
    done = [(one if outcome[name] == 1 else several.format(outcome[name])) for name, one, several in _DONE if outcome.get(name)]
    # Of places that came to be known later: see private.data_sources.
    known = {name for name, _, _ in _DONE}
    done += [
        f"{count} entries under “{name.replace('_', ' ')}” were deleted."
        for name, count in sorted(outcome.items())
        if name not in known and type(count) is int and count
    ]
    if outcome.get("mails_stopped"):
        done.append("You get no digests and alerts any more; your login stays.")
    return [
        " ".join(done) or "Nothing was kept of you under this address.",
        "No customer of Leadsment can keep you as a contact.",
    ]


def _link(content: Mapping[str, Any], app_url: str, token: str) -> str:
    # The address goes along behind the #: the page sends it to fetch the data, and we compare it with a hash.
    return f"{app_url}/data-request#{token}&of={quote(str(content['to']), safe='')}"


def _kind(content: Mapping[str, Any]) -> str:
    return _KINDS[str(content["kind"])]


def _day(text: str) -> str:
    day = date.fromisoformat(str(text))
    return f"{day.day} {day:%B %Y}"
