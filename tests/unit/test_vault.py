"""Tokens are encrypted, each for its own connection, and outlive a change of key."""

import os

import pytest

from lib.errors import MissingSetting, SealBroken
from lib.settings import VaultSettings, vault_settings
from lib.vault import Vault

TOKEN = {"access_token": "pat-eu1-a-token-of-somebody"}
MINE = {"account_id": "a1", "connection_id": "c1"}
OLD, NEW = os.urandom(32), os.urandom(32)


def test_a_token_comes_back_as_it_was_and_shows_nowhere_in_its_seal() -> None:
    vault = Vault(VaultSettings(NEW))
    sealed = vault.seal(TOKEN, **MINE)
    assert vault.open(sealed, **MINE) == TOKEN
    assert "pat-eu1" not in sealed and vault.seal(TOKEN, **MINE) != sealed


@pytest.mark.parametrize("other", [{"account_id": "a2"}, {"connection_id": "c2"}])
def test_a_seal_copied_to_another_account_or_connection_opens_nothing(other: dict[str, str]) -> None:
    vault = Vault(VaultSettings(NEW))
    with pytest.raises(SealBroken):
        vault.open(vault.seal(TOKEN, **MINE), **{**MINE, **other})


def test_a_seal_that_was_changed_opens_nothing() -> None:
    vault = Vault(VaultSettings(NEW))
    sealed = vault.seal(TOKEN, **MINE)
    for place in (20, len(sealed) // 2, len(sealed) - 2):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(SealBroken):
            vault.open(changed, **MINE)
    for broken in ("", ".", "0" * 16 + ".", sealed[:30], sealed + "ü"):
        with pytest.raises(SealBroken):
            vault.open(broken, **MINE)


def test_while_a_key_is_changed_both_open_and_the_new_one_seals() -> None:
    sealed = Vault(VaultSettings(OLD)).seal(TOKEN, **MINE)
    changing = Vault(VaultSettings(NEW, OLD))
    assert changing.open(sealed, **MINE) == TOKEN and changing.is_outdated(sealed)
    resealed = changing.seal(TOKEN, **MINE)
    assert not changing.is_outdated(resealed)
    changed = Vault(VaultSettings(NEW))
    assert changed.open(resealed, **MINE) == TOKEN
    with pytest.raises(SealBroken):
        changed.open(sealed, **MINE)


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ=", "ü"])
def test_what_is_no_key_of_32_bytes_is_a_missing_setting(text: str) -> None:
    with pytest.raises(MissingSetting) as missing:
        vault_settings({"CRM_KEY": text})
    assert not text or text not in str(missing.value)


def test_keys_are_in_no_repr() -> None:
    assert repr(VaultSettings(NEW, OLD)) == "VaultSettings()"
