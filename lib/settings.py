"""What the deployment decides. The only reader of the environment; .env.example lists the same names."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.errors import MissingSetting


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the database is and how the beacon door signs in.

    supabase_url: the project's URL, no trailing slash. publishable_key: the key any browser may know; it opens the
    gateway. beacon_token: a JWT of role `beacon`, which may execute two database functions and nothing else.
    """

    supabase_url: str
    publishable_key: str
    beacon_token: str = field(repr=False)


def store_settings(environment: Mapping[str, str] = os.environ) -> StoreSettings:
    """Read the store's settings; raises MissingSetting naming the first one that is missing."""
    return StoreSettings(
        supabase_url=_required(environment, "SUPABASE_URL").rstrip("/"),
        publishable_key=_required(environment, "SUPABASE_PUBLISHABLE_KEY"),
        beacon_token=_required(environment, "BEACON_TOKEN"),
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise MissingSetting(name)
    return value
