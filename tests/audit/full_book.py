"""A book with something in every table: funds, gifts, pledges, promises, fees without money, reversals, bank lines,
receipts, a closed month and a witness. What is exported and derived in this room's tests is this book.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from ledger.flows.event import Event
from ledger.log import reading, side_tables, tables
from ledger.log.appending import put_cosignature
from ledger.signing.keys import SigningKey
from ledger.signing.notes import Cosigner
from tests.application.proposing.closing.closes import close_fields
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund, opened
from tests.signing.cosigning import add_signatures

PLACE = {"place": None}
DONOR = {"donor_kind": "organisation", "donor_label": "湖南示例矿业有限公司", "publicity": "name"}
AUGUST = dt.date(2025, 8, 31)
TODAY = dt.date(2025, 10, 1)
DERIVED = (
    tables.balances,
    tables.balance_days,
    tables.voucher_numbers,
    tables.findings,
    tables.head,
    side_tables.seen,
)
"""Tables that can be made again from the immutable ones."""
DIGEST = "sha256:" + "5" * 64


def gift(name: str, to: str, fen: int, on: str = "2025-09-05", **more: Any) -> Event:
    """A gift by bank transfer."""
    given = {"means": "bank", "account": "icbc", "pledge_parts": [], "wants_receipt": True, "occurred_on": on}
    return event("donation.received", donation=name, fund=to, amount_fen=fen, **DONOR, **{**given, **more})


def pledge(name: str, fen: int, due: str) -> Event:
    """A promise to the general fund in one instalment."""
    terms = {"paid_before_fen": 0, "pledge_kind": "instalments", "instalments": [{"due": due, "fen": fen}]}
    return event(
        "pledge.made", pledge=name, fund="general", amount_fen=fen, public=True, on="2025-08-03", **DONOR, **terms
    )


def statement() -> list[Event]:
    """A bank statement of three lines: a gift, interest, and one that nothing explains."""
    source = {"organisation": "示例银行", "file_digest": DIGEST, "obtained_by": "zhang", "obtained_on": "2025-09-30"}
    span = {"first_day": "2025-09-01", "last_day": "2025-09-30", "opening_fen": 0, "closing_fen": 190_150}
    taken = event(
        "bank.statement_imported",
        statement="s1",
        account="icbc",
        source={**source, "how": "download"},
        line_count=3,
        breaks=0,
        **span,
    )
    return [taken, *(line(name, fen) for name, fen in (("l1", 140_000), ("l2", 150), ("l3", 50_000)))]


def line(name: str, fen: int) -> Event:
    """One line of the statement."""
    said = {"statement": "s1", "account": "icbc", "occurred_at": "2025-09-05T10:00:00+08:00", "memo": "转账"}
    return event("bank.line_recorded", line=name, amount_fen=fen, key=f"k-{name}", **said)


def receipt(number: int, donation: str, fen: int) -> Event:
    """A receipt for one whole gift."""
    given = {"code": "43060125", "number": f"{number:010d}", "form": "electronic", "in_advance": False}
    covers = [{"donation": donation, "fen": fen}]
    name = f"43060125-{number:010d}"
    return event(
        "donation.receipt_issued",
        receipt=name,
        payer_label="湖南示例矿业有限公司",
        amount_fen=fen,
        covers=covers,
        issued_on="2025-09-06",
        origin="decision",
        **given,
    )


def full_book(folder: Path) -> OpenedBook:
    """The book, in a folder."""
    return filled(opened(folder))


def filled(book: OpenedBook) -> OpenedBook:
    """A book that was just opened, with everything in it."""
    funds = fund("general"), fund("school_2", "restricted"), fund("held", "agency", final_payee="payee-1")
    book.post(CHARITY, *funds, on=dt.date(2025, 1, 2))
    book.post(CHARITY, gift("D0", "general", 100_000, "2025-08-05"), on=AUGUST)
    book.post(CHARITY, pledge("P1", 90_000, "2025-09-10"), on=AUGUST)
    _close(book, "2025-08")
    gifts = gift("D1", "school_2", 140_000), gift("D2", "held", 20_000), gift("D3", "general", 7_700, channel=None)
    book.post(CHARITY, *gifts)
    part = [{"pledge": "P1", "fen": 30_000}]
    book.post(CHARITY, gift("D4", "general", 30_000, pledge_parts=part))
    book.post(CHARITY, _fee("M1", "icbc", 500), _fee("M2", "ccb", 40), note="未达资金,先扣手续费")
    wrong = gift("D5", "general", 999)
    posted = book.post(CHARITY, wrong)
    book.reverse(CHARITY, wrong, posted.first_position)
    promise = {"movement": "M3", "source": "general", "project": "well", "amount_fen": 60_000, "purpose": "打井"}
    book.post(
        CHARITY, event("fund.allocated", **promise, approval="会办〔2025〕1号", on="2025-09-25", origin="decision")
    )
    book.post(CHARITY, *statement())
    book.post(CHARITY, _allocation("l1", gifts[0], 140_000), _interest("M4", "l2", 150))
    book.post(CHARITY, receipt(1, "D1", 140_000), receipt(4, "D3", 7_700))
    _witness(book)
    return book


def _fee(movement: str, account: str, fen: int) -> Event:
    return event("bank.fee", movement=movement, account=account, fund="general", amount_fen=fen, on="2025-09-08")


def _interest(movement: str, of: str, fen: int) -> Event:
    return event(
        "bank.interest", movement=movement, line=of, account="icbc", fund="general", amount_fen=fen, on="2025-09-05"
    )


def _allocation(of: str, explained: Event, fen: int) -> Event:
    return event("bank.allocated", line=of, parts=[{"event": explained.id, "amount_fen": fen}])


def _close(book: OpenedBook, month: str) -> None:
    day = AUGUST
    locked = book.post(CHARITY, event("period.locked", entity=CHARITY, period=month), on=day)
    closed = close_fields(book.store, CHARITY, month, locked.first_position)
    book.post(CHARITY, event("period.closed", **closed), on=day)


def _witness(book: OpenedBook) -> None:
    """A witness has signed the newest checkpoint."""
    with book.store.write() as connection:
        newest = reading.checkpoint(connection)
        assert newest is not None
        cosigner = Cosigner("witness.example.org/w1", SigningKey.generate(), 1_767_225_600)
        added = add_signatures(newest.note, [cosigner]).removeprefix(newest.note)
        put_cosignature(connection, newest.size, "witness.example.org/w1", added)
