"""The supervisor's tables of many books: only what is of one kind is added up, and what is told says of what it is."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InputError
from ledger.values.dates import Period
from ledger_api.mirroring.consolidating import Consolidated, consolidate
from ledger_api.mirroring.directory import MirrorDirectory
from ledger_projections.summaries.registry import TABLES, Template
from ledger_projections.summaries.table import Column, Row, Said, Table, columns, total_of
from tests.api.mirroring.test_mirror_forks import NOW
from tests.api.mirroring.test_mirror_pulls import pulled
from tests.api.mirroring.towns import Towns

MONTHS = (Period(2025, 9), Period(2025, 9))
APART = {
    "M1": "relief",
    "Y1": "relief",
    "M3": "totals",
    "M4": "compared",
    "M5": "totals",
    "Y2": "nothing",
    "Y4": "nothing",
    "Y5": "nothing",
    "Y12": "nothing",
}


@pytest.fixture
def mirror(towns: Towns, tmp_path: Path) -> MirrorDirectory:
    """Two towns, the second with twice the gifts."""
    for number, name in enumerate("ab"):
        towns.add(name, 1_000 * (number + 1))
    found = towns.mirror(tmp_path / "mirror")
    pulled(found, towns)
    return found


def cells(made: Consolidated) -> Mapping[str, Any]:
    return made.to_json(lambda one: one.code)


@pytest.mark.parametrize("table", ["M7", "M1"])
def test_rows_of_one_kind_are_a_row_a_book_and_a_total(table: str, mirror: MirrorDirectory) -> None:
    made = cells(consolidate(mirror, table, MONTHS, NOW))
    assert [row["book"] for row in made["rows"]] == ["a", "b"]
    assert made["totals"] == [made["total"]]
    for key in [one["key"] for one in made["columns"][1:]]:
        known = [row[key] for row in made["rows"] if row[key] is not None]
        assert made["total"][key] == (sum(known) if known else None)
    if table == "M7":
        assert (made["total"]["cash_gifts_fen"], made["total"]["closing_fen"]) == (3_000, 3_000)


def test_steps_and_shares_are_shown_and_never_added(mirror: MirrorDirectory) -> None:
    made = cells(consolidate(mirror, "Y5", MONTHS, NOW))
    assert (made["total"], made["totals"]) == (None, [])
    income = [(row["book"], row["amount_fen"]) for row in made["rows"] if row["item"] == "table_item.income"]
    assert income == [("a", 1_000), ("b", 2_000)]


def test_what_adds_up_is_declared_of_each_table() -> None:
    assert {code: one.adds for code, one in TABLES.items() if one.adds != "total"} == APART


def test_what_is_asked_without_months_is_told_with_them(
    mirror: MirrorDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual months that hold the newest payments of any book, as `summary` has it for one."""
    assert (cells(consolidate(mirror, "M7", None, NOW))["first"]) == str(Period.of(NOW.date()))
    newest = iter([None, "2025-05"])
    monkeypatch.setattr("ledger_api.mirroring.consolidating.newest_paid_month", lambda *_: next(newest))
    made = cells(consolidate(mirror, "Q3", None, NOW))
    assert (made["first"], made["last"]) == ("2025-04", "2025-06")


def made_of(kind: str, *totals: tuple[str, int]) -> Table:
    heads = columns(("item", "text"), ("amount_fen", "fen"), ("rate", "per_mille"))
    rows = [Row("total", (Said(code), fen, 500), ()) for code, fen in totals]
    mixed = Row("row", ("a row that is in no total of its kind", 7, 1), ())
    return Table(kind, "2025-09", "2025-09", None, None, 1, (), heads, (mixed, *rows), ())


@pytest.mark.parametrize(
    ("table", "expected"),
    {
        "M7": [("mirror.total", None, 22 + 4)],
        "M1": [("mirror.total", None, 11 + 4)],
        "M5": [("mirror.total", "of.one", 11), ("mirror.total", "of.other", 22 + 4)],
        "Y4": [],
    }.items(),
)
def test_a_books_own_totals_are_what_is_added(
    table: str, expected: list[tuple[Any, ...]], mirror: MirrorDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never its rows over again, which may be of a kind that its total leaves out."""
    books = iter([made_of(table, ("of.one", 11), ("of.other", 22)), made_of(table, ("of.other", 4))])
    monkeypatch.setitem(TABLES, table, replace(TABLES[table], maker=lambda *_: next(books)))
    monkeypatch.setattr(Template, "make", lambda self, *asked: self.maker(*asked))
    made = cells(consolidate(mirror, table, MONTHS, NOW))
    assert [(one["book"], one.get("total_kind"), one["amount_fen"]) for one in made["totals"]] == expected
    assert ("rate" in made["rows"][0]) is (table == "Y4")
    assert len(made["rows"]) == {"M7": 2, "M1": 2, "M5": 3, "Y4": 5}[table]


def three_sides(unit: str, *rows: tuple[int | None, int]) -> Table:
    """M4 of a book whose programmes the province counted (persons), or did not (None), beside the roster."""
    keys = [f"{side}_{unit}" for side in ("province", "roster", "gap")]
    heads = columns(("programme", "text"), *((key, "persons") for key in keys))
    made = [
        Row("row", ("项目", counted, held, None if counted is None else counted - held), ()) for counted, held in rows
    ]
    return Table("M4", "2025-09", "2025-09", None, None, 1, (), heads, (*made, *_totals_of(made, heads)), ())


def _totals_of(rows: list[Row], heads: tuple[Column, ...]) -> list[Row]:
    """As M4 prints them: what was compared apart from what was not."""
    compared = [row for row in rows if row.cells[3] is not None]
    whole = Said("table.total.set")
    if not compared or len(compared) == len(rows):
        return [total_of(heads, rows, whole)]
    blank = {heads[1].key: "", heads[3].key: ""}
    return [total_of(heads, compared, Said("table.total.compared")), total_of(heads, rows, whole, blank)]


ALL = [(100, 90)]
SOME = [(50, 40), (None, 7)]
NONE = [(None, 30)]
SIDES = [
    # the books' programmes, what adds up: (of what, province, roster, gap)
    ("both wholly", [ALL, [(60, 60)]], [(None, 160, 150, 10)]),
    ("none", [NONE, NONE], [(None, None, 60, None)]),
    ("one in part", [ALL, SOME], [("table.total.compared", 150, 130, 20), ("table.total.set", None, 137, None)]),
    ("both in part", [SOME, SOME], [("table.total.compared", 100, 80, 20), ("table.total.set", None, 94, None)]),
    ("one only", [ALL, NONE], [("table.total.compared", 100, 90, 10), ("table.total.set", None, 120, None)]),
]


@pytest.mark.parametrize("unit", ["persons", "person_times"], ids=["a month", "several months"])
@pytest.mark.parametrize(("what", "books", "expected"), SIDES, ids=[one[0] for one in SIDES])
def test_what_the_province_counted_is_added_with_what_it_is_held_against(
    what: str,
    unit: str,
    books: list[list[tuple[int | None, int]]],
    expected: list[tuple[Any, ...]],
    mirror: MirrorDirectory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = iter([three_sides(unit, *one) for one in books])
    monkeypatch.setattr(Template, "make", lambda *_: next(tables))
    made = cells(consolidate(mirror, "M4", MONTHS, NOW))
    province, roster, gap = keys = [f"{side}_{unit}" for side in ("province", "roster", "gap")]
    assert [tuple(one.get(key) for key in ("total_kind", *keys)) for one in made["totals"]] == expected, what
    for row in made["rows"]:
        if isinstance(row[gap], int):
            assert row[gap] == row[province] - row[roster]


def test_each_books_scope_and_notes_are_told(mirror: MirrorDirectory) -> None:
    made = consolidate(mirror, "M7", MONTHS, NOW)
    assert {book for book, _ in made.scopes} == {book for book, _ in made.notes} == {"a", "b"}
    assert ("a", Said("table.scope.means")) in made.scopes
    assert {"book", "text"} == set(cells(made)["scope"][0])


def test_a_table_that_is_none_is_told(mirror: MirrorDirectory) -> None:
    with pytest.raises(InputError, match="E_MIRROR_TABLE"):
        consolidate(mirror, "Z1", MONTHS, NOW)
