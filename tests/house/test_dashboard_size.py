"""The dashboard keeps to its budget."""

import gzip

from dev.stack import Stack

BUDGET_KILOBYTES = 170


def test_the_dashboards_javascript_has_at_most_170_kb_of_gzip(stack: Stack) -> None:
    scripts = [gzip.compress(file.read_bytes()) for file in (stack.public / "assets").glob("app-*.js")]
    assert scripts
    assert sum(map(len, scripts)) <= BUDGET_KILOBYTES * 1000
