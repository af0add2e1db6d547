"""结账: against the trial balance at the lock, with nothing posted since, and nothing open that is not named."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ledger.application.closing import MATTERS, open_matters
from ledger.application.drafting import approve, draft, draft_event
from ledger.application.outcomes import Receipt, VoucherRefusedError, Waiting
from ledger.catalogue import codes
from ledger.decisions.prepared import Submission
from ledger.flows.event import Event
from tests.application.proposing.closing.closes import close_fields
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import CHARITY, Fields
from tests.flows.charity_world import VALID

MONTH = "2025-09"
END = date(2025, 9, 30)
EXPLAINED = {"explanation": "已报会长办公会", "document": None}


@pytest.fixture
def county(county: County) -> County:
    county.now = county.now.replace(month=11, day=5)
    return county


def locked(county: County, month: str = MONTH, day: date = END) -> int:
    done = county.decide(CHARITY, ("period.locked", {"entity": CHARITY, "period": month}), day=day)
    assert isinstance(done, Receipt)
    return done.first_position


def refused(county: County, fields: Fields, day: date = END) -> dict[str, dict[str, Any]]:
    """Code -> parameters of what keeps a close out."""
    with pytest.raises(VoucherRefusedError) as caught:
        county.decide(CHARITY, ("period.closed", fields), day=day)
    return {one.code: dict(one.params) for one in caught.value.findings if one.refuses}


def overdraw(county: County) -> None:
    """The bank took a fee, however little was there: that is a fact, and somebody says why."""
    told = {"movement": "fee", "account": "abc-zhuxue", "fund": "aixin-zhuxue", "amount_fen": 90_000_000, "line": None}
    event = draft_event("bank.fee", {**told, "version": 2, "on": "2025-09-20"})
    made = draft(county.signer(f"acct-{CHARITY}"), CHARITY, END, [event], county.now, note="银行误扣")
    signed = approve(county.signer(f"check-{CHARITY}"), made, "checker", county.now)
    assert isinstance(county.writer.submit(Submission(made.envelope, made.events, (signed,))), Receipt)


def nameless(county: County) -> None:
    told = {"suspense": "S1", "fund": "general", "amount_fen": 100, "means": "bank", "account": "icbc-9991"}
    assert isinstance(
        county.decide(CHARITY, ("suspense.received", {**told, "occurred_on": "2025-09-12"}), day=END), Receipt
    )


def loan() -> tuple[str, Fields]:
    told = {"advance": "A1", "source": "general", "target": "aixin-zhuxue", "amount_fen": 100, "purpose": "垫付"}
    how = {"approval": "会办1号", "due": "2025-12-31", "means": "bank", "account": "icbc-9991"}
    return "fund.advanced", {**told, **how, "on": "2025-09-12", "origin": "decision"}


def lent(county: County) -> None:
    assert isinstance(county.decide(CHARITY, loan(), day=END), Receipt)


def stated(county: County) -> None:
    county.one("bank_abc.csv")


def waits(county: County) -> None:
    assert isinstance(county.post(f"acct-{CHARITY}", CHARITY, [loan()], day=END), Waiting)


def noted(county: County, *events: Event) -> None:
    made = draft(county.signer(f"acct-{CHARITY}"), CHARITY, END, events, county.now, note="照实登记")
    signed = approve(county.signer(f"check-{CHARITY}"), made, "checker", county.now)
    assert isinstance(county.writer.submit(Submission(made.envelope, made.events, (signed,))), Receipt)


def unreported(county: County) -> None:
    """Paid on the fifth, to be reported by the twentieth; the other may take its time, and is not paid."""
    grant = {"grant": "G1", "fund": "general", "amount_fen": 500, "purpose": "慰问", "payee_kind": "organisation"}
    whom = {"payee_label": "石岭镇人民政府", "persons": 5, "approval": "会办2号"}
    decided = {**grant, **whom, "on": "2025-09-05", "origin": "decision"}
    paid = {
        **grant,
        "payee_label": "石岭镇人民政府",
        "persons": 5,
        "movement": "P1",
        "basis": "prepaid",
        "means": "bank",
        "account": "icbc-9991",
    }
    gift = {"donation": "D-G", "fund": "general", "amount_fen": 500, "means": "bank", "account": "icbc-9991"}
    noted(
        county,
        VALID["donation.received"](**gift, channel=None, pledge_parts=(), campaign=None),
        draft_event("grant.committed", {**decided, "due": "2025-09-20"}),
        draft_event("grant.committed", {**decided, "grant": "G2", "due": "2025-09-20"}),
        draft_event("grant.disbursed", {**paid, "occurred_on": "2025-09-05"}),
    )


def more_out(county: County) -> None:
    lot = {"lot": "L1", "fund": "general"}
    goods = VALID["in_kind.received"](**lot, donation="D-L", quantity=10, campaign=None)
    noted(county, goods, VALID["in_kind.delivered"](**lot, quantity=11))


OPEN: list[tuple[Callable[[County], None], str]] = [
    (nameless, "suspense"),
    (lent, "advances"),
    (stated, "bank_lines"),
    (waits, "waiting"),
    (unreported, "reports"),
    (more_out, "stocks"),
]


def matters(county: County, position: int) -> dict[str, tuple[str, ...]]:
    with county.store.read() as connection:
        return {one.what: one.names for one in open_matters(connection, CHARITY, MONTH, position)}


@pytest.mark.parametrize(("act", "what"), OPEN, ids=[what for _, what in OPEN])
def test_what_is_open_is_told_and_let_stand_only_by_name(
    county: County, act: Callable[[County], None], what: str
) -> None:
    before = locked(county, "2025-10", date(2025, 10, 31))
    assert what not in matters(county, before)
    act(county)
    position = locked(county)
    fields = close_fields(county.store, CHARITY, MONTH, position)
    others = [part for part in fields["unsettled"] if part["what"] != what]
    (listed,) = (part for part in fields["unsettled"] if part["what"] == what)
    code = MATTERS[what]
    found = refused(county, {**fields, "unsettled": others})
    assert list(found) == [code]
    assert (found[code]["count"], found[code]["what"]) == (listed["count"], what)
    too_few = [{**listed, **EXPLAINED, "count": listed["count"] - 1}] if listed["count"] > 1 else []
    assert list(refused(county, {**fields, "unsettled": [*others, *too_few]})) == [code]
    closed = county.decide(CHARITY, ("period.closed", fields), day=END)
    assert isinstance(closed, Receipt)


def test_a_report_that_came_after_the_month_is_a_report(county: County) -> None:
    """Due on the twentieth, told on the fifth of October: whoever closes September later has nothing to ask for."""
    unreported(county)
    assert matters(county, county.size()[0])["reports"] == ("G1",)
    county.now = datetime(2025, 10, 10, 4, tzinfo=UTC)
    days = {"as_of": date(2025, 9, 30), "on": date(2025, 10, 5)}
    noted(county, VALID["grant.use_reported"](grant="G1", fund="general", used_fen=500, **days))
    assert "reports" not in matters(county, county.size()[0])


def test_statements_that_end_before_the_month_are_told(county: County) -> None:
    position = locked(county)
    assert matters(county, position) == {"statements": ("abc-zhuxue", "ccb-9992", "icbc-9991")}
    fields = close_fields(county.store, CHARITY, MONTH, position)
    assert list(refused(county, {**fields, "unsettled": []})) == ["E_CLOSE_STATEMENTS"]


@pytest.mark.parametrize(("day", "open_"), [(29, True), (30, False)])
def test_a_bank_that_moved_last_before_the_months_end_is_stated_by_a_file_from_its_end(
    county: County, day: int, *, open_: bool
) -> None:
    """Few accounts move on the last day; a file that was fetched then, or later, shows that nothing followed."""
    assert county.one("bank_abc.csv", today=date(2025, 9, day)).wrong == []
    (told,) = county.of_kind("bank.statement_imported")
    assert told.last_day < END
    assert ("abc-zhuxue" in matters(county, locked(county))["statements"]) == open_


def test_an_earlier_months_statement_says_nothing_of_this_month(county: County) -> None:
    head, *rows = rows_of("bank_abc.csv")
    moved = [[cell.replace("2025-09", "2025-08").replace("202509", "202508") for cell in row] for row in rows]
    county.one(county.write("农行.csv", [head, *moved]), month="2025-08")
    assert county.of_kind("bank.statement_imported")
    assert "abc-zhuxue" in matters(county, locked(county))["statements"]


def test_an_account_that_lay_still_needs_no_statement_of_the_month(county: County) -> None:
    position = locked(county, "2025-10", date(2025, 10, 31))
    with county.store.read() as connection:
        assert "statements" not in {one.what for one in open_matters(connection, CHARITY, "2025-10", position)}


def test_a_fund_and_an_account_below_zero_are_told(county: County) -> None:
    """What the bank took is recorded; the close asks for it."""
    overdraw(county)
    found = matters(county, locked(county))
    assert (found["funds"], found["accounts"]) == (("aixin-zhuxue",), ("bank abc-zhuxue",))


def test_every_matter_has_a_sentence() -> None:
    assert set(MATTERS.values()) <= set(codes())


@pytest.mark.parametrize("root", ["sha256:" + "0" * 64, "other month"])
def test_a_close_names_the_root_at_its_lock(county: County, root: str) -> None:
    position = locked(county)
    if root == "other month":
        root = close_fields(county.store, CHARITY, "2025-08", position)["trial_balance_root"]
    fields = close_fields(county.store, CHARITY, MONTH, position)
    found = refused(county, {**fields, "trial_balance_root": root})
    assert (list(found), found["E_CLOSE_ROOT"]["stated"]) == (["E_CLOSE_ROOT"], root)
    assert found["E_CLOSE_ROOT"]["found"] == fields["trial_balance_root"]


def test_what_was_posted_behind_the_lock_is_locked_first(county: County) -> None:
    """October is locked while September is open; what September still takes changes what October's close stands on."""
    end = date(2025, 10, 31)
    position = locked(county, "2025-10", end)
    told = {"movement": "late", "account": "icbc-9991", "fund": "general", "amount_fen": 7, "line": None}
    late = county.decide(CHARITY, ("bank.interest", {**told, "on": "2025-09-21"}), day=END)
    assert isinstance(late, Receipt)
    fields = close_fields(county.store, CHARITY, "2025-10", position)
    found = refused(county, fields, end)
    assert list(found) == ["E_CLOSE_MOVED"]
    assert (found["E_CLOSE_MOVED"]["count"], found["E_CLOSE_MOVED"]["position"]) == (1, late.first_position)
    reopened = {"entity": CHARITY, "period": "2025-10", "reason": "九月补记利息", "document": None}
    assert isinstance(county.decide(CHARITY, ("period.reopened", reopened), day=end), Receipt)
    again = locked(county, "2025-10", end)
    fields = close_fields(county.store, CHARITY, "2025-10", again)
    assert isinstance(county.decide(CHARITY, ("period.closed", fields), day=end), Receipt)


def test_rows_of_later_months_are_no_matter_of_this_one(county: County) -> None:
    told = {"suspense": "S1", "fund": "general", "amount_fen": 100, "means": "bank", "account": "icbc-9991"}
    county.decide(CHARITY, ("suspense.received", {**told, "occurred_on": "2025-10-12"}), day=date(2025, 10, 12))
    assert set(matters(county, locked(county))) == {"statements"}
