"""Where money may lie: on registered accounts, since the fourth edition; what the third let in stays right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.flows.event import Event
from tests.audit.earlier.editions import Act, by_edition, stands, verdict_of
from tests.audit.full_book import gift
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event, fund, taken_back


def registered(account: str, holding: str) -> Event:
    named: dict[str, Any] = {"bank": None, "aliases": [], "number_ref": None, "default_fund": "general"}
    return event("bank.account_registered", account=account, holding=holding, **named, opened_on="2025-01-01")


def mistyped(book: OpenedBook) -> None:
    book.post(CHARITY, gift("D9", "general", 300, account="icbc-9"))


def into_no_box(book: OpenedBook) -> None:
    book.post(CHARITY, gift("D9", "general", 300, means="cash", account="nobox"))


def cash_at_the_bank(book: OpenedBook) -> None:
    book.post(CHARITY, gift("D9", "general", 300, means="cash", account="icbc"))


def bank_in_the_box(book: OpenedBook) -> None:
    book.post(CHARITY, gift("D9", "general", 300, account="box"))


REFUSED: dict[Act, str] = {
    mistyped: "E_ACCOUNT_UNKNOWN",
    into_no_box: "E_ACCOUNT_UNKNOWN",
    cash_at_the_bank: "E_ACCOUNT_HOLDING",
    bank_in_the_box: "E_ACCOUNT_HOLDING",
}
acts = pytest.mark.parametrize("act", REFUSED, ids=lambda one: one.__name__)


@pytest.fixture
def mine(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    copy = book.copy(tmp_path / "b.db")
    copy.post(CHARITY, registered("icbc", "bank"), registered("box", "cash"))
    yield copy
    copy.close()


@acts
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Act) -> None:
    with pytest.raises(VoucherRefusedError) as caught:
        act(mine)
    assert [finding.code for finding in caught.value.findings if finding.refuses] == [REFUSED[act]]


@pytest.mark.usefixtures("third")
@acts
def test_a_book_that_holds_it_still_holds(mine: OpenedBook, act: Act) -> None:
    stands(mine, act)


def test_what_lies_there_since_before_finds_its_way_out(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as of_before:
        by_edition(of_before, 3)
        mistyped(mine)
    out = {"from_account": "icbc-9", "to_account": "icbc", "fund": "general", "approval": None, "on": "2025-09-20"}
    mine.post(CHARITY, event("bank.transferred", movement="T1", **out, amount_fen=200))
    with pytest.raises(VoucherRefusedError) as caught:
        mine.post(CHARITY, event("bank.transferred", movement="T2", **out, amount_fen=200))
    assert "E_ACCOUNT_UNKNOWN" in [finding.code for finding in caught.value.findings]
    assert verdict_of(mine).holds


def test_a_gift_on_an_unknown_account_can_be_reversed(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    given = gift("D9", "general", 300, account="icbc-9")
    with monkeypatch.context() as of_before:
        by_edition(of_before, 3)
        place = mine.post(CHARITY, given).first_position
    mine.post(CHARITY, taken_back(given, place))
    assert verdict_of(mine).holds


def test_an_account_may_be_registered_in_the_same_voucher(mine: OpenedBook) -> None:
    mine.post(CHARITY, gift("D9", "general", 300, account="ccb-2"), registered("ccb-2", "bank"))
    assert verdict_of(mine).holds


def test_an_office_that_registers_no_cash_box_may_keep_one(book: OpenedBook, tmp_path: Path) -> None:
    copy = book.copy(tmp_path / "c.db")
    copy.post(CHARITY, registered("icbc", "bank"))
    copy.post(CHARITY, gift("D9", "general", 300, means="cash", account="drawer"))
    assert verdict_of(copy).holds
    copy.close()


def test_a_society_names_its_own_account(mine: OpenedBook) -> None:
    """The list of societies names their accounts; nobody registers them beside it."""
    named = {"society": "S1", "fund": "S1", "name": "示例互助社", "township": None, "village": "示例村", "members": 9}
    kept = {"status": "registered", "uscc": None, "founded_on": None, "money_with": "own_account", "account": "acct-s1"}
    rest = {"document": None, "on": "2025-09-01", "origin": "history"}
    village = {**registered("rcc", "bank").model_dump(mode="json", exclude={"id", "kind", "version"})}
    mine.post(
        BUREAU,
        fund("relief", "fiscal"),
        event("bank.account_registered", **{**village, "default_fund": "relief"}),
        event("mutual_aid.society_registered", **named, **kept, **rest),
    )
    gave = {"society": "S1", "fund": "S1", "source": "county", "donor": None, "donor_label": None}
    money = {"amount_fen": 500, "cumulative_fen": None, "means": "bank", "occurred_on": "2025-09-10"}
    mine.post(BUREAU, event("mutual_aid.contributed", movement="SM1", **gave, **money, account="acct-s1"))
    with pytest.raises(VoucherRefusedError) as caught:
        mine.post(BUREAU, event("mutual_aid.contributed", movement="SM2", **gave, **money, account="acct-s2"))
    assert "E_ACCOUNT_UNKNOWN" in [finding.code for finding in caught.value.findings]
