"""Take out of a URL's parts whatever looks like a person's data: e-mails, addresses, phone numbers, tokens.

The rules lean towards taking out too much: a lost product number costs a site's owner little, a kept
reset link costs a person a lot. Slugs of words and dates stay.
"""

import ipaddress
import re
from itertools import pairwise
from urllib.parse import unquote

EMAIL, ADDRESS, NUMBER, TOKEN = "[email]", "[address]", "[number]", "[token]"

_MOST_DECODINGS = 5
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_EMAIL = re.compile(r"[^\s/@]+@[^\s/@]+")
_IPV4 = re.compile(r"(?<!\d)\d{1,3}([.\-_])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d)")
_IPV6_LIKE = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_CLOCK = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_DATE = re.compile(r"(?<!\d)(19|20)\d\d([-_.])(0\d|1[0-2])\2([0-2]\d|3[01])(?!\d)")
_PHONE = re.compile(r"\+?\d(?:[\s().\-_]{0,2}\d){6,}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^;,=&:!~|\s]+")
# The path segments that announce a secret: what follows them is one even when it is short.
_ANNOUNCES_SECRET = re.compile(
    r"^(reset|password|passwd|verify|verification|confirm|confirmation|activate|activation|invite|invitation|token|"
    r"magic|login|signin|auth|unsubscribe|session|otp|code|key)s?$",
    re.IGNORECASE,
)
_SHORTEST_TOKEN = 16
_LONGEST_WORD = 40
_MIXTURE_OF_TOKENS = 0.25


def redact_path(path: str) -> str:
    """Redact a URL path segment by segment; what stays is as it was sent."""
    segments = path.split("/")
    redacted = [redact(segment) for segment in segments]
    for place, (before, segment) in enumerate(pairwise(segments), start=1):
        if _ANNOUNCES_SECRET.match(decode(before)) and _may_be_short_secret(decode(segment)):
            redacted[place] = TOKEN
    return "/".join(redacted)


def redact(text: str) -> str:
    """Redact one part of a URL: a path segment or a campaign value, percent-encoded or not.

    Returns the text unchanged when nothing in its decoded form looks like a person's data, else its decoded form
    with placeholders.
    """
    decoded = decode(text)
    redacted = _EMAIL.sub(EMAIL, decoded)
    redacted = _IPV4.sub(ADDRESS, redacted)
    redacted = _IPV6_LIKE.sub(_redact_ipv6, redacted)
    redacted = _UUID.sub(TOKEN, redacted)
    redacted = _redact_phones(redacted)
    redacted = _PART.sub(lambda part: TOKEN if _looks_random(part[0]) else part[0], redacted)
    return text if redacted == decoded else redacted


def decode(text: str) -> str:
    """Undo percent-encoding, also where it was applied several times; control characters are dropped.

    PostgreSQL takes no NUL in a text, and a line break has no business in a path.
    """
    for _ in range(_MOST_DECODINGS):
        decoded = unquote(text)
        if decoded == text:
            break
        text = decoded
    return CONTROL_CHARACTERS.sub("", text)


def _redact_ipv6(match: re.Match[str]) -> str:
    """Redact what has two colons and a digit, unless it is a time of day: an address may be glued to other characters.

    Without a digit it must be an address and stand alone: std::vector is a name.
    """
    text = match[0]
    if _CLOCK.fullmatch(text):
        return text
    stands_alone = not (match.string[: match.start()][-1:] + match.string[match.end() :][:1]).isalpha()
    return ADDRESS if any(character.isdigit() for character in text) or (stands_alone and _is_ipv6(text)) else text


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text.strip("."))
    except ValueError:
        return False
    return True


def _redact_phones(text: str) -> str:
    pieces, end = [], 0
    for date in _DATE.finditer(text):
        pieces += [_PHONE.sub(NUMBER, text[end : date.start()]), date[0]]
        end = date.end()
    return "".join([*pieces, _PHONE.sub(NUMBER, text[end:])])


def _looks_random(part: str) -> bool:
    """Whether a part reads like a key rather than like words: long, and its kinds of characters keep alternating.

    Inside the words of random base64 about six of ten neighbours differ in kind (upper, lower, digit), of
    hexadecimal five, of a slug such as iPhone-15-Pro-Max-256GB hardly one.
    """
    if len(part) < _SHORTEST_TOKEN:
        return False
    words = _WORD.findall(part)
    changes = sum(_kind(left) != _kind(right) for word in words for left, right in pairwise(_uncapitalised(word)))
    return changes >= _MIXTURE_OF_TOKENS * len(part) or any(len(word) > _LONGEST_WORD for word in words)


def _uncapitalised(word: str) -> str:
    return word[0].lower() + word[1:]


def _kind(character: str) -> str:
    return "digit" if character.isdigit() else "upper" if character.isupper() else "lower"


def _may_be_short_secret(segment: str) -> bool:
    return len(segment) >= _SHORTEST_TOKEN or any(character.isdigit() for character in segment)
