"""Made-up secrets of people, the ways in which they get into a URL, and the search for them in what was kept."""

import base64
import ipaddress
import re
import string
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from random import Random
from urllib.parse import quote, unquote

Spell = Callable[[Random, str], str]
_ALPHANUMERIC = string.ascii_letters + string.digits
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\xad"
_DIGITS = re.compile(r"\D+")


@dataclass(frozen=True)
class Secret:
    """Something that must not be kept. `text` is how a person writes it, `traces` what gives it away when found.

    `digits` is set where the digits alone give it away, however they are grouped.
    """

    kind: str
    text: str
    traces: frozenset[str]
    digits: str = ""

    def found_in(self, text: str) -> bool:
        """Whether a text shows the secret in any of the ways it can be read."""
        for reading in readings(text):
            if any(trace in reading for trace in self.traces):
                return True
            if self.digits and self.digits in _DIGITS.sub("", reading):
                return True
        return False


def readings(text: str) -> set[str]:
    """A text as it is, and as it reads with encodings undone; all in lower case."""
    decoded = text
    for _ in range(8):
        decoded = unescape(unquote(decoded))
    plain = "".join(character for character in unicodedata.normalize("NFKC", decoded) if character not in _UNSEEN)
    return {text.lower(), decoded.lower(), plain.lower()}


def draw_secret(random: Random) -> Secret:
    return random.choice((draw_mail, draw_phone, draw_ipv4, draw_ipv6, draw_token))(random)


def draw_mail(random: Random) -> Secret:
    name = (
        f"{random.choice(('jane', 'k.lee', 'anna-maria'))}.{_word(random, 9, string.ascii_lowercase)}{random.randrange(10, 99)}"
    )
    text = f"{name}@{random.choice(('example.com', 'mail.example.org', 'firma-beispiel.de', 'example.co.uk'))}"
    return Secret("mail", text, frozenset((name, *_encoded(text))))


def draw_phone(random: Random) -> Secret:
    country, area = random.choice((("+49", "170"), ("0049", "30"), ("+1", "212"), ("0", "8942"), ("+44", "20"), ("+33", "6")))
    number = "".join(random.choices(string.digits, k=7))
    gap, split = random.choice((" ", "-", ".", "", " / ", " - ")), random.randrange(2, 6)
    country += random.choice((" ", "", " (0) ", "-", "."))
    text = f"{country}{area}{gap}{number[:split]}{random.choice(('', ' ', '-', '.'))}{number[split:]}"
    # Not a digit more than what may stay: six that stand together may be an article's number.
    return Secret("phone", text, frozenset(), digits=number)


def draw_ipv4(random: Random, prefix: str = "") -> Secret:
    """Each part drawn has three digits, so that no spelling is short enough to occur by chance."""
    drawn = [str(random.randrange(100, 220)) for _ in range(4)]
    text = ".".join([*prefix.split("."), *drawn][:4] if prefix else drawn)
    packed, number = ipaddress.IPv4Address(text).packed, str(int(ipaddress.IPv4Address(text)))
    spelled = {text, text.replace(".", "-"), text.replace(".", "_"), packed.hex(), number, ".".join(reversed(text.split(".")))}
    return Secret("ipv4", text, frozenset((*spelled, *_encoded(text))), digits=text.replace(".", ""))


def draw_ipv6(random: Random) -> Secret:
    address = ipaddress.IPv6Address(
        f"2001:db8:{random.randrange(1, 65536):x}:{random.getrandbits(16):x}::{random.randrange(4096, 65536):x}"
    )
    spelled = {address.compressed, address.exploded, address.packed.hex(), address.exploded.replace(":", "-")}
    return Secret("ipv6", address.compressed, frozenset(text.lower() for text in spelled))


def draw_token(random: Random) -> Secret:
    text = random.choice(_TOKENS)(random)
    # Half of a token is no comfort.
    traces = {text, text[: len(text) // 2], text[len(text) // 2 :]}
    return Secret("token", text, frozenset(trace.lower() for trace in traces))


def _word(random: Random, length: int, alphabet: str = _ALPHANUMERIC) -> str:
    return "".join(random.choices(alphabet, k=length))


def _mixed(random: Random, length: int, alphabet: str) -> str:
    """Random letters and digits, with digits inside as good as every drawn token of this length has."""
    text = list(_word(random, length, alphabet))
    for place in random.sample(range(2, length - 2), 3):
        text[place] = random.choice(string.digits)
    return "".join(text)


def _uuid(random: Random, dash: str = "-") -> str:
    text = f"{random.getrandbits(128):032x}"
    return dash.join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _json_web_token(random: Random) -> str:
    header, payload = (
        base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
        for part in ('{"alg":"HS256"}', f'{{"sub":"{_uuid(random)}"}}')
    )
    return f"{header}.{payload}.{_word(random, 43)}"


_TOKENS: tuple[Callable[[Random], str], ...] = (
    _uuid,
    lambda random: _uuid(random, ""),
    _json_web_token,
    lambda random: "sk_" + "live_" + _word(random, 24),
    lambda random: "ghp" + "_" + _word(random, 36),
    lambda random: "AKIA" + _mixed(random, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    lambda random: f"{random.getrandbits(160):040x}",
    lambda random: base64.urlsafe_b64encode(random.randbytes(24)).decode(),
    lambda random: _mixed(random, 26, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
    lambda random: _mixed(random, 22, _ALPHANUMERIC),
    lambda random: _mixed(random, 25, string.ascii_lowercase + string.digits),
)


def _encoded(text: str) -> Iterable[str]:
    return (base64.b64encode(text.encode()).decode().rstrip("=").lower(), text.encode().hex())


def as_it_is(random: Random, text: str) -> str:
    return quote(text, safe="@:+.-_()=~")


def percent_encoded(random: Random, text: str) -> str:
    return "".join(f"%{byte:02{random.choice('xX')}}" for byte in text.encode())


def partly_percent_encoded(random: Random, text: str) -> str:
    return "".join(percent_encoded(random, letter) if random.random() < 0.4 else quote(letter, safe="") for letter in text)


def encoded_again(random: Random, text: str) -> str:
    for _ in range(random.randrange(2, 6)):
        text = quote(text, safe="")
    return text


def in_full_width(random: Random, text: str) -> str:
    wide = "".join(chr(ord(letter) + 0xFEE0) if 0x21 <= ord(letter) < 0x7F else letter for letter in text)
    return quote(wide) if random.random() < 0.5 else wide.replace(" ", "%20")


def with_unseen(random: Random, text: str) -> str:
    place = random.randrange(1, len(text))
    return quote(text[:place] + random.choice(_UNSEEN) + text[place:], safe="")


def in_references(random: Random, text: str) -> str:
    form = random.choice(("&#{};", "&#x{:x};"))
    return quote("".join(letter if letter.isalnum() else form.format(ord(letter)) for letter in text), safe="")


def in_base64(random: Random, text: str) -> str:
    return random.choice((base64.b64encode, base64.urlsafe_b64encode))(text.encode()).decode().rstrip("=").replace("/", "%2F")


def in_hexadecimal(random: Random, text: str) -> str:
    return text.encode().hex()


SPELLINGS: tuple[Spell, ...] = (
    as_it_is, as_it_is, percent_encoded, partly_percent_encoded, encoded_again, in_full_width, with_unseen, in_references,
)  # fmt: skip
# Of these a mail or an address is known again; another token is a token still.
DISGUISES: tuple[Spell, ...] = (in_base64, in_hexadecimal)


def spell(random: Random, secret: Secret) -> str:
    """A secret as one part of a URL."""
    choices = (*SPELLINGS, *DISGUISES) if secret.kind in ("mail", "ipv4") else SPELLINGS
    return random.choice(choices)(random, secret.text)
