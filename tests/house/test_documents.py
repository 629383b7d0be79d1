"""Documents say what the code does."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.builders import World

ROOT = Path(__file__).parents[2]


def tracked() -> list[Path]:
    """The files git has, and the new ones it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="ignore")


def test_the_example_environment_names_every_setting() -> None:
    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    read = set(re.findall(r'environment, "([A-Z_]+)"', (ROOT / "lib" / "settings.py").read_text()))
    built = set(re.findall(r'environment\("([A-Z_]+)"\)', (ROOT / "vite.config.ts").read_text()))
    assert named == read | built
    assert all(f"`{name}`" in (ROOT / "docs" / "deploy.md").read_text() for name in named)


def test_the_readme_maps_every_folder() -> None:
    mapped = set(re.findall(r"^\| `([a-z]+)/` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    folders = {file.relative_to(ROOT).parts[0] for file in tracked() if len(file.relative_to(ROOT).parts) > 1}
    assert mapped == {folder for folder in folders if not folder.startswith(".")}


def test_every_table_is_in_the_list_of_data(world: World) -> None:
    listed = set(
        re.findall(r"^\| `([a-z_]+)` \| .* \| .* \| .* \| .* \|$", (ROOT / "docs" / "data.md").read_text(), re.MULTILINE)
    )
    tables = world.database.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    assert listed == {name for (name,) in tables}


def test_links_between_documents_lead_somewhere() -> None:
    for file in tracked():
        if file.suffix == ".md":
            for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text_of(file)):
                assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_commands_named_in_documents_exist() -> None:
    named = set(
        re.findall(
            r"python3? -m dev ([a-z]+(?:-[a-z]+)*)", "".join(text_of(file) for file in tracked() if file.suffix in (".md", ".py"))
        )
    )
    known = set(re.findall(r'^    "([a-z-]+)": \(', (ROOT / "dev" / "__main__.py").read_text(), re.MULTILINE))
    assert named <= known


def test_makefile_targets_are_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) == set(re.findall(r"^([a-z]+):.*## \w", makefile, re.MULTILINE))


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----", "a private key"),
        (r"\bsb_secret_[A-Za-z0-9_-]{16,}", "a secret key"),
        (r"\beyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}", "a token"),
        (r"\b(sk|rk|whsec|re)_(live|test)?_?[A-Za-z0-9]{20,}", "an API key"),
        (r"registry\.npmjs|pypi\.org/simple|files\.pythonhosted|deb\.debian", "a registry's host"),
    ],
)
def test_no_file_holds_a_secret_or_a_registrys_host(pattern: str, what: str) -> None:
    found = [file.name for file in tracked() if file != Path(__file__) and re.search(pattern, text_of(file))]
    assert found == [], what


def test_no_file_is_left_open_or_grows_beyond_its_subject() -> None:
    code = [file for file in tracked() if file.suffix in (".py", ".ts", ".tsx", ".sql", ".mjs")]
    assert [
        file.name for file in code if re.search(r"\b(TODO|FIXME|XXX)\b(?!\\b)", text_of(file)) and file != Path(__file__)
    ] == []
    assert [file.name for file in code if text_of(file).count("\n") > 500] == []


def test_no_door_imports_a_door() -> None:
    doors = [file for file in tracked() if file.relative_to(ROOT).parts[0] == "api"]
    assert len(doors) > 1
    assert [door.name for door in doors if re.search(r"^\s*(from|import) api\b", text_of(door), re.MULTILINE)] == []


def test_the_hosted_and_the_local_auth_server_are_set_alike() -> None:
    hosted = tomllib.loads((ROOT / "supabase" / "config.toml").read_text())
    local = (ROOT / "dev" / "stack" / "lite.config.mjs").read_text()
    shortest = hosted["auth"]["minimum_password_length"]
    assert f"minimum_password_length: {shortest}," in local
    assert f"SHORTEST_PASSWORD = {shortest};" in (ROOT / "web" / "dashboard" / "session" / "sign-up.tsx").read_text()
    assert hosted["auth"]["hook"]["send_email"] == {
        "enabled": True, "uri": "env(SEND_EMAIL_HOOK_URI)", "secrets": "env(SEND_EMAIL_HOOK_SECRET)"
    }  # fmt: skip
