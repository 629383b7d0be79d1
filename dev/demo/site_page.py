"""The demo's website: a page with the real snippet in it, and a browser that opens it."""

import contextlib
import http.server
import shutil
import threading
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from dev.demo.account import DemoSite
from dev.stack import Stack

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Northwind Instruments</title>
<script defer src="{app_url}/s.js" data-site="{public_key}" data-debug></script>
<style>body{{font:18px/1.6 system-ui;max-width:640px;margin:80px auto;padding:0 20px}}nav a{{margin-right:1em}}</style>
</head><body><h1>Northwind Instruments</h1>
<p>This page carries the Leadsment snippet. Its console says what became of each page view.</p>
<nav><a href="/">Home</a><a href="/pricing">Pricing</a><a href="/products/flow-meters">Flow meters</a></nav>
</body></html>"""


@contextlib.contextmanager
def site_served(stack: Stack, site: DemoSite) -> Iterator[str]:
    """Serve the website on a free port of localhost; gives its URL."""
    page = _PAGE.format(app_url=stack.app_url, public_key=site.public_key).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *arguments: object) -> None:
            """No access log, here as everywhere."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def find_chromium() -> str | None:
    """The path of an installed Chromium."""
    return next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)


def open_in_browser(url: str, address: str, user_agent: str) -> int | None:
    """Open the page as a visitor from `address` and follow two route changes; None when there is no Chromium.

    Returns how many beacons the page sent.
    """
    chromium = find_chromium()
    if chromium is None:
        return None
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(user_agent=user_agent)
        # Added below the browser's own checks: as a header of the page's request it would ask for a CORS preflight.
        page.route("**/b", lambda route: route.continue_(headers={**route.request.headers, "x-simulated-address": address}))
        answers: list[int] = []
        page.on("response", lambda response: answers.append(response.status) if response.url.endswith("/b") else None)
        page.goto(url, wait_until="networkidle")
        for path in ("/pricing", "/products/flow-meters"):
            with page.expect_response(lambda response: response.url.endswith("/b")):
                page.evaluate("path => history.pushState({}, '', path)", path)
        browser.close()
        return answers.count(204)
