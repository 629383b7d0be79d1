"""Take out of a URL's parts whatever looks like a person's data: e-mails, addresses, phone numbers, tokens.

The rules lean towards taking out too much: a lost product number costs a site's owner little, a kept
reset link costs a person a lot. Slugs of words, dates and short numbers stay. What they are applied to is the text
as a reader would finally see it (lib/domain/plain_text.py), so that an encoding hides nothing.
"""

import ipaddress
import re
from collections.abc import Callable
from itertools import pairwise

from lib.domain.ordinary import ORDINARY_PATH, ORDINARY_WORDS
from lib.domain.plain_text import UnreadableText, plain_text, readable_text
from lib.domain.random_text import is_encoded, looks_random

EMAIL, ADDRESS, NUMBER, TOKEN = "[email]", "[address]", "[number]", "[token]"

_is_ordinary_path = re.compile(ORDINARY_PATH).fullmatch
_is_ordinary_value = re.compile(ORDINARY_WORDS).fullmatch

# Every rule's cost grows with the text's length, not its square: each begins where a run of characters begins, or is bounded.
_EMAIL = re.compile(r"(?<![^\s/@])[^\s/@]+\s?@\s?[^\s/@]+")
# One cut in two by a slash. A handle after a folder, /package/@scope, is none.
_EMAIL_ACROSS = re.compile(r"(?<![^\s/@])[^\s/@]+(?:/+@/*[^\s/@]*\.[^\s/@]+|@/+[^\s/@]+)")
# Decimal, octal and hexadecimal, as inet_aton takes them, and as host names spell them.
_IPV4 = re.compile(
    r"(?<!\d)\d{1,3}([.\-_,])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d)|(?<![\da-z])(?:0x[\da-f]{1,2}|0\d{1,3}|\d{1,3})(?:\.(?:0x[\da-f]{1,2}|0\d{1,3}|\d{1,3})){3}",
    re.IGNORECASE,
)
_IPV6_LIKE = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
# With dashes for colons, as in ipv6-literal.net; and a hardware address.
_IPV6_DASHED = re.compile(r"(?<![\da-z])(?=[a-f\-_]*\d)[\da-f]{1,4}(?:([-_])[\da-f]{0,4}){2,7}(?![\da-z])", re.IGNORECASE)
_NIBBLES = re.compile(r"(?=[a-f.\-]*\d)(?:[\da-f][.\-]){11,}[\da-f]?(?![\da-z])", re.IGNORECASE)
_HARDWARE = re.compile(r"(?<![\da-z])(?=[a-f.\-_]*\d)[\da-f]{2}(?:([-_.])[\da-f]{2}){5}(?![\da-z])", re.IGNORECASE)
# Four bytes, or six and more, in hexadecimal: an address, or a key.
_FOUR_BYTES = re.compile(r"(?<![\da-z])(?:0x)?(?=\d*[a-f])(?=[a-f]*\d)[\da-f]{8}(?![\da-z])", re.IGNORECASE)
_FOUR_BYTES_IN_BASE64 = re.compile(r"(?<![\w+/-])[\w+/-]{6}==(?!=)")
_MORE_BYTES = re.compile(r"(?<![\da-z])(?:0x)?(?=\d*[a-f])(?=[a-f]*\d)[\da-f]{12,}(?![\da-z])", re.IGNORECASE)
# The digest in the name of a script or a style sheet.
_ASSET = re.compile(r"[a-z]{1,15}(?:[-_.][a-z]{1,15})*[-.][\da-f]{8,20}(?:\.min|\.chunk)?\.(?:js|mjs|css|map|woff2?)")
_CLOCK = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_YEAR, _MONTH, _DAY = "(?:19|20)\\d\\d", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12]\\d|3[01])"
_AFTER_DIGIT = "".join(rf"(?<!\d[\s().\-_,]{{{gap}}})" for gap in range(1, 4))
_DATE = re.compile(
    rf"(?<![+\d]){_AFTER_DIGIT}(?:{_YEAR}([\s.\-_/]){_MONTH}\1{_DAY}|{_DAY}([.\-_/]){_MONTH}\2{_YEAR}|{_MONTH}([.\-_/]){_DAY}\3{_YEAR}"
    # 20261124; 2026/11/ before an article's number; 2025-2026; a norm with its year, such as iso-9001-2015
    rf"|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|{_YEAR}/(?:0[1-9]|1[0-2])(?=/)"
    rf"|{_YEAR}[-_/]{_YEAR}(?![\s().\-_,]{{0,3}}\d)|(?<=[A-Za-z][-_\s])[1-9]\d{{3,4}}-{_YEAR}(?![\s().\-_,]{{0,3}}\d))(?!\d)"
)
_PHONE = re.compile(r"\+?\d(?:[\s().\-_,]{0,3}\d){6,}")
_PHONE_ACROSS = re.compile(r"\+?\d(?:[\s().\-_,/]{0,3}\d){6,}")
_FEWEST_DIGITS_ACROSS = 9
_SEVEN_DIGITS = re.compile(r"(?:\d\D*){7}")
_UUID = re.compile(r"[0-9a-f]{8}[-_.]?[0-9a-f]{4}[-_.]?[0-9a-f]{4}[-_.]?[0-9a-f]{4}[-_.]?[0-9a-f]{12}", re.IGNORECASE)
# Keys whose issuers let them begin alike so that they are found, and a JSON Web Token.
_KNOWN_TOKEN = re.compile(
    r"(?-i:eyJ)[\w-]{5,}(?:\.[\w-]*)*|"
    r"(?<![a-z\d])(?:(?:sk|pk|rk|whsec|lmsk|site)_|(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_]|gh[pousr]_|github_pat_|"
    r"glpat-|xox[a-z]-|npm_|hf_|re_|sb_secret_|SG\.|AKIA|ASIA|AIza|ya29\.)(?=[\w.-]{0,60}\d|[a-z\d]{16})[\w.-]{8,}",
    re.IGNORECASE,
)
_NAMED_SECRET = re.compile(
    r"((?:\w*[-_.])?(?:j?session|sess|sid|jsessionid|sessionid|phpsessid|aspsessionid\w*|cfid|cftoken|token|access_?token|key|apikey|auth|code|"
    r"otp|pin|pass|passwd|password|pwd|secret|sig|signature|hash|mail|email|phone|tel|ip|user|uid)\s?[=:]\s?)([^;,&|\s/]{3,})",
    re.IGNORECASE,
)
_PART = re.compile(r"[^;,=&:!~|\s]+")
# The path segments that announce a secret: what follows them is one even when it is short.
_ANNOUNCES_SECRET = re.compile(
    r"(?:(?:forgot(?:ten)?|new|change|set|your|e?mail|user|account|link|vergessen|zuruecksetzen)[-_.]?)*"
    r"(?:resets?|password|passwort|passwd|pass|verify|verification|verifizieren|confirm|confirmation|bestaetigen|activate|activation|invites?|"
    r"invitations?|einladung|tokens?|magic|login|logon|signin|signup|auth|oauth|unsubscribe|abmelden|sessions?|otp|codes?|keys?|recover|recovery)"
    r"(?:[-_.]?(?:forgot(?:ten)?|vergessen|zuruecksetzen|e?mail|link|your|account|user|reset|password|passwort|verify|confirm|code|token|key))*",
    re.IGNORECASE,
)
_ORDINARY_AFTER = re.compile(r"v\d{1,2}|2fa|oauth2?|step-?\d|[12]")
_DIGIT = re.compile(r"\d")
# Words with a date before them and short numbers between them. Every word has a letter that no hexadecimal digit is.
_COUNTED = r"(?:(?=[a-z]{1,15}(?:[-.]|$))[a-f]*[g-z][a-z]*)"
_is_counted_slug = re.compile(
    rf"(?:{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])-|\d{{1,3}}-)?"
    rf"{_COUNTED}(?:-(?:\d{{1,3}}-)?{_COUNTED}){{0,40}}(?:-\d{{1,3}})?"
).fullmatch
_SHORTEST_TOKEN = 16
_SHORTEST_KNOWN = 12
_SHORTEST_ENCODED = 8
_SHORTEST_BYTES = 6


def redact_path(path: str) -> str:
    """Redact a URL path segment by segment; what stays is as it was sent."""
    if _is_ordinary_path(path):
        return path
    segments = path.split("/")
    try:
        plain = [plain_text(segment) for segment in segments]
    except UnreadableText:
        return f"/{TOKEN}"
    whole = "/".join(plain)
    across = _redact_across(whole)
    if across != whole:  # a number or a name is spread over segments: the path stays as it reads, without them
        segments = plain = across.split("/")
    redacted = [_redacted(segment, text) for segment, text in zip(segments, plain, strict=True)]
    for place, (before, segment) in enumerate(pairwise(plain), start=1):
        if _ANNOUNCES_SECRET.fullmatch(before) and _may_be_short_secret(segment):
            redacted[place] = TOKEN
    return "/".join(redacted)


def redact(text: str) -> str:
    """Redact one value that is not a path, such as a campaign's; percent-encodings in it are undone.

    Returns what it reads as when nothing in it looks like a person's data, else its plain form with placeholders.
    """
    if _is_ordinary_value(text):
        return text
    try:
        plain, readable = plain_text(text), readable_text(text)
    except UnreadableText:
        return TOKEN
    across = _redact_across(plain)
    return _redacted(readable, plain) if across == plain else _redact_plain(across)


def names_nobody(text: str) -> bool:
    """Whether nothing in a text looks like a person's data."""
    try:
        plain = plain_text(text)
    except UnreadableText:
        return False
    return _redact_across(plain) == plain == _redact_plain(plain)


def _redacted(sent: str, plain: str) -> str:
    redacted = _redact_plain(plain)
    return sent if redacted == plain else redacted


def _redact_plain(text: str) -> str:
    """Apply every rule that the text's length and characters allow to match; most texts meet few of them."""
    if text.isalpha() and text.islower() and len(text) < _SHORTEST_TOKEN:
        return text
    if _is_counted_slug(text) or _ASSET.fullmatch(text):
        return text
    has_digit = _DIGIT.search(text)
    if len(text) >= _SHORTEST_KNOWN:
        text = _UUID.sub(TOKEN, _KNOWN_TOKEN.sub(TOKEN, text))
    if "@" in text:
        text = _EMAIL.sub(EMAIL, text)
    if "=" in text or ":" in text:
        text = _NAMED_SECRET.sub(rf"\1{TOKEN}", text)
    if has_digit or ":" in text or "==" in text:
        text = _redact_addresses(text)
    # Before the phone numbers, or a token would lose some of its digits and be one no more.
    if len(text) >= _SHORTEST_ENCODED:
        text = _PART.sub(_redact_part, text)
    return _redact_phones(text) if has_digit else text


def _redact_part(match: re.Match[str]) -> str:
    part = match[0]
    return TOKEN if is_encoded(part, _is_personal) or looks_random(part) else part


def _redact_addresses(text: str) -> str:
    text = _IPV4.sub(ADDRESS, text)
    if "==" in text:
        text = _FOUR_BYTES_IN_BASE64.sub(ADDRESS, text)
    if ":" in text:
        text = _IPV6_LIKE.sub(_redact_ipv6, text)
    if len(text) < _SHORTEST_BYTES:
        return text
    if text.count("-") + text.count("_") + text.count(".") >= 2:
        text = _HARDWARE.sub(ADDRESS, _NIBBLES.sub(ADDRESS, text))
        text = _IPV6_DASHED.sub(_redact_dashed, text)
    return _MORE_BYTES.sub(TOKEN, _FOUR_BYTES.sub(ADDRESS, text))


def _redact_across(text: str) -> str:
    """Redact what only shows when a path's slashes, or a value's, are looked past."""
    if "@" in text:
        text = _EMAIL_ACROSS.sub(EMAIL, text)
    if "/" not in text or not _SEVEN_DIGITS.search(text):
        return text
    return _outside_dates(text, lambda piece: _PHONE_ACROSS.sub(_redact_across_slashes, piece))


def _redact_across_slashes(match: re.Match[str]) -> str:
    text = match[0]
    is_number = "/" in text and (text[0] in "+0" or sum(map(str.isdigit, text)) >= _FEWEST_DIGITS_ACROSS)
    return NUMBER if is_number else text


def _redact_ipv6(match: re.Match[str]) -> str:
    """Redact what has two colons and a digit, unless it is a time of day: an address may be glued to other characters.

    Without a digit it must be an address and stand alone: std::vector is a name.
    """
    text = match[0]
    if _CLOCK.fullmatch(text):
        return text
    stands_alone = not (match.string[: match.start()][-1:] + match.string[match.end() :][:1]).isalpha()
    return ADDRESS if any(character.isdigit() for character in text) or (stands_alone and _is_ipv6(text)) else text


def _redact_dashed(match: re.Match[str]) -> str:
    text = match[0]
    return ADDRESS if any(len(group) > 2 for group in re.split("[-_]", text)) and _is_ipv6(re.sub("[-_]", ":", text)) else text


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text.strip("."))
    except ValueError:
        return False
    return True


def _redact_phones(text: str) -> str:
    if not _SEVEN_DIGITS.search(text):
        return text
    return _outside_dates(text, lambda piece: _PHONE.sub(NUMBER, piece))


def _outside_dates(text: str, redact_piece: Callable[[str], str]) -> str:
    pieces, end = [], 0
    for date in _DATE.finditer(text):
        pieces += [redact_piece(text[end : date.start()]), date[0]]
        end = date.end()
    return "".join([*pieces, redact_piece(text[end:])])


def _is_personal(text: str) -> bool:
    """Whether a text that was found encoded names a person or an address."""
    return bool(_EMAIL.search(text)) or _redact_addresses(text) != text or _redact_phones(text) != text


def _may_be_short_secret(segment: str) -> bool:
    if _ORDINARY_AFTER.fullmatch(segment):
        return False
    mixes_cases = not segment.islower() and not segment.istitle() and not segment.isupper()
    return len(segment) >= _SHORTEST_TOKEN or any(map(str.isdigit, segment)) or (len(segment) > 5 and mixes_cases)
