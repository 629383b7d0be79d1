"""Draw holders to be read apart from everything the table is made of: at random, from nine strata, by a stated seed."""

import random
import re
from collections.abc import Mapping

from dev.table.holder import Holder

SEED = 20261124
_SIZE, _FEWEST_OF_A_STRATUM = 2400, 120
# The first drawn serve to choose thresholds; the report is of the others.
_FOR_THRESHOLDS = 800
_SMALL_NETWORK = 1024
_NORTH_AMERICA = re.compile("US|CA")
_EUROPE = re.compile(
    "AT|BE|BG|HR|CY|CZ|DK|EE|FI|FR|DE|GR|HU|IE|IT|LV|LT|LU|MT|NL|PL|PT|RO|SK|SI|ES|SE|GB|CH|NO|IS|LI|MC|AD|SM|VA|FO|GI|JE|GG|IM"
)


def stratum_of(holder: Holder) -> str:
    """Region and size of a holder's network, such as "europe, up to 1,024 addresses"."""
    country = holder.countries.most_common(1)[0][0] if holder.countries else ""
    region = "europe" if _EUROPE.fullmatch(country) else "north america" if _NORTH_AMERICA.fullmatch(country) else "elsewhere"
    if holder.ipv4_addresses == 0:
        return f"{region}, ipv6 only"
    return f"{region}, {'up to 1,024 addresses' if holder.ipv4_addresses <= _SMALL_NETWORK else 'more'}"


def draw(holders: Mapping[str, Holder]) -> tuple[list[str], list[str]]:
    """The holders drawn for choosing thresholds, and those of the report's sample; the same release draws the same."""
    strata: dict[str, list[str]] = {}
    for name, holder in holders.items():
        strata.setdefault(stratum_of(holder), []).append(name)
    dice = random.Random(SEED)  # noqa: S311  a sample anybody can draw again
    drawn: list[str] = []
    for _, names in sorted(strata.items()):
        size = max(_FEWEST_OF_A_STRATUM, round(_SIZE * len(names) / len(holders)))
        drawn += dice.sample(sorted(names), size)
    dice.shuffle(drawn)
    return drawn[:_FOR_THRESHOLDS], drawn[_FOR_THRESHOLDS:]


def line_of(number: int, holder: Holder) -> str:
    """A holder as docs/labelling-guide.md shows it to a reader."""
    countries = [country for country, _ in holder.countries.most_common()]
    further = f"+{len(countries) - 3}" if len(countries) > 3 else ""
    ranges = f"{holder.ipv4_ranges}+{holder.ipv6_ranges}"
    shown = ",".join(countries[:3]) + further
    return f"{number}|{holder.name}|{shown}|{holder.ipv4_addresses}|{ranges}|{len(holder.asns)}"
