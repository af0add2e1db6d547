"""M7 against what was put into a real book: every head by hand, and the equation over any sequence of acts."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_projections.summaries.charity.moves import NAMES, TAKEN_OVER
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import checks, codes, rows, table
from tests.projections.test_book_readers import gift

MONTH = "2025-09"
HEADS = tuple(name for name in NAMES if name != TAKEN_OVER)
OUT = {"granted_fen", "gifts_returned_fen", "management_fen", "fundraising_fen"}


@pytest.fixture(scope="module")
def charity() -> Iterator[OpenedBook]:
    with folder() as here:
        book = opened(here)
        book.post(CHARITY, fund("general"), fund("school", "restricted"), on=date(2025, 1, 2))
        book.post(CHARITY, gift("D0", "general", 50_000, "2025-08-31"), on=date(2025, 8, 31))
        yield book
        book.close()


def returned(number: int, donation: str, to: str, fen: int) -> Any:
    said = {"donation": donation, "fund": to, "amount_fen": fen, "reason": "donor_request", "pledge_parts": []}
    return event(
        "donation.returned", movement=f"R{number}", means="bank", account="icbc", occurred_on="2025-09-12", **said
    )


def interest(number: int, to: str, fen: int) -> Any:
    said = {"fund": to, "amount_fen": fen, "account": "icbc", "on": "2025-09-21"}
    return event("bank.interest", movement=f"I{number}", **said)


def expense(number: int, nature: str, fen: int) -> Any:
    said = {"movement": f"X{number}", "fund": "general", "nature": nature, "amount_fen": fen, "purpose": "办公"}
    return event("expense.paid", means="bank", account="icbc", on="2025-09-22", **said)


def test_every_head_of_a_month(charity: OpenedBook, tmp_path: Path) -> None:
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, gift("D1", "general", 300_000), gift("D2", "school", 200_000), note="捐赠")
    book.post(CHARITY, returned(1, "D1", "general", 1_000), note="退还")
    book.post(CHARITY, interest(1, "general", 312), expense(1, "management", 700), expense(2, "fundraising", 40))
    moved = {"source": "general", "target": "school", "amount_fen": 20_000, "purpose": "划转", "approval": "会办1号"}
    book.post(
        CHARITY,
        event(
            "fund.allocated", movement="T1", means="bank", account="icbc", on="2025-09-25", origin="decision", **moved
        ),
        note="划转",
    )
    found = table(book, "M7", MONTH)
    general, school = rows(found)
    told = {
        "opening_fen": 50_000,
        "cash_gifts_fen": 300_000,
        "gifts_returned_fen": 1_000,
        "other_income_fen": 312,
        "management_fen": 700,
        "fundraising_fen": 40,
        "between_funds_fen": -20_000,
        "other_fen": 0,
        "closing_fen": 328_572,
    }
    assert {key: general[key] for key in told} == told
    assert (school["cash_gifts_fen"], school["between_funds_fen"], school["closing_fen"]) == (200_000, 20_000, 220_000)
    assert general["entity"] == "示例县慈善总会"
    assert checks(found) == []
    assert "table.note.held" in codes(found)
    assert rows(table(book, "M7", "2025-08"))[0]["closing_fen"] == 50_000
    book.close()


def test_a_reversal_is_told_under_the_head_of_what_it_takes_back(charity: OpenedBook, tmp_path: Path) -> None:
    book = charity.copy(tmp_path / "b.db")
    wrong = gift("D5", "general", 9_000)
    position = book.post(CHARITY, wrong).first_position
    book.reverse(CHARITY, wrong, position)
    general = rows(table(book, "M7", MONTH))[0]
    assert (general["cash_gifts_fen"], general["other_fen"], general["closing_fen"]) == (0, 0, 50_000)
    book.close()


def advanced(number: int, fen: int) -> Any:
    told = {
        "advance": f"A{number}",
        "fund": "general",
        "officer": "zhang",
        "amount_fen": fen,
        "purpose": "差旅",
        "due": "2025-09-30",
    }
    return event("advance.paid", movement=f"AP{number}", means="bank", account="icbc", on="2025-09-21", **told)


def cleared(number: int, nature: str, fen: int, returned_fen: int = 0) -> Any:
    back = {"returned_fen": returned_fen, **({"means": "bank", "account": "icbc"} if returned_fen else {})}
    spent = [{"nature": nature, "fen": fen, "purpose": "差旅"}]
    told = {"movement": f"AC{number}", "advance": f"A{number}", "fund": "general", "on": "2025-09-23"}
    return event("advance.cleared", spent=spent, **told, **back)


def heads(book: OpenedBook, month: str = MONTH) -> dict[str, int]:
    """What the row of `general` says, without what is nothing."""
    row = rows(table(book, "M7", month))[0]
    return {name: row[name] for name in HEADS if row[name]}


def test_a_cost_whose_money_went_out_before_stands_under_its_head(charity: OpenedBook, tmp_path: Path) -> None:
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, advanced(1, 9_000), note="借款")
    assert heads(book) == {"other_fen": -9_000}
    first = cleared(1, "management", 6_000)
    place = book.post(CHARITY, first, note="核销").first_position
    assert heads(book) == {"management_fen": 6_000, "other_fen": -3_000}
    book.reverse(CHARITY, first, place)
    assert heads(book) == {"other_fen": -9_000}
    book.post(CHARITY, event(**{**first.model_dump(mode="json", exclude={"id", "version"}), "movement": "AC2"}))
    bought = {"asset": "PC1", "fund": "general", "name": "电脑", "amount_fen": 20_000, "residual_fen": 0}
    paid = {"means": "bank", "account": "icbc", "on": "2025-09-10"}
    book.post(CHARITY, event("asset.acquired", movement="M1", life_months=40, **bought, **paid), note="购置")
    worn = {"fund": "general", "month": MONTH, "nature": "management", "lines": [{"asset": "PC1", "fen": 500}]}
    book.post(CHARITY, event("asset.depreciated", on="2025-09-30", **worn), note="折旧")
    assert heads(book) == {"management_fen": 6_500, "other_fen": -22_500}
    costs = {row["item"].code: row["amount_fen"] for row in rows(table(book, "Y5", "2025-01", "2025-12"))}
    assert costs["table_item.management"] == 6_500, "the month and the year tell the same cost"
    found = table(book, "M7", MONTH)
    assert (rows(found)[0]["closing_fen"], checks(found)) == (50_000 - 29_000, [])
    emptied = {"fund": "general", "role": "management_cost", "party": "", "balance_fen": 6_500}
    carried = event("period.carried_forward", entity=CHARITY, period=MONTH, lines=[emptied], on="2025-09-30")
    book.post(CHARITY, carried, note="结转")
    assert rows(table(book, "M7", MONTH)) == rows(found), "what is carried forward was told before"
    book.close()


def test_a_grant_is_told_when_it_is_paid_and_not_again_when_its_use_is_known(
    charity: OpenedBook, tmp_path: Path
) -> None:
    book = charity.copy(tmp_path / "b.db")
    grant = {"grant": "G1", "fund": "general", "payee_kind": "school", "payee_label": "示例学校", "purpose": "助学"}
    book.post(
        CHARITY, event("grant.committed", **grant, amount_fen=9_000, persons=1, on="2025-09-10", origin="decision")
    )
    paid = {"movement": "M1", "means": "bank", "account": "icbc", "occurred_on": "2025-09-20", "basis": "prepaid"}
    book.post(CHARITY, event("grant.disbursed", **grant, **paid, amount_fen=9_000, persons=1), note="拨付")
    said = {"movement": "U1", "grant": "G1", "fund": "general", "used_fen": 4_000, "persons": 1, "households": 1}
    book.post(CHARITY, event("grant.use_reported", as_of="2025-09-25", on="2025-09-25", **said), note="反馈")
    assert heads(book) == {"granted_fen": 9_000}
    book.close()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["gift", "return", "interest", "advance", "management", "fundraising"]), st.integers(1, 9_000)
    ),
    max_size=8,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_opening_and_every_head_make_the_closing(charity: OpenedBook, acts: list[tuple[str, int]]) -> None:
    with folder() as here:
        book = charity.copy(here / "b.db")
        put_in = 50_000
        for number, (what, fen) in enumerate(acts, 10):
            if what == "gift":
                put_in += fen if book.try_post(CHARITY, gift(f"D{number}", "general", fen)) else 0
            elif what == "return":
                put_in -= fen if book.try_post(CHARITY, returned(number, "D0", "general", fen)) else 0
            elif what == "interest":
                put_in += fen if book.try_post(CHARITY, interest(number, "general", fen)) else 0
            elif what == "advance":
                taken = book.try_post(CHARITY, advanced(number, 2 * fen))
                put_in -= fen if taken and book.try_post(CHARITY, cleared(number, "management", fen, fen)) else 0
            else:
                put_in -= fen if book.try_post(CHARITY, expense(number, what, fen)) else 0
        general = rows(table(book, "M7", MONTH))[0]
        signed = sum(-general[name] if name in OUT else general[name] for name in HEADS)
        assert general["closing_fen"] == put_in
        assert general["opening_fen"] + signed == put_in
        book.close()
