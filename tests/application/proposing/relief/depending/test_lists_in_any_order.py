"""What a list gives may be right only by another of the same import: any order of the files gives the same book."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ledger.application.drafting import draft
from ledger.application.importing.parse import parse_file
from ledger.application.outcomes import Outcome
from ledger.application.proposing.context import Context
from ledger.application.proposing.planning import Maker, Plan, Planned
from ledger.application.proposing.reports import ImportReport
from ledger.errors import LedgerError
from tests.application.importing.offices import Grid
from tests.application.proposing.county import ORIGIN, County, copied
from tests.application.proposing.relief.depending.lists import (
    NAMES,
    OCTOBER,
    SEPTEMBER,
    child,
    sheet,
    with_rules,
    written,
)
from tests.application.proposing.relief.october import with_quota

ORDERS = list(permutations(range(len(NAMES))))


@pytest.fixture(scope="module")
def september(new_county: Callable[[], County], tmp_path_factory: pytest.TempPathFactory) -> Callable[[], County]:
    """Makes counties after September's lists, all of which is right."""
    first = with_rules(with_quota(new_county()))
    report = first.take_in(*written(first, SEPTEMBER, "9月"))
    assert [(one.refused, one.wrong, one.findings) for one in report.files] == [(None, [], [])] * len(NAMES)
    first.close()
    return lambda: copied(tmp_path_factory.mktemp("october"), first.folder, first.keys, first.operator)


def october(county: County, order: Sequence[int], lists: Mapping[str, Grid] = OCTOBER, **more: Any) -> ImportReport:
    """October's lists in an order."""
    county.now = county.now.replace(month=10, day=8)
    paths = written(county, lists, "10月")
    return county.take_in(*(paths[at] for at in order), month="2025-10", today=county.now.date(), **more)


def said(county: County) -> Counter[str]:
    """Every event, without its number and the salted digests of names, the order set aside."""
    return Counter(re.sub(r'"(id|commitment)":"[^"]*"', "", one.model_dump_json()) for one in county.all_events())


def told(report: ImportReport) -> Mapping[str, tuple[Any, ...]]:
    """What is said of each file, wherever it stands among the others."""
    return {
        one.file: (one.new, one.duplicate, one.noted, len(one.held), one.wrong, one.notes, one.findings)
        for one in report.files
    }


@pytest.fixture(scope="module")
def tidy(september: Callable[[], County]) -> Iterator[tuple[County, ImportReport]]:
    """The lists in the order that they are named in."""
    county = september()
    yield county, october(county, ORDERS[0])
    county.close()


def test_nothing_is_withheld_that_another_list_makes_right(tidy: tuple[County, ImportReport]) -> None:
    county, report = tidy
    assert [(one.file, one.wrong, one.findings) for one in report.files] == [(f"10月{name}", [], []) for name in NAMES]
    assert [one.new for one in report.files] == [6, 6, 2, 2]
    assert (county.waiting(), county.of_kind("batch.line_excluded"), county.doubts()) == ([], [], [])
    (remark,) = [note for one in report.files for note in one.notes if note.code == "W_ROWS_MADE_RIGHT"]
    assert (remark.place.file, remark.params) == (f"10月{NAMES[0]}", {"rows": 1})
    for batch in county.of_kind("batch.prepared"):
        lines = county.events(f"batch:{batch.batch}", "subsidy.authorised")
        assert (sum(one.amount_fen for one in lines), len(lines)) == (batch.total_fen, batch.count)


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_any_order_of_the_files_gives_the_same(
    september: Callable[[], County], tidy: tuple[County, ImportReport], order: tuple[int, ...]
) -> None:
    county, report = tidy
    other = september()
    found = october(other, order)
    assert [one.file for one in found.files] == [f"10月{NAMES[at]}" for at in order], "told in the order given"
    assert told(found) == told(report)
    assert said(other) == said(county)
    assert (other.balances(), other.doubts()) == (county.balances(), county.doubts())
    other.close()


@pytest.mark.parametrize("order", [ORDERS[0], ORDERS[-1]], ids=str)
def test_a_dry_run_says_so_before_and_the_same_lists_again_add_nothing(
    september: Callable[[], County], tidy: tuple[County, ImportReport], order: tuple[int, ...]
) -> None:
    county, size = september(), tidy[0].size()
    rehearsed = october(county, order, dry_run=True)
    assert told(rehearsed) == told(tidy[1])
    october(county, order)
    assert county.size() == size
    again = october(county, order)
    assert [(one.new, one.duplicate, one.wrong) for one in again.files] == [(0, (6, 6, 2, 2)[at], []) for at in order]
    assert county.size() == size
    county.close()


TOO_MUCH = {**OCTOBER, "儿童.csv": sheet(child(3, 800), child(9, 1_100))}
"""Household 3's child draws 50 more than what is left."""


@pytest.mark.parametrize("order", [ORDERS[0], (2, 0, 1, 3), ORDERS[-1]], ids=str)
def test_what_no_list_makes_right_is_withheld_once(september: Callable[[], County], order: tuple[int, ...]) -> None:
    county = september()
    report = october(county, order, lists=TOO_MUCH)
    (rows,) = [one for one in report.files if one.file == f"10月{NAMES[0]}"]
    assert (rows.new, [(cell.place.row, cell.code) for cell in rows.wrong]) == (5, [(4, "E_DIFFERENCE_EXCEEDED")])
    assert [(one.new, one.wrong) for one in report.files if one is not rows] == [
        ((6, 6, 2, 2)[at], []) for at in order if at != 0
    ]
    assert not [note for one in report.files for note in one.notes if note.code == "W_ROWS_MADE_RIGHT"]
    county.sign_off()
    (out,) = county.of_kind("batch.line_excluded")
    assert (out.amount_fen, out.rule_code, out.payment) == (45_000, "DIFFERENCE_EXCEEDED", None)
    assert county.doubts() == ["W_DIFFERENCE_EXCEEDED"]
    again = october(county, order, lists=TOO_MUCH)
    assert ([one.new for one in again.files], [cell for one in again.files for cell in one.wrong]) == ([0] * 4, [])
    assert [note.place.row for one in again.files for note in one.notes if note.code == "W_LINE_TAKEN_OUT"] == [4]
    county.close()


# ---- signed elsewhere: all lists in one upload


@pytest.mark.parametrize("rehearsed", [True, False])
@pytest.mark.parametrize("most", [None, 1])
@pytest.mark.parametrize("order", [ORDERS[0], (2, 0, 1, 3), ORDERS[-1]], ids=str)
def test_who_signs_elsewhere_is_handed_the_same(
    september: Callable[[], County],
    tidy: tuple[County, ImportReport],
    order: tuple[int, ...],
    most: int | None,
    *,
    rehearsed: bool,
) -> None:
    county = september()
    county.now = county.now.replace(month=10, day=8)
    plan = plan_of(county, zipped(county, [written(county, OCTOBER, "10月")[at] for at in order]))
    assert plan.rehearse(county.now) > 0
    rounds = 0
    while planned := plan.next_round(county.now, most, rehearsed=rehearsed):
        rounds += 1
        for one in planned:
            plan.record(one, signed(county, one))
    assert rounds > 1 or most is None
    assert (plan.found.wrong, plan.new, len(plan.results)) == ([], set(), 16)
    assert [note.params for note in plan.found.notes if note.code == "W_ROWS_MADE_RIGHT"] == [{"rows": 1}]
    assert by_kind(county) == by_kind(tidy[0])
    assert (county.balances(), county.doubts()) == (tidy[0].balances(), [])
    county.close()


def zipped(county: County, paths: Sequence[Path]) -> Path:
    found = county.folder / "10月.zip"
    with ZipFile(found, "w") as archive:
        for number, path in enumerate(paths):
            archive.write(path, f"{number}{path.name}")
    return found


def plan_of(county: County, path: Path) -> Plan:
    officer = "acct-bureau"
    context = Context(county.store, county.vault, county.options(officer, month="2025-10", today=county.now.date()))
    maker = Maker(officer, county.keys[officer].public.keyid, ORIGIN)
    return Plan(parse_file(path, month="2025-10"), context, county.store, county.writer.authority, maker, {})


def signed(county: County, planned: Planned) -> Outcome | LedgerError:
    """What the writer answers for a voucher that the officer signs as it was handed out."""
    events = [event for item in planned.items for event in item.events]
    day = date.fromisoformat(planned.day)
    made = draft(county.signer("acct-bureau"), planned.entity, day, events, county.now, note=planned.note)
    try:
        return county.writer.submit(replace(made, unexplained=not planned.codes))
    except LedgerError as error:
        return error


def by_kind(county: County) -> Counter[str]:
    """How often each kind was recorded, but for the people in the vault."""
    return Counter(one.kind for one in county.all_events() if not one.kind.startswith("identity."))
