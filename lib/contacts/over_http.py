"""The providers the operator has set up, asked over the one way out (lib/outbound.py)."""

import functools
from collections.abc import Callable, Mapping, Sequence

from lib.contacts.dropcontact import Dropcontact
from lib.contacts.hunter import Hunter
from lib.contacts.provider import Answer, ContactProvider
from lib.domain.enrichment import Found, NotYet, Wanted
from lib.errors import OutboundRefused, OutboundUnavailable, ProviderClosed, ProviderUnavailable
from lib.outbound import Outbound, OutboundAnswer, outbound
from lib.settings import contact_provider_keys


class OverHttp:
    """Sends what a provider is asked. Raises ProviderUnavailable where no answer came."""

    def __init__(self, way: Outbound) -> None:
        self._way = way

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask."""
        return _answered(lambda: self._way.request("GET", url, headers=headers))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Hand something over."""
        return _answered(lambda: self._way.post(url, body, headers))


def _answered(send: Callable[[], OutboundAnswer]) -> OutboundAnswer:
    try:
        return send()
    except OutboundUnavailable as error:
        raise ProviderUnavailable(error.reason) from None
    except OutboundRefused as error:
        raise ProviderUnavailable(error.code) from None


class WithKeys:
    """A provider with one key or, while that is being changed, with each of two: it takes one of them."""

    def __init__(self, providers: Sequence[ContactProvider]) -> None:
        self._providers = providers

    def find(self, wanted: Wanted) -> Found | NotYet:
        """Ask. Raises ProviderUnavailable, and ProviderClosed when none of the keys is taken."""
        for provider in self._providers[:-1]:
            try:
                return provider.find(wanted)
            except ProviderClosed:
                continue
        return self._providers[-1].find(wanted)


@functools.cache
def contact_providers() -> Mapping[str, ContactProvider]:
    """The providers there are a key for, by name; none where contacts are only imported."""
    http = OverHttp(outbound())
    kinds: Mapping[str, Callable[[str], ContactProvider]] = {
        "dropcontact": lambda key: Dropcontact(key, http),
        "hunter": lambda key: Hunter(key, http),
    }
    return {name: WithKeys([kinds[name](key) for key in keys]) for name, keys in contact_provider_keys().items()}
