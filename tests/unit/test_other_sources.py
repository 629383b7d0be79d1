"""An operator's own table as a source: the common shapes, written small by the tests themselves."""

import gzip
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter, SearchTreeNode
from netaddr import IPSet  # type: ignore[import-untyped]

from dev.table.sources.description import UnusableSource, read_description
from dev.table.sources.own_table import read_source
from dev.table.sources.ranges import Details, Range, text_of
from dev.table.sources.values import country_of, domain_of, employee_range_of, section_of

HEAD = 'name = "Example IP-to-company"\nrelease = "2026-11-01"\nlicence = "commercial"\ncredit = "Example Data Ltd"\n'
NETWORK_AND_NAME = '[columns]\nrange = "network"\nname = "company"'
IPINFO_COLUMNS = 'name = "name"\ndomain = "domain"\nasn = "asn"\nkind = "type"\ncountry = "country"'
IPINFO_KINDS = '[kinds]\nbusiness = "company"\nisp = "carrier"\nhosting = "hoster"'


class Source:
    """A description and its table in a folder of their own, and what reading them said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report = ""
        self.progress: list[int] = []

    def describe(self, file: str, tables: str) -> Path:
        path = self.folder / "source.toml"
        path.write_text(f'{HEAD}file = "{file}"\n{tables}', encoding="utf-8")
        return path

    def read(self, file: str, tables: str, content: str | bytes | None = None) -> list[Range]:
        if content is not None:
            (self.folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(self.ranges(self.describe(file, tables)))

    def ranges(self, path: Path) -> Iterator[Range]:
        return read_source(path, report=self._keep_report, progress=self.progress.append)

    def _keep_report(self, text: str) -> None:
        self.report = text


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def shown(ranges: list[Range]) -> list[tuple[str, int, str, Details | None]]:
    return [(text_of(row.family, row.first, row.last), row.asn, row.holder, row.details) for row in ranges]


def names(ranges: list[Range]) -> list[tuple[str, str]]:
    return [(text_of(row.family, row.first, row.last), row.holder) for row in ranges]


def test_a_geoip2_isp_csv_is_read(source: Source) -> None:
    found = source.read(
        "isp.csv",
        '[columns]\nrange = "network"\nname = "organization"\nasn = "autonomous_system_number"',
        "network,isp,organization,autonomous_system_number,autonomous_system_organization,mobile_country_code\n"
        '192.0.2.0/24,Muster Telekom,"Muster, Sohn & Co. KG",64500,MUSTER-AS,\n'
        "2001:db8::/32,Muster Telekom,Beispiel AG,,,\n",
    )
    assert shown(found) == [
        ("192.0.2.0/24", 64500, "Muster, Sohn & Co. KG", None),
        ("2001:db8::/32", 0, "Beispiel AG", None),
    ]
    assert {row.source for row in found} == {"Example IP-to-company"}
    assert source.report == "Example IP-to-company 2026-11-01: 2 rows read, 2 ranges."


def test_an_ip_to_company_csv_with_first_and_last_address_is_read_gzipped_too(source: Source) -> None:
    content = (
        "\ufeffstart_ip,end_ip,name,domain,type,asn,as_name,country\r\n"
        "192.0.2.0,192.0.2.127,Muster GmbH,https://www.Muster.example/start,business,AS64500,MUSTER,de\r\n"
        "2001:db8::,2001:db8::ff,Muster Telekom,,isp,AS64501,TELEKOM,\r\n"
    )
    tables = f'[columns]\nfirst = "start_ip"\nlast = "end_ip"\n{IPINFO_COLUMNS}\n{IPINFO_KINDS}'
    plain = source.read("company.csv", tables, content)
    assert shown(plain) == [
        ("192.0.2.0/25", 64500, "Muster GmbH", Details("company", "muster.example", None, "DE", None)),
        ("2001:db8::/120", 64501, "Muster Telekom", Details("carrier", None, None, None, None)),
    ]
    assert source.read("company.csv.gz", tables, gzip.compress(content.encode())) == plain
    assert source.read("company.tsv", tables, content.replace(",", "\t")) == plain


def test_a_csv_without_header_has_its_columns_by_number(source: Source) -> None:
    found = source.read(
        "dbip.csv",
        '[columns]\nfirst = "1"\nlast = "2"\nname = "3"\ncountry = 4\nemployees = "5"\nindustry = "6"\n'
        '[industries]\n73 = "M"\n7 = "N"',
        "192.0.2.0,192.0.2.9,Muster GmbH,DE,51-200,7372\n198.51.100.0,198.51.100.255,Beispiel AG,CH,12000,7011\n",
    )
    assert shown(found) == [
        ("192.0.2.0-192.0.2.9", 0, "Muster GmbH", Details(None, None, "M", "DE", "50-249")),
        ("198.51.100.0/24", 0, "Beispiel AG", Details(None, None, "N", "CH", "10000+")),
    ]


def test_addresses_as_whole_numbers_are_read_and_ipv4_inside_ipv6_is_ipv4(source: Source) -> None:
    mapped, six = 0xFFFF_C000_0200, int(ip_address("2001:db8::"))
    found = source.read(
        "ip2location.csv",
        '[columns]\nfirst = "1"\nlast = "2"\nname = "3"\ndomain = "4"',
        f'"0","16777215","-","-"\n"3221225984","3221226239","Muster GmbH","muster.example"\n'
        f'"{mapped}","{mapped + 255}","Mapped AG","-"\n"{six}","{six + 15}","Six AG","-"\n',
    )
    assert names(found) == [("192.0.2.0/24", "Muster GmbH"), ("192.0.2.0/24", "Mapped AG"), ("2001:db8::/124", "Six AG")]
    assert "1 rows name nobody" in source.report


def test_a_range_may_be_a_network_two_ends_or_one_address(source: Source) -> None:
    content = (
        "network,company\n192.0.2.0/30,A\n192.0.2.8-192.0.2.9,B\n192.0.2.16 – 192.0.2.31,C\n"
        "2001:db8::1,D\n::ffff:192.0.2.64/122,E\n"
    )
    assert names(source.read("a.csv", NETWORK_AND_NAME, content)) == [
        ("192.0.2.0/30", "A"),
        ("192.0.2.8/31", "B"),
        ("192.0.2.16/28", "C"),
        ("2001:db8::1/128", "D"),
        ("192.0.2.64/26", "E"),
    ]


def mmdb(path: Path, networks: Mapping[str, Mapping[str, object]], *, also_at: tuple[str, ...] = ()) -> None:
    """Write an MMDB of both families; also_at: prefixes in bits that lead to the same nodes as IPv4's."""
    writer = MMDBWriter(6, "Example-Company", languages=["en"], description="Example", ipv4_compatible=True)
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), dict(record))
    for prefix in also_at:
        _lead_to(writer.tree, prefix, _node(writer.tree, "0" * 96))
    writer.to_db_file(str(path))


def _node(tree: SearchTreeNode, bits: str) -> SearchTreeNode:
    for bit in bits:
        tree = tree[int(bit)]  # type: ignore[assignment]
    return tree


def _lead_to(tree: SearchTreeNode, bits: str, target: SearchTreeNode) -> None:
    for bit in bits[:-1]:
        tree = tree.get_or_create(int(bit))  # type: ignore[assignment]
    tree[int(bits[-1])] = target


def test_an_mmdb_is_read_through_dotted_paths(source: Source) -> None:
    record = {"traits": {"organization": "Muster GmbH", "autonomous_system_number": 64500}, "country": {"iso_code": "DE"}}
    mmdb(source.folder / "a.mmdb", {"192.0.2.0/24": record, "2001:db8::/32": {"traits": {"organization": "Beispiel AG"}}})
    columns = 'name = "traits.organization"\nasn = "traits.autonomous_system_number"\ncountry = "country.iso_code"'
    assert shown(source.read("a.mmdb", f"[columns]\n{columns}")) == [
        ("192.0.2.0/24", 64500, "Muster GmbH", Details(None, None, None, "DE", None)),
        ("2001:db8::/32", 0, "Beispiel AG", None),
    ]


def test_a_flat_mmdb_takes_the_columns_of_its_csv(source: Source) -> None:
    record = {"name": "Muster GmbH", "domain": "muster.example", "type": "business", "asn": "AS64500", "country": "DE"}
    mmdb(source.folder / "a.mmdb", {"192.0.2.0/24": record})
    assert shown(source.read("a.mmdb", f'[columns]\nrange = "network"\n{IPINFO_COLUMNS}\n{IPINFO_KINDS}')) == [
        ("192.0.2.0/24", 64500, "Muster GmbH", Details("company", "muster.example", None, "DE", None))
    ]


def test_ipv4_in_an_mmdb_is_read_once_though_other_prefixes_lead_to_it(source: Source) -> None:
    mapped, six_to_four = "0" * 80 + "1" * 16, f"{0x2002:016b}"
    mmdb(source.folder / "a.mmdb", {"192.0.2.0/24": {"name": "Muster GmbH"}}, also_at=(mapped, six_to_four))
    assert names(source.read("a.mmdb", '[columns]\nname = "name"')) == [("192.0.2.0/24", "Muster GmbH")]


def test_ipv4_written_out_at_other_prefixes_of_an_mmdb_is_counted_and_left_out(source: Source) -> None:
    copies = ("192.0.2.0/24", "::ffff:192.0.2.0/120", "2002:c000:200::/40", "2001:0:c000:200::/64")
    mmdb(source.folder / "a.mmdb", {network: {"name": "Muster GmbH"} for network in (*copies, "2001:db8::/32")})
    found = source.read("a.mmdb", '[columns]\nname = "name"')
    assert names(found) == [("192.0.2.0/24", "Muster GmbH"), ("2001:db8::/32", "Muster GmbH")]
    assert "3 networks repeat IPv4 inside IPv6" in source.report


def test_ipv4_that_an_mmdb_holds_as_mapped_only_is_ipv4(source: Source) -> None:
    mmdb(source.folder / "a.mmdb", {"::ffff:192.0.2.0/120": {"name": "Muster GmbH"}})
    assert names(source.read("a.mmdb", '[columns]\nname = "name"')) == [("192.0.2.0/24", "Muster GmbH")]


def test_rows_that_cannot_be_read_are_counted_and_named_and_the_rest_is_read(source: Source) -> None:
    content = (
        b"network,company\n192.0.2.0/24,Good AG\n192.0.2.1/24,Host bits\n192.0.2.0/33,Too long\nnonsense,Nonsense\n"
        b'192.0.2.9-192.0.2.1,Reversed\n192.0.2.0/24,One, too many\n192.0.2.0/24,"Open quote\n198.51.100.0/24,M\xfcster AG\n'
        b"16777216,Number\n192.0.2.1-2001:db8::,Two families\n\n192.0.2.0/24,\x01\n203.0.113.0/24,Last AG\n"
    )
    assert names(source.read("a.csv", NETWORK_AND_NAME, content)) == [("192.0.2.0/24", "Good AG"), ("203.0.113.0/24", "Last AG")]
    assert source.report.splitlines() == [
        "Example IP-to-company 2026-11-01: 12 rows read, 2 ranges.",
        "10 rows could not be read:",
        "  line 3: '192.0.2.1/24' does not begin at its network's first address: is the number behind the slash right?",
        "  line 4: '192.0.2.0/33' is no network: the number behind the slash goes from 0 to 32",
        "  line 5: 'nonsense' is no address: is it the right column?",
        "  line 6: '192.0.2.1' comes before '192.0.2.9': the columns first and last may be swapped",
        "  line 7: it has 3 cells, the first line has 2: quote a cell that holds the separator",
        "  line 8: its quotes do not match: double a quote inside a quoted cell",
        "  line 9: it is not UTF-8: convert the file, for instance with iconv",
        "  line 10: '16777216' is no range: write 192.0.2.0/24 or first-last, or name the columns first and last",
        "  line 11: '192.0.2.1' and '2001:db8::' are of two address families: give each range its own row",
        "  line 13: the name '\\x01' holds a control character: is the file UTF-8?",
    ]


def test_a_name_that_is_a_whole_text_is_not_read(source: Source) -> None:
    """The table has no room for it, and one wrong row must not end the build."""
    content = f"network,company\n192.0.2.0/24,{'word ' * 20_000}\n198.51.100.0/24,Good AG\n"
    assert names(source.read("a.csv", NETWORK_AND_NAME, content)) == [("198.51.100.0/24", "Good AG")]
    assert "line 2: the name has 99,999 letters: is it the right column?" in source.report


def test_only_the_first_of_many_unreadable_rows_are_named(source: Source) -> None:
    source.read("a.csv", NETWORK_AND_NAME, "network,company\n192.0.2.0/24,Good AG\n" + "nonsense,N\n" * 1000)
    assert "1,000 rows could not be read:" in source.report and "... and 980 more" in source.report
    assert source.report.count("line ") == 20


def test_a_word_that_is_not_translated_is_never_shown_and_is_reported(source: Source) -> None:
    found = source.read(
        "a.csv",
        f'{NETWORK_AND_NAME}\nkind = "type"\nindustry = "sic"\ndomain = "domain"\nemployees = "staff"\n'
        'country = "country"\nasn = "asn"\n'
        '[kinds]\nBusiness = "company"\n[industries]\nBanking = "K"',
        "network,company,type,sic,domain,staff,country,asn\n"
        "192.0.2.0/26,A,BUSINESS,banking,a.example,many,Germany,AS-SET\n"
        "192.0.2.64/26,B,vpn,99,two hosts,0,EU,1\n"
        "192.0.2.128/26,C,government,,,,,\n",
    )
    assert [row.details for row in found] == [
        Details("company", "a.example", "K", None, None),
        Details("unknown", None, None, None, None),
        Details("government", None, None, None, None),
    ]
    for expected in (
        "1 rows have a kind that [kinds] does not translate, and count as unknown, which is never shown: 'vpn' (1)",
        "1 rows have an industry that [industries] does not translate, and are kept without one: '99' (1)",
        "1 rows have a domain that is not one host name, and are kept without it: 'two hosts' (1)",
        "2 rows have a country that is no ISO 3166-1 alpha-2 code, and are kept without it: 'Germany' (1), 'EU' (1)",
        "2 rows have employees that are neither a number nor a band, and are kept without them: 'many' (1), '0' (1)",
        "1 rows have an asn that is no number of an autonomous system, and are kept without it: 'AS-SET' (1)",
    ):
        assert expected in source.report.splitlines()


def test_rows_are_read_one_by_one_and_their_number_is_told(source: Source) -> None:
    lines = "".join(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255},Muster\n" for number in range(200_001))
    (source.folder / "a.csv").write_text("network,company\n" + lines)
    ranges = source.ranges(source.describe("a.csv", NETWORK_AND_NAME))
    assert next(ranges).holder == "Muster"
    assert source.progress == [] and source.report == ""
    assert sum(1 for _ in ranges) == 200_000
    assert source.progress == [100_000, 200_000]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ("colour = 'red'\n" + NETWORK_AND_NAME, "unknown keys: colour. Known are name, file, release"),
        (NETWORK_AND_NAME + '\nsector = "x"', "unknown columns: sector. Known are range, first, last, name"),
        ('[columns]\nrange = "network"', "which column is the name"),
        ('[columns]\nname = "company"', "must name either range, or both first and last"),
        ('[columns]\nname = "company"\nfirst = "network"', "must name either range, or both first and last"),
        (NETWORK_AND_NAME + '\nfirst = "a"\nlast = "b"', "must name either range, or both first and last"),
        (NETWORK_AND_NAME + '\ndomain = "web"', "does not have exactly one column web. It has network, company, type, type."),
        (NETWORK_AND_NAME + '\nkind = "type"', "does not have exactly one column type."),
        ('[columns]\nrange = 1\nname = "9"', "It has 4 columns, in its first line network, company, type, type."),
        (NETWORK_AND_NAME + "\ndomain = true", 'needs domain = "...", a text in quotes'),
        (NETWORK_AND_NAME + '\n[kinds]\nisp = "carrier"', "translates the column kind, which [columns] does not name"),
        (NETWORK_AND_NAME + '\nkind = "type"\n[kinds]\nisp = "provider"', "company, education, government, nonprofit, carrier"),
        (NETWORK_AND_NAME + '\nindustry = "type"\n[industries]\n1 = "Z"', "may lead to A, B, C"),
        ("columns = 'x'", "write [columns] on a line of its own"),
        ("[columns", "is no TOML"),
    ],
)
def test_a_wrong_description_is_refused_before_anything_is_read(source: Source, tables: str, message: str) -> None:
    (source.folder / "a.csv").write_text("network,company,type,type\n192.0.2.0/24,Muster,x,y\n")
    with pytest.raises(UnusableSource) as refused:
        source.ranges(source.describe("a.csv", tables))
    assert message in str(refused.value)


def test_missing_texts_and_files_are_refused(source: Source) -> None:
    path = source.describe("nowhere.csv", NETWORK_AND_NAME)
    with pytest.raises(UnusableSource, match=r"there is no file .*nowhere\.csv"):
        read_description(path)
    path.write_text(path.read_text().replace('licence = "commercial"', ""))
    with pytest.raises(UnusableSource, match="needs licence"):
        read_description(path)
    with pytest.raises(UnusableSource, match=r"\.csv, \.csv\.gz, \.tsv"):
        read_description(source.describe("table.xlsx", NETWORK_AND_NAME))
    with pytest.raises(UnusableSource, match="cannot be read: No such file"):
        read_description(source.folder / "none.toml")


def test_a_file_that_breaks_off_is_refused(source: Source) -> None:
    lines = "".join(f"192.0.2.{number % 256},Muster {number}\n" for number in range(50_000))
    packed = gzip.compress(("network,company\n" + lines).encode())
    with pytest.raises(UnusableSource, match="cannot be read to its end"):
        source.read("a.csv.gz", NETWORK_AND_NAME, packed[: len(packed) // 2])
    with pytest.raises(UnusableSource, match="cannot be read to its end"):
        source.read("b.csv.gz", NETWORK_AND_NAME, "network,company\n192.0.2.0/24,Muster\n")


def test_a_table_that_gives_no_range_is_refused_with_what_was_met(source: Source) -> None:
    with pytest.raises(UnusableSource, match=r"gives no range\.\n.*\n.*\n.*'Muster' is no address"):
        source.read("a.csv", '[columns]\nrange = "company"\nname = "network"', "network,company\n192.0.2.0/24,Muster\n")


def test_an_mmdb_without_a_path_says_which_it_has(source: Source) -> None:
    mmdb(source.folder / "a.mmdb", {"192.0.2.0/24": {"name": "Muster", "as": {"number": 1}}})
    with pytest.raises(UnusableSource, match=r"has as\.name, web\. Records have as\.number, name\."):
        source.read("a.mmdb", '[columns]\nname = "as.name"\ndomain = "web"')
    with pytest.raises(UnusableSource, match='leave range out, or write range = "network"'):
        source.read("a.mmdb", '[columns]\nname = "name"\nfirst = "a"\nlast = "b"')
    with pytest.raises(UnusableSource, match="cannot be read as an MMDB"):
        source.read("b.mmdb", '[columns]\nname = "name"', "no mmdb")


def test_an_mmdb_whose_record_is_wider_than_all_of_ipv4_is_refused(source: Source) -> None:
    writer = MMDBWriter(6, "Example-Company", languages=["en"], description="Example")
    writer.insert_network(IPSet(["::/8"]), {"name": "Muster"})
    writer.to_db_file(str(source.folder / "a.mmdb"))
    with pytest.raises(UnusableSource, match="cannot be read as an MMDB"):
        source.read("a.mmdb", '[columns]\nname = "name"')


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("Example.COM", "example.com"),
        ("http://www.example.com:8080/a?b#c", "example.com"),
        ("example.com:8080", "example.com"),
        ("//example.com/", "example.com"),
        ("example.com.", "example.com"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("example", None),
        ("192.0.2.1", None),
        ("a.example, b.example", None),
        ("info@example.com", None),
        ("münchen.example", None),
        ("-a.example", None),
        ("a" * 64 + ".example", None),
    ],
)
def test_a_domain_is_one_host_name_or_none(written: str, domain: str | None) -> None:
    assert domain_of(written) == domain


@pytest.mark.parametrize(
    ("written", "band"),
    [
        ("1", "1-9"),
        ("1,234", "1000-4999"),
        ("1.234", "1000-4999"),
        ("1234.0", "1000-4999"),
        ("10-49", "10-49"),
        ("51-200", "50-249"),
        ("201-500", "250-999"),
        ("501 - 1,000", "250-999"),
        ("5001–10000", "5000-9999"),
        ("51-200 employees", "50-249"),
        ("10001+", "10000+"),
        ("10000+", "10000+"),
        ("200-51", None),
        ("0", None),
        ("dozens", None),
    ],
)
def test_employees_fall_into_the_band_that_holds_the_middle(written: str, band: str | None) -> None:
    assert employee_range_of(written) == band


def test_numeric_codes_go_by_their_longest_beginning_and_words_by_themselves() -> None:
    sections = {"7": "N", "73": "M", "62.01": "J", "bank": "K"}
    assert [section_of(code, sections) for code in ("7372", "70", "7", "62.01", "62.02", "Bank", "Banking", "9")] == [
        "M", "N", "N", "J", None, "K", None, None,
    ]  # fmt: skip


def test_countries_are_codes_of_countries() -> None:
    assert [country_of(code) for code in ("de", "DE", "EU", "ZZ", "DEU", "D1", "ßß")] == [
        "DE",
        "DE",
        None,
        None,
        None,
        None,
        None,
    ]


def test_each_example_of_the_documentation_is_a_description_that_can_be_read(tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "other-tables.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    assert len(examples) == 6
    for example in examples:
        written = example if "licence =" in example else HEAD + example
        (tmp_path / "source.toml").write_text(written, encoding="utf-8")
        (tmp_path / re.findall(r'^file = "(.*?)"', written, re.MULTILINE)[0]).touch()
        assert "name" in read_description(tmp_path / "source.toml").columns
