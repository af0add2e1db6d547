"""Statements, their lines and what explains them, for the tests of the reconciliation."""

from datetime import date
from typing import Any

from ledger.flows.books.bank import BankFee
from ledger.flows.books.matching import AllocatedPart, LineAllocated
from ledger.flows.books.statements import LineRecorded, StatementImported
from ledger.flows.event import Event
from ledger.flows.giving.donations import DonationReceived
from tests.flows.event_samples import make
from tests.flows.public_money import samples_relief as relief

SEPTEMBER = date(2025, 9, 30)


def statement(name: str, closing_fen: int, **over: Any) -> StatementImported:
    days = {"first_day": date(2025, 9, 1), "last_day": SEPTEMBER, "source": relief.source(name[-1])}
    sums = {"opening_fen": 0, "closing_fen": closing_fen, "breaks": 0}
    return make(StatementImported, statement=name, **{"account": "icbc", **days, **sums, **over})


def line(name: str, fen: int, on: int, **over: Any) -> LineRecorded:
    said = {"occurred_at": f"2025-09-{on:02d}T09:00:00+08:00", "amount_fen": fen, "memo": "转账", "key": f"k-{name}"}
    return make(LineRecorded, line=name, **{"statement": "s-a", "account": "icbc", **said, **over})


def gift(name: str, fen: int, on: int, **over: Any) -> DonationReceived:
    giver = {"donor_kind": "organisation", "donor_label": "湖南示例矿业有限公司", "publicity": "name"}
    way = {"means": "bank", "account": "icbc", "occurred_on": date(2025, 9, on)}
    return make(DonationReceived, donation=name, fund="general", amount_fen=fen, **{**giver, **way, **over})


def fee(name: str, fen: int, on: int, named: str | None = None) -> BankFee:
    return make(
        BankFee, movement=name, line=named, account="icbc", fund="general", amount_fen=fen, on=date(2025, 9, on)
    )


def allocated(name: str, *parts: tuple[Event, int]) -> LineAllocated:
    return make(LineAllocated, line=name, parts=tuple(AllocatedPart(event=e.id, amount_fen=fen) for e, fen in parts))
