"""The table as the builder makes it, and the data it is made of."""

import csv
import hashlib
import ipaddress
import subprocess
import sys
from pathlib import Path

import pytest

from dev.__main__ import main
from dev.table import DATA
from dev.table.accuracy.drawing import draw
from dev.table.command import TABLE
from dev.table.companies.keys import FORMER_KEYS, MEMBERS, Companies, read_companies, stale_files, write_companies
from dev.table.data_file import WrongData
from dev.table.header import header, range_sources
from dev.table.holder import look_at_release
from dev.table.kinds.letters import KINDS
from dev.table.kinds.model import read_model
from dev.table.kinds.readings import READINGS, hashed, read_readings
from dev.table.sources.description import UnusableSource, read_description
from dev.table.sources.layers import HEADER_SOURCES, check_names, read_layers
from lib.identification.reserved import is_reserved, reserved_networks
from lib.identification.table import IPV4, IPV6, Table

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shown_names() -> set[str]:
    """The registered names that stand in the table, which are the only ones that may stand in a committed file."""
    return {holder.name for holder in Table(TABLE).holders() if holder.name}


@pytest.mark.parametrize("file", ["readings.csv", "members.csv", "sample.csv", "well_known.csv", "namesakes.csv", "domains.csv"])
def test_no_committed_file_names_a_holder_that_is_not_shown(file: str, shown_names: set[str]) -> None:
    """It may be a natural person; a salted hash stands for it."""
    with (DATA / file).open(newline="", encoding="utf-8") as opened:
        names = [row["holder"] for row in csv.DictReader(opened) if not row["holder"].startswith("#")]
    assert len(names) > 100
    assert [name for name in names if name not in shown_names] == []


def test_every_shown_holder_was_read_by_two(shown_names: set[str]) -> None:
    readings = read_readings()
    found = [readings.find(name) for name in shown_names]
    assert sum(1 for reading in found if reading and reading.second) > 0.99 * len(shown_names)


def test_a_hash_cannot_be_looked_up_without_the_salt() -> None:
    unsalted = hashlib.sha256(b"Max Mustermann").hexdigest()
    assert hashed("Max Mustermann").removeprefix("#") not in unsalted
    assert len(hashed("Max Mustermann")) == 17


def test_the_held_apart_sample_is_the_one_that_was_drawn() -> None:
    """Nobody has picked what the table is measured by: the stated seed draws the same holders again."""
    for_thresholds, drawn = draw(look_at_release())
    with (DATA / "sample.csv").open(newline="", encoding="utf-8") as opened:
        sampled = {row["holder"] for row in csv.DictReader(opened)}
    assert len(drawn) == len(sampled)
    assert all(name in sampled or hashed(name) in sampled for name in drawn)
    assert not set(for_thresholds) & set(drawn)


def test_a_wrong_reading_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / READINGS.name
    file.write_text("holder,first,second,review\nMuster AG,c,c,\nMuster GmbH,c,x,\n")
    with pytest.raises(ValueError, match=r"readings.csv, line 3: .*not 'x'"):
        read_readings(file)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"holder,company\n", r"members.csv, line 1: the columns must be holder,company_key"),
        (b"", r"members.csv, line 1: the columns must be holder,company_key"),
        (b"holder,company_key\nA AG,a\nB AG\n", r"members.csv, line 3: it has 1 cells, not 2"),
        (b"holder,company_key\nA AG,a\nB, AG,b\n", r"members.csv, line 3: it has 3 cells, not 2"),
        (b"holder,company_key\nA AG,a\nM\xfcller AG,b\n", r"members.csv, line 3: it is not UTF-8"),
        (b'holder,company_key\n"A AG,a\nB AG,b\n', r"members.csv, line 3: its quotes do not match"),
        (b"holder,company_key\nA AG,a\nA AG,b\n", r"members.csv: 'A AG' stands in two rows"),
    ],
)
def test_a_file_that_was_edited_wrongly_is_refused_with_its_line(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / MEMBERS.name
    file.write_bytes(content)
    with pytest.raises(WrongData, match=why):
        read_companies(members=file)


@pytest.mark.parametrize(
    "content", ["feature\tcompany\n", "{header}\n(bias)\t1\n", "{header}\nword:x\t{ones}\n", "{header}\n(bias)\tx\n"]
)
def test_a_model_that_is_not_whole_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "model.tsv"
    file.write_text(content.format(header="\t".join(["feature", *KINDS]), ones="\t".join("1" * len(KINDS))))
    with pytest.raises(WrongData, match=r"model.tsv.*train the model again"):
        read_model(file)


def test_keys_that_no_build_would_write_are_found_stale(tmp_path: Path) -> None:
    members, former = tmp_path / "members.csv", tmp_path / "former_keys.csv"
    write_companies(Companies({"A AG": "a"}, {"old-a": "a"}), members, former)
    assert stale_files(read_companies(members, former), members, former) == []
    assert stale_files(Companies({"A AG": "a"}, {}), members, former) == [former]
    members.write_text("holder,company_key\r\nA AG,a\r\n")
    assert stale_files(read_companies(members, former), members, former) == [members]


def test_every_key_that_was_ever_given_leads_to_a_company() -> None:
    with MEMBERS.open(newline="", encoding="utf-8") as opened:
        present = {row["company_key"] for row in csv.DictReader(opened)}
    with FORMER_KEYS.open(newline="", encoding="utf-8") as opened:
        former = {row["former_key"]: row["company_key"] for row in csv.DictReader(opened)}
    assert set(former.values()) <= {*present, ""}
    assert not set(former) & present
    assert all(old.startswith("#") for old, key in former.items() if not key)


def test_the_table_holds_no_address_that_is_nobodys() -> None:
    table = Table(TABLE)
    for network in reserved_networks():
        assert table.find(network.network_address.packed) == 0
        assert table.find(network.broadcast_address.packed) == 0
        assert is_reserved(network.network_address.packed)
    assert not is_reserved(ipaddress.ip_address("2a00::1").packed)


def test_the_names_that_are_taken_are_those_of_the_tables_header() -> None:
    assert set(Table(TABLE).header["sources"]) == set(HEADER_SOURCES)


def test_the_table_is_small() -> None:
    assert TABLE.stat().st_size <= 8_000_000
    table = Table(TABLE)
    assert all(any(True for _ in table.ranges(family)) for family in (IPV4, IPV6))


@pytest.fixture(scope="module")
def own_table(tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, str, Path]:
    """A table built with an operator's own source beside the release, what was said meanwhile, and the list of conflicts."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.csv").write_text(
        "range,name,domain,type,country,employees\n"
        "155.56.1.0/24,Muster Maschinenbau GmbH,muster.example,business,DE,120\n"
        "2a00:1450::/48,Muster Telecom Internet Ltda,provider.example,business,BR,\n"
        "8.8.8.0/24,Sample Savings Bank plc,bank.example,business,GB,6000\n"
        "10.0.0.0/24,Nobody Ltd,nobody.example,business,GB,\n"
    )
    (folder / "own.toml").write_text(
        'name = "Own list"\nfile = "own.csv"\nrelease = "2026-11-01"\nlicence = "own"\ncredit = "Us"\n'
        '[columns]\nrange = "range"\nname = "name"\ndomain = "domain"\nkind = "type"\n'
        'country = "country"\nemployees = "employees"\n'
        '[kinds]\nbusiness = "company"\n'
    )
    command = [sys.executable, "-m", "dev", "table", "build", "--source", "own.toml", "--output", "own.table"]
    built = subprocess.run(
        [*command, "--conflicts", "conflicts.csv"], cwd=folder, env=_environment(), check=False, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return Table(folder / "own.table"), built.stderr, folder / "conflicts.csv"


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin:/usr/local/bin"}


def test_an_operators_own_source_wins_over_the_release(own_table: tuple[Table, str, Path]) -> None:
    table, _, _ = own_table
    found = table.find(bytes([155, 56, 1, 1]))
    assert found
    holder = table.holder(found)
    assert holder.organisation is not None and table.header["range_sources"][holder.source]["name"] == "Own list"
    shown = table.organisation(holder.organisation)
    assert (shown.name, shown.domain, shown.country, shown.employee_range) == (
        "Muster Maschinenbau",
        "muster.example",
        "DE",
        "50-249",
    )
    assert table.fact_sources(holder.organisation)[0] == "Own list"
    beside = table.find(bytes([155, 56, 2, 1]))
    assert beside and table.holder(beside).name == "SAP America Inc."


def test_an_operators_own_source_makes_nobody_a_company_whose_name_says_provider(own_table: tuple[Table, str, Path]) -> None:
    table, _, _ = own_table
    found = table.find(ipaddress.ip_address("2a00:1450::1").packed)
    assert found and table.holder(found).organisation is None


def test_an_operators_own_source_cannot_name_nobodys_addresses(own_table: tuple[Table, str, Path]) -> None:
    table, _, _ = own_table
    assert table.find(bytes([10, 0, 0, 1])) == 0


def test_conflicts_between_sources_are_counted_and_listed(own_table: tuple[Table, str, Path]) -> None:
    _, said, conflicts = own_table
    assert "Own list overrules" in said
    listed = conflicts.read_text()
    assert "155.56.1.0/24,Own list,Muster Maschinenbau GmbH,muster.example" in listed


@pytest.mark.parametrize("name", ["reserved", *(source["name"] for source in range_sources([])), *header([], [], {})["sources"]])
def test_an_operators_own_source_takes_no_name_that_the_table_uses_itself(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnusableSource, match=r"own\.toml: .* is a name that the table uses itself"):
        read_layers([described(tmp_path, "own", name, "1")], lambda text: None)


def test_two_sources_of_one_name_are_two_files_of_one_release(tmp_path: Path) -> None:
    ipv4, ipv6 = described(tmp_path, "ipv4", "Own list", "1"), described(tmp_path, "ipv6", "Own list", "1")
    older = described(tmp_path, "older", "Own list", "0")
    check_names([ipv4, ipv6], [read_description(file) for file in (ipv4, ipv6)])
    with pytest.raises(UnusableSource, match=r"older\.toml: another source is called 'Own list'"):
        read_layers([ipv4, older], lambda text: None)


def described(folder: Path, file: str, name: str, release: str) -> Path:
    """The description of a small table, with another name and release."""
    (folder / "own.csv").write_text("range,name\n155.56.1.0/24,Muster Maschinenbau GmbH\n")
    described = folder / f"{file}.toml"
    described.write_text(
        f'name = "{name}"\nfile = "own.csv"\nrelease = "{release}"\nlicence = "own"\ncredit = "Us"\n'
        '[columns]\nrange = "range"\nname = "name"\n'
    )
    return described


@pytest.mark.parametrize("option", ["--output", "--conflicts"])
def test_a_folder_that_is_not_there_is_said_before_the_work(
    tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--source", "none.toml", "--output", str(tmp_path / "own.table"), option, str(tmp_path / "gone" / "file")]
    assert main(["table", "build", *words]) == 2
    assert f"There is no folder {tmp_path / 'gone'}" in capsys.readouterr().err


def test_a_source_that_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('name = "Own list"\n')
    command = [sys.executable, "-m", "dev", "table", "build", "--source", "own.toml", "--output", "own.table"]
    built = subprocess.run(command, cwd=tmp_path, env=_environment(), check=False, capture_output=True, text=True)
    assert built.returncode == 2
    assert "own.toml" in built.stderr and "Traceback" not in built.stderr
    assert not (tmp_path / "own.table").exists()
