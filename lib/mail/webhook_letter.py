"""What owners and admins read when we have switched one of their webhooks off."""

from collections.abc import Mapping
from typing import Any

from lib.mail.letter import Letter, plain_letter

_REASONS = {
    "gone": "The server answered 410 Gone, by which it says that it wants nothing more.",
    "failing": "For five days it took nothing we sent.",
}


def webhook_disabled(content: Mapping[str, Any], app_url: str) -> Letter:
    """content: host, reason (gone or failing), description, account, and site_id where the account has a site."""
    named = f"{content['host']} ({content['description']})" if content["description"] else content["host"]
    site_id = content.get("site_id")
    return plain_letter(
        subject=f"The webhook to {content['host']} is switched off",
        title="A webhook is switched off",
        paragraphs=[
            f"We have switched off the webhook to {named} of {content['account']}. {_REASONS[content['reason']]}",
            "Its log says what was answered. When the server is well, switch the webhook on again. What could not be delivered "
            "is kept for 30 days, and you can send it again from the log.",
        ],
        action=("Look at the log", f"{app_url}/app/sites/{site_id}/integrations" if site_id else f"{app_url}/app"),
        footnote=f"You get this mail as an owner or admin of {content['account']}.",
    )
