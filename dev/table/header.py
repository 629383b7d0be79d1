"""What a table says about itself: release, sources with licences, counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from dev.table.companies.facts import listed_release
from dev.table.sources.description import Description
from dev.table.sources.layers import TEAM
from dev.table.sources.release import RELEASE, release_of

# Raised by whoever changes the readings, the directory or the list of networks.
TEAM_DATE = "2026-11-24"


def range_sources(descriptions: Sequence[Description]) -> list[dict[str, str]]:
    """The sources ranges come from, as evidence names them; a holder's record has its place in this list."""
    own = [{"name": description.name, "release": description.release} for description in descriptions]
    return [{"name": RELEASE, "release": _release_date().replace("-", ".")}, {"name": TEAM, "release": TEAM_DATE}, *own]


def header(kinds: Iterable[str], descriptions: Sequence[Description], accuracy: dict[str, Any]) -> dict[str, Any]:
    """The header, apart from what the packer adds. The figures of the accuracy report hold for the release alone."""
    date = _release_date()
    return {
        "title": "Leadsment company-IP table",
        "release": date.replace("-", "."),
        "date": date,
        "range_sources": range_sources(descriptions),
        "holders": dict(sorted(Counter(kinds).items())),
        "accuracy": accuracy,
        "sources": {
            "ranges": _source("@ip-location-db/asn", release_of("asn"), "CC-BY-4.0", date,
                              "IP address data by RouteViews, the NRO and DB-IP (https://db-ip.com)"),
            "registry": _source("@ip-location-db/geo-whois-asn-country", release_of("geo-whois-asn-country"), "CC0-1.0", date,
                                "NRO"),
            "listed": _source("pytickersymbols", listed_release(), "MIT", TEAM_DATE, "pytickersymbols"),
            "directory": _source("the team's directory", TEAM_DATE, "own work", TEAM_DATE, "Leadsment"),
            "kind": _source("the kind of organisation", TEAM_DATE, "own work", TEAM_DATE, "Leadsment"),
            "readings": _source("the team's readings", TEAM_DATE, "own work", TEAM_DATE, "Leadsment"),
            **{each.name: _source(each.name, each.release, each.licence, each.release, each.credit) for each in descriptions},
        },
    }  # fmt: skip


def _release_date() -> str:
    stamp = release_of("asn").rsplit(".", 1)[1]
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"


def _source(name: str, release: str, licence: str, date: str, credit: str) -> dict[str, str]:
    return {"name": name, "release": release, "licence": licence, "date": date, "credit": credit}
