"""Money from before an entity's books begin: the opening holds it, so it is told and never counted on top."""

from datetime import date
from typing import Any

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU, CHARITY, Fields

LATER = date(2025, 11, 5)
HEADERS = ("登记日期", "到账日期", "银行流水号或支付单号")


@pytest.fixture
def county(county: County) -> County:
    county.now = county.now.replace(month=11, day=5)
    return county


def register(county: County, *days: str, registered: str = "2025-09-28") -> Any:
    """Gifts of the sample's first donor, to a bank account, of some days."""
    rows = rows_of("donation_register.csv")
    grid: Grid = [rows[0]]
    for number, day in enumerate(days, 1):
        own = {"序号": str(number), **dict(zip(HEADERS, (registered, day, f"{day}-{number}"), strict=True))}
        grid.append([own.get(title, cell) for title, cell in zip(rows[0], rows[1], strict=True)])
    return county.write("register.csv", grid)


def interest(day: str, account: str = "icbc-9991", fund: str = "general") -> tuple[str, Fields]:
    told = {"movement": f"m-{day}", "account": account, "fund": fund, "amount_fen": 700, "line": None}
    return "bank.interest", {**told, "on": day}


def locked(month: str) -> tuple[str, Fields]:
    return "period.locked", {"entity": CHARITY, "period": month}


@pytest.mark.parametrize("shut", [(), ("2025-08",)], ids=["open", "locked"])
def test_a_gift_from_before_the_opening_is_a_wrong_row(county: County, shut: tuple[str, ...]) -> None:
    for month in shut:
        county.decide(CHARITY, locked(month), day=date(2025, 8, 31))
    held = county.fen(CHARITY, "aixin-zhuxue", "bank")
    found = county.one(register(county, "2025-08-20", "2025-09-20"), month=None, today=LATER)
    assert [(one.place.row, one.code, one.column, one.value) for one in found.wrong] == [
        (2, "E_BEFORE_OPENING", "到账日期", "2025-08-20")
    ]
    assert (found.new, [note.code for note in found.notes if note.code == "W_MONTH_CLOSED"]) == (1, [])
    told = found.wrong[0]
    assert (told.params["opened"], told.params["date"]) == ("2025-09-01", "2025-08-20")
    county.sign_off()
    (gift,) = county.of_kind("donation.collective")
    assert county.fen(CHARITY, "aixin-zhuxue", "bank") == held + gift.amount_fen


def test_the_day_at_fault_is_that_of_the_money_also_where_the_register_was_written_on_it(county: County) -> None:
    found = county.one(register(county, "2025-08-20", registered="2025-08-20"), month=None, today=LATER)
    assert [(one.code, one.column) for one in found.wrong] == [("E_BEFORE_OPENING", "到账日期")]


def test_interest_that_the_opening_holds_is_not_booked_again(county: County) -> None:
    rows = rows_of("bank_ccb.csv")
    early = [[cell.replace("202509", "202508") for cell in row] for row in rows]
    found = county.one(county.write("bank_ccb.csv", early), month=None, today=LATER)
    assert (found.new, found.wrong) == (3, [])
    county.sign_off()
    assert county.of_kind("bank.interest") == []
    assert len(county.of_kind("bank.line_recorded")) == 3


@pytest.mark.parametrize(("day", "code"), [("2025-08-31", "E_BEFORE_OPENING"), ("2024-12-31", "E_BEFORE_OPENING")])
def test_no_voucher_posts_before_the_opening(county: County, day: str, code: str) -> None:
    with pytest.raises(VoucherRefusedError) as caught:
        county.decide(CHARITY, interest(day), day=date.fromisoformat(day))
    assert [(one.code, one.event) for one in caught.value.findings if one.refuses] == [(code, 0)]
    assert isinstance(county.decide(CHARITY, interest("2025-09-01"), day=date(2025, 9, 1)), Receipt)


def test_what_posts_nothing_may_be_of_before(county: County) -> None:
    named = {"fund": "later", "name": "新基金", "fund_kind": "restricted", "purpose": "", "purposes": []}
    rest = {"programmes": [], "no_cost": False, "on": "2025-08-15", "origin": "decision"}
    assert isinstance(county.decide(CHARITY, ("fund.opened", {**named, **rest}), day=date(2025, 8, 15)), Receipt)


def opening(entity: str, month: str, account: str, fund: str, fen: int) -> tuple[str, Fields]:
    side = {"debit_fen": 0, "credit_fen": 0, "code": None}
    lines = [
        {"fund": fund, "role": role, "party": party, "year_start_fen": own, "balance_fen": own, **side}
        for role, party, own in (("bank", account, fen), ("net_unrestricted", "", -fen))
    ]
    lists = ("pledges", "lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    fields = {"entity": entity, "period": month, "on": f"{month}-01", "lines": lines, "papers": [paper]}
    nets = {"net_unrestricted_fen": fen, "net_restricted_fen": 0}
    return "opening.recorded", {**fields, **nets, **{name: [] for name in lists}}


def test_an_opening_that_comes_late_finds_nothing_before_it_or_refuses(county: County) -> None:
    """The bureau's books run already; its opening of September comes in November."""
    own = {"account": "bureau-return", "fund": "relief"}
    late = opening(BUREAU, "2025-09", "bureau-return", "relief", 5_000)
    county.decide(BUREAU, interest("2025-08-20", **own), day=date(2025, 8, 20))
    county.decide(BUREAU, interest("2025-10-20", **own), day=date(2025, 10, 20))
    with pytest.raises(VoucherRefusedError) as caught:
        county.decide(BUREAU, late, day=date(2025, 9, 1))
    (found,) = (one for one in caught.value.findings if one.refuses)
    early = county.of_kind("bank.interest")[0]
    assert (found.code, dict(found.params)["count"]) == ("E_OPENING_LATE", 1)
    county.reverse(early, BUREAU)
    assert isinstance(county.decide(BUREAU, late, day=date(2025, 9, 1)), Receipt)


def test_an_opening_and_what_it_holds_are_not_of_one_voucher(county: County) -> None:
    own = {"account": "bureau-return", "fund": "relief"}
    late = opening(BUREAU, "2025-09", "bureau-return", "relief", 5_000)
    for facts in ((interest("2025-08-20", **own), late), (late, interest("2025-08-20", **own))):
        with pytest.raises(VoucherRefusedError) as caught:
            county.decide(BUREAU, *facts, day=date(2025, 8, 31))
        assert "E_BEFORE_OPENING" in {one.code for one in caught.value.findings}
