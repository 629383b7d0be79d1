"""The letter of an alert: the company, what it did, which rule applied and how to mute it."""

from collections.abc import Mapping
from typing import Any

from lib.domain.alert import write_alert
from lib.mail.letter import Letter, plain_letter
from lib.mail.unsubscribing import unsubscribe_url


def alert_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """Write the letter of an alert, from what `private.alert_content` says."""
    alert = write_alert(content, app_url)
    facts = " · ".join(f"{label}: {value}" for label, value in alert.facts)
    why = f"It applied because: {'; '.join(alert.why)}." if alert.why else ""
    return plain_letter(
        subject=alert.title,
        title=alert.title,
        paragraphs=[text for text in (alert.lead, facts, alert.reason, why) if text],
        action=("Open the company" if not alert.is_test else "Open your companies", alert.company_url),
        footnote=" ".join(_ends(content, app_url, alert.mute_url)),
    )


def _ends(content: Mapping[str, Any], app_url: str, mute_url: str) -> list[str]:
    """Why the reader gets this, and how to end it: this rule, or all alerts by mail."""
    url = unsubscribe_url(content, app_url)
    ends = [f"You get this because you set up the rule. Mute it: {mute_url}"]
    return [*ends, f"Get no alerts by mail any more: {url}"] if url else ends
