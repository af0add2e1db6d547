"""What the ledger must refuse: a payment of a pledge that says more than the bank's line, and money spent for something
that its fund is not for.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from ledger.application.outcomes import VoucherRefusedError
from ledger_api.demo import setup_facts
from ledger_api.demo.acts import ACCOUNTANT
from ledger_api.demo.cast import CHARITY
from ledger_api.demo.run import CHECKERS
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.giving.files import GivingFiles
from ledger_api.demo.year.targets import MONTHS, YEAR

_FUND: Final = "schooling"
_SPENT_ON: Final = date(YEAR, 7, 10)
EXPECTED: Final = ("E_LINE_AMOUNT", "E_RESTRICTION_BREACH")
"""The codes that a year must be refused with, each once."""


def setup() -> Iterator[tuple[str, dict[str, Any]]]:
    """A restricted fund that lists what it is for."""
    purposes = ["助学金", "学习用品"]
    yield setup_facts.fund(_FUND, "助学专项", "restricted", "资助困难学生", purposes=purposes, on=f"{YEAR}-01-01")


def draft_register(desk: Desk, files: GivingFiles, month: str) -> None:
    """The month's statement is read, then the draft of its register; what is right in the draft is booked."""
    if files.draft is None or files.statement is None:
        return
    desk.read(ACCOUNTANT, [files.statement], month)
    desk.county.sign_off()
    report = desk.county.read(ACCOUNTANT, [files.draft], month, date.fromisoformat(f"{month}-28"))
    desk.refusals.extend(cell.code for one in report.files for cell in one.wrong)
    desk.county.sign_off()


def spent_otherwise(desk: Desk, month: str) -> None:
    """In July somebody wants to pay a car's repair out of the fund for schooling."""
    if month != MONTHS[_SPENT_ON.month - 1]:
        return
    grant = {"grant": f"repair-{YEAR}", "fund": _FUND, "payee_kind": "organisation", "payee_label": "示例县汽车修理厂"}
    rest = {"amount_fen": 300_000, "purpose": "公务车维修", "persons": 1, "approval": f"会长办公会纪要〔{YEAR}〕7号"}
    facts = [("grant.committed", {**grant, **rest, "on": _SPENT_ON.isoformat(), "origin": "decision"})]
    try:
        desk.county.post(ACCOUNTANT, CHARITY, facts, (CHECKERS[CHARITY], "checker"), _SPENT_ON)
    except VoucherRefusedError as refused:
        codes = {one.code for one in refused.findings if one.refuses}
        desk.refusals.extend(sorted(codes & set(EXPECTED)))
