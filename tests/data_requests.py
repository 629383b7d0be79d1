"""Ask about one's own data as a person does: the form's door, the mail's link, the button."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.builders import World

ACCEPTED, OK = httpx.codes.ACCEPTED, httpx.codes.OK


@dataclass(frozen=True)
class Asker:
    """Somebody with an address, who speaks to the public door's functions as the door does."""

    world: World
    email: str

    def ask(self, kind: str, details: str | None = None) -> Any:
        return self.world.role("public_door").result("request_data", kind=kind, email=self.email, details=details)

    def letters(self, template: str = "") -> list[dict[str, Any]]:
        """The contents of the mails to this address that wait to be sent, oldest first."""
        query = (
            "select content from private.outbox where lower(content ->> 'to') = %s and template like %s "
            "and state = 'waiting' order by sequence"
        )
        return [content for (content,) in self.world.database.execute(query, [self.email.lower(), f"data_request.{template}%"])]

    def token(self) -> str:
        """Of the latest link."""
        return str(self.letters("link")[-1]["token"])

    def prove(self, token: str | None = None) -> Any:
        return self.world.role("public_door").result("prove_data_request", token=token or self.token())

    def asks_and_proves(self, kind: str, details: str | None = None) -> Any:
        self.ask(kind, details)
        return self.prove()

    def fetch(self, token: str) -> Any:
        return self.world.role("public_door").result("fetch_personal_data", token=token, email=self.email)

    def suppressed(self) -> bool:
        [(known,)] = self.world.database.execute("select private.is_suppressed(%s, null)", [self.email]).fetchall()
        return bool(known)


def forget_requests(world: World) -> None:
    """Let nothing have been asked, nobody have objected, and nobody be kept."""
    world.database.execute("delete from public.contacts")
    for table in ("data_requests", "contact_suppressions", "objections"):
        world.database.execute(f"delete from private.{table}")
    world.database.execute("delete from private.outbox where template like 'data_request.%'")
