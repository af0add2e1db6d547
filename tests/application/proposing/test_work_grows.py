"""What an import does grows with its rows and no faster: operations are counted, not time."""

import builtins
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from ledger.application.importing.parse import parse_file
from ledger.application.importing.rows import Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.enrolled import Fields, Matched, Named, same_person
from ledger.flows.knowledge import Need
from tests.application.importing.offices import delimited
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.relief.october import HEAD, household, id_number, import_october
from tests.application.proposing.relief.test_exits import exits, leaving
from tests.application.proposing.relief.test_rosters_masked import BLIND, masked

ROWS = 40
TWICE_AS_MUCH = 2.5


def test_faults_are_brought_to_their_cells_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second row contradicts the one above it."""
    compared: list[Place] = []
    real = Place.__eq__

    def counted(self: Place, other: object) -> bool:
        compared.append(self)
        return real(self, other)

    def work(rows: int) -> int:
        compared.clear()
        grid = [HEAD]
        for number in range(1, rows + 1):
            row = {"家庭月人均收入(元)": "100", "户主姓名": f"示例户{number}"}
            grid += [household(number, **row), household(number, **row, 乡镇="又一乡")]
        parsed = parse_file(delimited(grid).encode(), name="花名册.csv", month="2025-09")
        assert [cell.code for cell in parsed.wrong] == ["E_KEY_CONFLICT"] * rows
        return len(compared)

    monkeypatch.setattr(Place, "__eq__", counted)
    once, twice = work(ROWS), work(2 * ROWS)
    assert twice <= TWICE_AS_MUCH * max(once, ROWS)


def test_the_last_day_of_a_statement_is_looked_for_once(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def counted(*values: Any, **more: Any) -> Any:
        if len(values) == 1 and isinstance(values[0], Iterable):
            values = ([*values[0]],)
            looked.append(len(values[0]))
        return builtins.max(*values, **more)

    monkeypatch.setattr("ledger.application.proposing.bank.max", counted, raising=False)
    rows = rows_of("bank_ccb.csv")
    report = county.take_in("bank_ccb.csv", dry_run=True).files[0]
    assert report.wrong == []
    assert sum(looked) <= 2 * len(rows)


def test_a_campaign_is_not_asked_for_row_by_row(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    real = Context.find

    def counted(self: Context, needs: Iterable[Need], *more: Any) -> Any:
        listed = list(needs)
        asked.append(any(need.tag.startswith("campaign:") for need in listed))
        return real(self, listed, *more)

    monkeypatch.setattr(Context, "find", counted)
    head, first, *_ = rows_of("donation_register.csv")
    cells = {"所属活动": "慈善一日捐", "票据号码": "", "开票日期": ""}
    grid = [head]
    for number in range(ROWS):
        row = {**dict(zip(head, first, strict=True)), **cells, "银行流水号或支付单号": f"9{number:011d}"}
        grid.append([row[title] for title in head])
    report = county.one(county.write("登记.csv", grid), dry_run=True)
    assert (report.new, report.wrong) == (ROWS, [])
    assert sum(asked) == 2, "by whoever names it, and once with all that may be known"


def test_a_masked_exit_is_held_against_those_of_its_name(enrolled: County, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(one: Named, fields: Fields) -> bool:
        calls.append(one.name)
        return same_person(one, fields)

    monkeypatch.setattr("ledger.application.proposing.relief.exits.same_person", counted)
    gone = [leaving(n, 家庭编号="", 身份证号=masked(id_number(n))) for n in range(1, 5)]
    report = exits(enrolled, *gone)
    assert (report.new, report.wrong) == (4, [])
    assert len(calls) <= 3 * len(gone)


def test_a_row_does_not_walk_through_all_that_are_found(funded: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second row has no number of a household: it is looked for by that of its person beside those found."""
    walked: list[int] = []

    class Walked(dict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            walked.append(len(self))
            return super().__iter__()

        def keys(self) -> Any:
            walked.append(len(self))
            return super().keys()

    cells = {"家庭月人均收入(元)": "100"}
    grid = [HEAD, *(household(number, **cells) for number in range(1, ROWS + 1))]
    assert funded.one(funded.write("花名册9月.csv", grid)).new == ROWS
    monkeypatch.setattr("ledger.application.proposing.relief.enrolled.Matched", lambda: Matched(owners=Walked()))
    blind = [household(n, **cells, **(BLIND if n % 2 else {}), 户主身份证号=id_number(n)) for n in range(1, ROWS + 1)]
    report = import_october(funded, [HEAD, *blind])
    assert (report.new, report.wrong) == (ROWS, [])
    assert sum(walked) <= 3 * ROWS
