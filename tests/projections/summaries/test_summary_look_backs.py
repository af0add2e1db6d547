"""C6: whether a look back led to another rectification, at every step of it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.values.dates import TZ
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import fact
from ledger_projections.summaries.table import Said
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import rows, table

YES, NO = Said("table_truth.yes"), Said("table_truth.no")
STEPS: tuple[tuple[str, Any, dict[str, Any], dt.date], ...] = (
    ("a look back", redress.look_back, {"sample": 5, "relapsed": 2}, dt.date(2025, 10, 9)),
    ("reopened", redress.reopened, {}, dt.date(2025, 10, 10)),
    ("planned anew", redress.plan, {"due_on": dt.date(2025, 11, 30)}, dt.date(2025, 10, 15)),
    ("reported anew", redress.report, {}, dt.date(2025, 11, 10)),
    ("accepted anew", redress.accepted, {}, dt.date(2025, 11, 20)),
    ("closed anew", redress.closed, {}, dt.date(2025, 11, 22)),
    ("another look back", redress.look_back, {"sample": 3, "relapsed": 0}, dt.date(2025, 12, 8)),
)
AGAIN = {
    "a look back": [NO],
    **{step: [YES] for step in ("reopened", "planned anew", "reported anew", "accepted anew", "closed anew")},
    "another look back": [YES, NO],
}
"""Step -> what stands under 是否重新整改 once it was made, a look back each."""


@pytest.fixture(scope="module")
def steps() -> Iterator[dict[str, Any]]:
    """Step -> C6 after it, of a finding that was closed in September."""
    with folder() as here:
        book = opened(here)
        book.now = dt.datetime(2025, 12, 31, 10, 0, tzinfo=TZ)
        book.post(BUREAU, *relief.setup(), on=dt.date(2025, 1, 2))
        acts = (redress.finding, redress.plan, redress.report, redress.accepted, redress.closed)
        for day, act in enumerate(acts, 3):
            _do(book, act(on=dt.date(2025, 9, day)), dt.date(2025, 9, day))
        found = {}
        for name, act, said, on in STEPS:
            _do(book, act(**said, on=on), on)
            found[name] = table(book, "C6", "2025-10", "2025-12", today=dt.date(2025, 12, 31))
        found["as of that day"] = table(
            book, "C6", "2025-10", "2025-12", today=dt.date(2025, 12, 31), as_of=dt.date(2025, 10, 9)
        )
        yield found
        book.close()


def _do(book: OpenedBook, what: Any, on: dt.date) -> None:
    book.post(BUREAU, what, on=on, note="整改")


@pytest.mark.parametrize("step", AGAIN)
def test_a_rectification_that_began_again_stays_one_that_did(steps: dict[str, Any], step: str) -> None:
    found = steps[step]
    assert [row["reopened"] for row in rows(found)] == AGAIN[step]
    (note,) = [one.params for one in found.notes if one.code == "table.note.looked"]
    assert note["reopened"] == int(YES in AGAIN[step])


def test_what_was_reopened_later_was_not_yet(steps: dict[str, Any]) -> None:
    assert [row["reopened"] for row in rows(steps["as of that day"])] == [NO]


def test_a_finding_that_was_recorded_late_is_of_the_day_on_which_it_was_confirmed(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.now = dt.datetime(2025, 12, 31, 10, 0, tzinfo=TZ)
    book.post(BUREAU, *relief.setup(), on=dt.date(2025, 1, 2))
    day = dt.date(2025, 9, 10)
    made = {"systems": ("公示制度、抽查制度", "公示、抽查办法;《回访制度》、登记规定"), "disciplined": 2}
    late = dt.date(2025, 12, 31)
    steps = redress.finding(on=day), redress.plan(on=day), redress.report(on=day, **made), redress.accepted(on=day)
    told = (*steps, redress.closed(on=late))
    position = book.post(BUREAU, *told, on=late, note="补记").first_position
    (row,) = rows(table(book, "C1", "2025-07", "2025-09", today=late))
    assert (row["findings"], row["rectified"], row["systems"], row["disciplined"]) == (1, 1, 5, 2)
    with book.store.read() as connection:
        books = Books(connection, Span("2025-07", "2025-09", None), book.head)
        seen = [fact(books, key).value for key in ("matter_count", "matter_done", "matter_systems")]
    assert seen == [1, 1, 5]
    for number in (4, 3):
        book.reverse(BUREAU, told[number], position + number, on=late)
    assert rows(table(book, "C1", "2025-07", "2025-09", today=late))[0]["rectified"] == 1, "taken back in December"
    assert rows(table(book, "C1", "2025-07", "2025-12", today=late))[0]["rectified"] == 0
    book.close()
