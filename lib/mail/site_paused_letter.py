"""What owners and admins read when one of their sites has used up its day's quota."""

from collections.abc import Mapping
from typing import Any

from lib.mail.letter import Letter, plain_letter


def site_paused(content: Mapping[str, Any], app_url: str) -> Letter:
    """content: site_id, site, account, most (page views a day), day (ISO 8601), time_zone."""
    return plain_letter(
        subject=f"{content['site']} has sent as many page views today as it may",
        title="Nothing more is recorded today",
        paragraphs=[
            f"On {content['day']}, {content['site']} sent {content['most']:,} page views, which is the most it may in a day. "
            f"Later ones are not recorded until midnight ({content['time_zone']}); then it goes on by itself.",
            "The overview says what the page views were. If most are bots, somebody floods the site; if not, it has grown, and "
            "whoever runs Leadsment for you can raise the number.",
        ],
        action=("Look at the site", f"{app_url}/app/sites/{content['site_id']}/companies"),
        footnote=f"You get this mail as an owner or admin of {content['account']}, at most once a day for each site.",
    )
