"""The letter of an alert: the company, what it did, which rule applied and how to mute it."""

from collections.abc import Mapping
from typing import Any

from lib.domain.alert import write_alert
from lib.mail.letter import Letter, plain_letter


def alert_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """Write the letter of an alert, from what `private.alert_content` says."""
    alert = write_alert(content, app_url)
    facts = " · ".join(f"{label}: {value}" for label, value in alert.facts)
    why = f"It applied because: {'; '.join(alert.why)}." if alert.why else ""
    return plain_letter(
        subject=_one_line(alert.title),
        title=alert.title,
        paragraphs=[text for text in (alert.lead, facts, alert.reason, why) if text],
        action=("Open the company" if not alert.is_test else "Open your companies", alert.company_url),
        footnote=f"You get this because you set up the rule. Mute it: {alert.mute_url}",
    )


def _one_line(text: str) -> str:
    """A subject is one line: a line break in a name must not begin another header."""
    return " ".join(text.split())
