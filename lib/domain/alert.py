"""What an alert says, whichever way it leaves: which company, which rule applied and why, and where links lead.

The values are those of `private.alert_content`. Names and paths are somebody else's: each way of sending escapes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHORTEST, _LONGEST_NAME = 1, 200
_SAYS = {
    "industry": "industry",
    "country": "country",
    "employee_range": "employees",
    "kind": "kind",
    "page": "looked at a page that starts with",
    "campaign": "came by the campaign",
    "visits": "visits",
    "page_views": "pages",
    "score": "score",
    "first_seen": "first seen",
    "last_seen": "last seen",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert in words. facts: what is known of the company, by its label. reason: which rule applied; why: the conditions
    that held. company_url, mute_url: of our own pages."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    reason: str
    why: tuple[str, ...]
    company_url: str
    mute_url: str
    is_test: bool


def write_alert(content: Mapping[str, Any], app_url: str) -> Alert:
    """Put an alert into words. app_url: where links lead, no trailing slash."""
    site_url = f"{app_url}/app/sites/{content['site_id']}"
    is_test = bool(content.get("is_test"))
    name = str(content["name"])[:_LONGEST_NAME]
    verb = "visits for the first time" if content["kind"] == "identified" else "is back"
    company = f"{site_url}/companies/{content['company_id']}" if content.get("company_id") else f"{site_url}/companies"
    return Alert(
        title=f"{'Test: ' if is_test else ''}{name} {verb}",
        lead=_lead(content, name, is_test=is_test),
        facts=_facts(content),
        reason=_reason(content),
        why=tuple(say_condition(condition) for condition in content.get("why") or ()),
        company_url=company,
        mute_url=f"{site_url}/notifications?mute={content['rule_id']}",
        is_test=is_test,
    )


def say_condition(condition: Mapping[str, Any]) -> str:
    """A segment's condition in words, such as "country: DE or AT", "at least 3 visits within 7 days"."""
    field = str(condition["field"])
    says, days = _SAYS.get(field, field.replace("_", " ")), condition.get("within_days")
    within = f" within {_count(days, 'day')}" if days else ""
    if "at_least" in condition:
        number = condition["at_least"]
        return f"score of at least {number}" if field == "score" else f"at least {_count(number, says.removesuffix('s'))}{within}"
    if "starts_with" in condition:
        return f"{says} {_either(condition['starts_with'])}{within}"
    if "is_not" in condition:
        return f"{says}: not {_either(condition['is_not'])}"
    if "is" in condition:
        return f"{says} {_either(condition['is'])}{within}" if field == "campaign" else f"{says}: {_either(condition['is'])}"
    return f"{says}{within}"


def _lead(content: Mapping[str, Any], name: str, *, is_test: bool) -> str:
    if is_test:
        return "This is an example of what this rule sends. No company visited."
    pages = content.get("pages") or []
    looked = f" and looked at {_listed(pages)}" if pages else ""
    return f"{name} came to {content.get('site') or 'your site'}{looked}."


def _facts(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    labels = {
        "domain": "Website",
        "industry": "Industry",
        "country": "Country",
        "employee_range": "Employees",
        "score": "Score",
        "page_views": "Pages so far",
    }
    return tuple((label, str(content[key])) for key, label in labels.items() if content.get(key) is not None)


def _reason(content: Mapping[str, Any]) -> str:
    rule = f"Your rule “{content['rule']}”"
    if content["about"] == "followed":
        return f"{rule} tells you of companies you follow."
    if content["about"] == "every":
        return f"{rule} tells you of every company."
    comes = "comes to be" if content.get("only_on_change") else "is"
    return f"{rule} tells you when a company {comes} in the segment “{content.get('segment')}”."


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == _SHORTEST else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _either(texts: list[str]) -> str:
    return texts[0] if len(texts) == _SHORTEST else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
