"""A mail the auth server wants sent, taken from its hook without trust.

Source: Supabase, "Send Email Hook": {user: {email, ...}, email_data: {email_action_type, token_hash, ...}}.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from lib.domain.json_body import parse_json
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 65536
_TOKEN_HASH = re.compile(r"[A-Za-z0-9_-]{16,200}")


class AuthAction(StrEnum):
    """What the mail is for. The product offers no other way in than a password."""

    SIGNUP = "signup"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class AuthMail:
    """Whom it goes to, and the hash that the link carries: who has it can confirm or reset, once, for an hour."""

    to: str = field(repr=False)
    action: AuthAction
    token_hash: str = field(repr=False)


def parse_auth_mail(body: bytes) -> AuthMail:
    """Read the hook's body. Raises InvalidRequest; the message repeats nothing of it."""
    asked = parse_json(body)
    match asked:
        case {"user": {"email": str(to)}, "email_data": {"email_action_type": str(action), "token_hash": str(token_hash)}}:
            if action not in list(AuthAction):
                raise InvalidRequest("unknown_mail", "There is no letter for this action.")
            if not to or not _TOKEN_HASH.fullmatch(token_hash):
                raise InvalidRequest("invalid_fields", "The address is empty, or the token's hash is none.")
            return AuthMail(to, AuthAction(action), token_hash)
        case _:
            raise InvalidRequest("invalid_fields", "The body has a user with an e-mail and what the mail is for.")
