"""What a connection that leaves must be: TLS 1.2 or later, to a server whose certificate the machine trusts for its name.

Nothing else in the product makes a context (dev/transport.py holds that), so that nobody weakens one by the way.
"""

import functools
import ssl


@functools.cache
def trusted() -> ssl.SSLContext:
    """The process's context, which checks certificates and names. Read once: it takes longer than a beacon."""
    context = ssl.create_default_context()
    # Python's own default since 3.10; said here, because a distribution's OpenSSL may be set up otherwise.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
