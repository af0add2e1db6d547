"""Demonstration books have one name, and what a person's program remembers of one says nothing of another."""

from pathlib import Path

import pytest

from ledger_api.books import read_settings
from ledger_api.cli.desk import Desk, Session
from ledger_api.demo.run import County, opened


def _sign_in(county: County) -> None:
    """As a command does it: what this machine remembers is compared with the book before anybody signs."""
    desk = Desk(county.folder / "book", None, None, as_json=True, language="zh")
    Session(desk, county.book, county.keys.key("guan-yi")).signer()


def test_two_demonstrations_on_one_machine_do_not_lock_each_other_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    one, other = (opened(tmp_path / name, lambda *_: None) for name in ("one", "other"))
    for county in (one, other, one):
        _sign_in(county)
    assert read_settings(one.folder / "book").client_state == one.folder / "book" / "../state"
    assert list((one.folder / "state").glob("*.json"))
    assert not list((tmp_path / "home").rglob("*.json"))
    for county in (one, other):
        county.book.close()
