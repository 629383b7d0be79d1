"""Keep the platform's runtime from loading a package of ours that a function does not need to start.

Vercel's runtime imports urllib3 if it finds it, after the function and before the first request, to time outgoing requests.
It finds it in every function, because some need it; it is a sixth of the beacon's cold start. The functions that use it
import it themselves.
"""

import sys

_SPARED = "urllib3"


def spare_start() -> None:
    """Let the runtime not find the package. To be called while a function is imported."""
    # Elsewhere, as in the local stack, functions share a process, and one must not take from another what it needs.
    if "vercel_runtime" in sys.modules:
        # None is how Python is told not to look.
        sys.modules.setdefault(_SPARED, None)  # type: ignore[arg-type]


def end_sparing() -> None:
    """Let the package be found again, for whoever needs it now."""
    if sys.modules.get(_SPARED, sys) is None:
        del sys.modules[_SPARED]
