"""The table the functions carry, opened once for a process."""

import functools
from pathlib import Path

from lib.identification.table import Table

_FILE = Path(__file__).with_name("data") / "companies.table"


@functools.cache
def bundled_table() -> Table:
    """The table beside this package."""
    return Table(_FILE)
