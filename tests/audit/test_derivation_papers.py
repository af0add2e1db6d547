"""The full verification judges again who signed and what a paper stood for, from the signed bytes alone."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from ledger.application.outcomes import Receipt, Waiting
from ledger.decisions import judging
from ledger.flows.event import Event
from ledger_audit.derivation import Verdict, verify_book
from tests.projections.opened_book import CHARITY, OpenedBook, event

TODAY = dt.date(2025, 10, 1)


def fee(number: int) -> Event:
    return event("bank.fee", movement=f"F{number}", account="icbc", fund="general", amount_fen=100, on="2025-09-08")


def minutes(*vouchers: str, document: str = "会纪1号", **scope: Any) -> Event:
    said = {"document": document, "form": "minutes", "decided_on": "2025-09-05", "subject": "手续费"}
    deciders = [{"name": "局长", "post": "局长", "officer": None}]
    limits = {"kinds": [], "max_fen": 250, "vouchers": list(vouchers), **scope}
    return event("approval.recorded", **said, deciders=deciders, **limits)


@pytest.fixture(name="mine")
def _mine(book: OpenedBook, tmp_path: Path) -> OpenedBook:
    """Fees need an approver or a paper; one rests on named minutes, two on general ones, in this order."""
    mine = book.copy(tmp_path / "book.db")
    line = {"kinds": ["bank.fee"], "above_fen": 0, "capacities": ["approver"], "paper": True}
    policy = {"entity": CHARITY, "policies": [line], "duty_profile": None, "free_control_accounts": False}
    mine.post("book", event("policy.set", **policy))
    waits = mine.writer.submit(mine.draft(CHARITY, [fee(1)]))
    assert isinstance(waits, Waiting)
    released = mine.post(CHARITY, minutes(waits.voucher)).released
    released += mine.post(CHARITY, minutes(document="会纪2号", kinds=["bank.fee"])).released
    assert [type(one) for one in released] == [Receipt]
    mine.post(CHARITY, fee(2))
    mine.post(CHARITY, fee(3))
    return mine


def issues(mine: OpenedBook) -> list[Any]:
    with mine.store.read() as connection:
        return [*_verdict(connection).integrity]


def _verdict(connection: Connection) -> Verdict:
    return verify_book(connection, TODAY)


def test_what_rests_on_papers_is_judged_as_it_was(mine: OpenedBook) -> None:
    """Named, general and what a general one was used for: derived again, nothing differs."""
    assert [issue.code for issue in issues(mine)] == []
    mine.close()


def test_a_mark_that_is_taken_away_is_missed(mine: OpenedBook) -> None:
    """Somebody would have a voucher look as if the leader had signed it."""
    with mine.store.write() as connection:
        connection.execute(text("DELETE FROM findings WHERE code = 'W_ON_PAPER'"))
    assert [issue.code for issue in issues(mine)] == ["E_DERIVE_MISSING"] * 3
    mine.close()


def test_a_paper_used_beyond_its_amount_is_found(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that did not count what rests on a paper posted a third fee in its strength."""
    with monkeypatch.context() as patch:
        patch.setattr(judging, "required_capacities", lambda *_: ("checker",))
        skipped = mine.post(CHARITY, fee(4))
    found = issues(mine)
    assert [(issue.code, issue.position) for issue in found] == [("E_DERIVE_UNSIGNED", skipped.first_position)]
    mine.close()
