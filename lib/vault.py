"""Encrypt tokens with a key that the database never has: AES-256-GCM, each bound to whose it is.

A sealed text is the key's id, a dot, and nonce and ciphertext in base64url. Source: NIST SP 800-38D; a random 96-bit nonce
is safe for 2^32 texts under one key (section 8.3), which no deployment comes near.
"""

import base64
import functools
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lib.errors import SealBroken
from lib.settings import VaultSettings, vault_settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Vault:
    """Seals tokens and opens them again, with the key of now, and opens those of the key before."""

    def __init__(self, settings: VaultSettings) -> None:
        self._keys = {key_id(key): key for key in (settings.key, settings.previous) if key}
        self._current = key_id(settings.key)

    def seal(self, token: Mapping[str, str], *, account_id: str, connection_id: str) -> str:
        """Encrypt a token for one connection of one account. Two seals of the same token differ."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _aes(self._keys[self._current]).encrypt(
            nonce, json.dumps(dict(token)).encode(), _owner(account_id, connection_id)
        )
        return f"{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"

    def open(self, sealed: str, *, account_id: str, connection_id: str) -> dict[str, str]:
        """The token. Raises SealBroken when it is another connection's, was changed, or was sealed with a key not at hand."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  see _aes

        name, _, text = sealed.partition(".")
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            opened = _aes(self._keys[name]).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _owner(account_id, connection_id))
        except KeyError:
            raise SealBroken("unknown key") from None
        except (InvalidTag, ValueError):
            raise SealBroken("changed, or another connection's") from None
        token: dict[str, str] = json.loads(opened)
        return token

    def is_outdated(self, sealed: str) -> bool:
        """Whether it was sealed with the key before, and should be sealed anew."""
        return not sealed.startswith(f"{self._current}.")


def key_id(key: bytes) -> str:
    """A name for a key that says nothing of it: 64 bits of its hash."""
    return hashlib.sha256(b"leadsment key id" + key).hexdigest()[:16]


def _aes(key: bytes) -> "AESGCM":
    # Only who connects or pushes to a CRM needs the package: it takes 30 ms and a few megabytes.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(key)


def _owner(account_id: str, connection_id: str) -> bytes:
    """What a seal is bound to: a row copied to another account or connection opens nothing."""
    return f"crm {account_id} {connection_id}".encode()


@functools.cache
def vault() -> Vault:
    """The process's, by the deployment's settings; raises MissingSetting."""
    return Vault(vault_settings())
