"""The digest: what companies did since the last one, as HTML that survives Outlook and Gmail, and the same as text.

Tables, inline styles and bgcolor; what a style block adds (dark colours, less padding on phones) it may leave out. Colours are
neither white nor black, so that a mailbox that inverts them leaves them readable. Source: caniemail.com.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from lib.mail.digest_words import (
    PARTS,
    Content,
    facts_of,
    funnel_of,
    line,
    marks_of,
    pages_of,
    period_of,
    preheader_of,
    subject_of,
    title_of,
    visits_of,
)
from lib.mail.letter import Letter, template
from lib.mail.unsubscribing import unsubscribe_url

# Gmail cuts mails of more than 102 KB, and hides the link to unsubscribe with what it cuts.
LARGEST_BYTES = 90_000
_SHOWN_OF_EACH_PART = (12, 8, 5, 3, 2, 1)
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_LINE = (
    '<div class="{kind}" style="{font};padding-top:3px;font-size:14px;line-height:21px;color:{color};word-break:break-word">'
    "{text}</div>"
)
_MARK = (
    '<span class="mark" style="background-color:#fdeec8;color:#6b4a00;border-radius:4px;padding:1px 6px;font-size:13px">'
    "{text}</span>"
)
_MORE = '<tr><td class="soft" style="{font};padding-top:12px;font-size:14px;line-height:21px;color:#586174">{text}</td></tr>'
_LINK = '<a href="{url}" style="color:#2f5bea;text-decoration:underline">{label}</a>'


def digest_letter(content: Mapping[str, Any], app_url: str) -> Letter:
    """Write a digest from what private.digest_content answers. Shows fewer companies where it would be cut otherwise."""
    for most in _SHOWN_OF_EACH_PART:
        letter = _letter(_with_at_most(content, most), app_url)
        if len(letter.html.encode()) <= LARGEST_BYTES:
            break
    return letter


def _with_at_most(content: Content, most: int) -> Content:
    shown = [company for part in PARTS for company in [one for one in content["companies"] if one["part"] == part][:most]]
    return {**content, "companies": shown}


def _letter(content: Content, app_url: str) -> Letter:
    subject = subject_of(content)
    choices = [("Change your digests", f"{app_url}/app/sites/{content['site_id']}/notifications")]
    if url := unsubscribe_url(content, app_url):
        choices.append(("Unsubscribe", url))
    return Letter(subject, _html(content, app_url, subject, choices), _text(content, app_url, choices))


def _footnote(content: Content) -> str:
    scope = f"the segment {line(content['about'])}" if content["is_segment"] else line(content["about"])
    return f"You asked for this {content['rhythm']} digest of {scope}. Companies are known by their networks; no person is."


def _html(content: Content, app_url: str, subject: str, choices: Sequence[tuple[str, str]]) -> str:
    links = " &nbsp;·&nbsp; ".join(_LINK.format(url=escape(url), label=escape(label)) for label, url in choices)
    return template("digest.html").substitute(
        font=_FONT,
        subject=escape(subject),
        preheader=escape(preheader_of(content)),
        # So that a mailbox does not go on with the mail's first words.
        filler="&#847;&zwnj;&nbsp;" * 30,
        title=escape(title_of(content)),
        period=escape(period_of(content)),
        parts="\n                  ".join(_part(part, companies, content, app_url) for part, companies in _parts(content)),
        funnel=escape(funnel_of(content)),
        open_url=escape(_list_url(content, app_url)),
        footnote=escape(_footnote(content)),
        choices=links,
    )


def _parts(content: Content) -> list[tuple[str, list[Content]]]:
    return [
        (part, [company for company in content["companies"] if company["part"] == part])
        for part in PARTS
        if part in content["totals"]
    ]


def _part(part: str, companies: Sequence[Content], content: Content, app_url: str) -> str:
    rows = [_company(company, app_url) for company in companies]
    more = content["totals"][part] - len(companies)
    if more > 0:
        link = _LINK.format(url=escape(_list_url(content, app_url)), label=f"and {more:,} more")
        rows.append(_MORE.format(font=_FONT, text=link))
    heading = f"{PARTS[part][0]} ({content['totals'][part]:,})"
    return template("digest_part.html").substitute(font=_FONT, heading=escape(heading), companies="".join(rows)).strip()


def _company(company: Content, app_url: str) -> str:
    lines = [("soft", "#586174", escape(facts_of(company))), ("ink", "#1a1f2b", escape(visits_of(company)))]
    if pages := pages_of(company):
        lines.append(("soft", "#586174", escape(" · ".join(pages))))
    if marks := marks_of(company):
        lines.append(("ink", "#1a1f2b", " ".join(_MARK.format(text=escape(mark)) for mark in marks)))
    return template("digest_company.html").substitute(
        font=_FONT,
        url=escape(_company_url(company, app_url)),
        name=escape(line(company["name"])),
        score=int(company["score"]),
        lines="".join(_LINE.format(kind=kind, font=_FONT, color=color, text=text) for kind, color, text in lines if text),
    )


def _text(content: Content, app_url: str, choices: Sequence[tuple[str, str]]) -> str:
    pieces = [title_of(content), period_of(content)]
    for part, companies in _parts(content):
        pieces.append(f"{PARTS[part][0].upper()} ({content['totals'][part]:,})")
        pieces += ["\n".join(_text_lines(company, app_url)) for company in companies]
        if (more := content["totals"][part] - len(companies)) > 0:
            pieces.append(f"and {more:,} more: {_list_url(content, app_url)}")
    links = "\n".join(f"{label}: {url}" for label, url in choices)
    return "\n\n".join([*pieces, funnel_of(content), f"{_footnote(content)}\n{links}", "Leadsment"]) + "\n"


def _text_lines(company: Content, app_url: str) -> list[str]:
    pages = [f"  {page}" for page in pages_of(company)]
    lines = [f"{line(company['name'])} (score {int(company['score'])})", facts_of(company), visits_of(company), *pages]
    return [*filter(None, lines), *marks_of(company), _company_url(company, app_url)]


def _company_url(company: Content, app_url: str) -> str:
    return f"{app_url}/app/sites/{company['site_id']}/companies/{company['id']}"


def _list_url(content: Content, app_url: str) -> str:
    return f"{app_url}/app/sites/{content['site_id']}/companies"
