"""Hand reports to Sentry. The only import of its package."""

import asyncio
import functools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lib.observe.lean_start import end_sparing
from lib.settings import ReportSettings, report_settings

if TYPE_CHECKING:
    from concurrent.futures import Future

    import sentry_sdk

_MOST_IN_A_MINUTE = 10
_MINUTE_SECONDS = 60.0
_SECONDS_TO_LEAVE = 2.0
_log = logging.getLogger("leadsment.observe")


class Reporter:
    """Sends reports from a thread of its own, at most ten a minute; more are counted, and the next one says how many.

    Safe for several threads.
    """

    def __init__(self, settings: ReportSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  for those who report

        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._sent_at: deque[float] = deque(maxlen=_MOST_IN_A_MINUTE)
        self._unsent = 0
        self._sender = ThreadPoolExecutor(1, "reports")

    def hand_on(self, error: BaseException) -> "Future[None] | None":
        """Have a report sent; None when there were too many."""
        from lib.observe.event import event_of  # noqa: PLC0415  for those who report

        with self._lock:
            if len(self._sent_at) == _MOST_IN_A_MINUTE and self._clock() - self._sent_at[0] < _MINUTE_SECONDS:
                self._unsent += 1
                return None
            self._sent_at.append(self._clock())
            unsent, self._unsent = self._unsent, 0
        event = event_of(error, release=self._settings.release, environment=self._settings.environment, unsent=unsent)
        return self._sender.submit(self._send, event)

    def _send(self, event: Any) -> None:
        client = self._client
        client.capture_event(event)
        client.flush(_SECONDS_TO_LEAVE)

    @functools.cached_property
    def _client(self) -> "sentry_sdk.Client":
        end_sparing()
        import sentry_sdk  # noqa: PLC0415  a quarter of a second, for what should never happen

        from lib.observe.event import allowed  # noqa: PLC0415

        # send_default_pii is off by default, and not to be said: the package deprecates it. before_send decides anyway.
        return sentry_sdk.Client(
            dsn=self._settings.dsn,
            before_send=allowed,  # type: ignore[arg-type]
            before_send_transaction=allowed,  # type: ignore[arg-type]
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            send_client_reports=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
            traces_sample_rate=None,
            server_name="",
            # Said in the event itself, and held to a form there; the package would look for more in the environment.
            release="",
            environment="",
        )


async def report(error: BaseException) -> None:
    """Report a fault of ours, if there is an address for reports, and wait two seconds at most until it has left.

    To be awaited after the answer: until then the platform keeps the function awake. Never raises.
    """
    try:
        reporter = _reporter()
        sent = reporter and reporter.hand_on(error)
        if sent:
            await asyncio.wait_for(asyncio.wrap_future(sent), _SECONDS_TO_LEAVE)
    except Exception as failure:  # noqa: BLE001  whoever reports a fault is not to get another
        _log.error("a report was not sent: %s", type(failure).__name__)


@functools.cache
def _reporter() -> Reporter | None:
    """The process's reporter, by the deployment's settings; None where reports go nowhere."""
    settings = report_settings()
    return Reporter(settings) if settings else None
