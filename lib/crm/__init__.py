"""Speak to customers' CRMs. Each vendor's module is written from the vendor's public documentation, which it names."""

from collections.abc import Mapping

from lib.crm.hubspot import HubSpot
from lib.crm.pipedrive import Pipedrive
from lib.crm.salesforce import Salesforce
from lib.crm.wire import Http
from lib.domain.crm import Crm, Place, Vendor


def open_crm(vendor: Vendor, token: Mapping[str, str], place: Place | None, *, http: Http, base_urls: Mapping[str, str]) -> Crm:
    """A vendor's CRM for one customer. place: None before the connection was made, but for Salesforce.

    base_urls: where a vendor's API is instead of its own host, for a stack on one machine.
    """
    base_url = base_urls.get(vendor)
    if vendor is Vendor.HUBSPOT:
        return HubSpot(http, token["access_token"], place, base_url=base_url)
    if vendor is Vendor.PIPEDRIVE:
        return Pipedrive(http, token["api_token"], place, base_url=base_url)
    if place is None:
        raise ValueError("Salesforce is at a place that the customer names")
    return Salesforce(http, token["consumer_key"], token["consumer_secret"], place, base_url=base_url)
