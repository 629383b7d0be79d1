"""A user of the dashboard, before their browser."""

import re

import httpx
from playwright.sync_api import Page, expect

from dev.stack import Stack
from tests.builders import Customer, World

PASSWORD = "correct horse battery"


class Person:
    """Somebody with an e-mail address, who uses the dashboard."""

    count = 0

    def __init__(self, world: World, stack: Stack) -> None:
        Person.count += 1
        self.email = f"reader-{Person.count}@example.org"
        self.password = PASSWORD
        self._world, self._stack = world, stack

    def last_link(self) -> str:
        """The link of the latest mail to this person."""
        messages = httpx.get(f"{self._stack.mail_url}/messages.json", trust_env=False).json()
        mine = next(message for message in messages if self.email in message["to"])
        link = re.search(r'href="([^"]+token_hash=[^"]+)"', mine["html"])
        assert link
        return link[1].replace("&amp;", "&")

    def with_account(self) -> Customer:
        """Sign up without the screens, and get an account with a site."""
        client = self._world.client
        client.post("/auth/v1/signup", json={"email": self.email, "password": self.password}).raise_for_status()
        token_hash = self.last_link().split("token_hash=")[1].split("&")[0]
        session = client.post("/auth/v1/verify", json={"token_hash": token_hash, "type": "signup"}).raise_for_status().json()
        customer = self._world.customer("example.com")
        self._world.database.execute(
            "update public.memberships set user_id = %s where account_id = %s", [session["user"]["id"], customer.account_id]
        )
        customer.owner = type(customer.owner)(client, session["access_token"], session["user"]["id"])
        return customer

    def sign_in(self, page: Page) -> None:
        page.goto(f"{self._stack.app_url}/app/sign-in")
        page.get_by_label("E-mail address").fill(self.email)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page).not_to_have_url(re.compile("sign-in"))
