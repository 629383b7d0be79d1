"""`python -m dev identify`, as somebody types it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMBINED = '{address} - - [24/Nov/2026:10:00:00 +0100] "GET /a\\"b HTTP/1.1" 200 512 "https://x.example/" "Mozilla/5.0"'
FIELDS = ["input", "matched", "kind", "name", "domain", "industry", "country", "employee_range", "evidence"]


def identify(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dev", "identify", *arguments]
    return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, timeout=60, check=False)


def objects(result: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_a_line_in_the_order_of_the_input() -> None:
    given = ["155.56.1.1", "10.0.0.1", "2a01:4f8::1", "53.1.2.3", "155.56.1.1"]
    result = identify("--jsonl", text="\n".join(given))
    rows = objects(result)
    assert [row["input"] for row in rows] == given
    assert all(list(row) == FIELDS for row in rows)
    assert [row["matched"] for row in rows] == [True, False, False, True, True]
    assert [row["kind"] for row in rows] == ["company", "reserved", "hoster", "company", "company"]
    assert (rows[0]["name"], rows[0]["domain"], rows[0]["country"], rows[0]["employee_range"]) == (
        "SAP",
        "sap.com",
        "DE",
        "10000+",
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_access_logs_in_common_and_combined_format_are_read() -> None:
    common = '53.1.2.3 - frank [24/Nov/2026:10:00:00 +0100] "GET / HTTP/1.0" 200 -'
    rows = objects(identify("--jsonl", text=f"{COMBINED.format(address='155.56.1.1')}\n{common}\n"))
    assert [(row["input"], row["matched"]) for row in rows] == [("155.56.1.1", True), ("53.1.2.3", True)]


def test_odd_lines_are_counted_and_named_and_never_fatal() -> None:
    lines = ["155.56.1.1", "nonsense", "", "1.2.3.4 half a log line", "\x00\ufffd", "53.1.2.3"]
    result = identify("--jsonl", text="\n".join(lines))
    assert [row["input"] for row in objects(result)] == ["155.56.1.1", "53.1.2.3"]
    assert result.returncode == 0
    assert result.stderr.startswith("3 odd lines were left out:")
    assert "line 2" in result.stderr and "line 4" in result.stderr and "line 5" in result.stderr


def test_the_table_names_companies_and_credits_the_data() -> None:
    result = identify(text="155.56.1.1\n87.128.1.1\n")
    assert "SAP" in result.stdout and "carrier" in result.stdout
    assert "1 of 2 addresses" in result.stdout and "DB-IP (https://db-ip.com)" in result.stdout


def test_files_are_read_gzipped_ones_too(tmp_path: Path) -> None:
    plain, packed = tmp_path / "access.log", tmp_path / "access.log.gz"
    plain.write_text("155.56.1.1\n")
    packed.write_bytes(gzip.compress(COMBINED.format(address="53.1.2.3").encode()))
    assert [row["input"] for row in objects(identify("--jsonl", str(plain), str(packed)))] == ["155.56.1.1", "53.1.2.3"]


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    result = identify(str(tmp_path / "nowhere.log"))
    assert result.returncode == 2
    assert "nowhere.log cannot be read: No such file or directory" in result.stderr


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m dev identify --jsonl | head -1"
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; yes 155.56.1.1 | head -50000 | {command}"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert json.loads(result.stdout)["name"] == "SAP"
    assert result.stderr == ""
