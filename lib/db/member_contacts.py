"""A member's contacts: the database decides whose they are, and who may."""

from collections.abc import Sequence

from lib.db.member_session import MemberSession
from lib.domain.contact import Contact
from lib.errors import InvalidRequest
from lib.settings import ProjectSettings

_ANSWER_SECONDS = 4.0


class MemberContacts:
    """The contacts of whoever the access token is of. Each method raises NotSignedIn, a Refusal or StoreUnavailable."""

    def __init__(self, token: str, settings: ProjectSettings) -> None:
        self._session = MemberSession(token, settings, answer_seconds=_ANSWER_SECONDS)

    def company_domain(self, company_id: str) -> str | None:
        """A company's domain, where it is known. Raises InvalidRequest (404) where the member has no such company."""
        rows = self._session.rows("companies", id=f"eq.{company_id}", select="domain")
        if not rows:
            message = "There is no such company in your account. Reload the page: it may show something older."
            raise InvalidRequest("unknown_company", message, status=404)
        domain: str | None = rows[0]["domain"]
        return domain.lower() if domain else None

    def add(self, company_id: str, contacts: Sequence[Contact]) -> list[str]:
        """Keep contacts, as the member's own: for each added, known, suppressed or refused."""
        rows = [contact.row() for contact in contacts]
        states: list[str] = self._session.call("import_contacts", company_id=company_id, contacts=rows)
        return states
