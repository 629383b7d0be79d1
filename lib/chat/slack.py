"""Messages as Slack's incoming webhooks take them. Source: Slack, "Sending messages using incoming webhooks", "Block Kit"."""

from typing import Any

from lib.domain.alert import Alert

_LONGEST_HEADER, _LONGEST_TEXT, _MOST_FIELDS = 150, 2900, 10


def slack_alert(alert: Alert) -> dict[str, Any]:
    """An alert in blocks. What is somebody else's text is plain text, in which nothing is a link or a mention."""
    links = f"<{alert.company_url}|Open in Leadsment> · <{alert.mute_url}|Mute this rule>"
    fields = [_plain(f"{label}: {value}") for label, value in alert.facts[:_MOST_FIELDS]]
    why = [alert.reason, *([f"It applied because: {'; '.join(alert.why)}."] if alert.why else [])]
    return {
        # Shown where blocks are not, as in a notification.
        "text": escape_slack(alert.title),
        "unfurl_links": False,
        "blocks": [
            {"type": "header", "text": _plain(alert.title, _LONGEST_HEADER)},
            {"type": "section", "text": _plain(alert.lead), **({"fields": fields} if fields else {})},
            {"type": "context", "elements": [_plain(text) for text in why]},
            {"type": "section", "text": {"type": "mrkdwn", "text": links}},
        ],
    }


def slack_text(text: str) -> dict[str, Any]:
    """A message of a sentence or two."""
    return {"text": escape_slack(text)}


def escape_slack(text: str) -> str:
    """Text in which nothing is a link, a mention or a command. Source: Slack, "Formatting text", "Escaping text"."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str, longest: int = _LONGEST_TEXT) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:longest] or "-", "emoji": False}
