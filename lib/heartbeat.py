"""Tell a dead man's switch of the operator's that a job went through: it raises the alarm when it hears nothing.

Source: the services' common form, a GET of an URL for each check, such as https://hc-ping.com/<key>/<check>.
"""

import logging
import urllib.error
import urllib.request
from typing import Any

from lib.domain.job import Job
from lib.errors import UnfitSetting
from lib.settings import heartbeat_url
from lib.tls import trusted

_SECONDS = 3
_log = logging.getLogger("leadsment.jobs")


def beat(job: Job) -> None:
    """Call the job's URL, if the operator has set one. A switch that does not answer is worth a line, and no more."""
    try:
        url = heartbeat_url(job.name.replace("_", "-"))
        if url:
            _opener().open(url, timeout=_SECONDS).close()
    except (OSError, UnfitSetting) as error:
        _log.warning("the heartbeat of %s was not taken: %s", job.name, type(error).__name__)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it could lead to where there is no TLS."""

    def redirect_request(self, *args: Any, **named: Any) -> None:
        """Of urllib: there is none."""


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Stay, urllib.request.HTTPSHandler(context=trusted()))
