"""Balances, trial balance and trail against the writer's own knowledge and against sums made by hand."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ledger.decisions.balances import BalanceKey, EntityBalances
from ledger.errors import NotFoundError
from ledger.flows.event import Event
from ledger.log import tables
from ledger_projections.books.balances import account_balances, fund_balances
from ledger_projections.books.trail import trail
from ledger_projections.books.trial_balance import trial_balance
from ledger_projections.keeping.clocks import position_at
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund, opened
from tests.projections.plain_log import folder

GIVER = {"donor_kind": "organisation", "donor_label": "湖南示例矿业有限公司", "publicity": "name"}
BY_BANK = {"means": "bank", "account": "icbc"}


def gift(name: str, to: str, fen: int, on: str = "2025-09-05") -> Event:
    more = {"pledge_parts": [], "wants_receipt": False, "occurred_on": on}
    return event("donation.received", donation=name, fund=to, amount_fen=fen, **GIVER, **BY_BANK, **more)


@pytest.fixture(scope="module")
def book() -> Iterator[OpenedBook]:
    with folder() as here:
        made = opened(here)
        made.post(CHARITY, fund("general"), fund("school", "restricted"), on=dt.date(2025, 1, 2))
        yield made
        made.close()


def test_a_fund_shows_what_it_holds_and_what_it_can_promise(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    mine.post(CHARITY, gift("D1", "general", 300_000), gift("D2", "school", 200_000, "2025-09-20"))
    set_aside = event(
        "fund.allocated",
        movement="M1",
        source="general",
        project="well",
        amount_fen=120_000,
        purpose="打井",
        approval="会办〔2025〕1号",
        on="2025-09-25",
        origin="decision",
    )
    before = mine.head
    mine.post(CHARITY, set_aside)
    with mine.store.read() as connection:
        now = {row.fund: row for row in fund_balances(connection).rows}
        assert (now["general"].balance_fen, now["general"].available_fen) == (300_000, 180_000)
        assert now["general"].committed_fen == 120_000
        assert (now["school"].kind, now["school"].balance_fen) == ("restricted", 200_000)
        then = {row.fund: row for row in fund_balances(connection, at=before).rows}
        assert then["general"].available_fen == 300_000
        early = {row.fund: row for row in fund_balances(connection, as_of=dt.date(2025, 9, 19)).rows}
        assert (early["general"].available_fen, early["school"].balance_fen) == (300_000, 0)
        assert fund_balances(connection, at=mine.head).rows == fund_balances(connection).rows
        accounts = account_balances(connection)
        assert accounts.total_fen(CHARITY, "icbc") == 500_000
        assert accounts.to_json()["rows"][0]["account"] == "icbc"
    mine.close()


def test_a_position_after_the_end_is_refused(book: OpenedBook) -> None:
    with book.store.read() as connection, pytest.raises(NotFoundError, match="E_POSITION_AHEAD"):
        fund_balances(connection, at=book.head + 1)


@settings(max_examples=8)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["general", "school"]), st.integers(1, 10**6), st.integers(1, 30), st.booleans()),
        min_size=1,
        max_size=8,
    ),
    day=st.integers(1, 30),
)
def test_balances_are_the_sums_of_the_postings(
    book: OpenedBook,
    acts: list[tuple[str, int, int, bool]],
    day: int,
) -> None:
    """Every position and day against the postings summed by hand, and the newest against the writer's own balances."""
    with folder() as here:
        mine = book.copy(here / "b.db")
        for number, (to, fen, on, takes_back) in enumerate(acts):
            made = gift(f"D{number}", to, fen, f"2025-09-{on:02d}")
            position = mine.post(CHARITY, made).first_position
            if takes_back:
                mine.reverse(CHARITY, made, position)
        with mine.store.read() as connection:
            postings = connection.execute(select(tables.postings)).all()
            stored = connection.execute(select(tables.balances)).all()
            known = EntityBalances(
                (BalanceKey(*(getattr(r, n) for n in BalanceKey._fields)), r.amount_fen) for r in stored
            )
            for row in fund_balances(connection, entity=CHARITY).rows:
                assert row.available_fen == known.available(row.fund)
            last = dt.date(2025, 9, day)
            for at in range(mine.head - len(acts), mine.head + 1):
                for as_of in (None, last):
                    expected: defaultdict[str, int] = defaultdict(int)
                    for p in postings:
                        if p.role == "bank" and p.position <= at and (as_of is None or p.occurred_on <= as_of):
                            expected[p.fund] += p.amount_fen
                    found = fund_balances(connection, as_of=as_of, at=at).rows
                    assert {row.fund: row.balance_fen for row in found} == {
                        **expected,
                        **{r.fund: expected[r.fund] for r in found},
                    }
            trial = trial_balance(connection, CHARITY, "2025-09")
            assert trial.ties
            bank = next(line.sums for line in trial.accounts if line.code == "1002")
            assert bank.debit_fen - bank.credit_fen == sum(p.amount_fen for p in postings if p.role == "bank")
        mine.close()


def test_the_trial_balance_opens_where_the_last_month_closed(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    mine.post(CHARITY, gift("D1", "general", 100_000, "2025-08-31"), on=dt.date(2025, 8, 31))
    mine.post(CHARITY, gift("D2", "general", 50_000), gift("D3", "school", 20_000))
    with mine.store.read() as connection:
        august, september = (trial_balance(connection, CHARITY, month) for month in ("2025-08", "2025-09"))
        both = trial_balance(connection, CHARITY, "2025-08", "2025-09")
        earlier = trial_balance(connection, CHARITY, "2025-09", at=mine.head - 2)
    assert (august.total.closing_debit_fen, september.total.opening_debit_fen) == (100_000, 100_000)
    assert (september.total.debit_fen, september.total.credit_fen) == (70_000, 70_000)
    assert (both.total.debit_fen, both.total.closing_debit_fen) == (170_000, 170_000)
    assert (earlier.total.debit_fen, earlier.total.closing_debit_fen) == (0, 100_000)
    assert {(line.code, line.name_zh) for line in september.accounts} >= {("1002", "银行存款")}
    assert len({august.root, september.root, both.root, earlier.root}) == 4
    mine.close()


@pytest.mark.parametrize(
    ("as_of", "fen"),
    [
        pytest.param(dt.date(2025, 7, 31), 0, id="before the month"),
        pytest.param(dt.date(2025, 8, 15), 100_000, id="within the month"),
        pytest.param(dt.date(2025, 8, 31), 130_000, id="its last day"),
        pytest.param(dt.date(2025, 9, 30), 130_000, id="a later month"),
        pytest.param(None, 130_000, id="no day"),
    ],
)
def test_the_trial_balance_of_a_month_holds_nothing_of_later_months(
    book: OpenedBook, tmp_path: Path, as_of: dt.date | None, fen: int
) -> None:
    mine = book.copy(tmp_path / "b.db")
    mine.post(CHARITY, gift("D1", "general", 100_000, "2025-08-01"), on=dt.date(2025, 8, 31))
    mine.post(CHARITY, gift("D2", "general", 30_000, "2025-08-31"), on=dt.date(2025, 8, 31))
    mine.post(CHARITY, gift("D3", "general", 50_000))
    with mine.store.read() as connection:
        found = trial_balance(connection, CHARITY, "2025-08", as_of=as_of)
    bank = [line.sums for line in found.accounts if line.code == "1002"]
    assert sum(sums.debit_fen for sums in bank) == sum(sums.closing_debit_fen for sums in bank) == fen
    mine.close()


def test_the_trail_says_who_signed_and_what_was_taken_back(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    first = gift("D1", "general", 100_000)
    position = mine.post(CHARITY, first, note="工行转账").first_position
    mine.reverse(CHARITY, first, position)
    mine.post(CHARITY, gift("D1", "general", 10_000))
    with mine.store.read() as connection:
        found = trail(connection, "donation:D1")
        received, taken_back, again = found.rows
        assert [(s.officer, s.capacity) for s in received.signatures] == [("zhang", "maker"), ("li", "checker")]
        assert (received.voucher_no, received.note, received.amount_fen) == ("记-0001", "工行转账", 100_000)
        assert (received.reversed_at, received.reverses) == (taken_back.position, None)
        assert (taken_back.amount_fen, taken_back.reverses) == (-100_000, received.position)
        assert (again.kind, again.amount_fen, again.reversed_at) == ("donation.received", 10_000, None)
        assert trail(connection, "donation:D1", at=position).rows[0].reversed_at is None
        page = trail(connection, "donation:D1", limit=2)
        rest = trail(connection, "donation:D1", after=page.next_after or 0, limit=2)
        assert (*page.rows, *rest.rows) == found.rows
        assert rest.next_after is None
        assert trail(connection, "donation:none").rows == ()
        assert trail(connection, "donation:D1", language="en").rows[0].title != received.title
    mine.close()


def test_a_recording_time_is_a_position(book: OpenedBook) -> None:
    with book.store.read() as connection:
        assert position_at(connection, "2025-09-30T10:00:00+08:00") == book.head
        assert position_at(connection, "2025-09-30T09:59:59+08:00") == 0
