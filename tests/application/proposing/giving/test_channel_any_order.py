"""The bills of a channel in any order give equal books and equal doubts: a gift explains its settlement whenever it is
read, and what no gift explains is in doubt at the newest.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_projections.public_money.doubts import Doubt, doubts
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, made, rows_of
from tests.application.proposing.county_facts import CHARITY

SHORT = "W_CHANNEL_SHORT"
FILES = ("trade5", "trade6", "fund5", "fund6")
"""The gifts of two days and what the channel did with the money."""


def of_day(name: str) -> Grid:
    """The sample's bill of a day; the sixth is like the fifth, with numbers of its own."""
    head, *rows = rows_of(f"wechat_{name[:-1]}.csv")
    if name[-1] == "5":
        return [head, *rows]
    swaps = (
        ("2025-09-06", "2025-09-07"),
        ("2025-09-05", "2025-09-06"),
        ("20250906", "20250907"),
        ("20250905", "20250906"),
    )
    later = []
    for row in rows:
        cells = list(row)
        for old, new in swaps:
            cells = [cell.replace(old, new) for cell in cells]
        later.append(cells)
    return [head, *later]


def played(county: County, names: Sequence[str]) -> County:
    for name in names:
        report = county.one(county.write(f"{name}.csv", of_day(name)))
        assert report.wrong == []
        county.sign_off()
    return county


def of_book(county: County, *, open_only: bool = True, as_of: date | None = None, at: int | None = None) -> list[Doubt]:
    with county.store.read() as connection:
        rows = doubts(connection, as_of=as_of, at=at, code=SHORT).rows
    return [row for row in rows if row.reversed_at is None or not open_only]


def said(county: County) -> Counter[tuple[object, ...]]:
    """What is in doubt, without where it was recorded."""
    rows = of_book(county)
    return Counter((row.entity, row.voucher_date, row.kind, *sorted(row.detail.items())) for row in rows)


def test_the_bill_that_comes_later_settles_the_doubt(county: County) -> None:
    played(county, ["fund5"])
    before = county.size()[0]
    assert [row.detail["held_fen"] for row in of_book(county)] == [0, 0]
    played(county, ["trade5"])
    assert county.fen(CHARITY, "general", "channel", "wechat") == 0
    assert of_book(county) == []
    settled = of_book(county, open_only=False)
    assert len(settled) == 2
    assert all(row.reversed_at is not None and row.reversed_at > before for row in settled)
    assert len(of_book(county, at=before)) == 2, "and at that time it was in doubt"
    assert len(of_book(county, as_of=date(2025, 9, 5))) == 0, "the gifts are of that day"


@pytest.mark.parametrize("missing", [None, "trade5", "trade6"])
def test_any_order_of_the_bills_gives_equal_doubts(new_county: Callable[[], County], missing: str | None) -> None:
    files = [name for name in FILES if name != missing]
    straight = played(new_county(), files)
    expected, fen = said(straight), straight.fen(CHARITY, "general", "channel", "wechat")
    assert bool(expected) is bool(missing)
    unexplained = [row.detail["amount_fen"] - row.detail["held_fen"] for row in of_book(straight)]
    assert sum(unexplained) == -fen

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.permutations(files))
    def orders(order: list[str]) -> None:
        county = played(new_county(), order)
        assert county.fen(CHARITY, "general", "channel", "wechat") == fen
        assert said(county) == expected

    orders()


def test_a_settlement_taken_back_is_in_doubt_no_more(county: County) -> None:
    played(county, ["fund5"])
    assert len(of_book(county)) == 2
    for kind in ("channel.settled", "channel.fee_charged"):
        for event in county.of_kind(kind):
            county.reverse(event, CHARITY)
    assert of_book(county) == []
    assert all(row.reversed_at is not None for row in of_book(county, open_only=False))


def test_it_is_so_on_postgresql(pg_url: str, tmp_path: Path) -> None:
    keys, operator = made(tmp_path, pg_url)
    county = County(tmp_path, keys, operator, url=pg_url)
    played(county, ["fund5"])
    assert [row.detail["held_fen"] for row in of_book(county)] == [0, 0]
    played(county, ["trade5"])
    assert of_book(county) == []
    assert all(row.reversed_at is not None for row in of_book(county, open_only=False))
    county.close()


def test_a_gift_that_is_given_back_later_leaves_its_settlement_alone(county: County) -> None:
    """All was there when it was settled; the platform keeps what it gives back from the next settlement."""
    played(county, ["trade5", "fund5"])
    head, first, _, refund = rows_of("wechat_trade.csv")
    swaps = {5: first[5], 6: first[6], 14: "`50000099992025090700000009", 15: "`TK202509070009", 16: "`100.00"}
    later = {0: "`2025-09-07 09:00:00", 22: "`0.00000", 25: "`100.00", **swaps}
    row = [later.get(place, cell) for place, cell in enumerate(refund)]
    assert county.one(county.write("trade7.csv", [head, row])).wrong == []
    county.sign_off()
    assert county.fen(CHARITY, "general", "channel", "wechat") == -10_000
    assert of_book(county) == []
