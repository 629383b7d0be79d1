"""A member's own sites."""

from lib.db.member_session import MemberSession
from lib.domain.install_check import CheckedSite
from lib.settings import ProjectSettings


def find_member_site(site_id: str, token: str, settings: ProjectSettings) -> CheckedSite | None:
    """The site with this id if the caller is a member of its account.

    token: the caller's access token, as Supabase issued it. Raises NotSignedIn when it is not taken, StoreUnavailable.
    """
    rows = MemberSession(token, settings).rows("sites", id=f"eq.{site_id}", select="public_key,site_hosts(host)")
    if not rows:
        return None
    return CheckedSite(rows[0]["public_key"], [row["host"] for row in rows[0]["site_hosts"]])
