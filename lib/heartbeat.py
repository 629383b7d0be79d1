"""Tell a dead man's switch of the operator's that a job went through: it raises the alarm when it hears nothing.

Source: the services' common form, a GET of an URL for each check, such as https://hc-ping.com/<key>/<check>.
"""

import logging
import urllib.error
import urllib.request

from lib.domain.job import Job
from lib.settings import heartbeat_url

_SECONDS = 3
_log = logging.getLogger("leadsment.jobs")


def beat(job: Job) -> None:
    """Call the job's URL, if the operator has set one. A switch that does not answer is worth a line, and no more."""
    url = heartbeat_url(job.name.replace("_", "-"))
    if url is None:
        return
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS):  # noqa: S310  the operator's own setting, and https
            return
    except OSError as error:
        _log.warning("the heartbeat of %s was not taken: %s", job.name, type(error).__name__)
