"""What can become of a beacon."""

from enum import StrEnum


class Outcome(StrEnum):
    """The answer a site's owner reads in the Leadsment-Outcome header, and the rows of the funnel."""

    IDENTIFIED = "identified"
    DUPLICATE = "duplicate"
    CARRIER = "carrier"
    HOSTER = "hoster"
    RELAY = "relay"
    NATURAL_PERSON = "natural_person"
    RESERVED = "reserved"
    UNKNOWN = "unknown"
    BOT = "bot"
    PREFETCH = "prefetch"
    OPTED_OUT = "opted_out"
    EXCLUDED = "excluded"
    CORRECTED = "corrected"
    COMPANY_OPTED_OUT = "company_opted_out"
