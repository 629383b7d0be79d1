"""The deployment as it would be with Sentry's package set up as its own documentation does: what the tests compare with.

Run as `python -m tests.doors.default_reports`.
"""

import os
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware

import lib.asgi
from dev.stack import edge


async def report(error: BaseException) -> None:
    sentry_sdk.capture_exception(error)
    sentry_sdk.flush(2)


def main() -> None:
    sentry_sdk.init(dsn=os.environ["SENTRY_DSN"], traces_sample_rate=1.0)
    lib.asgi.report = report  # type: ignore[attr-defined]
    serve = edge.serve  # type: ignore[attr-defined]

    def serve_observed(app: Any) -> None:
        serve(SentryAsgiMiddleware(app))

    edge.serve = serve_observed  # type: ignore[attr-defined]
    edge.main()


if __name__ == "__main__":
    main()
