"""Keep the platform's runtime from looking for packages that a function does not need.

Vercel's runtime imports urllib3 if it finds it, after the function and before the first request, to time outgoing requests.
It finds it in every function, because some need it; it is a sixth of the beacon's cold start. The functions that use it
import it themselves.

It also tries to import parts of the package `vercel` five times in each request, for caches and workers. We have no such
package, so that each time every folder is searched in vain, which is a third of what an empty request costs.
Source: vercel_runtime 0.24.1, cache.py and wait_until.py.
"""

import sys

_SPARED, _ABSENT = "urllib3", "vercel"


def spare_start() -> None:
    """Let the runtime not find the packages. To be called while a function is imported."""
    # Elsewhere, as in the local stack, functions share a process, and one must not take from another what it needs.
    if "vercel_runtime" in sys.modules:
        # None is how Python is told not to look.
        for package in (_SPARED, _ABSENT):
            sys.modules.setdefault(package, None)  # type: ignore[arg-type]


def end_sparing() -> None:
    """Let urllib3 be found again, for whoever needs it now."""
    if sys.modules.get(_SPARED, sys) is None:
        del sys.modules[_SPARED]
