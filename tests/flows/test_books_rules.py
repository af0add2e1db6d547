"""The books: every rule of statements, matching, bank, deposits, cash and papers shown firing and silent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from ledger.accounts.roles import Role
from ledger.flows.books.bank import BankFee, BankFeeSpent, BankInterest, BankTransferred
from ledger.flows.books.cash import CashAdjusted, CashCounted, CashWithdrawn, Denomination
from ledger.flows.books.deposits import DepositMatured, DepositPlaced
from ledger.flows.books.matching import AllocatedPart, LineAllocated, LineAllocatedOnAccount
from ledger.flows.books.papers import ApprovalRecorded, AttachmentAdded, HandoverCompleted
from ledger.flows.books.reversal import EventReversed
from ledger.flows.books.statements import LineRecorded, StatementImported
from ledger.flows.event import Event
from tests.flows.books_world import journal, world
from tests.flows.event_samples import DAY, make, of_rooms, uuid7
from tests.flows.rule_cases import Case, each, missing

LATER, EARLIER = date(2025, 10, 1), date(2025, 9, 29)
SCAN = "sha256:" + "5" * 64
HERE = {"account": "icbc", "fund": "free"}
BETWEEN = {"from_account": "icbc", "to_account": "ccb", "fund": "free"}


def statement(name: str = "s-1", account: str = "icbc", **given: Any) -> StatementImported:
    return make(StatementImported, **{"statement": name, "account": account, "breaks": 0, **given})


def line(fen: int, name: str = "l-1", **given: Any) -> LineRecorded:
    fields = {"line": name, "statement": "s-1", "account": "icbc", "amount_fen": fen, "key": name, **given}
    return make(LineRecorded, **fields)


def allocation(*parts: tuple[Event, int], to: str = "l-1") -> LineAllocated:
    rows = tuple(AllocatedPart(event=event.id, amount_fen=fen) for event, fen in parts)
    return make(LineAllocated, line=to, parts=rows)


def paper(max_fen: int = 50_000, on: date = DAY) -> ApprovalRecorded:
    return make(ApprovalRecorded, document="doc-1", max_fen=max_fen, decided_on=on, scan=SCAN)


def transfer(fen: int, **given: Any) -> BankTransferred:
    return make(BankTransferred, **{**BETWEEN, "amount_fen": fen, **given})


def placing(fen: int = 50_000, **given: Any) -> DepositPlaced:
    fields = {"deposit": "d-1", "amount_fen": fen, "matures_on": LATER, "approval": "doc-1", **HERE, **given}
    return make(DepositPlaced, **fields)


def maturing(fen: int = 50_000, **given: Any) -> DepositMatured:
    return make(DepositMatured, **{"deposit": "d-1", "principal_fen": fen, **HERE, **given})


def interest(fen: int = 500, **given: Any) -> BankInterest:
    return make(BankInterest, **{"amount_fen": fen, **HERE, **given})


def fee(fen: int = 500, **given: Any) -> BankFee:
    return make(BankFee, **{"amount_fen": fen, **HERE, **given})


def spent(fen: int = 500, **given: Any) -> BankFeeSpent:
    return make(BankFeeSpent, **{"amount_fen": fen, **HERE, **given})


def on(account: str, *parts: tuple[Event, int], to: str) -> LineAllocatedOnAccount:
    rows = tuple(AllocatedPart(event=event.id, amount_fen=fen) for event, fen in parts)
    return make(LineAllocatedOnAccount, line=to, parts=rows, account=account)


def count(book_fen: int = 10_000, counted_fen: int = 10_000, **given: Any) -> CashCounted:
    fields = {"book_fen": book_fen, "counted_fen": counted_fen, "iou_fen": 0, "account": "till"}
    return make(CashCounted, **{**fields, "counted_by": "li", "witnessed_by": "wang", **given})


def drawing(fen: int = 500, **given: Any) -> CashWithdrawn:
    return make(
        CashWithdrawn, **{"from_account": "icbc", "account": "till", "fund": "free", "amount_fen": fen, **given}
    )


def settling(fen: int, **given: Any) -> CashAdjusted:
    return make(CashAdjusted, **{"account": "till", "fund": "free", "difference_fen": fen, **given})


def handover(*people: str) -> HandoverCompleted:
    return make(HandoverCompleted, **dict(zip(("from_officer", "to_officer", "supervised_by"), people, strict=True)))


def notes(*pairs: tuple[int, int]) -> tuple[Denomination, ...]:
    return tuple(Denomination(value_fen=value, pieces=pieces) for value, pieces in pairs)


gift = journal(("free", Role.BANK, 30_000, "icbc"), ("free", Role.OTHER_INCOME, -30_000, ""))
memo = make(AttachmentAdded, attachment="memo", voucher=uuid7(1))
moved = transfer(400)
undone = journal(("free", Role.BANK, 400, "icbc"), ("free", Role.OTHER_INCOME, -400, ""))
undoing = make(EventReversed, target=undone.id, target_position=19, target_tags=undone.tags())
statement_and_line = (statement(), line(50_000))
two_notes = notes((10_000, 0), (500, 20))

MOVED_ON = {"icbc": -30_000, "ccb": 10_000, "boc": 20_000}
three = journal(*(("free", Role.BANK, fen, account) for account, fen in MOVED_ON.items()))
THREE = (
    *(statement(f"s-{account}", account) for account in MOVED_ON),
    three,
    *(
        line(fen + fen // abs(fen), f"{account}-1", statement=f"s-{account}", account=account)
        for account, fen in MOVED_ON.items()
    ),
)
TRANSFERRED = (
    *(statement(f"s-{account}", account) for account in ("icbc", "ccb")),
    moved,
    *(
        line(fen, name, statement=f"s-{name.split('-')[0]}", account=name.split("-")[0])
        for name, fen in (
            ("icbc-1", -400),
            ("icbc-back", 400),
            ("icbc-2", -400),
            ("ccb-1", 400),
            ("ccb-2", 400),
        )
    ),
)


MOVING: tuple[Callable[..., Event], ...] = (
    interest,
    fee,
    partial(transfer, 5),
    placing,
    maturing,
    drawing,
    partial(settling, 5),
)
"""Builders of every event of these files that moves money and takes a movement number."""

STATEMENTS = [
    Case("STATEMENT_TWICE", statement(), statement("s-2"), (statement(),)),
    Case("STATEMENT_DAYS", statement(first_day=LATER, last_day=DAY), statement(first_day=DAY, last_day=DAY)),
    Case("BANK_CHAIN", statement(breaks=1), statement(breaks=0)),
    Case(
        "BANK_GAP",
        statement(first_day=DAY, opening_fen=501),
        statement(first_day=DAY, opening_fen=500),
        (
            statement("old", last_day=date(2025, 7, 31), closing_fen=300),
            statement("last", last_day=date(2025, 8, 31), closing_fen=500),
            statement("other", "ccb", last_day=EARLIER, closing_fen=900),
        ),
    ),
    Case(
        "BANK_GAP",
        statement(first_day=DAY, opening_fen=501),
        statement(first_day=DAY, opening_fen=500),
        (
            statement("morning", last_day=date(2025, 8, 31), closing_fen=300),
            statement("evening", last_day=date(2025, 8, 31), closing_fen=500),
            statement("earlier", last_day=date(2025, 8, 30), closing_fen=501),
        ),
    ),
    Case("STATEMENT_UNKNOWN", line(5, statement="s-2"), line(5), (statement(),)),
    Case("STATEMENT_UNKNOWN", line(5, account="ccb"), line(5), (statement(),)),
    Case("BANK_LINE_TWICE", line(5, "l-1", key="k-9"), line(5, "l-2"), statement_and_line),
    Case("BANK_LINE_TWICE", line(5, "l-9", key="l-1"), line(5, "l-9", key="l-1", account="ccb"), statement_and_line),
    Case("LINE_UNKNOWN", allocation((gift, 5), to="l-9"), allocation((gift, 5)), (*statement_and_line, gift)),
    Case(
        "BANK_LINE_OVERALLOCATED",
        allocation((gift, 30_000), (undone, 20_001)),
        allocation((gift, 30_000), (undone, 20_000)),
        (*statement_and_line, gift, undone),
    ),
    Case(
        "BANK_LINE_OVERALLOCATED",
        allocation((gift, 20_001)),
        allocation((gift, 20_000)),
        (*statement_and_line, gift, undone, interest(30_000, line="l-1")),
    ),
    Case("MATCH_PARTS", allocation((gift, 5), (gift, 5)), allocation((gift, 10)), (*statement_and_line, gift)),
    Case("MATCH_PARTS", allocation((gift, -5)), allocation((gift, 5)), (*statement_and_line, gift)),
    Case("MATCH_PARTS", allocation((gift, 0)), allocation((gift, 1)), (*statement_and_line, gift)),
    Case("MATCH_EVENT", allocation((undone, 5)), allocation((gift, 5)), (*statement_and_line, gift)),
    Case("MATCH_EVENT", allocation((undone, 5)), allocation((gift, 5)), (*statement_and_line, gift, undone, undoing)),
    Case("EVENT_OVERALLOCATED", allocation((gift, 30_001)), allocation((gift, 30_000)), (*statement_and_line, gift)),
    Case(
        "EVENT_OVERALLOCATED",
        allocation((gift, 10_001)),
        allocation((gift, 10_000)),
        (*statement_and_line, gift, line(20_000, "l-2"), allocation((gift, 20_000), to="l-2")),
    ),
    # what the book moved on three accounts is explained on each by itself
    *(
        Case(
            "EVENT_OVERALLOCATED",
            on(account, (three, fen + fen // abs(fen)), to=f"{account}-1"),
            on(account, (three, fen), to=f"{account}-1"),
            (*THREE, *(on(a, (three, f), to=f"{a}-1") for a, f in MOVED_ON.items() if a != account)),
        )
        for account, fen in MOVED_ON.items()
    ),
    # a correction by the bank frees what it undoes on its own account, and nothing on the other
    Case(
        "EVENT_OVERALLOCATED",
        on("ccb", (moved, 400), to="ccb-2"),
        on("icbc", (moved, -400), to="icbc-2"),
        (
            *TRANSFERRED,
            on("icbc", (moved, -400), to="icbc-1"),
            on("icbc", (moved, 400), to="icbc-back"),
            on("ccb", (moved, 400), to="ccb-1"),
        ),
    ),
    Case(
        "EVENT_OVERALLOCATED",
        on("icbc", (moved, -1), to="icbc-2"),
        on("ccb", (moved, 1), to="ccb-2"),
        (*TRANSFERRED, on("icbc", (moved, -400), to="icbc-1"), on("ccb", (moved, 399), to="ccb-1")),
    ),
    # an allocation of the first version, which names no account, counts by its sign
    Case(
        "EVENT_OVERALLOCATED",
        on("icbc", (moved, -1), to="icbc-2"),
        on("ccb", (moved, 400), to="ccb-2"),
        (*TRANSFERRED, allocation((moved, -400), to="icbc-1")),
    ),
    Case("LINE_UNKNOWN", on("ccb", (moved, -400), to="icbc-1"), on("icbc", (moved, -400), to="icbc-1"), TRANSFERRED),
    # a transfer is explained once on each account: the other account's line does not free its own for a second one
    Case(
        "EVENT_OVERALLOCATED",
        allocation((moved, -1), to="l-out-2"),
        allocation((moved, 1), to="l-in-2"),
        (
            statement(),
            statement("s-ccb", "ccb"),
            moved,
            line(-400, "l-out"),
            line(-400, "l-out-2"),
            line(399, "l-in", statement="s-ccb", account="ccb"),
            line(400, "l-in-2", statement="s-ccb", account="ccb"),
            allocation((moved, -400), to="l-out"),
            allocation((moved, 399), to="l-in"),
        ),
    ),
    Case("MATCH_NO_MONEY", allocation((memo, 5)), allocation((gift, 5)), (*statement_and_line, gift, memo)),
]

BANK = [
    *(Case("MOVEMENT_TWICE", build(movement="m-1"), build(movement="m-2"), (fee(movement="m-1"),)) for build in MOVING),
    *(Case("FUND_UNKNOWN", build(fund="nobody"), build(fund="school")) for build in MOVING),
    *(Case("FACT_IN_FUTURE", build(on=LATER), build(on=DAY)) for build in (*MOVING, count)),
    *(Case("LINE_UNKNOWN", build(line="l-9"), build(line="l-1"), statement_and_line) for build in (interest, fee)),
    *(
        Case("LINE_UNKNOWN", build(line="l-1", account="ccb"), build(line=None), statement_and_line)
        for build in (interest, fee)
    ),
    Case("BANK_LINE_OVERALLOCATED", interest(50_001, line="l-1"), interest(50_000, line="l-1"), statement_and_line),
    Case("BANK_LINE_OVERALLOCATED", fee(5, line="l-1"), fee(5, line=None), statement_and_line),
    Case("BANK_LINE_OVERALLOCATED", fee(501, line="l-1"), fee(500, line="l-1"), (statement(), line(-500))),
    Case("COST_ON_RESTRICTED", spent(fund="bare"), spent(fund="school")),
    Case("COST_ON_RESTRICTED", fee(fund="agent"), fee(fund="free")),
    Case("FEE_FREES_NOTHING", fee(fund="school"), spent(fund="school")),
    Case("FEE_FREES_NOTHING", fee(fund="school"), fee(fund="free")),
    Case("ACCOUNT_SHORT", fee(1_000_001), fee(1_000_000)),
    Case("ACCOUNT_SHORT", transfer(5, from_account="ccb", to_account="icbc"), transfer(1_000_000)),
    Case("TRANSFER_SAME", transfer(5, to_account="icbc"), transfer(5)),
    Case("NO_APPROVAL", transfer(5), transfer(5, approval="doc-1")),
    Case("NO_APPROVAL", placing(approval=None), placing()),
    Case(
        "APPROVAL_EXCEEDED",
        transfer(20_001, approval="doc-1"),
        transfer(20_000, approval="doc-1"),
        (paper(), transfer(30_000, approval="doc-1")),
    ),
    Case("APPROVAL_EXCEEDED", placing(50_001), placing(50_000), (paper(),)),
    Case("PAPER_AFTER", transfer(5, approval="doc-1", on=EARLIER), transfer(5, approval="doc-1"), (paper(),)),
    Case("PAPER_AFTER", placing(approval="doc-2"), placing(), (paper(),)),
    Case("DEPOSIT_TWICE", placing(), placing(deposit="d-2"), (placing(),)),
    Case("DEPOSIT_TERM", placing(matures_on=DAY), placing(matures_on=LATER)),
    Case("ACCOUNT_SHORT", placing(1_000_001), placing(1_000_000)),
    Case("DEPOSIT_UNKNOWN", maturing(fund="school"), maturing(), (placing(),)),
    Case("DEPOSIT_SHORT", maturing(50_001), maturing(50_000), (placing(),)),
]

CASH = [
    Case("ACCOUNT_SHORT", drawing(1_000_001), drawing(1_000_000)),
    Case("CASH_COUNT_SUM", count(notes=notes((500, 19))), count(notes=two_notes)),
    Case("CASH_COUNT_ALONE", count(witnessed_by="li"), count()),
    Case("CASH_IOU", count(iou_fen=1), count()),
    Case("CASH_DIFFERENCE", count(counted_fen=9_999), count()),
    Case("CASH_BOOK", count(book_fen=9_999), count()),
    Case("CASH_NO_DIFFERENCE", settling(0), settling(1)),
    Case("ACCOUNT_SHORT", settling(-10_001), settling(-10_000)),
]

PAPERS = [
    Case("PAPER_TWICE", paper(), make(ApprovalRecorded, document="doc-2"), (paper(),)),
    Case("FACT_IN_FUTURE", paper(on=LATER), paper(on=DAY)),
    Case("PAPER_NO_SCAN", make(ApprovalRecorded, scan=None), paper()),
    Case("ATTACHMENT_TWICE", memo, make(AttachmentAdded, attachment="a-2", voucher=uuid7(1)), (memo,)),
    Case("ATTACHMENT_TARGET", make(AttachmentAdded), make(AttachmentAdded, event=gift.id), (gift,)),
    Case(
        "ATTACHMENT_TARGET",
        make(AttachmentAdded, event=gift.id, voucher=uuid7(1)),
        make(AttachmentAdded, voucher=uuid7(1)),
        (gift,),
    ),
    Case("ATTACHMENT_TARGET", make(AttachmentAdded, event=undone.id), make(AttachmentAdded, event=gift.id), (gift,)),
    Case("OFFICER_UNKNOWN", handover("li", "wang", "nobody"), handover("li", "wang", "admin-1")),
    Case("HANDOVER_PEOPLE", handover("li", "wang", "li"), handover("li", "wang", "zhao")),
]


def _named(event: Event) -> Event:
    """An allocation or a fee of the first version as the second writes it; any other event as it is."""
    if isinstance(event, BankFee):
        return BankFeeSpent.model_validate({**event.model_dump(), "version": 2})
    if not isinstance(event, LineAllocated):
        return event
    fields = {**event.model_dump(), "version": 2, "account": "ccb" if "in" in event.line else "icbc"}
    return LineAllocatedOnAccount.model_validate(fields)


NAMED = [
    replace(one, bad=_named(one.bad), good=_named(one.good), before=tuple(map(_named, one.before)))
    for one in (*STATEMENTS, *BANK)
    if isinstance(one.bad, LineAllocated | BankFee) and one.code != "FEE_FREES_NOTHING"
]
"""What is refused of an allocation without an account is refused of one with it, and of a fee of either version."""
CASES = [*STATEMENTS, *NAMED, *BANK, *CASH, *PAPERS]


@each(CASES)
def test_a_rule_speaks_and_is_silent(case: Case) -> None:
    case.check(world)


def test_every_rule_is_shown() -> None:
    rooms = ("statements", "matching", "bank", "deposits", "cash", "papers")
    assert missing(CASES, of_rooms(*(f"books.{room}" for room in rooms))) == set()
