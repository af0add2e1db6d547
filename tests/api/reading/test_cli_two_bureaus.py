"""What readers print of a book of two bureaus: whose a figure and a row is, and the line that asks for one of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner

from ledger_api.cli.program import app
from tests.projections.plain_log import folder
from tests.projections.summaries.test_figures_of_two_bureaus import HERE, NAMES, NEXT, PAID, TODAY, World

BOTH = "、".join(NAMES.values())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A book in which both bureaus paid somebody."""
    with folder() as place:
        made = World(place / "both.db", PAID)
        yield made
        made.store.close()


@pytest.fixture
def read(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a reader over that book; answers what it prints."""

    @contextmanager
    def reader(*_: Any) -> Iterator[tuple[None, Connection]]:
        with world.store.read() as connection:
            yield None, connection

    for name in ("figures", "three_way"):
        monkeypatch.setattr(f"ledger_api.cli.readers.{name}.reader", reader)
        monkeypatch.setattr(f"ledger_api.cli.readers.{name}.today_of", lambda _: TODAY)

    def run(*words: str) -> str:
        told = CliRunner().invoke(app, list(words))
        assert told.exit_code == 0, told.output
        return told.stdout

    return run


def test_figures_of_several_name_them_in_their_scope(read: Any) -> None:
    months = ("--from", "2025-08", "--to", "2025-09")
    whole = json.loads(read("figures", *months, "--json"))
    parts = [json.loads(read("figures", *months, "--entity", one, "--json")) for one in (HERE, NEXT)]
    key = "relief_total_fen"
    assert whole["figures"][key] == sum(one["figures"][key] for one in parts)
    assert whole["scopes"][key].endswith(f"(主体:{BOTH})")
    assert parts[0]["scopes"][key].endswith("(主体:示例县民政局)")
    assert parts[1]["scopes"][key].endswith("(主体:邻县民政局)")
    assert "entities" in read("figures", *months, "--lang", "en")


def test_the_three_way_page_says_whose_each_programme_is(read: Any) -> None:
    told = json.loads(read("three-way", "--month", "2025-09", "--json"))
    assert [(one["programme"], one["entity"]) for one in told["rows"]] == [
        ("农村低保", NAMES[HERE]),
        ("农村低保", NAMES[NEXT]),
    ]
    printed = read("three-way", "--month", "2025-09")
    assert f"会计主体:{BOTH}" in printed
    assert all(name in printed for name in NAMES.values())
    own = read("three-way", "--month", "2025-09", "--entity", NEXT)
    assert (NAMES[HERE] in own, f"会计主体:{NAMES[NEXT]}" in own) == (False, True)
    assert f"charity-ledger three-way --month 2025-09 --entity {NEXT} --at" in own
    assert "entity" not in json.loads(read("three-way", "--month", "2025-09", "--entity", NEXT, "--json"))["rows"][0]
