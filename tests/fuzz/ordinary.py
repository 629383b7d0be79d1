"""What must stay readable: paths, campaign values and referring hosts as ordinary sites have them."""

from pathlib import Path


def _lines(name: str) -> list[str]:
    return (Path(__file__).parent / f"ordinary_{name}.txt").read_text(encoding="utf-8").splitlines()


PATHS, VALUES, REFERRERS = _lines("paths"), _lines("values"), _lines("referrers")

# Read as somebody's data although they are none. Each is a choice: its form cannot be told from that of a secret.
SACRIFICED_PATHS = {
    "/docs/1.2.3.4": "/docs/[address]",
    "/5-10-15-20-regel": "/[address]-regel",
    "/chrome/142.0.7444.60": "/chrome/[number]",
    "/blog/top-10-2026-2027": "/blog/top-[number]",
    "/login/forgotten-password-help-page": "/login/[token]",
    "/verify/your-company-address": "/verify/[token]",
    "/p/iPhone15ProMax256GB": "/p/[token]",
}
