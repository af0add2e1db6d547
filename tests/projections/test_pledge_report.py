"""Pledges: the columns of a year, every pledge's own sum, and the two clocks, through the real writer."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import BusyError, NotFoundError
from ledger.flows.event import Event
from ledger.values.dates import TZ
from ledger_projections import registry
from ledger_projections.charity.pledge_report import pledge_list, pledge_report
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund, opened
from tests.projections.plain_log import folder

GIVER = {"donor_kind": "organisation", "donor_label": "湖南示例矿业有限公司", "publicity": "name"}
TODAY = dt.date(2025, 9, 30)


def pledge(name: str, fen: int, on: str, *dues: tuple[str, int], **more: Any) -> Event:
    said = {
        "pledge": name,
        "fund": "general",
        "amount_fen": fen,
        "paid_before_fen": 0,
        "pledge_kind": "instalments" if dues else "single",
        "instalments": [{"due": due, "fen": part} for due, part in dues],
        "public": True,
        "on": on,
    }
    return event("pledge.made", **GIVER, **{**said, **more})


def gift(name: str, fen: int, on: str, *parts: tuple[str, int]) -> Event:
    return event(
        "donation.received",
        donation=name,
        fund="general",
        amount_fen=fen,
        means="bank",
        account="icbc",
        pledge_parts=[{"pledge": one, "fen": part} for one, part in parts],
        wants_receipt=False,
        occurred_on=on,
        **GIVER,
    )


@pytest.fixture(scope="module")
def book() -> Iterator[OpenedBook]:
    with folder() as here:
        made = opened(here)
        made.post(CHARITY, fund("general"), on=dt.date(2025, 1, 2))
        yield made
        made.close()


def test_a_year_keeps_its_columns_apart(book: OpenedBook, tmp_path: Path) -> None:
    """Money for earlier pledges and money that nobody had promised never lift the rate of this year's pledges."""
    mine = book.copy(tmp_path / "b.db")
    mine.post(
        CHARITY,
        pledge("old", 500_000, "2024-09-05", ("2025-03-31", 200_000), ("2026-03-31", 100_000), paid_before_fen=200_000),
        pledge("new", 1_000_000, "2025-09-05", ("2025-09-15", 400_000), ("2025-12-31", 600_000)),
        pledge("school", 700_000, "2025-09-05", fund=None, recipient_label="示例县教育基金会"),
        note="大会认捐",
    )
    mine.post(
        CHARITY,
        gift("D1", 300_000, "2025-09-10", ("new", 250_000)),
        gift("D2", 150_000, "2025-09-20", ("old", 150_000)),
    )
    mine.post(CHARITY, gift("D3", 90_000, "2025-09-21"))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        (year,) = pledge_report(connection, 2025, as_of=TODAY).rows
        assert (year.pledged_fen, year.pledged_arrived_fen) == (1_000_000, 250_000)
        assert (year.earlier_arrived_fen, year.direct_fen) == (150_000, 50_000 + 90_000)
        assert (year.arrived_fen, year.others_fen, year.rate_per_mille) == (540_000, 700_000, 250)
        assert year.outstanding_fen == 750_000 + 150_000 == year.ages.total_fen
        (before,) = pledge_report(connection, 2024, as_of=TODAY).rows
        assert (before.pledged_fen, before.pledged_arrived_fen, before.rate_per_mille) == (500_000, 0, 0)
        new, old = pledge_list(connection, TODAY).rows
        assert (new.pledge, new.overdue_fen, new.next_due_on) == ("new", 150_000, dt.date(2025, 9, 15))
        assert (old.overdue_fen, old.ages.to_365_fen, old.ages.not_due_fen) == (50_000, 50_000, 100_000)
        assert old.to_json()["promised_on"] == "2024-09-05"
    mine.close()


def test_a_year_that_is_over_stands_as_it_stood_at_its_end(tmp_path: Path) -> None:
    """What is promised and what arrives in the next year is none of it; a year that goes on stands as of today."""
    mine = opened(tmp_path)
    mine.now = dt.datetime(2026, 3, 31, 10, 0, tzinfo=TZ)
    mine.post(CHARITY, fund("general"), on=dt.date(2025, 1, 2))
    mine.post(CHARITY, pledge("old", 500_000, "2025-06-01", ("2025-12-01", 500_000)), on=dt.date(2025, 6, 1))
    mine.post(CHARITY, gift("D1", 200_000, "2025-12-10", ("old", 200_000)), on=dt.date(2025, 12, 10))
    mine.post(CHARITY, pledge("new", 900_000, "2026-02-01", ("2026-12-01", 900_000)), on=dt.date(2026, 2, 1))
    mine.post(CHARITY, gift("D2", 300_000, "2026-02-03", ("old", 300_000)), on=dt.date(2026, 2, 3))
    registry.catch_up(mine.store)
    today = mine.now.date()
    with mine.store.read() as connection:
        found = pledge_report(connection, 2025, today=today)
        (year,) = found.rows
        assert (found.as_of, found.on) == (dt.date(2025, 12, 31), dt.date(2025, 12, 31))
        assert (year.pledged_arrived_fen, year.outstanding_fen, year.ages.to_30_fen) == (200_000, 300_000, 300_000)
        assert found == pledge_report(connection, 2025, as_of=dt.date(2025, 12, 31))
        (now,) = pledge_report(connection, 2026, today=today).rows
        assert pledge_report(connection, 2026, today=today).on == today
        assert (now.earlier_arrived_fen, now.outstanding_fen, now.ages.not_due_fen) == (300_000, 900_000, 900_000)
    mine.close()


LATE = [
    # what came in December and was entered in January, the year's columns that it must stand in, of 2026
    ("a gift that nobody promised", [gift("D", 70_000, "2025-12-20")], {"direct_fen": 70_000}),
    ("a gift for a pledge", [gift("D", 70_000, "2025-12-20", ("old", 70_000))], {"earlier_arrived_fen": 70_000}),
    ("a pledge", [pledge("late", 80_000, "2025-12-20")], {"pledged_fen": 80_000}),
    (
        "a pledge and its gift",
        [pledge("late", 80_000, "2025-12-20"), gift("D", 70_000, "2025-12-21", ("late", 70_000))],
        {"pledged_fen": 80_000, "pledged_arrived_fen": 70_000},
    ),
    (
        "a release",
        [
            event(
                "pledge.released",
                pledge="old",
                on="2025-12-22",
                amount_fen=60_000,
                reason="hardship",
                reason_text="经营困难",
                origin="decision",
            )
        ],
        {"released_fen": 60_000},
    ),
]
SUMS = ("pledged_fen", "pledged_arrived_fen", "earlier_arrived_fen", "direct_fen", "arrived_fen", "released_fen")


@pytest.mark.parametrize(("what", "acts", "columns"), LATE, ids=[one[0] for one in LATE])
def test_what_was_entered_in_the_next_year_is_in_that_year_alone(
    tmp_path: Path, what: str, acts: list[Event], columns: dict[str, int]
) -> None:
    """The year that was closed stays as it was, and no yuan falls between the two."""
    mine = opened(tmp_path)
    mine.now = dt.datetime(2026, 1, 20, 10, 0, tzinfo=TZ)
    mine.post(CHARITY, fund("general"), on=dt.date(2025, 1, 2))
    mine.post(CHARITY, pledge("old", 500_000, "2025-06-01"), on=dt.date(2025, 6, 1))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        before = pledge_report(connection, 2025).rows
    mine.post(CHARITY, *acts, on=dt.date(2026, 1, 15))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        assert pledge_report(connection, 2025).rows == before
        (now,) = pledge_report(connection, 2026, today=mine.now.date()).rows
        arrived = sum(columns.get(name, 0) for name in ("pledged_arrived_fen", "earlier_arrived_fen", "direct_fen"))
        assert {name: getattr(now, name) for name in SUMS} == {
            **dict.fromkeys(SUMS, 0),
            "arrived_fen": arrived,
        } | columns
    mine.close()


def test_amended_released_and_returned_money_moves_only_its_own_column(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    mine.post(CHARITY, pledge("P", 500_000, "2025-09-01"), note="认捐")
    mine.post(CHARITY, gift("D", 200_000, "2025-09-02", ("P", 200_000)))
    common = {"pledge": "P", "on": "2025-09-10", "origin": "decision"}
    lower = event("pledge.amended", delta_fen=-100_000, instalments=[], reason="协商", **common)
    freed = event("pledge.released", amount_fen=50_000, reason="hardship", reason_text="经营困难", **common)
    returned = event(
        "donation.returned",
        movement="R1",
        donation="D",
        fund="general",
        amount_fen=80_000,
        reason="paid_twice",
        means="bank",
        account="icbc",
        pledge_parts=[{"pledge": "P", "fen": 80_000}],
        occurred_on="2025-09-12",
    )
    asked = event("pledge.reminded", pledge="P", how="phone", on="2025-09-20")
    mine.post(CHARITY, lower, freed, returned, asked, note="说明")
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        (row,) = pledge_list(connection, TODAY).rows
        assert (row.promised_fen, row.changed_fen, row.released_fen) == (500_000, -100_000, 50_000)
        assert (row.arrived_fen, row.outstanding_fen, row.reminders) == (120_000, 230_000, 1)
        (year,) = pledge_report(connection, 2025).rows
        assert (year.pledged_fen, year.pledged_arrived_fen, year.rate_per_mille) == (400_000, 120_000, 300)
        assert (year.released_fen, year.outstanding_fen) == (50_000, 230_000)
    mine.close()


def test_the_two_clocks_tell_when_a_pledge_was_taken_back(book: OpenedBook, tmp_path: Path) -> None:
    """Recorded for August and reversed in September: it stands on 31 August, whenever that is asked after."""
    mine = book.copy(tmp_path / "b.db")
    august = dt.date(2025, 8, 20)
    made = pledge("P", 100_000, august.isoformat())
    position = mine.post(CHARITY, made, on=august).first_position
    mine.reverse(CHARITY, made, position)
    registry.catch_up(mine.store)
    with mine.store.read() as connection:

        def known(as_of: dt.date | None, at: int | None) -> int:
            return len(pledge_list(connection, TODAY, as_of=as_of, at=at).rows)

        assert [known(day, None) for day in (dt.date(2025, 8, 19), august, dt.date(2025, 9, 29), TODAY)] == [0, 1, 1, 0]
        assert (known(None, None), known(None, position), known(TODAY, position)) == (0, 1, 1)
    mine.close()


def test_a_reader_says_when_a_model_is_missing_or_behind(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    with mine.store.read() as connection, pytest.raises(NotFoundError, match="E_PROJECTION_MISSING"):
        pledge_report(connection, 2025)
    registry.catch_up(mine.store, ["pledges"])
    reached = mine.head
    mine.post(CHARITY, gift("D", 1_000, "2025-09-02"))
    with mine.store.read() as connection:
        assert pledge_report(connection, 2025).position == reached
        with pytest.raises(BusyError, match="E_PROJECTION_BEHIND"):
            pledge_report(connection, 2025, at=mine.head)
    mine.close()


ACT = st.tuples(st.sampled_from(["gift", "part", "reverse"]), st.integers(0, 2), st.integers(1, 90_000))


@settings(max_examples=8)
@given(acts=st.lists(ACT, min_size=1, max_size=8), year=st.sampled_from([2024, 2025]))
def test_every_position_ties(book: OpenedBook, acts: list[tuple[str, int, int]], year: int) -> None:
    """Gifts, parts and reversals in any order: three columns sum to the arrivals, each pledge to its outstanding."""
    with folder() as here:
        mine = book.copy(here / "b.db")
        days = ("2024-12-31", "2025-01-05", "2025-09-01")
        mine.post(CHARITY, *(pledge(f"P{n}", 10**6, day) for n, day in enumerate(days)), note="认捐")
        start, standing_gifts = mine.head, list[tuple[Event, int]]()
        for number, (what, which, fen) in enumerate(acts):
            if what == "reverse" and standing_gifts:
                target, position = standing_gifts.pop()
                mine.reverse(CHARITY, target, position)
                continue
            parts = ((f"P{which}", fen),) if what == "part" else ()
            made = gift(f"D{number}", fen + which, "2025-09-09", *parts)
            standing_gifts.append((made, mine.post(CHARITY, made).first_position))
        registry.catch_up(mine.store, ["pledges"], page=3)
        with mine.store.read() as connection:
            for at in range(start, mine.head + 1):
                (row,) = pledge_report(connection, year, as_of=TODAY, at=at).rows
                assert row.arrived_fen == row.pledged_arrived_fen + row.earlier_arrived_fen + row.direct_fen
                pledges = pledge_list(connection, TODAY, at=at).rows
                assert all(p.promised_fen == p.arrived_fen + p.outstanding_fen for p in pledges)
                assert row.outstanding_fen == sum(p.ages.total_fen for p in pledges)
            standing = sum(getattr(made, "amount_fen", 0) for made, _ in standing_gifts)
            (now,) = pledge_report(connection, 2025).rows
            assert now.arrived_fen == standing
        assert registry.check(mine.store, "pledges").holds
        mine.close()
