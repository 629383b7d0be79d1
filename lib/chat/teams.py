"""Messages as workflows of Microsoft Teams take them: an Adaptive Card in a message.

Source: Microsoft, "Create incoming webhooks with Workflows for Microsoft Teams"; the schema at adaptivecards.io.
"""

from typing import Any

from lib.domain.alert import Alert

_LONGEST_TEXT = 2000


def teams_alert(alert: Alert) -> dict[str, Any]:
    """An alert as a card. Text stands in runs, in which nothing is a link or markdown."""
    body = [_text(alert.title, size="Large", weight="Bolder"), _text(alert.lead)]
    body += [_text(f"{label}: {value}") for label, value in alert.facts]
    body.append(_text(alert.reason, isSubtle=True))
    if alert.why:
        body.append(_text(f"It applied because: {'; '.join(alert.why)}.", isSubtle=True))
    actions = [
        {"type": "Action.OpenUrl", "title": "Open in Leadsment", "url": alert.company_url},
        {"type": "Action.OpenUrl", "title": "Mute this rule", "url": alert.mute_url},
    ]
    return _message(body, actions)


def teams_text(text: str) -> dict[str, Any]:
    """A message of a sentence or two."""
    return _message([_text(text)], [])


def _message(body: list[dict[str, Any]], actions: list[dict[str, Any]]) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": actions,
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}],
    }


def _text(text: str, **style: object) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text[:_LONGEST_TEXT] or "-", **style}]}
