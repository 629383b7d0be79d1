"""`python -m dev.transport`: nothing of ours speaks to another machine without TLS, or with a weakened one.

In code and configuration, tests apart:

- no URL without TLS, but of this machine, and names that look like one (XML namespaces, schemas, crawlers' own);
- only lib/tls.py makes a context for TLS, and nothing anywhere takes one that checks less;
- only lib/db/postgrest.py and lib/guarded_http.py make a connection without TLS: the one to this machine, which the settings
  see to, the other because it wraps it, or reads a customer's public page.

It reads text, not flow. tests/unit/test_transport.py has the clients themselves meet servers that are too old or unknown.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from dev.bootstrap import ROOT
from dev.discipline import Violation

_ROOMS = ("api/", "functions/", "lib/", "web/", "supabase/", "dev/", ".ci/")
_KINDS = {".py", ".ts", ".tsx", ".mjs", ".js", ".html", ".sql", ".toml", ".json", ".svg", ".txt", ".ini", ".example", ""}
_PLAIN = re.compile(
    r"\b(?:http|ws|ftp)://(?!127\.0\.0\.1|localhost|\[::1\]|www\.w3\.org/|adaptivecards\.io/schemas/)", re.IGNORECASE
)
# Places where a text begins like a URL and none is opened.
_NO_URLS = {
    "dev/demo/traffic.py": "names of crawlers",
    "dev/bench/visitors.py": "names of crawlers",
    "lib/crm/salesforce.py": "how a website may be written in a CRM, to compare with",
    "web/dashboard/exclusions/network.ts": "the browser's own reading of an address",
}
_WEAKENED = re.compile(
    r"CERT_NONE|CERT_OPTIONAL|check_hostname\s*=\s*False|verify\s*=\s*False|_create_unverified_context|disable_warnings"
    r"|rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|TLSv1(?:[._][01])?(?![._\w])|SSLv[23]|set_ciphers|SECLEVEL"
    r"|--insecure\b|strict-ssl"
)
_MAKES_CONTEXT = re.compile(r"\bcreate_default_context\(|\bSSLContext\(")
_CONNECTS_PLAINLY = re.compile(r"\bHTTPConnection\(|\bsmtplib\b|\bftplib\b|\btelnetlib\b")
_SPEAKS_PLAINLY = {"lib/db/postgrest.py", "lib/guarded_http.py"}


def violations(root: Path = ROOT) -> list[Violation]:
    """Every place of the repository that breaks a rule, in order."""
    found = []
    for name in sorted(_files(root)):
        for number, line in enumerate((root / name).read_text(encoding="utf-8", errors="ignore").splitlines(), 1):
            found += [Violation(name, number, rule) for rule in _broken(name, line)]
    return found


def _broken(name: str, line: str) -> Iterator[str]:
    if _PLAIN.search(line) and name not in _NO_URLS:
        yield "a URL has TLS: write https://"
    if name == "dev/transport.py":  # it names what it looks for
        return
    if _WEAKENED.search(line):
        yield "nothing checks less than certificates, names and TLS 1.2"
    if name != "lib/tls.py" and _MAKES_CONTEXT.search(line):
        yield "only lib/tls.py makes a context for TLS"
    if name not in _SPEAKS_PLAINLY and not name.startswith("dev/") and _CONNECTS_PLAINLY.search(line):
        yield "only lib/db/postgrest.py and lib/guarded_http.py make a connection without TLS"


def _files(root: Path) -> list[str]:
    if not (root / ".git").exists():
        names = [file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()]
    else:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and _is_read(name) and (root / name).is_file()]


def _is_read(name: str) -> bool:
    is_lock = name.endswith(("package-lock.json", ".table"))
    return Path(name).suffix in _KINDS and not is_lock and ("/" not in name or name.startswith(_ROOMS))


def main() -> int:
    """Print what breaks a rule; 1 if anything does."""
    found = violations()
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
