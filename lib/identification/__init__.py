"""Address to company: which organisation is behind a visitor's address, by which evidence, or why none is named.

The only room that handles addresses, and the only one that imports pytricia. Nothing here stores, logs or returns one.
"""

from lib.identification.address import InvalidAddress, VisitorAddress, client_address
from lib.identification.answer import Evidence, Match, NoMatch, Organisation, Reason
from lib.identification.identify import explain, identify, table_release
from lib.identification.networks import Networks, own_network

__all__ = [
    "Evidence",
    "InvalidAddress",
    "Match",
    "Networks",
    "NoMatch",
    "Organisation",
    "Reason",
    "VisitorAddress",
    "client_address",
    "explain",
    "identify",
    "own_network",
    "table_release",
]
