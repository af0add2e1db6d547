"""Lottery money over New Year: whatever is recorded and taken back on either side of it, a year begins with what the
one before left, and what is left is what the funds hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.community.lottery import LotteryProgressReported, LotteryReturned, LotteryUsed
from ledger.flows.event import Event
from ledger.values.dates import TZ
from ledger_projections.public_money.lottery.report import LotteryReport
from tests.flows.event_samples import make
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import checks, codes, september, table
from tests.projections.summaries.test_summary_lottery import allocated, report

OLD, NEW = date(2025, 12, 30), date(2026, 1, 5)
MARCH = datetime(2026, 3, 2, 10, tzinfo=TZ)
EARLY = "湘财综指〔2026〕1号"


@pytest.fixture(scope="module")
def base() -> Iterator[OpenedBook]:
    """September's lists paid by the lottery; one line of them is on its way over New Year."""
    with folder() as here:
        book = opened(here)
        september(book, fund_kind="lottery")
        book.now = MARCH
        yield book
        book.close()


def both(book: OpenedBook) -> tuple[LotteryReport, LotteryReport]:
    """The two years, after asking of each what must hold of any."""
    found = []
    for year, until in ((2025, date(2025, 12, 31)), (2026, date(2026, 3, 31))):
        one, held = report(book, year=year, as_of=until)
        assert one.total.left_fen + one.later_fen == held == one.held_fen, year
        found.append(one)
    old, new = found
    assert new.total.carried_over_fen == old.total.left_fen
    for year, name in ((2025, "Q4"), (2025, "Y8"), (2026, "Q4"), (2026, "Y8")):
        last = f"{year}-12" if year == 2025 else "2026-03"
        assert checks(table(book, name, f"{year}-01", last, today=date(2026, 3, 31))) == [], (year, name)
    return old, new


def given_ahead(book: OpenedBook, fen: int = 500_000) -> None:
    """A document of 2026 that is given in December, and pays a list that is ordered on the 30th."""
    document = relief.appropriation(document=EARLY, fiscal_year=2026, amount_fen=fen, occurred_on=date(2025, 12, 20))
    book.post(BUREAU, document, on=date(2025, 12, 20), note="提前下达")
    said = {"batch": "B7", "payment": "L7", "enrolment": "E1"}
    source = {"document": EARLY, "level": "central", "budget_code": "2081902", "fen": relief.LINE_FEN}
    quota = {"document": EARLY, "fen": relief.LINE_FEN}
    listed = relief.prepared(batch="B7", month="2025-12", on=OLD, fund_source=(source,))
    month = {"period_from": "2025-12", "period_to": "2025-12", "subjects": ("PE1",)}
    book.post(BUREAU, listed, relief.authorised(**said, **month), on=OLD, note="制表")
    book.post(BUREAU, relief.reviewed(batch="B7", on=OLD), relief.approved(batch="B7", on=OLD), on=OLD, note="签批")
    order = relief.funded(batch="B7", movement="order-7", account="transit", occurred_on=OLD, sources=(quota,))
    book.post(BUREAU, order, on=OLD, note="支付令")
    paid = relief.paid(**said, **month, occurred_on=NEW)
    book.post(BUREAU, paid, on=NEW, note="回盘")


def test_a_list_of_next_years_money_on_its_way_counts_once(base: OpenedBook, tmp_path: Path) -> None:
    book = base.copy(tmp_path / "b.db")
    before, _ = report(book, year=2025, as_of=date(2025, 12, 31))
    given_ahead(book)
    old, new = both(book)
    assert (old.total.used_fen, old.total.left_fen) == (before.total.used_fen, before.total.left_fen)
    assert old.later_fen == 500_000
    assert (new.total.used_fen, new.total.used_by_lists_fen) == (relief.LINE_FEN, relief.LINE_FEN)
    book.close()


def test_an_allocation_made_anew_under_its_number_counts_its_payments_once(base: OpenedBook, tmp_path: Path) -> None:
    book = base.copy(tmp_path / "b.db")
    first = allocated("stairs", 70_000, on=date(2025, 12, 1))
    position = book.post(BUREAU, first, on=date(2025, 12, 1), note="下达").first_position
    paid = use("stairs", 1, 30_000, OLD)
    at = book.post(BUREAU, paid, on=OLD, note="支付").first_position
    started, _ = report(book, year=2025, as_of=date(2025, 12, 31))
    book.reverse(BUREAU, paid, at, on=NEW)
    book.reverse(BUREAU, first, position, on=NEW)
    book.post(BUREAU, allocated("stairs", 90_000, on=NEW), on=NEW, note="更正下达")
    book.post(BUREAU, use("stairs", 2, 35_000, NEW), on=NEW, note="支付")
    old, new = both(book)
    assert old.total == started.total
    (mine,) = [one for one in new.projects if one.allocation == "stairs"]
    assert (mine.sums.carried_over_fen, mine.sums.allocated_fen) == (40_000, 60_000)
    assert (mine.sums.used_fen, mine.sums.left_fen) == (5_000, 55_000)
    whole, held = report(book)
    assert whole.total.left_fen == held
    book.close()


def test_what_a_later_year_is_told_first_is_no_carried_money(base: OpenedBook, tmp_path: Path) -> None:
    book = base.copy(tmp_path / "b.db")
    book.post(BUREAU, allocated("late", 50_000, year=2025, on=NEW), on=NEW, note="补录")
    old, new = both(book)
    assert "late" not in {one.allocation for one in old.projects}
    (mine,) = [one for one in new.projects if one.allocation == "late"]
    assert (mine.sums.carried_over_fen, mine.sums.allocated_fen) == (0, 50_000)
    book.close()


def test_what_the_books_began_with_is_as_old_as_it_says(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book, fund_kind="lottery")
    book.post(BUREAU, allocated("older", 50_000, year=2024, on=date(2025, 1, 10)), on=date(2025, 1, 10), note="上年")
    found, _ = report(book, year=2025)
    (mine,) = [one for one in found.projects if one.allocation == "older"]
    assert (mine.sums.carried_over_fen, mine.sums.allocated_fen) == (50_000, 50_000)
    book.close()


def test_a_payment_that_was_taken_back_asks_for_no_notice(base: OpenedBook, tmp_path: Path) -> None:
    book = base.copy(tmp_path / "b.db")
    book.post(BUREAU, allocated("stairs", 70_000, on=date(2025, 12, 1)), on=date(2025, 12, 1), note="下达")
    paid = use("stairs", 1, 30_000, OLD)
    position = book.post(BUREAU, paid, on=OLD, note="支付").first_position
    said = {"allocation": "stairs", "progress": "完工", "published_on": date(2025, 12, 15), "as_of": date(2025, 12, 15)}
    book.post(BUREAU, make(LotteryProgressReported, marked=True, **said), on=date(2025, 12, 31), note="公示")
    assert "table.note.published_early" in codes(table(book, "Y8", "2025-01", "2025-12", today=date(2026, 3, 31)))
    book.reverse(BUREAU, paid, position, on=NEW)
    _, new = both(book)
    (mine,) = [one for one in new.projects if one.allocation == "stairs"]
    assert (mine.last_used_on, mine.earlier_reversed_fen) == (None, 30_000)
    shown = codes(table(book, "Y8", "2026-01", "2026-03", today=date(2026, 3, 31)))
    assert not {"table.note.published_early", "table.note.unpublished"} & shown
    book.close()


def use(allocation: str, number: int, fen: int, on: date) -> LotteryUsed:
    said = {"allocation": allocation, "fund": relief.FUND, "purpose": "elderly", "use": "设备", "amount_fen": fen}
    return make(LotteryUsed, movement=f"use-{number}", occurred_on=on, **said)


# ---- any history


DAYS = [date(2025, 12, 3), date(2025, 12, 30), date(2026, 1, 4), date(2026, 2, 9)]
ACTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["give", "give", "use", "use", "back", "document", "undo", "undo"]),
        st.sampled_from("ab"),
        st.integers(1, 9).map(lambda tens: tens * 10_000),
        st.sampled_from([2025, 2026]),
        st.integers(0, 7),
    ),
    min_size=2,
    max_size=12,
)


@dataclass
class Kept:
    """What was recorded: the event, where, on which day, and on which day it was taken back."""

    event: Event
    position: int
    day: date
    gone: date | None = None


def expected(kept: list[Kept], year: int, kinds: set[str]) -> int:
    """The plain sum of what a year saw of some events; of earlier ones what was taken back in it, below nothing."""
    found = 0
    for one in kept:
        fen = getattr(one.event, "amount_fen", 0) if one.event.kind in kinds else 0
        found += fen * (one.day.year == year)
        found -= fen * (one.gone is not None and one.gone.year == year)
    return found


@settings(max_examples=25)
@given(acts=ACTS)
def test_any_history_over_new_year_is_told_by_both_years(base: OpenedBook, acts: list[tuple[Any, ...]]) -> None:
    with folder() as here:
        book = base.copy(here / "b.db")
        lists, _ = report(book, year=2025, as_of=date(2025, 12, 31))
        kept: list[Kept] = []
        for number, (at, what, name, fen, year, which) in enumerate(sorted(acts, key=lambda act: act[0])):
            day = DAYS[at]
            moved = {"movement": f"move-{number}", "amount_fen": fen, "occurred_on": day}
            if what == "undo":
                standing = [one for one in kept if one.gone is None]
                if standing:
                    target = standing[which % len(standing)]
                    done = book.try_reverse(BUREAU, target.event, target.position, on=day)
                    target.gone = None if done is None else day
                continue
            match what:
                case "give":
                    event: Event = allocated(name, fen, year=year, on=day)
                case "use":
                    event = use(name, number, fen, day)
                case "back":
                    event = make(LotteryReturned, allocation=name, fund=relief.FUND, **moved)
                case _:
                    said = {"document": f"湘财综指〔{year}〕{number}号", "fiscal_year": year}
                    event = relief.appropriation(**said, amount_fen=fen, occurred_on=day)
            posted = book.try_post(BUREAU, event, on=day)
            if posted is not None:
                kept.append(Kept(event, posted.first_position, day))
        old, new = both(book)
        for found, more in ((old, lists.total.used_fen), (new, 0)):
            year = 2025 if found is old else 2026
            assert found.total.used_fen == more + expected(kept, year, {"lottery.used"})
            assert found.total.returned_fen == expected(kept, year, {"lottery.returned"})
        whole, held = report(book)
        assert whole.total.left_fen == held
        assert whole.total.used_fen == old.total.used_fen + new.total.used_fen
        assert whole.total.returned_fen == old.total.returned_fen + new.total.returned_fen
        book.close()
