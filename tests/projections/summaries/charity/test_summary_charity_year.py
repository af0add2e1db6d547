"""Campaigns, goods and the charity's year, against what was put into a real book."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest
from sqlalchemy.event import listen

from ledger_projections.figures import figures
from ledger_projections.summaries.table import Said
from tests.flows.charity_world import VALID
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import checks, codes, rows, table
from tests.projections.summaries.test_summary_handling import of

YEAR = ("2025-01", "2025-12")
SEPTEMBER = date(2025, 9, 10)


def gift(number: str, fen: int, **over: Any) -> Any:
    said = {"donation": number, "fund": "general", "amount_fen": fen, "occurred_on": SEPTEMBER, "pledge_parts": ()}
    return VALID["donation.received"](**{**said, **over})


def lot(name: str, quantity: int, fen: int, **over: Any) -> Any:
    said = {
        "lot": name,
        "donation": f"d-{name}",
        "fund": "flood",
        "quantity": quantity,
        "value_fen": fen,
        "item": "棉被",
    }
    return VALID["in_kind.received"](**{**said, "occurred_on": SEPTEMBER, "scale": 0, **over})


@pytest.fixture(scope="module")
def charity() -> Iterator[OpenedBook]:
    with folder() as here:
        book = opened(here)
        book.post(CHARITY, fund("general"), fund("flood", "restricted"), on=date(2025, 1, 2))
        yield book
        book.close()


def test_goods_in_out_and_left(charity: OpenedBook, tmp_path: Any) -> None:
    book = charity.copy(tmp_path / "b.db")
    august = date(2025, 8, 20)
    book.post(CHARITY, lot("rice", 1_000, 30_000, scale=1, occurred_on=august), on=august, note="收粮")
    book.post(CHARITY, lot("quilts", 100, 1_200_000), note="收被")
    out = {"fund": "flood", "lot": "quilts", "quantity": 40, "occurred_on": date(2025, 9, 12)}
    book.post(CHARITY, VALID["in_kind.delivered"](movement="out-1", **out), note="发放")
    count = {"fund": "flood", "lot": "quilts", "book_quantity": 60, "counted_quantity": 58, "on": date(2025, 9, 28)}
    book.post(CHARITY, VALID["in_kind.counted"](movement="count-1", **count), note="盘点")
    found = table(book, "Y7", "2025-09")
    quilts, rice = rows(found)
    assert of(quilts, "opening_quantity", "in_quantity", "out_quantity", "other_quantity", "closing_quantity") == (
        *("0", "100", "40", "-2"),
        "58",
    )
    assert of(quilts, "in_fen", "out_fen", "adjusted_fen", "closing_fen") == (1_200_000, 480_000, -24_000, 696_000)
    assert of(rice, "opening_quantity", "opening_fen", "in_quantity", "closing_quantity") == (
        "100.0",
        30_000,
        "0.0",
        "100.0",
    )
    assert rows(found, "total")[0]["closing_fen"] == 726_000
    assert checks(found) == []
    whole = rows(table(book, "Y7", *YEAR))
    assert [of(row, "opening_fen", "in_fen") for row in whole] == [(0, 1_200_000), (0, 30_000)]
    assert [row["fund"] for row in rows(table(book, "Y7", "2025-08"))] == ["flood"]
    book.close()


AUGUST = date(2025, 8, 20)


def test_what_is_taken_back_in_a_later_month_goes_back_then(charity: OpenedBook, tmp_path: Any) -> None:
    """A month that was closed keeps what lay in the store then, by number and by value."""
    book = charity.copy(tmp_path / "b.db")
    quilts = lot("quilts", 100, 100_000, occurred_on=AUGUST)
    received = book.post(CHARITY, quilts, on=AUGUST, note="收被").first_position
    out = VALID["in_kind.delivered"](movement="out-1", fund="flood", lot="quilts", quantity=30, occurred_on=AUGUST)
    book.reverse(CHARITY, out, book.post(CHARITY, out, on=AUGUST, note="发放").first_position, date(2025, 9, 10))
    names = ("opening_quantity", "in_quantity", "out_quantity", "closing_quantity")
    values = ("opening_fen", "in_fen", "out_fen", "closing_fen")
    (august,), (september,) = rows(table(book, "Y7", "2025-08")), rows(table(book, "Y7", "2025-09"))
    assert (of(august, *names), of(august, *values)) == (("0", "100", "30", "70"), (0, 100_000, 30_000, 70_000))
    assert (of(september, *names), of(september, *values)) == (("70", "0", "-30", "100"), (70_000, 0, -30_000, 100_000))
    book.reverse(CHARITY, quilts, received, date(2025, 9, 10))
    (september,) = rows(table(book, "Y7", "2025-09"))
    assert (of(september, *names), of(september, *values)) == (
        ("70", "-100", "-30", "0"),
        (70_000, -100_000, -30_000, 0),
    )
    assert september["goods"] == "棉被"
    assert (rows(table(book, "Y7", "2025-08")), rows(table(book, "Y7", "2025-07"))) == ([august], [])
    book.close()


def test_quantities_are_told_in_the_unit_of_the_lot(charity: OpenedBook, tmp_path: Any) -> None:
    book = charity.copy(tmp_path / "b.db")
    bags = lot("bags", 2_500, 100_000, occurred_on=AUGUST, scale=3, unit="袋", item="大米")
    book.post(CHARITY, bags, on=AUGUST, note="收米")
    out = VALID["in_kind.delivered"](movement="out-9", fund="flood", lot="bags", quantity=3_500, occurred_on=AUGUST)
    book.post(CHARITY, out, on=AUGUST, note="多发")
    found = table(book, "Y7", "2025-08")
    (row,) = rows(found)
    assert of(row, "in_quantity", "out_quantity", "closing_quantity") == ("2.500", "3.500", "-1.000")
    (told,) = [one.params for one in found.notes if one.code == "check.stock"]
    assert (told["lot"], told["quantity"]) == ("大米", "-1 袋")
    book.close()


def test_gifts_that_name_no_campaign_are_of_their_pledges_or_of_their_funds(charity: OpenedBook, tmp_path: Any) -> None:
    """Q2 says what the events say: money found in suspense fulfils a pledge of a campaign, and all that a fund for a
    final payee was given was given for its appeal.
    """
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, fund("neighbour", "agency", final_payee="neighbour"), on=date(2025, 9, 1))
    promise = {"fund": "general", "campaign": "meeting", "amount_fen": 9_000, "on": date(2025, 9, 1)}
    book.post(CHARITY, VALID["pledge.made"](pledge="P1", recipient_label=None, instalments=(), **promise), note="认捐")
    first, second = ({"pledge": "P1", "fen": fen} for fen in (4_000, 5_000))
    book.post(CHARITY, gift("D1", 4_000, campaign="meeting", pledge_parts=(first,)), note="到账")
    book.post(CHARITY, gift("D2", 5_000, campaign=None, pledge_parts=(second,)), note="待查款认领")
    appeal = (gift(f"A{fen}", fen, campaign=name, fund="neighbour") for fen, name in ((700, "appeal"), (20, None)))
    goods = lot("tents", 10, 2_600, campaign=None, fund="neighbour")
    book.post(CHARITY, *appeal, goods, gift("D3", 9, campaign=None), lot("coats", 1, 8, campaign=None), note="捐赠")
    found = {row["promised_fen"]: row for row in rows(table(book, "Q2", "2025-07", "2025-09"))}
    assert of(found[9_000], "cash_gifts_fen", "goods_gifts_fen") == (9_000, 0)
    assert of(found[0], "cash_gifts_fen", "goods_gifts_fen") == (720, 2_600)
    with book.store.read() as connection:
        told = figures(connection, "2025-07", "2025-09").by_key()
    assert (told["pledge_charity_received_fen"], told["disaster_cash_fen"], told["disaster_in_kind_fen"]) == (
        *(9_000, 720, 2_600),
    )
    book.close()


def test_what_each_campaign_raised(charity: OpenedBook, tmp_path: Any) -> None:
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, gift("D1", 30_000, campaign="day"), gift("D2", 9_000, campaign=None), note="捐赠")
    back = {"donation": "D1", "fund": "general", "amount_fen": 1_000, "occurred_on": date(2025, 9, 12)}
    book.post(CHARITY, VALID["donation.returned"](movement="back-1", pledge_parts=(), **back), note="退还")
    book.post(CHARITY, lot("quilts", 10, 50_000, campaign="day"), note="收被")
    found = table(book, "Q2", "2025-07", "2025-09")
    (row,) = rows(found)
    assert of(row, "campaign", "gifts", "cash_gifts_fen", "gifts_returned_fen", "goods_gifts_fen", "raised_fen") == (
        *(Said("table_word.unnamed_campaign"), 2),
        *(30_000, 1_000, 50_000, 79_000),
    )
    assert of(row, "plan_no", "spent_fen", "published_on") == (None, None, None)
    assert "table.note.unnamed" in codes(found)
    assert rows(table(book, "Q2", "2025-04", "2025-06")) == []
    named = VALID["campaign.named"](campaign="day", name="慈善一日捐", starts_on=date(2025, 9, 1), ends_on=None)
    plan = VALID["campaign.named"](campaign="day", name="慈善一日捐", plan_no="备2025-07", starts_on=None, ends_on=None)
    said = {"matter": "campaign_final", "subject": "慈善一日捐", "since_on": date(2025, 9, 1)}
    told = [
        VALID["disclosure.published"](disclosure=f"GK-{day}", published_on=date(2025, 9, day), **said)
        for day in (20, 24)
    ]
    book.post(CHARITY, named, plan, *told, note="公开")
    found = table(book, "Q2", "2025-07", "2025-09")
    (row,) = rows(found)
    assert of(row, "campaign", "plan_no", "starts_on", "ends_on") == ("慈善一日捐", "备2025-07", date(2025, 9, 1), None)
    assert of(row, "into_funds", "published_on") == ("flood、general", date(2025, 9, 24))
    assert "table.note.unnamed" not in codes(found)
    book.close()


def test_the_year_of_a_charity(charity: OpenedBook, tmp_path: Any) -> None:
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, gift("D1", 900_000), gift("D2", 5_000, donor_label="示例县第一中学"), note="捐赠")
    book.post(CHARITY, lot("quilts", 10, 50_000), note="收被")
    back = {"donation": "D1", "fund": "general", "amount_fen": 100_000, "occurred_on": date(2025, 9, 12)}
    book.post(CHARITY, VALID["donation.returned"](movement="back-1", pledge_parts=(), **back), note="退还")
    promised = {"grant": "G1", "fund": "general", "project": None, "payee": "uncle", "purpose": "助学"}
    book.post(CHARITY, VALID["grant.committed"](amount_fen=200_000, **promised), note="立项")
    related = VALID["related_party.declared"](payee="uncle", since=date(2025, 1, 1))
    book.post(CHARITY, related, note="关联方")
    paid = {"grant": "G1", "fund": "general", "payee": "uncle", "purpose": "助学", "occurred_on": date(2025, 9, 20)}
    book.post(CHARITY, VALID["grant.disbursed"](movement="M1", amount_fen=200_000, basis="cost", **paid), note="拨付")
    found = table(book, "Y5", *YEAR)
    told = {row.cells[1].code: (row.cells[2], row.cells[3]) for row in found.rows if isinstance(row.cells[1], Said)}
    assert told["table_item.gifts"][0] == 900_000 + 5_000 + 50_000 - 100_000
    assert told["table_item.gifts_goods"][0] == 50_000
    assert told["table_item.income"][0] == 855_000
    assert (told["table_item.programme_cost"][0], told["table_item.cost"][0]) == (200_000, 200_000)
    assert told["table_item.management"] == (0, 0)
    assert (told["table_item.last_income"], told["table_item.net_before"]) == ((None, None), (None, None))
    assert told["table_item.related"][0] == 200_000
    greatest = [row for row in rows(found) if row["item"] == Said("table_item.gift")]
    assert [of(row, "meaning", "amount_fen") for row in greatest] == [
        ("湖南示例矿业有限公司", 850_000),
        ("示例县第一中学", 5_000),
    ]
    assert "table.note.not_in_book" in codes(found)
    emptied = {"fund": "general", "role": "donation_unrestricted", "party": "", "balance_fen": -805_000}
    carried = event("period.carried_forward", entity=CHARITY, period="2025-09", lines=[emptied], on="2025-09-30")
    book.post(CHARITY, carried, note="结转")
    assert table(book, "Y5", *YEAR).rows == found.rows
    assert table(book, "Y5", *YEAR).notes == found.notes, "an entry that carries the year forward is no gift"
    next_year = rows(table(book, "Y5", "2026-01", "2026-12"))
    (later,) = [row for row in next_year if row["item"] == Said("table_item.last_income")]
    assert later["amount_fen"] == 855_000
    book.close()


def test_a_grant_that_names_a_related_party_by_its_label_only_is_told_among_them(
    charity: OpenedBook, tmp_path: Any
) -> None:
    """Also where a blank is typed in it; another's label, a day before the relation and a list of many are not."""
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, gift("D1", 900_000), note="捐赠")
    who = {"payee": "uncle", "payee_label": "示例建筑公司", "since": date(2025, 9, 10)}
    book.post(CHARITY, VALID["related_party.declared"](**who), note="关联方")
    common = {"grant": "G1", "fund": "general", "project": None, "purpose": "助学", "payee": None}
    labels = {1: "示例建筑公司", 2: "示例 建筑公司", 4: "另一公司"}
    book.post(CHARITY, VALID["grant.committed"](amount_fen=9_000, **common))
    for fen, label in labels.items():
        paid = {**common, "payee_label": label, "amount_fen": fen, "basis": "cost"}
        del paid["project"]
        for day in (9, 20):
            one = VALID["grant.disbursed"](movement=f"M{fen}-{day}", occurred_on=date(2025, 9, day), **paid)
            book.post(CHARITY, one, note="拨付")
    (row,) = [one for one in rows(table(book, "Y5", *YEAR)) if one["item"] == Said("table_item.related")]
    assert row["amount_fen"] == 1 + 2
    book.close()


def test_money_for_a_final_payee_is_no_income_and_among_no_greatest_and_the_tables_lead_to_each_other(
    charity: OpenedBook, tmp_path: Any
) -> None:
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, fund("held", "agency", final_payee="zixing-charity"), on=date(2025, 1, 2))
    book.post(CHARITY, gift("D1", 900_000), gift("A1", 5_000_000, fund="held", donor_label="示例银行"), note="捐赠")
    passed = {"fund": "held", "final_payee": "zixing-charity", "amount_fen": 3_000_000}
    on = {"occurred_on": date(2025, 9, 20)}
    book.post(CHARITY, VALID["agency.transferred"](movement="T1", **passed, **on), note="划转")
    found = table(book, "Y5", *YEAR)
    told = {row.cells[1].code: row.cells[2] for row in found.rows if isinstance(row.cells[1], Said)}
    assert told["table_item.gifts"] == 900_000
    greatest = [row for row in rows(found) if row["item"] in (Said("table_item.gift"), Said("table_item.grant"))]
    assert [of(row, "meaning", "amount_fen") for row in greatest] == [("湖南示例矿业有限公司", 900_000)]
    notes = {one.code: one.params for one in found.notes}
    assert notes["table.note.gifts"] == {
        "entity": "示例县慈善总会",
        "cash_fen": 5_900_000,
        "goods_fen": 0,
        "back_fen": 0,
        "agency_fen": 5_000_000,
        "rest_fen": 0,
        "income_fen": 900_000,
    }
    arrived = rows(table(book, "Y6", *YEAR))[0]["arrived_fen"]
    assert of(dict(notes["table.note.arrived"]), "arrived_fen", "rest_fen", "net_fen") == (arrived, 0, 5_900_000)
    month = rows(table(book, "M7", "2025-09"), "total")[0]
    assert month["cash_gifts_fen"] == notes["table.note.gifts"]["cash_fen"]
    book.close()


def test_every_giver_of_goods_and_of_money_that_waited_stands_among_the_greatest_by_its_own_gift(
    charity: OpenedBook, tmp_path: Any
) -> None:
    book = charity.copy(tmp_path / "b.db")
    goods = {"甲粮油公司": 10_000, "乙食品公司": 900_000, "丙集团": 500_000}
    lots = [lot(f"L{fen}", 10, fen, fund="general", donor_label=label) for label, fen in goods.items()]
    second = lot("L7", 10, 20_000, fund="general", donor_label="丙集团", donation="d-L500000")
    waits = {"suspense": "S1", "amount_fen": 700_000, "means": "bank", "account": "icbc"}
    waiting = VALID["suspense.received"](fund="general", occurred_on=SEPTEMBER, **waits)
    known = {"waited_in": "general", "fund": "flood", "donation": "DS1", "donor_label": "巨款公司", "pledge_parts": ()}
    named = VALID["suspense.identified"](arrived_on=SEPTEMBER, identified_on=SEPTEMBER, **known, **waits)
    box = VALID["box.opened"](donation="BX1", fund="general", occurred_on=SEPTEMBER)
    book.post(CHARITY, *lots, second, waiting, named, box, gift("D1", 1_000, donor_label="小额公司"), note="捐赠")
    back = {"donation": "DS1", "fund": "flood", "amount_fen": 300_000, "occurred_on": date(2025, 9, 12)}
    book.post(CHARITY, VALID["donation.returned"](movement="back-1", pledge_parts=(), **back), note="退还")
    found = table(book, "Y5", *YEAR)
    greatest = [row for row in found.rows if row.cells[1] == Said("table_item.gift")]
    assert [(row.cells[4], row.cells[2], row.tags) for row in greatest] == [
        ("乙食品公司", 900_000, ("donation:d-L900000",)),
        ("丙集团", 520_000, ("donation:d-L500000",)),
        ("巨款公司", 400_000, ("donation:DS1",)),
        ("甲粮油公司", 10_000, ("donation:d-L10000",)),
        ("小额公司", 1_000, ("donation:D1",)),
    ]
    book.close()


def test_goods_that_were_taken_back_are_no_gifts_in_goods(charity: OpenedBook, tmp_path: Any) -> None:
    book = charity.copy(tmp_path / "b.db")
    wrong = lot("quilts", 10, 50_000)
    position = book.post(CHARITY, wrong, gift("D1", 900_000), note="收被").first_position
    book.reverse(CHARITY, wrong, position)
    found = table(book, "Y5", *YEAR)
    told = {row.cells[1].code: row.cells[2] for row in found.rows if isinstance(row.cells[1], Said)}
    assert (told["table_item.gifts"], told["table_item.gifts_goods"]) == (900_000, 0)
    book.close()


@pytest.mark.parametrize(("code", "months"), [("M7", ("2025-09",)), ("Y5", YEAR), ("Y7", ("2025-09",))])
def test_a_month_is_read_by_its_vouchers_and_not_through_all_postings(
    charity: OpenedBook, tmp_path: Any, code: str, months: tuple[str, ...]
) -> None:
    book = charity.copy(tmp_path / "b.db")
    book.post(CHARITY, gift("D1", 900_000), lot("quilts", 10, 50_000), note="捐赠")
    read: list[tuple[str, Any]] = []
    engine = book.store.engine
    table(book, code, *months)  # the models have caught up
    listen(engine, "before_cursor_execute", lambda _c, _u, text, values, _x, _m: read.append((text, values)))
    table(book, code, *months)
    plans: set[str] = set()
    with closing(sqlite3.connect(tmp_path / "b.db")) as here:
        for text, values in read:
            if "postings" in text:
                plans |= {row[3] for row in here.execute(f"EXPLAIN QUERY PLAN {text}", values) if "postings" in row[3]}
    assert plans
    assert [plan for plan in plans if not re.fullmatch(r"SEARCH postings USING .*\(position[=<>].*\)", plan)] == []
    book.close()


def test_the_charity_s_tables_are_the_same_on_postgresql(charity: OpenedBook, pg_url: str, tmp_path: Any) -> None:
    books = [charity.copy(tmp_path / "b.db"), OpenedBook.create(pg_url)]
    books[1].post(CHARITY, fund("general"), fund("flood", "restricted"), on=date(2025, 1, 2))
    found = []
    for book in books:
        book.post(CHARITY, gift("D1", 30_000, campaign="day"), lot("quilts", 10, 50_000, campaign="day"), note="捐赠")
        out = {"fund": "flood", "lot": "quilts", "quantity": 4, "occurred_on": date(2025, 9, 12)}
        book.post(CHARITY, VALID["in_kind.delivered"](movement="out-1", **out), note="发放")
        found.append([table(book, code, "2025-09") for code in ("M7", "Q2", "Q3", "Y5", "Y6", "Y7")])
        book.close()
    assert found[0] == found[1]
    assert [len(one.rows) > 0 for one in found[0]] == [True, True, False, True, True, True]
