"""The snippet's bytes as a browser gets them, beside the scripts of other products as their pages served them."""

import gzip
import os
import subprocess
import tempfile
from pathlib import Path

from dev.bench.figures import Figure, Report
from dev.bootstrap import ROOT, ensure_node_modules

_MOST_BROTLI_BYTES = 620
# Measured in November 2026, brotli 11: the base script of Plausible, and that of Umami 3.1.
_PEERS = {"Plausible": 631, "Umami": 1957}
_BROTLI = """
const { brotliCompressSync, constants } = require("node:zlib");
const file = require("node:fs").readFileSync(process.argv[1]);
console.log(brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length);
"""


def measure_snippet(report: Report) -> None:
    """Build the snippet and count."""
    ensure_node_modules()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LEADSMENT_OUT_DIR": folder}
        subprocess.run(["node", "web/snippet/build.mjs"], cwd=ROOT, env=environment, check=True)
        script = Path(folder) / "s.js"
        raw = script.read_bytes()
        ran = subprocess.run(["node", "--eval", _BROTLI, str(script)], check=True, capture_output=True, text=True)
    report.section("snippet", "Snippet")
    brotli = int(ran.stdout)
    report.add(Figure("raw", "bytes", len(raw)))
    report.add(Figure("gzip 9", "bytes", len(gzip.compress(raw, 9, mtime=0))))
    report.add(Figure("brotli 11", "bytes", brotli, at_most=_MOST_BROTLI_BYTES))
    for peer, size in _PEERS.items():
        report.add(Figure("brotli 11", "bytes", brotli, peer, size, brotli / size))
