"""A grammar of beacons as strangers send them: good ones, odd ones, broken ones, each with secrets planted in it.

Everything is drawn from a seed and the beacon's number, so that any beacon can be made again.
"""

import json
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from tests.fuzz.secrets import Secret, draw_ipv4, draw_ipv6, draw_secret, spell

HOSTS = ("example.com", "shop.example.com")
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
)
_PROGRAMS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", "", "%s", "\xff\xfe%s", "a" * 3000,
)  # fmt: skip
_WORDS = (
    "pricing", "blog", "produkte", "über-uns", "2026-11-24-news", "reset", "u", "invite", "api", "v2", "会社", "a%20b", "x.html",
    "item-123456",
)  # fmt: skip
_CLAIMS = (
    "X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Vercel-Forwarded-For", "CF-Connecting-IP", "True-Client-IP", "Via", "Cookie",
    "Referer", "Authorization", "X-Client-IP", "From", "X-Vercel-Proxied-For",
)  # fmt: skip
_TYPES = (
    "application/json", "text/plain", "TEXT/PLAIN; charset=utf-8", "text/plain;charset=utf-16",
    "", "text/plain, x", "%s", "application/x-www-form-urlencoded",
)  # fmt: skip
_ORIGINS = (
    "null", "", "https://evil.example", "https://example.com.", "https://example.com:443", "https://example.com/", "https://%s",
    "https://u@example.com", "htt\tp://example.com", "https://example.com, https://evil.example", "https://xn--bcher-kva.example",
    "https://[::1]", "\xff",
)  # fmt: skip
_AROUND_SECRETS = (";jsessionid=", "/user-", "/~", "/id:", "/x=", ";a=b;c=", "/(", "//")
_FIELDS = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm%5Fsource", "utm_source=a&utm_source",
)  # fmt: skip
_BROKEN_URLS = (
    "https://%s:bad/", "https://%s@example.com/", "https://example.com:%s/", "//%s", "javascript:%s", "data:text/html,%s",
    "https://[%s]/", "ftp://%s/", "https://example.com\\@evil.example/%s", "https://example.com/\x00%s", "%s", "https:///%s",
    "https://example.com/\t%s", "https://exa mple.com/%s", "https://" + "a" * 70 + ".example/%s", "HTTPS://EXAMPLE.COM./%s",
    "https://ｅｘａｍｐｌｅ.com/%s", "https://example.com/?%s&" + "&" * 60,
)  # fmt: skip
_REFERRERS = (
    "www.google.com", "%s", "dyn-%s.line.example.net", "%s.example.org", "p%x.dip0.example.net", "host.%s.in-addr.arpa",
    "laptop.local", "[%s]", "a" * 300,
)  # fmt: skip
_SIGNALS = (("DNT", "1"), ("Sec-GPC", "1"), ("Sec-Purpose", "prefetch"), ("Purpose", "%s"), ("DNT", "\xb9"))
_SECOND_HEADERS = (
    ("Origin", "https://evil.example"), ("Content-Type", "text/plain"), ("Content-Encoding", "gzip"), ("User-Agent", "%s"),
)  # fmt: skip
_ADDRESS_FORMS = {"{}": 80, "{}:51234": 4, "::ffff:{}": 4, "[::ffff:{}]:443": 4, "{} nonsense": 3, "{}, 192.0.2.1": 3, "0{}": 2}


@dataclass(frozen=True)
class Beacon:
    """One request as bytes, what is planted in it, and whether its connection may be used again."""

    number: int
    request: bytes
    url: str
    secrets: tuple[Secret, ...]
    keeps_connection: bool = True


def draw_beacon(seed: str, number: int, site_keys: list[str]) -> Beacon:
    random = Random(f"{seed}:{number}")
    secrets = [draw_secret(random)]
    url = _draw_url(random, secrets)
    fields = {"k": site_keys[number % len(site_keys)], "i": beacon_id(seed, number), "u": url}
    if random.random() < 0.3:
        fields["r"] = _draw_referrer(random, secrets)
    body = _draw_body(random, fields, secrets)
    headers = _draw_headers(random, secrets)
    return _framed(random, Beacon(number, b"", url, tuple(secrets)), headers, body)


def beacon_id(seed: str, number: int) -> str:
    """The beacon's number can be read from its id again, so that a kept row leads to what was planted."""
    return f"f{number:07d}z{Random(f'id:{seed}:{number}').getrandbits(40):010x}"


def number_of(beacon_id: str) -> int:
    return int(beacon_id[1:8])


def _draw_url(random: Random, secrets: list[Secret]) -> str:
    spelled = spell(random, secrets[0])
    base = f"https://{random.choice(HOSTS)}/" + "/".join(random.choices(_WORDS, k=random.randrange(0, 3)))
    spread = "/".join(secrets[0].text.replace("/", " ").replace(" ", "-").split("-"))
    forms = {
        f"{base}/{spelled}{random.choice(('', '/', '/edit', '.html', ';v=1', '?utm_source=news'))}": 35,
        f"{base}{random.choice(_AROUND_SECRETS)}{spelled}": 10,
        f"{base}/{spread if secrets[0].kind == 'phone' else spelled}": 5,
        f"{base}?{random.choice(_FIELDS)}={random.choice(('', 'to+', 'a%20', 'x|'))}{spelled}&gclid={spelled}": 20,
        f"{base}?q={spelled}&email={spelled}#{spelled}": 10,
        # Where the path is cut, no half of it may be left.
        f"https://example.com/{'word-' * random.randrange(196, 204)}/{spelled}": 5,
        random.choice(_BROKEN_URLS).replace("%s", spelled): 15,
    }
    return random.choices(list(forms), list(forms.values()))[0]


def _draw_referrer(random: Random, secrets: list[Secret]) -> str:
    secret = draw_ipv4(random)
    secrets.append(secret)
    form = random.choice(_REFERRERS)
    packed = "".join(f"{int(part):02x}" for part in secret.text.split("."))
    return form.replace("%s", secret.text.replace(".", random.choice(".-"))).replace("%x", packed)


def _draw_body(random: Random, fields: dict[str, str], secrets: list[Secret]) -> bytes:
    text = json.dumps(fields, ensure_ascii=random.random() < 0.3, separators=(",", ":"))
    if random.random() < 0.72:
        return text.encode("utf-8", "replace")
    secret = secrets[0].text
    broken: tuple[bytes, ...] = (
        json.dumps(fields, indent=1).encode(),
        text[:-1].encode() + b',"k":"x"}',
        text[:-1].encode() + json.dumps({"email": secret}).replace("{", ",").encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        text.encode("utf-32"),
        text.encode()[: random.randrange(len(text))],
        text.replace('"u"', '"\\u0075"').encode(),
        text.replace("https", "\\ud800https").encode(),
        text.replace("/", "\\u0000").encode(),
        text.replace("/", "\\/").encode(),
        text.encode().replace(b"/", b"\xc0\xaf"),
        b"[" * 2000,
        b'{"k":' * 300,
        b'{"k":1' + b"0" * 1900 + b"}",
        b'{"k":1e999,"i":-0,"u":NaN}',
        json.dumps({**fields, "u": [secret]}).encode(),
        json.dumps({**fields, "ｋ": secret}).encode(),
        json.dumps({**fields, "k": "site_" + "0" * 24}).encode(),
        # An id of the right form is the sender's to draw, and says what they want it to: this one has not the form.
        json.dumps({**fields, "i": f"{secret}!"}).encode(),
        json.dumps({**fields, "k": secret}).encode(),
        json.dumps([fields]).encode(),
        b"",
        secret.encode(),
        b"x" * 2049,
        b"\x00" + text.encode(),
        random.randbytes(random.randrange(1, 200)),
    )
    return random.choice(broken)


def _draw_headers(random: Random, secrets: list[Secret]) -> list[tuple[str, str]]:
    address, stated = _draw_address(random)
    secrets.extend(address)
    ordinary = random.random() < 0.75
    secret = secrets[0].text.encode("ascii", "replace").decode()
    agent = random.choice(BROWSERS) if ordinary or random.random() < 0.5 else random.choice(_PROGRAMS).replace("%s", secret)
    origin = "https://example.com" if ordinary else random.choice(_ORIGINS).replace("%s", secret.replace(" ", ""))
    content_type = "text/plain;charset=UTF-8" if ordinary else random.choice(_TYPES).replace("%s", secret)
    headers = [("Origin", origin), ("User-Agent", agent), ("Content-Type", content_type), ("X-Simulated-Address", stated)]
    if random.random() < 0.3:
        claim = random.choice((secret, f"for={secret}", stated, f"a=b; session={quote(secret)}"))
        headers.append((random.choice(_CLAIMS), claim))
    if random.random() < 0.1:
        headers.append(random.choice(_SIGNALS))
    if random.random() < 0.05:
        headers.append(random.choice(_SECOND_HEADERS))
    return [(name, value.replace("%s", secret)) for name, value in headers]


def _draw_address(random: Random) -> tuple[list[Secret], str]:
    """An address in the range of a company, a carrier, a hoster, nobody; now and then none at all."""
    if random.random() < 0.1:
        secret = draw_ipv6(random)
        return [secret], random.choice((secret.text, f"[{secret.text}]:443", f"{secret.text}%eth0"))
    company = f"155.56.{random.randrange(192, 220)}"
    secret = draw_ipv4(random, random.choices((company, "87.131", "88.198", "10", "100.64"), (60, 20, 8, 6, 6))[0])
    form = random.choices(list(_ADDRESS_FORMS), list(_ADDRESS_FORMS.values()))[0]
    return [secret], form.format(secret.text)


def _framed(random: Random, beacon: Beacon, headers: list[tuple[str, str]], body: bytes) -> Beacon:
    lines = [f"{name}: {value}".encode("latin-1", "replace") for name, value in headers if value]
    place, framing, broken = "/b", [f"Content-Length: {len(body)}".encode()], random.random()
    if broken < 0.02:
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        framing, body = [b"Transfer-Encoding: chunked"], chunks
    elif broken < 0.025:
        framing.append(b"Content-Length: 7")
    elif broken < 0.03:
        framing.append(b"Transfer-Encoding: gzip, chunked")
    elif broken < 0.035:
        lines.append(b"X-Odd\x00Name: " + beacon.secrets[0].text.encode())
    elif broken < 0.04:
        place = f"/b?email={quote(beacon.secrets[0].text)}"
    request = b"\r\n".join([f"POST {place} HTTP/1.1".encode(), b"Host: 127.0.0.1", *lines, *framing, b"", body])
    return Beacon(beacon.number, request, beacon.url, beacon.secrets, keeps_connection=not 0.02 <= broken < 0.035)
