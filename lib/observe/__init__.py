"""Reports of our own faults: to Sentry, if there is an address for them, and never more than an allow-list lets through.

Sentry's package is imported when there is something to report, by a thread of its own: it takes a quarter of a second.
"""

from lib.observe.lean_start import spare_start
from lib.observe.reporter import report

__all__ = ["report", "spare_start"]
