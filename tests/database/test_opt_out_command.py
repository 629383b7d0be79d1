"""An operator opts companies and networks out by hand."""

from collections.abc import Callable, Iterator

import pytest

from dev.__main__ import main
from dev.stack import Stack
from lib.identification.search import companies_of_domain
from tests.builders import World

[KEY, *_] = [company.key for company in companies_of_domain("bosch.com")]
Operate = Callable[..., int]


@pytest.fixture
def operate(stack: Stack, world: World) -> Iterator[Operate]:
    world.database.execute("delete from private.opt_outs")  # what other tests have left
    yield lambda *words: main(["opt-out", "--database", stack.db_url, *words])
    world.database.execute("delete from private.opt_outs")


def test_a_company_and_a_network_are_added_listed_and_removed(
    world: World, operate: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    for what in (["--company", KEY], ["--network", "192.0.2.0/24"], ["--network", "2001:db8::/32"]):
        assert operate("add", *what) == 0
        assert operate("add", *what) == 0  # once more changes nothing
    capsys.readouterr()
    operate("list")
    assert [line.split()[1:] for line in capsys.readouterr().out.splitlines()] == [
        ["operator", KEY],
        ["operator", "192.0.2.0/24"],
        ["operator", "2001:db8::/32"],
    ]
    assert operate("remove", "--company", KEY) == 0
    assert operate("remove", "--network", "192.0.2.0/24") == 0
    left = world.database.execute("select network::text from private.opt_outs").fetchall()
    assert left == [("2001:db8::/32",)]
    [(recorded,)] = world.database.execute(
        "select count(*) from private.opt_out_changes where proof = 'operator' and (company_keys = %s or network is not null)",
        [[KEY]],
    ).fetchall()
    assert recorded == 8


def test_a_company_is_identified_again_under_every_key_it_ever_had(world: World, operate: Operate) -> None:
    [company] = companies_of_domain("sap.com")
    for key in company.former_keys[:2]:
        assert operate("add", "--company", key) == 0
    assert operate("remove", "--company", company.key) == 0
    assert world.database.execute("select from private.opt_outs").fetchall() == []
    world.database.execute("insert into private.opt_outs (company_key, proof) values ('of-no-table-any-more', 'operator')")
    assert operate("remove", "--company", "of-no-table-any-more") == 0
    assert world.database.execute("select from private.opt_outs").fetchall() == []


@pytest.mark.parametrize(
    "words",
    [["add", "--company", "no-such-key"], ["add", "--network", "192.0.2.1/24"], ["add", "--network", "bosch.com"]],
)
def test_what_would_never_hold_is_refused(
    world: World, operate: Operate, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert operate(*words) == 2
    assert capsys.readouterr().err
    assert world.database.execute("select from private.opt_outs").fetchall() == []


def test_an_unreachable_database_is_said_so_without_its_password(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["opt-out", "--database", "postgresql://postgres:secret@127.0.0.1:9/postgres", "list"]) == 2
    said = capsys.readouterr().err
    assert "cannot be reached" in said and "secret" not in said
