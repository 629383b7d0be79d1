"""The secrets of a deployment: how often each is changed, and how. No value of any stands here or in the register.

While one is changed, the one before works too, and where it stands is said by `previous`. docs/operations.md has the steps;
tests/doors/test_rotation.py rehearses each of them.
"""

from dataclasses import dataclass

_SAME_SETTING = "in the same setting, after a space"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of the operator's.

    name: as the register has it. settings: where the deployment reads it; a star stands for every role. every_days: how long
    one is used. previous: where the one before stands meanwhile. is_optional: nobody is reminded until it is used.
    """

    name: str
    settings: tuple[str, ...]
    every_days: int
    previous: str
    how: str
    is_optional: bool = False


SECRETS = (
    Secret(
        name="jwt_secret",
        settings=("*_TOKEN",),
        every_days=365,
        previous=_SAME_SETTING,
        how="Make a new key in Supabase and tokens with it (python3 -m dev token), set both, deploy, switch the key.",
    ),
    Secret(
        name="database_password",
        settings=(),
        every_days=180,
        previous="nowhere: nothing deployed has it",
        how="Reset it in Supabase; it stands in operators' DATABASE_URL alone.",
    ),
    Secret(
        name="RESEND_API_KEY",
        settings=("RESEND_API_KEY",),
        every_days=180,
        previous=_SAME_SETTING,
        how="Make a second key in Resend, set both, deploy, delete the old one.",
    ),
    Secret(
        name="RESEND_WEBHOOK_SECRET",
        settings=("RESEND_WEBHOOK_SECRET",),
        every_days=365,
        previous=_SAME_SETTING,
        how="Make a second webhook in Resend, set both secrets, deploy, delete the old webhook.",
    ),
    Secret(
        name="SEND_EMAIL_HOOK_SECRET",
        settings=("SEND_EMAIL_HOOK_SECRET",),
        every_days=365,
        previous="in the same setting, after a |",
        how="Set both, deploy, then push the new one to the auth server (supabase config push).",
    ),
    Secret(
        name="CRON_SECRET",
        settings=("CRON_SECRET", "CRON_SECRET_PREVIOUS"),
        every_days=180,
        previous="CRON_SECRET_PREVIOUS",
        how="Move it to CRON_SECRET_PREVIOUS, set a new one, deploy; then tell whoever else calls jobs.",
    ),
    Secret(
        name="CRM_KEY",
        settings=("CRM_KEY", "CRM_KEY_PREVIOUS"),
        every_days=365,
        previous="CRM_KEY_PREVIOUS",
        how="Move it to CRM_KEY_PREVIOUS, set a new one, deploy; tokens are encrypted anew as they are used.",
    ),
    Secret(
        name="HUNTER_API_KEY",
        settings=("HUNTER_API_KEY",),
        every_days=365,
        previous=_SAME_SETTING,
        how="Make a second key at Hunter, set both, deploy, delete the old one.",
        is_optional=True,
    ),
    Secret(
        name="DROPCONTACT_API_KEY",
        settings=("DROPCONTACT_API_KEY",),
        every_days=365,
        previous=_SAME_SETTING,
        how="Ask Dropcontact for a second key, set both, deploy, have the old one ended.",
        is_optional=True,
    ),
)
