"""A secret in the repository is found, and what nobody has called harmless fails the check."""

import re
import secrets
import subprocess
from pathlib import Path

import pytest

from dev.secret_scan import KNOWN, accept, scan, unknown
from lib.domain.secret import SECRETS

ROOT = Path(__file__).parents[2]
RANDOM = secrets.token_hex(20)
# Put together here, so that this file holds none itself.
PLANTED = {
    "lib/a.py": f'KEY = "{RANDOM}"',
    "lib/b.py": "KEY = 'sb_" + f"secret_{RANDOM}'",
    ".env": "RESEND_API_" + f"KEY=re_{RANDOM[:8]}_{RANDOM}",
    ".env.production": "CRON_" + f"SECRET={RANDOM}",
    "web/c.ts": 'const secret = "wh' + f'sec_{RANDOM}";',
    "docs/d.md": "Use `lm" + f"sk_{RANDOM}` to sign in.",
    "api/e.py": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "dev/f.py": 'URL = "postgresql://postgres:' + f'{RANDOM}@db.example/postgres"',
    "supabase/g.sql": "select 'sk_" + f"live_{RANDOM}'",
    "vercel.json": '{"CRM_' + f'KEY": "{RANDOM}"}}',
    ".github/h.yml": "token: gh" + f"p_{RANDOM[:36]}",
    "lib/i.py": 'DSN = "https://' + f'{secrets.token_hex(16)}@o1.ingest.de.sentry.io/1"',
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("planted")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for name, text in {**PLANTED, "lib/clean.py": 'NAME = "deliver_outbox"\nURL = "https://leadsment.example/app"'}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return root


def test_a_planted_secret_is_found_wherever_it_is_and_nothing_else(repository: Path) -> None:
    assert {finding.file for finding in scan(repository)} == set(PLANTED)


def test_what_is_printed_says_where_and_holds_no_value(repository: Path) -> None:
    found = scan(repository)
    assert not [finding for finding in found if RANDOM[:12] in f"{finding} {finding.digest} {finding.kind}"]
    assert str(found[0]).startswith(f"{found[0].file}:1: looks like a secret")


def test_a_file_that_git_ignores_is_not_of_the_repository(repository: Path) -> None:
    (repository / ".gitignore").write_text(".env\n")
    assert ".env" not in {finding.file for finding in scan(repository)}
    (repository / ".gitignore").unlink()


def test_what_was_called_harmless_is_let_through_and_the_next_one_in_the_same_file_is_not(
    repository: Path, tmp_path: Path
) -> None:
    known = tmp_path / "known.json"
    assert accept(scan(repository), known) >= len(PLANTED)
    assert unknown(scan(repository), known) == []
    assert RANDOM not in known.read_text()
    other = secrets.token_hex(20)
    (repository / "lib" / "a.py").write_text(f'KEY = "{RANDOM}"\nOTHER = "{other}"\n')
    assert [(finding.file, finding.line) for finding in unknown(scan(repository), known)] == [("lib/a.py", 2)]


def test_the_check_of_the_repository_runs_the_scan() -> None:
    assert '"secrets": ["-m", "dev", "secrets", "scan"]' in (ROOT / "dev" / "check.py").read_text()
    assert "make check" in (ROOT / ".ci" / "run").read_text()
    assert KNOWN.exists()


def test_every_setting_that_is_sensitive_is_in_the_register_of_secrets() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|.*mark it sensitive \|$", (ROOT / "docs" / "deploy.md").read_text(), re.MULTILINE)
    named = {setting for secret in SECRETS for setting in secret.settings}
    tokens = {row for row in rows if row.endswith("_TOKEN")}
    # Addresses are no credential: they open nothing.
    assert set(rows) - tokens - {"CANARY_ADDRESSES"} <= named
    assert "*_TOKEN" in named and len(tokens) > 10


def test_operations_says_of_every_secret_how_it_is_changed() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    heading = text.partition("## Changing a secret")[2].partition("\n## ")[0]
    assert heading
    assert [secret.name for secret in SECRETS if f"`{secret.name}`" not in heading] == []
