"""What of a page's HTML decides about the snippet: script tags, policies in meta tags, a tag manager.

A tokenizer of its own rather than html.parser: that one takes more than a minute for 60 kB of `<a b<a b<a b`, and raises on
`<![`. This one looks at each character a bounded number of times. Source: WHATWG HTML, 13.2.5 Tokenization, without script's
double-escaped states.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAG_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
_ATTRIBUTE_NAME = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)")
_EQUALS = re.compile(r"\s*=\s*")
_UNQUOTED = re.compile(r"[^\s>]*")
_COMMENT_END = re.compile(r"--!?>")
# Elements whose content is text to the browser, whatever it looks like. noscript: where scripts run, as here.
_TEXT_ELEMENTS = ("script", "style", "title", "textarea", "noscript", "iframe", "noembed", "noframes", "xmp")
_TEXT_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _TEXT_ELEMENTS}
_OF_HEAD = frozenset(
    ("html", "head", "meta", "title", "link", "script", "style", "base", "basefont", "bgsound", "noscript", "template")
)
_LONGEST_VALUE = 20_000


@dataclass(frozen=True, slots=True)
class ScriptTag:
    """A script element: its attributes by lower-case name, the first of each, and the code inside it."""

    attributes: dict[str, str]
    code: str


@dataclass(slots=True)
class PageTags:
    """policies: the contents of meta tags that state a Content-Security-Policy, in order."""

    scripts: list[ScriptTag] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    is_end: bool
    attributes: dict[str, str]
    text: str = ""


def read_tags(page: str) -> PageTags:
    """Read a page as a browser that runs scripts would. Never raises; what is cut off or malformed ends the reading."""
    found = PageTags()
    templates, in_head = 0, True
    for tag in _tags(page):
        if tag.name == "template":
            templates = max(0, templates + (-1 if tag.is_end else 1))
        elif tag.is_end:
            in_head = in_head and tag.name != "head"
        elif not templates:
            in_head = in_head and tag.name in _OF_HEAD
            if tag.name == "script":
                found.scripts.append(ScriptTag(tag.attributes, tag.text))
            elif in_head and tag.name == "meta" and _states_a_policy(tag):
                found.policies.append(tag.attributes.get("content", ""))
    return found


def _states_a_policy(tag: _Tag) -> bool:
    return tag.attributes.get("http-equiv", "").strip().lower() == "content-security-policy"


def _tags(page: str) -> Iterator[_Tag]:
    place = page.find("<")
    while place != -1:
        after: int | None
        if page.startswith("<!--", place):
            # Two characters in: <!--> is a whole comment.
            closed = _COMMENT_END.search(page, place + 2)
            after = closed.end() if closed else None
        elif _TAG_NAME.match(page, place + 1):
            tag, after = _start_tag(page, place + 1)
            if tag:
                yield tag
        elif page.startswith("</", place) and (name := _TAG_NAME.match(page, place + 2)):
            yield _Tag(name[0].lower(), is_end=True, attributes={})
            after = _after(page, ">", name.end())
        else:
            # <! and <? and </ before anything else begin a comment; a lone < is text.
            after = _after(page, ">", place) if page[place + 1 : place + 2] in ("!", "?", "/") else place + 1
        place = -1 if after is None else page.find("<", after)


def _start_tag(page: str, place: int) -> tuple[_Tag | None, int | None]:
    """The tag at a place, and where to go on; None for where nothing follows that could be a tag."""
    name = page[place : (place := _end_of(_TAG_NAME, page, place))].lower()
    attributes: dict[str, str] = {}
    while attribute := _ATTRIBUTE_NAME.match(page, place):
        place = attribute.end()
        value = ""
        if equals := _EQUALS.match(page, place):
            quote = page[equals.end() : equals.end() + 1]
            if quote and quote in "\"'":
                end = page.find(quote, equals.end() + 1)
                if end == -1:
                    return None, None
                value, place = page[equals.end() + 1 : end], end + 1
            else:
                place = _end_of(_UNQUOTED, page, equals.end())
                value = page[equals.end() : place]
        attributes.setdefault(attribute[1].lower(), _unescaped(value))
    closed = _after(page, ">", place)
    if closed is None or name not in _TEXT_END:
        return (_Tag(name, is_end=False, attributes=attributes), closed) if closed else (None, None)
    end_tag = _TEXT_END[name].search(page, closed)
    text = page[closed : end_tag.start()] if end_tag else page[closed:]
    return _Tag(name, is_end=False, attributes=attributes, text=text), end_tag.start() if end_tag else None


def _unescaped(value: str) -> str:
    try:
        return html.unescape(value) if len(value) <= _LONGEST_VALUE else ""
    except ValueError:  # a number of more digits than Python reads
        return ""


def _end_of(pattern: re.Pattern[str], page: str, place: int) -> int:
    found = pattern.match(page, place)
    return found.end() if found else place


def _after(page: str, sign: str, place: int) -> int | None:
    found = page.find(sign, place)
    return None if found == -1 else found + 1
