"""What a mail says, and the layout all letters of a few sentences share."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

_TEMPLATES = Path(__file__).with_name("templates")
_PARAGRAPH = '<tr><td style="padding-top:12px;font-size:15px;line-height:1.6">{text}</td></tr>'
_ACTION = (
    '<tr><td style="padding-top:24px"><a href="{url}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
    'background:#2f5bea;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none">{label}</a></td></tr>'
)


class Letter(NamedTuple):
    """A mail's subject, its HTML and the same as text. headers: of the mail, such as List-Unsubscribe."""

    subject: str
    html: str
    text: str
    headers: Mapping[str, str] = {}


def plain_letter(
    *, subject: str, title: str, paragraphs: Sequence[str], footnote: str, action: tuple[str, str] | None = None
) -> Letter:
    """A title, some paragraphs, a button with its label and URL, and why the reader gets this. All of it plain text."""
    rows = [_PARAGRAPH.format(text=escape(text)) for text in paragraphs]
    if action:
        rows.append(_ACTION.format(label=escape(action[0]), url=escape(action[1])))
    html = template("letter.html").substitute(title=escape(title), rows="\n            ".join(rows), footnote=escape(footnote))
    parts = [title, *paragraphs, *([f"{action[0]}: {action[1]}"] if action else []), footnote, "Leadsment"]
    return Letter(subject, html, "\n\n".join(parts) + "\n")


def template(name: str) -> Template:
    """A template of the folder beside this module."""
    return Template((_TEMPLATES / name).read_text(encoding="utf-8"))
