"""The snippet keeps to its budget, and its releases never change."""

import json
import subprocess
from pathlib import Path

import pytest

from dev import snippet
from dev.bootstrap import ROOT
from dev.snippet import NotReleased, brotli_bytes, build_snippet, file_of, integrity_of, list_releases, release_snippet
from dev.stack import Stack

BUDGET_BYTES = 620


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for releases that are none of the product's, beginning with the product's own."""
    for file in snippet.RELEASES.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(snippet, "RELEASES", tmp_path)
    monkeypatch.setattr(snippet, "_LIST", tmp_path / "releases.json")
    return tmp_path


def test_the_snippet_has_at_most_620_bytes_of_brotli(stack: Stack) -> None:
    assert 100 < brotli_bytes(stack.public / "s.js") <= BUDGET_BYTES


def test_the_same_source_makes_the_same_bytes_and_they_are_the_newest_release(stack: Stack, tmp_path: Path) -> None:
    """If this fails, the source has changed: `python3 -m dev snippet release`."""
    newest = file_of(list_releases()[0].version).read_bytes()
    for folder in ("once", "again"):
        assert build_snippet(tmp_path / folder).read_bytes() == newest
    assert (stack.public / "s.js").read_bytes() == newest


def test_every_release_is_published_with_the_hash_it_may_be_pinned_by(stack: Stack) -> None:
    releases = list_releases()
    assert json.loads((stack.public / "snippet-releases.json").read_text())[0]["version"] == releases[0].version
    assert {file.name for file in stack.public.glob("s.*.js")} == {f"s.{release.version}.js" for release in releases}
    for release in releases:
        published = stack.public / f"s.{release.version}.js"
        assert integrity_of(published.read_bytes()) == release.integrity
        assert brotli_bytes(published) == release.bytes
        assert release.changes and len(release.date) == len("2026-11-24")


def test_no_frozen_file_was_ever_touched_again() -> None:
    command = ["git", "log", "--diff-filter=MDR", "--format=%h", "--name-only", "--", "web/snippet/releases/*.js"]
    assert subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout == ""
    assert {file.name for file in snippet.RELEASES.glob("*.js")} == {f"s.{release.version}.js" for release in list_releases()}


@pytest.mark.parametrize(
    ("version", "changes", "reason"),
    [
        ("1.0.0", "Again", "higher version"),
        ("0.9.0", "Before, it was newer.", "higher version"),
        ("99.0.0", "Nothing", "Nothing changed"),
        ("99.0.0", "  ", "Say what changed"),
        ("99.0", "Short", "three numbers"),
        ("v99.0.0", "Lettered", "three numbers"),
        ("99.0.00", "Padded", "three numbers"),
        ("../99.0.0", "Elsewhere", "three numbers"),
    ],
)
def test_a_release_that_makes_no_sense_is_refused(elsewhere: Path, version: str, changes: str, reason: str) -> None:
    before = {file.name: file.read_bytes() for file in elsewhere.iterdir()}
    with pytest.raises(NotReleased, match=reason):
        release_snippet(version, changes)
    assert {file.name: file.read_bytes() for file in elsewhere.iterdir()} == before


def test_a_release_freezes_what_the_source_makes(elsewhere: Path) -> None:
    known = json.loads((elsewhere / "releases.json").read_text())
    (elsewhere / "releases.json").write_text(json.dumps([{**known[0], "integrity": "sha384-another"}, *known[1:]]))
    released = release_snippet("99.0.0", "Before, it was ours. Now, it is a test's.")
    assert integrity_of((elsewhere / "s.99.0.0.js").read_bytes()) == released.integrity
    assert [release.version for release in list_releases()] == ["99.0.0", *(entry["version"] for entry in known)]
