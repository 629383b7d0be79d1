"""How an address could be written down: what the nightly proof and the tests search for.

Only for addresses that are no visitor's: canaries, which the operator owns.
"""

import base64
import ipaddress
from urllib.parse import quote

# Shorter ones stand anywhere by chance: a search for them would find what is no address.
_SHORTEST = 6
_SHORTEST_NUMBER = 9


def spellings(canary: str) -> set[bytes]:
    """An address in every form in which it could have been kept: text, numbers, bytes, and encodings of each.

    canary: IPv4 or IPv6, without port or zone. Raises ValueError, without the text, for anything else.
    """
    address = _address(canary)
    plain = {canary, address.compressed, address.exploded}
    texts = plain | _other_texts(address) | {text.replace(mark, other) for text in plain for mark in ".:" for other in "-_,"}
    texts |= {text[::-1] for text in plain} | {number for number in _numbers(address) if len(number) >= _SHORTEST_NUMBER}
    forms = {form.encode() for text in texts for form in (text, text.upper())} | _encodings_of_bytes(address.packed)
    forms |= {form for text in plain for form in _encodings_of_text(text)}
    return _without_longer({form for form in forms if len(form) >= _SHORTEST})


def _without_longer(forms: set[bytes]) -> set[bytes]:
    """The forms that hold no other: where a longer one stands, the shorter is found."""
    return {form for form in forms if not any(other in form for other in forms if other != form)}


def _address(canary: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(canary)
    except ValueError:
        pass
    raise ValueError("a canary is no IP address")


def _other_texts(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> set[str]:
    texts = {address.reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")}
    if isinstance(address, ipaddress.IPv4Address):
        octets = address.packed
        texts |= {".".join(f"{octet:{form}}" for octet in octets) for form in ("03", "02x", "#x", "#o", "04o")}
        texts.add(".".join(f"0{octet:o}" for octet in octets))
        texts |= {
            str(ipaddress.IPv6Address(start + octets))
            for start in (bytes(10) + b"\xff\xff", bytes.fromhex("0064ff9b") + bytes(8))
        }
        texts.add(f"{int.from_bytes(octets[:2]):x}:{int.from_bytes(octets[2:]):x}")  # as it ends inside another wrapping
    return texts


def _encodings_of_text(text: str) -> set[bytes]:
    raw = text.encode()
    percent = {quote(text, safe=""), text.replace(".", "%2E").replace(":", "%3A"), "".join(f"%{byte:02X}" for byte in raw)}
    percent |= {form.replace("%", "%25") for form in sorted(percent)}
    entities = {text.replace(".", "&#46;").replace(":", "&#58;")}
    forms = {form.encode() for form in percent | {form.lower() for form in percent} | entities}
    return forms | {raw.hex().encode(), text.encode("utf-16-le"), *_base64_anywhere(raw)}


def _base64_anywhere(raw: bytes) -> set[bytes]:
    """Base64 as it stands inside that of a longer text: in three alignments, without the ends that neighbours decide."""
    forms = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw)
        whole = encoded[(0, 2, 3)[before] : len(encoded) - (0, 3, 2)[(before + len(raw)) % 3]]
        forms |= {whole, whole.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms


def _numbers(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> set[str]:
    bits = len(address.packed) * 8
    orders = {int.from_bytes(address.packed, order) for order in ("big", "little")}
    return {str(number) for number in orders} | {str(number - (1 << bits)) for number in orders if number >> (bits - 1)}


def _encodings_of_bytes(packed: bytes) -> set[bytes]:
    orders = (packed, packed[::-1])
    forms = {form for order in orders for form in (order.hex().encode(), order.hex().upper().encode())}
    forms |= {separator.join(f"{byte:02x}" for byte in packed).encode() for separator in (":", " ", "-", "\\x")}
    forms |= {", ".join(map(str, packed)).encode(), repr(packed)[2:-1].encode()}
    forms |= {base64.b64encode(packed), base64.urlsafe_b64encode(packed)}
    forms |= _base64_anywhere(packed) | {base64.b32encode(packed).rstrip(b"="), base64.b85encode(packed)}
    # Four bytes occur by chance in megabytes of files; sixteen do not.
    return forms | ({*orders} if len(packed) == 16 else set())
