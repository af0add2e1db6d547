"""C3, C5 and Y10: tables of what offices counted, from figures that are named table, row and column."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger.flows.community.reported import FigureReported
from tests.flows.event_samples import make
from tests.projections.opened_book import BUREAU, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import checks, rows, table

GROUP = "应保未保排查·低保边缘户·"
_IDS = iter(range(1, 1000))


@pytest.fixture
def book() -> Iterator[OpenedBook]:
    with folder() as here:
        made = opened(here)
        yield made
        made.close()


def told(book: OpenedBook, name: str, value: int, first: str = "2025-07", last: str = "2025-09", **more: Any) -> None:
    """An office reports a figure; one name is one figure."""
    figure = f"f-{sum(ord(each) * at for at, each in enumerate(name, 1))}"
    said = {"figure": figure, "name": name, "unit": "persons", "value": value, "period_from": first, "period_to": last}
    event = make(FigureReported, **{**said, "document": f"表{next(_IDS)}", "on": date(2025, 9, 25), **more})
    book.post(BUREAU, event, on=date(2025, 9, 25), note="填报")


def test_who_was_looked_for_and_why_they_are_not_entitled(book: OpenedBook) -> None:
    for name, value in (("名单数", 12), ("核查数", 10), ("纳入人数", 4), ("不符合人数", 6)):
        told(book, GROUP + name, value)
    told(book, f"{GROUP}不符合:收入超标", 5)
    told(book, f"{GROUP}不符合:财产超标", 1)
    found = table(book, "C3", "2025-07", "2025-09")
    (row,) = rows(found)
    assert (row["group"], row["on_list"], row["checked"], row["enrolled"]) == ("低保边缘户", 12, 10, 4)
    assert (row["not_entitled"], row["not_entitled_why"]) == (6, "收入超标5人、财产超标1人")
    assert checks(found) == []
    assert len(found.rows[0].tags) == 6
    assert table(book, "C3", "2025-08", "2025-09").rows == (), "a quarter is no figure of two of its months"


@pytest.mark.parametrize(
    ("name", "value"), [("核查数", 13), ("纳入人数", 7), ("不符合:收入超标", 5)], ids=["checked", "enrolled", "reasons"]
)
def test_numbers_that_contradict_each_other_are_told(book: OpenedBook, name: str, value: int) -> None:
    numbers = {"名单数": 12, "核查数": 10, "纳入人数": 4, "不符合人数": 6, name: value}
    for each, said in numbers.items():
        told(book, GROUP + each, said)
    assert checks(table(book, "C3", "2025-07", "2025-09")) == ["check.counted"]


def test_months_inside_a_longer_report_are_not_added_and_the_last_paper_counts(book: OpenedBook) -> None:
    name = "资金专项检查·石岭镇·抽查户数"
    told(book, name, 3, "2025-01", "2025-03", unit="households")
    told(book, name, 1, "2025-07", "2025-07", unit="households")
    told(book, name, 5, unit="households")
    told(book, "资金专项检查·石岭镇·最长滞留天数", 9, "2025-01", "2025-03", unit="other")
    told(book, "资金专项检查·石岭镇·最长滞留天数", 4, unit="other")
    told(book, "资金专项检查·石岭镇·截留金额", 12_345, unit="fen")
    (year,) = rows(table(book, "C5", "2025-01", "2025-09"))
    assert (year["sampled"], year["held_days"], year["withheld_fen"]) == (8, 9, 12_345)
    assert year["problems"] is None, "what nobody reported is no 0"
    (total,) = rows(table(book, "C5", "2025-01", "2025-09"), "total")
    assert (total["sampled"], total["held_days"]) == (8, 9)
    (month,) = rows(table(book, "C5", "2025-07"))
    assert month["sampled"] == 1


def test_petitions_and_names_that_no_column_has(book: OpenedBook) -> None:
    for name, value in (("受理件数", 8), ("办结件数", 7), ("按期办结件数", 6), ("属实件数", 2)):
        told(book, f"信访·来访·{name}", value, unit="other")
    told(book, "信访·来访·满意", 5, unit="other")
    told(book, "信访·来信·受理件数", 500, unit="fen")
    told(book, "别的表·来访·受理件数", 1, unit="other")
    found = table(book, "Y10", "2025-01", "2025-12")
    (row,) = rows(found)
    assert (row["petition_way"], row["petitions_open"], row["rate"], row["petitions_founded"]) == ("来访", 1, 875, 2)
    assert checks(found) == ["check.figure_name"] * 2
    assert [note.params["name"] for note in found.notes[:2]] == ["信访·来访·满意", "信访·来信·受理件数"]
