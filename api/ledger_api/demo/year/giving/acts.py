"""What the charity decides beside its files: grants at the spring festival, boxes, onward transfers.

And how a month of it is played: the files are read by the importers, which know nothing of how they were made.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.application.matching import propose_allocations
from ledger.application.outcomes import Receipt
from ledger.application.proposing.judging import VOUCHER_EVENTS
from ledger.values.dates import Period
from ledger_api.demo import setup_facts
from ledger_api.demo.acts import ACCOUNTANT
from ledger_api.demo.cast import CHARITY
from ledger_api.demo.run import CHECKERS
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.giving.files import (
    ACCOUNT_LABEL,
    ACCOUNT_NO,
    BANKED_ON,
    BOXES_ON,
    GRANTS_ON,
    MINUTES,
    PASSED_ON,
    GivingFiles,
)
from ledger_api.demo.year.giving.gifts import GRANT_FEN, Charity
from ledger_api.demo.year.papers import acts as papers
from ledger_api.demo.year.papers.accounts import AccountFiles
from ledger_api.demo.year.papers.minutes import filed, minutes
from ledger_api.demo.year.papers.receipts import Receipts
from ledger_api.demo.year.roll import TOWNSHIPS
from ledger_api.demo.year.targets import YEAR

Fields = dict[str, Any]
_ON: Final = f"{YEAR}-01-01"
BANK: Final = "ccb-8801"
CASH: Final = "charity-cash"
FUND: Final = "appeal"
_PAYEE: Final = "neighbour-charity"
_PAYEE_NAME: Final = "邻县慈善总会"
PURPOSE: Final = "迎春送温暖"


def setup(year: Charity, reference: Callable[[str, str], str]) -> Iterator[tuple[str, Fields]]:
    """The free fund and the appeal's, which is held for the neighbour; one bank account and a cash box."""
    yield setup_facts.fund("general", "非限定资金", "unrestricted", "慈善活动", on=_ON)
    yield setup_facts.fund(FUND, "邻县救灾", "agency", "代收转赠邻县救灾款物", final_payee=_PAYEE, on=_ON)
    named = {"bank": "建设银行", "aliases": [ACCOUNT_LABEL], "number_ref": reference("account-number", ACCOUNT_NO)}
    yield setup_facts.account(BANK, "bank", "general", **named)
    yield setup_facts.account(CASH, "cash", "general", aliases=["现金"])
    yield from papers.setup(reference, FUND)
    yield setup_facts.opening(f"{YEAR}-01", BANK, year.opening_fen)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the charity's files, and what they are held against."""

    files: GivingFiles
    accounts: AccountFiles
    receipts: Receipts


def play(desk: Desk, year: Charity, of: Month, month: str) -> None:
    """A month: what was decided in it, then its files."""
    files = of.files
    if files.receipts is not None:  # the receipt system knows a receipt's code, the register what it is for
        desk.read(ACCOUNTANT, [files.receipts], month)
        desk.county.sign_off()
    given = [one for one in (files.pledges, files.register, *of.accounts.bills) if one is not None]
    if given:
        desk.read(ACCOUNTANT, given, month)
    desk.county.sign_off()
    for path in files.goods:  # goods leave when somebody has signed that they came
        desk.read(ACCOUNTANT, [path], month, fund=FUND)
        desk.county.sign_off()
    for day, facts in (*_acts(year), *papers.decided(year.gifts, BANK, FUND)):
        if f"{day:%Y-%m}" == month:
            outcome = desk.county.post(ACCOUNTANT, CHARITY, facts, (CHECKERS[CHARITY], "checker"), day)
            scans = [fields for kind, fields in facts if kind == "approval.recorded" and fields.get("scan")]
            if scans and isinstance(outcome, Receipt):
                papers_of = [filed(one, outcome.voucher, day) for one in scans]
                desk.county.post(ACCOUNTANT, CHARITY, papers_of, (CHECKERS[CHARITY], "checker"), day)
    statements = [one for one in (files.statement, *of.accounts.of_charity) if one is not None]
    if statements:
        desk.read(ACCOUNTANT, statements, month)
        desk.county.sign_off()
    papers.nameless_money(desk, year.gifts, of.receipts, month)
    for account in (BANK, papers.ICBC, papers.ABC) if statements else ():
        match(desk, ACCOUNTANT, CHARITY, account, Period.parse(month).last_day)


def match(desk: Desk, officer: str, entity: str, account: str, until: date) -> None:
    """Explain the bank's lines by what is booked, where only one reading is possible."""
    with desk.county.book.store.read() as connection:
        events = propose_allocations(connection, entity, account, until=until).events(account)
    for start in range(0, len(events), VOUCHER_EVENTS):
        part = events[start : start + VOUCHER_EVENTS]
        facts = [(event.kind, event.model_dump(mode="json", exclude={"kind", "id"})) for event in part]
        desk.county.post(officer, entity, facts, (CHECKERS[entity], "checker"), until)


def _acts(year: Charity) -> Iterator[tuple[date, list[tuple[str, Fields]]]]:
    """Vouchers by their days."""
    granted = list(zip(TOWNSHIPS, year.grants, strict=True))
    paper = minutes(MINUTES, GRANTS_ON, ("grant.committed", "general", year.granted_fen))
    grants = [fact for number, one in enumerate(granted, 1) for fact in _grant(number, *one)]
    yield GRANTS_ON, [("approval.recorded", paper), *grants]
    yield BOXES_ON, [("box.opened", _box(year))]
    part = [{"fund": FUND, "fen": year.boxes_fen}]
    days = {"taken_on": BOXES_ON.isoformat(), "banked_on": BANKED_ON.isoformat()}
    accounts = {"cash_account": CASH, "bank_account": BANK, "amount_fen": year.boxes_fen, "parts": part}
    yield BANKED_ON, [("cash.banked", {"movement": "boxes-banked", **accounts, "slip": "现金缴款单0819", **days})]
    for number, (day, fen) in enumerate(zip(PASSED_ON, year.passed, strict=True), 1):
        payee = {"final_payee": _PAYEE, "payee_label": _PAYEE_NAME, "document": f"转赠函{number}号"}
        money = {"fund": FUND, "amount_fen": fen, "means": "bank", "account": BANK, "occurred_on": day.isoformat()}
        yield day, [("agency.transferred", {"movement": f"passed-{number}", **payee, **money})]


def _grant(number: int, township: str, households: int) -> Iterator[tuple[str, Fields]]:
    """One township's households: decided, and paid to its office, on one day."""
    fen, grant, day = households * GRANT_FEN, f"spring-{YEAR}-{number:02d}", GRANTS_ON.isoformat()
    payee = {"payee_kind": "organisation", "payee_label": f"{township}人民政府"}
    common = {"grant": grant, "fund": "general", **payee, "amount_fen": fen, "purpose": PURPOSE, "persons": households}
    yield "grant.committed", {**common, "approval": MINUTES, "on": day, "origin": "decision"}
    money = {"movement": f"{grant}-paid", "basis": "cost", "means": "bank", "account": BANK, "occurred_on": day}
    yield "grant.disbursed", {**common, **money}


def _box(year: Charity) -> Fields:
    """The appeal's boxes, opened by two."""
    box = {"box": "appeal-boxes", "site": "县政务中心等四处", "donation": f"boxes-{YEAR}-08", "fund": FUND}
    notes = [{"face_fen": 100, "pieces": year.boxes_fen // 100}]
    people = {"persons": ["kuaiji-wang", "chuna-li"], "seal": "whole", "occurred_on": BOXES_ON.isoformat()}
    return {**box, "account": CASH, "amount_fen": year.boxes_fen, "notes": notes, **people}
