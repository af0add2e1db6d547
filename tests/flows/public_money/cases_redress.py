"""The rules of clues, findings, recoveries and rectification, each firing and not firing."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from ledger.flows.event import Event
from tests.flows.public_money import samples_redress as r
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.relief_case import Case, both, case

RAISED: Final = (r.clue(),)
ORDERED: Final = r.recoverable()
KEPT: Final = (*ORDERED, s.confirmed(), s.prepared(), s.authorised(), s.offset(recovery="R1"))
COLLECTED: Final = (*ORDERED, r.collected())
TREASURY: Final = (*ORDERED[:-1], r.ordered(destination="treasury"))
IN_BOX: Final = (*ORDERED, r.collected(mode="cash", account="cash-shiling"))
OVER: Final = (*ORDERED, r.collected(amount_fen=r.FEN + 300))
STRAIGHT: Final = (*TREASURY, r.collected(mode="paid_to_treasury", account=None, amount_fen=r.FEN + 300))
SECOND: Final = (r.finding(finding="F2"), r.notice(finding="F2"), r.ordered(recovery="R2", finding="F2"))
OTHER_MONEY: Final = (r.collected(recovery="R2", finding="F2", movement="in-9"),)
"""What lies in the same account and came of another recovery."""
RECTIFIED: Final = (*COLLECTED, r.plan(), r.report(), r.accepted())
CLOSED: Final = (*RECTIFIED, r.closed())
LATER: Final = date(2025, 10, 1)
DAY, BEFORE = date(2025, 9, 12), date(2025, 9, 5)


def _two(maker: Callable[..., Event], **over: Any) -> tuple[Event, Event]:
    return maker(**over), maker(**over, origin="history")


CLUES: Final[tuple[Case, ...]] = (
    case("a list compared", (), r.compared()),
    case("a list compared in vain", (), r.compared(hits=0, exposure_fen=0)),
    case("a run twice", (r.compared(),), r.compared(), "E_MATCHING_TWICE"),
    case("more compared than listed", (), r.compared(compared=4), "E_MATCHING_COUNTS"),
    case("a hit without anybody", (), r.compared(compared=0), "E_MATCHING_COUNTS"),
    case("money without a hit", (), r.compared(hits=0), "E_MATCHING_COUNTS"),
    case("data of tomorrow", (), r.compared(data_as_of=date(2025, 10, 2)), "E_FACT_IN_FUTURE"),
    case("a doubt", (), r.clue()),
    case("a doubt twice", RAISED, r.clue(), "E_CLUE_TWICE"),
    case("a match without its data", (), r.clue(data_as_of=None), "W_CLUE_WITHOUT_DATA"),
    case("a doubt restated", RAISED, r.restated()),
    case("a doubt restated that nobody raised", (), r.restated(), "E_CLUE_UNKNOWN"),
    case("a doubt restated that was answered", (*RAISED, r.verified()), r.restated(), "W_CLUE_STATE"),
    case("a petition", (), r.clue(found_by="petition", test=None, data_as_of=None)),
    case("given out", RAISED, r.assigned()),
    case("given out, but what", (), r.assigned(), "E_CLUE_UNKNOWN"),
    *both("given out when it is done", (*RAISED, r.verified()), _two(r.assigned), "CLUE_STATE"),
    case("verified", RAISED, r.verified()),
    *both("verified again", (*RAISED, r.verified()), _two(r.verified), "CLUE_STATE"),
    case("verified after all", (*RAISED, r.refuted()), r.verified()),
    *both("verified by one", RAISED, _two(r.verified, verifiers=("示例申", "示例申")), "TWO_VERIFIERS"),
    case("refuted", RAISED, r.refuted()),
    *both("refuted by nobody", RAISED, _two(r.refuted, verifiers=()), "TWO_VERIFIERS"),
    *both("refuted without a paper", RAISED, _two(r.refuted, evidence_note=None), "REFUTED_WITHOUT_EVIDENCE"),
)

FINDINGS: Final[tuple[Case, ...]] = (
    case("a finding", (), r.finding()),
    *both(
        "money of what could not be established",
        RAISED,
        _two(r.verified, result="unverifiable"),
        "UNVERIFIABLE_FEN",
    ),
    *both(
        "a stop for what could not be established",
        RAISED,
        _two(r.verified, result="unverifiable", confirmed_fen=0, recover_fen=0, stop_from="2025-10"),
        "UNVERIFIABLE_FEN",
    ),
    case("not established", RAISED, r.verified(result="unverifiable", confirmed_fen=0, recover_fen=0)),
    case("a finding on a clue", (*RAISED, r.verified()), r.finding(clues=("YD-1",))),
    case("a finding twice", (r.finding(),), r.finding(), "E_FINDING_TWICE"),
    case("a finding on nothing", (), r.finding(clues=("YD-9",)), "E_CLUE_UNKNOWN"),
    *both("a finding on a refuted clue", (*RAISED, r.refuted()), _two(r.finding, clues=("YD-1",)), "CLUE_NOT_VERIFIED"),
    *both("a finding of one", (), _two(r.finding, confirmed_by=("经办子",)), "DUE_PROCESS"),
    *both("an auditor's finding without a term", (), _two(r.finding, found_by="audit", reply_days=9), "DUE_PROCESS"),
    case("an auditor's finding", (), r.finding(found_by="audit", reply_days=10)),
    case("an auditor's finding, waived", (), r.finding(found_by="audit", reply_waived=True)),
    case("a notice", (r.finding(),), r.notice()),
    case("a notice of nothing", (), r.notice(), "E_FINDING_UNKNOWN"),
    case("a notice twice", (r.finding(), r.notice()), r.notice(), "E_NOTICE_TWICE"),
    case("a notice too early", (r.finding(),), r.notice(on=date(2025, 9, 2)), "W_NOTICE_BEFORE_FINDING"),
    case("to discipline", (r.finding(),), r.referred()),
    case("to discipline, but what", (), r.referred(), "E_FINDING_UNKNOWN"),
)

RECOVERIES: Final[tuple[Case, ...]] = (
    case("an order", ORDERED[:-1], r.ordered()),
    case("an order twice", ORDERED, r.ordered(amount_fen=1), "E_RECOVERY_TWICE", "E_RECOVERY_OVER_FINDING"),
    case("an order on a clue only", (*s.setup(), *RAISED, r.verified()), r.ordered(), "E_FINDING_UNKNOWN"),
    case("an order without a fund", (r.finding(), r.notice()), r.ordered(), "E_FUND_UNKNOWN"),
    *both("an order nobody told", (*s.setup(), r.finding()), _two(r.ordered), "NOTICE_MISSING"),
    *both("an order above the finding", ORDERED[:-1], _two(r.ordered, amount_fen=24_001), "RECOVERY_OVER_FINDING"),
    *both("a second order above the finding", ORDERED, _two(r.ordered, recovery="R2"), "RECOVERY_OVER_FINDING"),
    *both("an order on a closed finding", CLOSED, _two(r.ordered, recovery="R2"), "FINDING_CLOSED",
          "RECOVERY_OVER_FINDING"),
    case("instalments", ORDERED, r.planned(12_000, 12_000)),
    *both("instalments of less", (*ORDERED, r.collected(amount_fen=1)),
          (r.planned(24_000), r.planned(24_000, origin="history")), "PLAN_SUM"),
    case("instalments of nothing", (), r.planned(), "E_RECOVERY_UNKNOWN"),
    case("a register's plan", ORDERED, r.plan_listed(12_000, 12_000, origin="history")),
    case("a register's plan of less", ORDERED, r.plan_listed(12_000, origin="history"), "W_PLAN_SUM"),
    case("a register's plan of nothing", (), r.plan_listed(), "E_RECOVERY_UNKNOWN"),
    case("a transfer", ORDERED, r.collected()),
    case("a transfer again", (*ORDERED, r.collected(amount_fen=1)), r.collected(amount_fen=1), "E_MOVEMENT_TWICE"),
    case("a transfer of tomorrow", ORDERED, r.collected(occurred_on=LATER), "E_FACT_IN_FUTURE"),
    case("a transfer to another fund", ORDERED, r.collected(fund="other"), "E_RECOVERY_UNKNOWN", "W_OVER_COLLECTED"),
    case("more than was ordered", ORDERED, r.collected(amount_fen=24_001), "W_OVER_COLLECTED"),
    case("cash", ORDERED, r.collected(mode="cash", account="cash-shiling")),
    case("cash in no box", ORDERED, r.collected(mode="cash", account=None), "E_COLLECT_ACCOUNT"),
    case("kept back", KEPT, r.collected(mode="offset", account=None, enrolment="E1")),
    case("kept back from nobody", KEPT, r.collected(mode="offset", account=None), "E_COLLECT_ACCOUNT",
         "W_OFFSET_NOT_KEPT_BACK"),
    case("kept back nowhere", ORDERED, r.collected(mode="offset", account=None, enrolment="E1"),
         "W_OFFSET_NOT_KEPT_BACK"),
    case("to the treasury", (*ORDERED[:-1], r.ordered(destination="treasury")),
         r.collected(mode="paid_to_treasury", account=None)),
    case("to the treasury instead", ORDERED, r.collected(mode="paid_to_treasury", account=None),
         "W_RECOVERY_DESTINATION"),
    case("cash banked", (*ORDERED, r.collected(mode="cash", account="cash-shiling")), r.handed_over()),
    case("cash banked before it was taken", (*ORDERED, r.collected(mode="cash", account="cash-shiling",
         occurred_on=DAY)), r.handed_over(occurred_on=BEFORE), "W_HANDED_OVER_EARLY"),
    case("cash banked on the day", (*ORDERED, r.collected(mode="cash", account="cash-shiling", occurred_on=DAY)),
         r.handed_over(occurred_on=DAY)),
    case("cash of before banked beside cash that came later", (*ORDERED, r.collected(mode="cash", amount_fen=r.FEN - 5,
         account="cash-shiling", occurred_on=BEFORE), r.collected(mode="cash", account="cash-shiling", amount_fen=5,
         movement="in-5", occurred_on=DAY)), r.handed_over(amount_fen=r.FEN - 5, occurred_on=BEFORE)),
    case("cash banked that nobody took", COLLECTED, r.handed_over(), "W_HANDED_OVER_MORE", "W_ACCOUNT_SHORT"),
    case("cash banked out of an empty box", IN_BOX, r.handed_over(cash_account="cash-other"), "W_HANDED_OVER_MORE",
         "W_ACCOUNT_SHORT"),
    case("cash banked out of a box with other money", (*IN_BOX, *SECOND, r.collected(recovery="R2", finding="F2",
         mode="cash", movement="in-2", account="cash-other")), r.handed_over(cash_account="cash-other"),
         "W_HANDED_OVER_MORE"),
    case("handed to the treasury", (*TREASURY, r.collected()), r.remitted()),
    case("handed to the treasury in parts", (*TREASURY, r.collected(), r.remitted(amount_fen=1)),
         r.remitted(movement="treasury-2", amount_fen=r.FEN - 1)),
    case("handed to the treasury, and nothing came", TREASURY, r.remitted(), "W_REMITTED_UNCOLLECTED",
         "W_ACCOUNT_SHORT"),
    case("more handed to the treasury than came", (*TREASURY, r.collected(amount_fen=1), *SECOND, *OTHER_MONEY),
         r.remitted(amount_fen=2), "W_REMITTED_UNCOLLECTED"),
    case("handed to the treasury twice", (*TREASURY, r.collected(amount_fen=2), r.remitted(amount_fen=2), *SECOND,
         *OTHER_MONEY), r.remitted(movement="treasury-2", amount_fen=1), "W_REMITTED_UNCOLLECTED"),
    case("handed to the treasury, who had it from the person", (*TREASURY, r.collected(mode="paid_to_treasury",
         account=None, amount_fen=1), *SECOND, *OTHER_MONEY), r.remitted(amount_fen=1), "W_REMITTED_UNCOLLECTED"),
    case("cash handed to the treasury", (*TREASURY, r.collected(mode="cash", account="cash-shiling"), r.handed_over()),
         r.remitted()),
    case("handed to the treasury before the person paid it there", (*TREASURY, r.remitted()),
         r.collected(mode="paid_to_treasury", account=None), "W_REMITTED_MORE"),
    case("to the treasury in parts", (*TREASURY, r.collected(amount_fen=1), r.remitted(amount_fen=1)),
         r.collected(movement="in-2", mode="paid_to_treasury", account=None, amount_fen=r.FEN - 1)),
    case("handed to the treasury, not owed", COLLECTED, r.remitted(), "W_REMITTED_MORE"),
    case("written off", ORDERED, r.written_off()),
    case("given back", OVER, r.refunded()),
    case("given back in parts", (*OVER, r.refunded(amount_fen=100)), r.refunded(movement="back-2", amount_fen=200)),
    case("given back twice", (*OVER, r.refunded()), r.refunded(movement="back-2"), "W_REFUNDED_MORE"),
    case("given back again", (*OVER, r.refunded()), r.refunded(), "E_MOVEMENT_TWICE", "W_REFUNDED_MORE"),
    case("given back more than was too much", OVER, r.refunded(amount_fen=301), "W_REFUNDED_MORE"),
    case("given back what was owed", COLLECTED, r.refunded(), "W_REFUNDED_MORE"),
    case("given back, but what", (), r.refunded(), "E_RECOVERY_UNKNOWN", "W_REFUNDED_MORE", "W_ACCOUNT_SHORT"),
    case("given back tomorrow", OVER, r.refunded(occurred_on=LATER), "E_FACT_IN_FUTURE"),
    case("given back out of an account that holds nothing", OVER, r.refunded(account="other"), "W_ACCOUNT_SHORT"),
    case("given back in cash", (*ORDERED, r.collected(mode="cash", account="cash-shiling", amount_fen=r.FEN + 300)),
         r.refunded(mode="cash", account="cash-shiling")),
    case("given back in cash that is not there", OVER, r.refunded(mode="cash", account="cash-shiling"),
         "W_ACCOUNT_SHORT"),
    case("given back out of no account", OVER, r.refunded(account=None), "E_REFUND_ACCOUNT"),
    case("given back by the treasury out of an account", STRAIGHT, r.refunded(mode="by_treasury"), "E_REFUND_ACCOUNT"),
    case("given back by the treasury", STRAIGHT, r.refunded(mode="by_treasury", account=None)),
    case("given back by the treasury, who had it not", OVER, r.refunded(mode="by_treasury", account=None),
         "W_REFUND_NOT_OF_TREASURY"),
    case("banked what was given back in cash", (*ORDERED, r.collected(mode="cash", account="cash-shiling",
         amount_fen=r.FEN + 300), r.refunded(mode="cash", account="cash-shiling"), *SECOND, r.collected(recovery="R2",
         finding="F2", mode="cash", movement="in-2", account="cash-shiling")), r.handed_over(amount_fen=r.FEN + 1),
         "W_HANDED_OVER_MORE"),
    case("banked after it was given back out of another box", (*ORDERED, r.collected(mode="cash",
         account="cash-shiling", amount_fen=r.FEN + 300), r.refunded(mode="cash", account="petty")),
         r.handed_over(amount_fen=r.FEN + 300)),
    case("handed to the treasury what was given back", (*TREASURY, r.collected(amount_fen=r.FEN + 300), *SECOND,
         *OTHER_MONEY, r.refunded(amount_fen=301)), r.remitted(amount_fen=r.FEN), "W_REMITTED_UNCOLLECTED"),
    case("closed with too much collected", (*OVER, r.report(), r.accepted()), r.closed(), "E_NOT_SETTLED"),
    case("closed when it was given back", (*OVER, r.refunded(), r.report(), r.accepted()), r.closed()),
    *both("written off when it came", COLLECTED, _two(r.written_off), "OVER_COLLECTED"),
    case("written off, but what", (), r.written_off(), "E_RECOVERY_UNKNOWN", "E_OVER_COLLECTED"),
)  # fmt: skip

UNIT: Final = {"clues": (), "person": None, "enrolment": None, "household": None, "unit": "县民政局"}
SOMEBODY: Final = r.finding(person="P1")
ANOTHER: Final = r.finding(finding="F2", person="P2")
PROBLEM: Final = r.finding(finding="P1", **UNIT)
OWING: Final = (*s.setup(), SOMEBODY, r.notice(), r.ordered(), PROBLEM)
MENDED: Final = (r.report(finding="P1"), r.accepted(finding="P1"))

RECTIFICATION: Final[tuple[Case, ...]] = (
    case("a plan", COLLECTED, r.plan()),
    case("a plan for nothing", (), r.plan(), "E_FINDING_UNKNOWN"),
    case("a moved deadline", (*COLLECTED, r.plan()), r.plan(due_on=date(2025, 12, 31)), "W_DEADLINE_MOVED"),
    case("a report", (*COLLECTED, r.plan()), r.report()),
    case("a report again", (*COLLECTED, r.plan(), r.report()), r.report(), "E_REPORT_TWICE"),
    case("a report in the wrong unit", (*COLLECTED, r.plan()), r.report(rectified_fen=240_000_000), "W_RECTIFIED_MORE"),
    case("accepted", (*COLLECTED, r.plan(), r.report()), r.accepted()),
    *both("accepted without a paper", (*COLLECTED, r.report(evidence_note=None)), _two(r.accepted), "NOT_RECTIFIED"),
    *both("accepted by who did it", (*COLLECTED, r.plan(), r.report()), _two(r.accepted, accepted_by="示例巳"),
          "RECTIFIER_ACCEPTS"),
    case("closed", RECTIFIED, r.closed()),
    *both("closed by who did it", RECTIFIED, _two(r.closed, closed_by="示例巳"), "RECTIFIER_ACCEPTS"),
    *both("closed with money outstanding", (*ORDERED, r.plan(), r.report(), r.accepted()), _two(r.closed),
          "NOT_SETTLED"),
    *both("closed without acceptance", COLLECTED, _two(r.closed), "NOT_SETTLED"),
    *both("closed twice", CLOSED, _two(r.closed), "FINDING_CLOSED"),
    case("closed with a write-off", (*ORDERED, r.written_off(), r.report(), r.accepted()), r.closed()),
    case("looked back", CLOSED, r.look_back()),
    case("looked back on a relapse", CLOSED, r.look_back(relapsed=2), "W_RELAPSED"),
    case("looked back on more than all", CLOSED, r.look_back(relapsed=6), "E_LOOK_BACK_SUM", "W_RELAPSED"),
    case("cases grouped", (SOMEBODY, PROBLEM), r.grouped()),
    case("cases grouped under no problem", (SOMEBODY,), r.grouped(), "E_FINDING_UNKNOWN"),
    case("a case that nobody found", (PROBLEM,), r.grouped(), "E_CASE_UNKNOWN"),
    case("a problem as a case", (SOMEBODY, PROBLEM), r.grouped(cases=("F1", "P1")), "E_CASE_UNKNOWN"),
    case("a case of two problems", (SOMEBODY, PROBLEM, r.finding(finding="P2", **UNIT), r.grouped()),
         r.grouped(finding="P2"), "W_CASE_GROUPED"),
    case("a case again", (SOMEBODY, PROBLEM, r.grouped()), r.grouped()),
    case("a case that takes in another", (SOMEBODY, ANOTHER, PROBLEM, r.grouped()),
         r.grouped(finding="F1", cases=("F2",)), "E_CASE_NESTED"),
    case("a case that has cases", (SOMEBODY, ANOTHER, PROBLEM, r.grouped(finding="F1", cases=("F2",))), r.grouped(),
         "E_CASE_NESTED"),
    case("two cases each under the other", (SOMEBODY, ANOTHER, r.grouped(finding="F1", cases=("F2",))),
         r.grouped(finding="F2", cases=("F1",)), "E_CASE_NESTED"),
    *both("a problem closed while a case of it owes", (*OWING, r.grouped(), *MENDED), _two(r.closed, finding="P1"),
          "NOT_SETTLED"),
    *both("a problem closed while a case paid too much and another nothing", (*OWING, r.collected(amount_fen=r.FEN * 2),
          ANOTHER, *SECOND[1:], r.grouped(cases=("F1", "F2")), *MENDED), _two(r.closed, finding="P1"), "NOT_SETTLED"),
    *both("a problem closed while a case paid too much", (*OWING, r.collected(amount_fen=r.FEN + 1), r.grouped(),
          *MENDED), _two(r.closed, finding="P1"), "NOT_SETTLED"),
    case("a problem closed when its case paid", (*OWING, r.collected(), r.grouped(), *MENDED), r.closed(finding="P1")),
    case("a problem closed beside a case of another", (*OWING, *MENDED), r.closed(finding="P1")),
    case("a problem closed while a case owes that is another's now", (*OWING, r.finding(finding="P2", **UNIT),
          r.grouped(), r.grouped(finding="P2"), *MENDED), r.closed(finding="P1")),
    case("a closed problem takes in a case that owes", (*OWING, *MENDED, r.closed(finding="P1")), r.grouped(),
         "W_NOT_SETTLED"),
    case("a closed problem takes in a case that paid", (*OWING, r.collected(), *MENDED, r.closed(finding="P1")),
         r.grouped()),
    case("reopened", CLOSED, r.reopened()),
    *both("reopened when it is open", RECTIFIED, _two(r.reopened), "FINDING_NOT_CLOSED"),
    case("a plan after the relapse", (*CLOSED, r.reopened()), r.plan()),
)  # fmt: skip

CASES: Final = (*CLUES, *FINDINGS, *RECOVERIES, *RECTIFICATION)
