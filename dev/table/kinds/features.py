"""What the model sees of a holder: pieces of its name and the shape of its network, each as a short text."""

import re
import unicodedata
from collections.abc import Iterator

from dev.table.holder import Holder

_SHORTEST, _LONGEST = 2, 5
_SPACES = re.compile(r"\s+")
_LARGEST_16_BIT_ASN = 65535
_ASN_BLOCK = 20000


def fold(text: str) -> str:
    """Lower case without accents, for comparing words."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def features_of(holder: Holder) -> set[str]:
    """The features of a holder; the same for training and for scoring."""
    folded = _SPACES.sub(" ", fold(holder.name)).strip()
    return {*_pieces(folded), *_words(folded), *_shape(holder)}


def _pieces(folded: str) -> Iterator[str]:
    """Runs of two to five characters inside a word and over its edges."""
    for word in folded.split(" "):
        padded = f" {word} "
        for size in range(_SHORTEST, _LONGEST + 1):
            yield from (padded[start : start + size] for start in range(max(len(padded) - size + 1, 1)))


def _words(folded: str) -> Iterator[str]:
    words = folded.replace(".", "").split(" ")
    yield from (f"word:{word}" for word in words)
    yield f"last:{words[-1]}"
    yield f"words:{min(len(words), 7)}"


def _shape(holder: Holder) -> Iterator[str]:
    country, size = holder.country or "-", holder.ipv4_addresses.bit_length()
    yield f"country:{country}"
    yield f"countries:{min(len(holder.countries), 8)}"
    yield f"ipv4:{size}"
    yield f"ipv4 in {country}:{size}"
    yield f"ipv4 ranges:{holder.ipv4_ranges.bit_length()}"
    yield f"ipv6 ranges:{holder.ipv6_ranges.bit_length()}"
    yield f"asns:{min(len(holder.asns), 5)}"
    oldest = min(holder.asns, default=0)
    yield f"asn bits:{16 if oldest <= _LARGEST_16_BIT_ASN else 32}"
    yield f"asn block:{oldest // _ASN_BLOCK}"
    yield f"case:{'upper' if holder.name.isupper() else 'mixed'}"
