"""A read-only key is called by its number wherever a mirror tells who read: no part of its secret is ever told."""

from pathlib import Path
from typing import cast

import pytest

from ledger_api.cli.desk import Desk
from ledger_api.cli.mirroring.connecting import Connections
from ledger_api.client import ReadKey
from ledger_api.mirroring.directory import Followed
from tests.api.mirroring.towns import Towns

NUMBER = "clk_a14be034ec549208"
SECRET = "YzvrHAUCP36NyApVMaBKJoAxw7niQFtbaWskGQbYzIh"


@pytest.mark.parametrize("at", [None, 0, 1, 20, 41, 42])
def test_its_name_ends_before_its_secret_begins(at: int | None) -> None:
    secret = SECRET if at is None else f"{SECRET[:at]}_{SECRET[at + 1 :]}"
    assert ReadKey(f"{NUMBER}_{secret}").name == NUMBER


@pytest.mark.parametrize("shown", ["", SECRET, f"clk_{SECRET}", f"{NUMBER}{SECRET}", f"x{NUMBER}_{SECRET}"])
def test_of_what_is_no_key_nothing_is_told(shown: str) -> None:
    assert ReadKey(shown).name == "clk_?"


def test_whoever_reads_with_one_is_called_by_its_number(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    file = tmp_path / "key"
    file.write_text(f"{NUMBER}_{SECRET[:20]}_{SECRET[21:]}\n", encoding="utf-8")
    book = Followed(name="a", url="https://a.example.org", vkey=town.vkey, read_key=str(file))
    with Connections(cast("Desk", None))(book, tmp_path / "kept") as reader:
        assert reader.caller == NUMBER
