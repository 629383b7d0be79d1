"""The snippet keeps to its budget."""

import subprocess

from dev.stack import Stack

BUDGET_BYTES = 900
_BROTLI = """
const { brotliCompressSync, constants } = require("node:zlib");
const file = require("node:fs").readFileSync(process.argv[1]);
console.log(brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length);
"""


def test_the_snippet_has_at_most_900_bytes_of_brotli(stack: Stack) -> None:
    script = str(stack.public / "s.js")
    measured = subprocess.run(["node", "--eval", _BROTLI, script], check=True, capture_output=True, text=True)
    assert 100 < int(measured.stdout) <= BUDGET_BYTES
