"""What a digest says in words: its counts, its subject, a company's facts, and what was held back.

Everything here is plain text in one line. Companies' names and pages are others' words: what is not printed, line breaks
among it, is left out.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

Content = Mapping[str, Any]

PARTS = {
    "new": ("New", "{n} new company", "{n} new companies"),
    "surging": ("Coming much more often", "{n} {noun}coming more often", "{n} {noun}coming more often"),
    "followed": ("You follow", "{n} {noun}you follow", "{n} {noun}you follow"),
    "held": ("Alerts that were held back", "{n} held-back alert", "{n} held-back alerts"),
    "returning": ("Back again", "{n} {noun}back", "{n} {noun}back"),
}
_HELD_BACK = {
    "carrier": "from internet providers",
    "hoster": "from data centres",
    "relay": "through VPNs and proxies",
    "natural_person": "from private individuals",
    "unknown": "from networks whose holder is not certain",
    "reserved": "from internal addresses",
    "bot": "by crawlers",
    "prefetch": "loaded ahead by a browser",
    "opted_out": "from browsers that have opted out",
    "excluded": "excluded by you",
    "corrected": "corrected by you",
    "company_opted_out": "from companies that have opted out",
}
_LONGEST_SUBJECT = 110


def line(text: object) -> str:
    """A text as one line of what is seen."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; one that was cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def counted(number: int, one: str, several: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else several}"


def title_of(content: Content) -> str:
    """Of what the digest is, and how many companies of each part."""
    about = line(content["about"])
    if not content["totals"]:
        return f"No visits from {about}" if content["is_segment"] else f"No company visited {about}"
    return f"{about}: {_counts(content, most=len(PARTS))}"


def subject_of(content: Content) -> str:
    """What is in it, with the first names, as far as a mailbox shows a subject."""
    names = [shortened(line(company["name"]), 32) for company in ordered(content)]
    if not names:
        return shortened(title_of(content), _LONGEST_SUBJECT)
    subject, shown = f"{_counts(content, most=2)}: {names[0]}", 1
    for name in names[1:4]:
        if len(subject) + len(name) + 4 > _LONGEST_SUBJECT:
            break
        subject, shown = f"{subject}, {name}", shown + 1
    return subject if shown == sum(content["totals"].values()) else f"{subject} …"


def _counts(content: Content, *, most: int) -> str:
    """How many companies of the first parts, and of all others together."""
    present = [part for part in PARTS if part in content["totals"]]
    said = [_count(part, content["totals"][part], is_first=place == 0) for place, part in enumerate(present[:most])]
    if others := sum(content["totals"][part] for part in present[most:]):
        said.append(f"{others:,} more")
    return ", ".join(said)


def _count(part: str, number: int, *, is_first: bool) -> str:
    """The first count names what is counted, the others need not."""
    noun = ("company " if number == 1 else "companies ") if is_first and part not in ("new", "held") else ""
    _, one, several = PARTS[part]
    return (one if number == 1 else several).format(n=f"{number:,}", noun=noun)


def preheader_of(content: Content) -> str:
    """What a mailbox shows beside the subject: what the first companies looked at."""
    looked = [
        f"{shortened(line(company['name']), 40)} looked at {_first_pages(company)}"
        for company in ordered(content)[:3]
        if company["pages"]
    ]
    return "; ".join(looked) or funnel_of(content)


def _first_pages(company: Content) -> str:
    return ", ".join(shortened(line(page["path"]), 40) for page in company["pages"][:2])


def period_of(content: Content) -> str:
    """From when to when, by the reader's clock."""
    since, until = (_moment(datetime.fromisoformat(content[end])) for end in ("since_local", "until_local"))
    return f"Visits from {since} to {until} ({content['time_zone']})"


def funnel_of(content: Content) -> str:
    """What became of all page views, so that nobody wonders what was held back."""
    funnel = content["funnel"]
    if not funnel:
        return "No page views were measured on the days before."
    counts = dict(funnel["outcomes"])
    total, identified = sum(counts.values()), counts.pop("identified", 0)
    said = f"{counted(total, 'page view', 'page views')} {_days(funnel)}: {identified:,} from companies."
    held = [
        f"{count:,} {_HELD_BACK.get(name, 'for other reasons')}"
        for name, count in sorted(counts.items(), key=lambda one: -one[1])
    ]
    return f"{said} Held back: {', '.join(held)}." if held else f"{said} Nothing was held back."


def facts_of(company: Content) -> str:
    """Who the company is."""
    employees = f"{company['employee_range'].replace('-', '–')} employees" if company["employee_range"] else None
    return " · ".join(line(fact) for fact in (company["domain"], company["industry"], company["country"], employees) if fact)


def visits_of(company: Content) -> str:
    """How often it came, how much it looked at, and through which campaign."""
    if not company["visits"]:
        return "No visit in this period"
    said = f"{counted(company['visits'], 'visit', 'visits')}, {counted(company['page_views'], 'page view', 'page views')}"
    return f"{said} · campaign {line(company['campaign'])}" if company["campaign"] else said


def pages_of(company: Content) -> list[str]:
    """The pages it looked at most, with how often where that is more than once."""
    return [line(page["path"]) + (f" ({page['views']:,})" if page["views"] > 1 else "") for page in company["pages"]]


def marks_of(company: Content) -> list[str]:
    """What else the reader has said about it."""
    rules = [f"Alert held back: {line(rule)}" for rule in company["rules"]]
    return [*(["You follow it"] if company["is_followed"] and company["part"] != "followed" else []), *rules]


def ordered(content: Content) -> Sequence[Content]:
    """The companies in the order of the parts, each part as it came."""
    return [company for part in PARTS for company in content["companies"] if company["part"] == part]


def _days(funnel: Content) -> str:
    first, last = date.fromisoformat(funnel["since"]), date.fromisoformat(funnel["until"])
    return f"on {_day(first)}" if first == last else f"from {_day(first)} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _moment(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%B %H:%M}"
