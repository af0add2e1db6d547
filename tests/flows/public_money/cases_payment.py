"""The rules of batches, authorisations, payments and returns, each firing and not firing."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from ledger.flows.event import Event
from ledger.flows.public_money.payment.transit import QuotaPart
from tests.flows.public_money import samples_redress as r
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_entitlement import FUNERAL
from tests.flows.public_money.relief_case import Case, both, case

READY: Final = s.ready()
LINED: Final = (*READY, s.authorised())
OWED: Final = (r.finding(), r.notice(), r.ordered())
SIGNED: Final = (*LINED, s.approved())
FUNDED: Final = (*SIGNED, s.funded())
WHOLLY_KEPT: Final = (
    *LINED,
    s.authorised(payment="L2", enrolment="E2", subjects=()),
    s.offset(payment="L2", enrolment="E2", amount_fen=s.LINE_FEN),
)
PAID: Final = (*FUNDED, s.paid())
FAILED: Final = (*FUNDED, s.returned())
NEXT: Final = (*FAILED, s.prepared(batch="B2"))
"""The failed line is to be paid again in the next batch."""
OWN_AGAIN: Final = (*NEXT, s.authorised(batch="B2"), s.prepared(batch="B3"))
"""It was authorised again under its own number, and there is yet another batch."""
BETWEEN: Final = date(2025, 9, 28)
LATER: Final = date(2025, 10, 1)
LAST: Final = date(2025, 9, 30)
BACK_TWICE: Final = (
    *PAID,
    s.returned(was_paid=True, occurred_on=BETWEEN),
    s.paid(occurred_on=BETWEEN),
    s.returned(was_paid=True, occurred_on=LAST),
    s.paid(occurred_on=LAST),
)
"""Paid, returned, paid, returned, and paid for good."""
OUT: Final = (
    *s.setup(),
    s.confirmed(),
    s.prepared(total_fen=s.LINE_FEN + 10_000),
    s.authorised(),
    s.excluded(payment=None, enrolment="E2", amount_fen=10_000),
    s.approved(),
    s.funded(),
    s.paid(),
)
"""All is paid but a line that was taken out before it was authorised."""
UNASKED: Final = s.paid(payment="L2", enrolment="E2", amount_fen=10_000)
AGAIN: Final = s.instructed(file_digest="sha256:" + "b" * 64)
FAILED_SUMS: Final = {"paid_count": 0, "paid_fen": 0, "failed_count": 1, "failed_fen": s.LINE_FEN}
FAILED_FILE: Final = s.result(**FAILED_SUMS)
FAILED_TWICE: Final = (FAILED_FILE, s.result(**FAILED_SUMS, source=s.source("b")))


def two(maker: Callable[..., Event], **over: Any) -> tuple[Event, Event]:
    return maker(**over), maker(**over, origin="history")


def _made_up(**over: Any) -> Event:
    fields = {"component": "arrears", "period_from": "2025-05", "period_to": "2025-06", "amount_fen": 8_000}
    return s.authorised(**{**fields, "reason": "补发", "reference": s.reference(document="×1"), **over})


def _again(old: str = "L1", **over: Any) -> dict[str, Any]:
    """The failed line as arrears of the next batch."""
    fields = {"payment": "L2", "batch": "B2", "component": "arrears", "reason": "补发9月(退票)"}
    return {**fields, "reference": s.reference(payment=old), **over}


BATCHES: Final[tuple[Case, ...]] = (
    case("a batch", s.setup(), s.prepared()),
    case("a batch twice", READY, s.prepared(), "E_BATCH_TWICE"),
    case("a batch of nothing", (), s.prepared(), "E_PROGRAMME_UNKNOWN", "E_FUND_UNKNOWN", "E_FUND_INSUFFICIENT",
         "E_QUOTA_SHORT"),
    *both("a batch above the quota", s.setup(), two(s.prepared, total_fen=1_000_001), "FUND_INSUFFICIENT",
          "QUOTA_SHORT"),
    *both("a batch above what is left", (*s.setup(), s.prepared(batch="B0", total_fen=950_000)), two(s.prepared),
          "FUND_INSUFFICIENT"),
    case("documents that do not add up", s.setup(), s.prepared(fund_source=()), "E_FUND_SOURCE_SUM"),
    case("a batch of carried money", FAILED, s.carrying("B2", "B1", s.LINE_FEN)),
    *both("a batch of more than lies there", FAILED, (s.carrying("B2", "B1", 69_001), s.carrying(
        "B2", "B1", 69_001, origin="history")), "TRANSIT_SHORT"),
    case("a step of the batch whose money was carried on", (*FAILED, s.carrying("B2", "B1", s.LINE_FEN)),
         s.reviewed(batch="B2")),
    case("a review", LINED, s.reviewed()),
    case("a signature", LINED, s.approved()),
    case("a step of no batch", (), s.reviewed(), "E_BATCH_UNKNOWN"),
    *both("a review after the signature", SIGNED, two(s.reviewed), "BATCH_STATE"),
    *both("a second signature", SIGNED, two(s.approved), "BATCH_STATE"),
    *both("sent unsigned", LINED, two(s.sent), "BATCH_STATE"),
    *both("a signature over one line too many", READY, two(s.approved), "BATCH_TOTAL"),
    *both("a total that was not restated", (*READY, s.authorised(amount_fen=60_000)),
          two(s.approved, total_fen=60_000), "BATCH_TOTAL"),
    case("a restated total", (*READY, s.excluded(enrolment="E2", payment=None, amount_fen=9_000),
                              s.authorised(amount_fen=60_000)), s.approved(total_fen=60_000)),
    case("a deduction in the total", (*LINED, s.offset(), s.excluded(enrolment="E2", payment=None, amount_fen=24_000)),
         s.approved(total_fen=45_000)),
    case("a household of which everything is kept back is not counted", WHOLLY_KEPT, s.approved(total_fen=s.LINE_FEN)),
    case("or counted as listed, as it was before", WHOLLY_KEPT, s.approved(count=2, total_fen=s.LINE_FEN)),
    *both("and no third one", WHOLLY_KEPT, two(s.approved, count=3, total_fen=s.LINE_FEN), "BATCH_TOTAL"),
    *both("a signature over a line taken out with what was kept back of it", (*LINED, s.offset(), s.excluded(
          amount_fen=s.LINE_FEN)), two(s.approved, count=0, total_fen=0), "LINE_KEPT_BACK"),
    case("to finance", SIGNED, s.sent()),
    case("a pay file", SIGNED, s.instructed()),
    case("a pay file again", (*SIGNED, s.instructed(total_fen=1)), s.instructed(total_fen=1), "E_PAY_FILE_TWICE"),
    *both("pay files above the total", (*SIGNED, s.instructed()),
          two(s.instructed, total_fen=1, file_digest="sha256:" + "c" * 64), "PAY_FILE_SUM"),
    case("a pay file of what failed", (*FUNDED, s.instructed(), s.returned()), AGAIN),
    case("a pay file of what came back twice", (*FUNDED, s.instructed(), s.paid(), s.returned_late(), AGAIN,
         s.returned(occurred_on=s.DAY)), s.instructed(file_digest="sha256:" + "d" * 64)),
    case("a pay file of what failed once and is sent twice", (*FUNDED, s.instructed(), s.returned(), AGAIN),
         s.instructed(file_digest="sha256:" + "d" * 64, origin="history"), "W_PAY_FILE_SUM"),
    case("a pay file of what failed and was taken out",
         (*FUNDED, s.instructed(), s.returned(), s.excluded(payment="L1", amount_fen=s.LINE_FEN)),
         s.instructed(file_digest="sha256:" + "d" * 64, origin="history"), "W_PAY_FILE_SUM"),
    case("a pay file of what came back, told twice", (*FAILED, s.instructed(), s.paid(), s.returned_late(
         occurred_on=s.DAY), AGAIN), s.instructed(file_digest="sha256:" + "d" * 64, origin="history"),
         "W_PAY_FILE_SUM"),
    *both("a pay file with a line taken out", (*SIGNED, s.excluded(amount_fen=1)), two(s.instructed), "PAY_FILE_SUM"),
)  # fmt: skip

ON_THE_WAY: Final[tuple[Case, ...]] = (
    case("a payment order", SIGNED, s.funded()),
    case("an order by no document", SIGNED, s.funded(sources=()), "E_ORDER_SUM"),
    case("an order again", FUNDED, s.funded(), "E_MOVEMENT_TWICE", "W_BATCH_OVERFUNDED"),
    case("an order above the promise", SIGNED, s.funded(amount_fen=69_001), "W_BATCH_OVERFUNDED"),
    case("an order above the quota", SIGNED, s.funded(sources=(QuotaPart(document="×2", fen=s.LINE_FEN),)),
         "W_QUOTA_SHORT"),
    case("an order before the signature", LINED, s.funded(), "W_BATCH_STATE"),
    case("an order of tomorrow", SIGNED, s.funded(occurred_on=LATER), "E_FACT_IN_FUTURE"),
    case("an order without a fund", SIGNED, s.funded(fund="other"), "E_FUND_UNKNOWN", "E_BATCH_DIFFERS",
         "W_BATCH_OVERFUNDED", "W_QUOTA_SHORT"),
    case("a result", FUNDED, s.result()),
    case("a result again", (*FUNDED, s.result(paid_fen=1)), s.result(paid_fen=1), "E_RESULT_TWICE"),
    case("results above the total", (*FUNDED, s.result()), s.result(paid_fen=1, source=s.source("b")), "W_RESULT_SUM"),
    case("a pending line that was paid later", (*FUNDED, s.result(paid_fen=60_000, pending_fen=9_000)),
         s.result(paid_fen=9_000, source=s.source("b"))),
    case("a failed line that was paid again", (*FUNDED, FAILED_FILE), s.result(source=s.source("b"))),
    case("a line that failed twice and was paid", (*FUNDED, *FAILED_TWICE), s.result(source=s.source("c"))),
    case("a line that came back late", (*FUNDED, s.result(), s.paid()), s.result(**FAILED_SUMS, source=s.source("b"))),
    case("a line that came back late and was paid again",
         (*FUNDED, s.result(), s.paid(), s.result(**FAILED_SUMS, source=s.source("b")), s.returned_late()),
         s.result(source=s.source("c"))),
    case("a line that failed twice and was paid twice",
         (*FUNDED, *FAILED_TWICE, s.result(source=s.source("c")), s.paid()),
         s.result(paid_fen=1, source=s.source("d")), "W_RESULT_SUM"),
    case("results of which the return was told first",
         (*FUNDED, s.result(**FAILED_SUMS, source=s.source("b"), occurred_on=BETWEEN), s.result()),
         s.result(source=s.source("c"), occurred_on=BETWEEN)),
    case("a result above the total by what failed", FUNDED, s.result(failed_fen=1), "W_RESULT_SUM"),
    case("failures above the total", FUNDED, s.result(paid_fen=0, failed_fen=s.LINE_FEN + 1), "W_RESULT_SUM"),
    case("a result before the signature", LINED, s.result(), "W_BATCH_STATE"),
    case("money back to quota", FAILED, s.unspent(amount_fen=s.LINE_FEN)),
    case("more money back than there is", FAILED, s.unspent(amount_fen=69_001), "W_TRANSIT_SHORT"),
    case("money back, wrong sum", FAILED, s.unspent(sources=()), "E_ORDER_SUM"),
    case("money back again", (*FAILED, s.unspent()), s.unspent(), "E_MOVEMENT_TWICE"),
    case("money on to the next batch", NEXT, s.unspent(carried_to="B2")),
    case("money on to itself", FAILED, s.unspent(carried_to="B1"), "E_ORDER_SUM"),
    case("money on to another fund's batch", (*FAILED, s.prepared(batch="B2", fund="other")),
         s.unspent(carried_to="B2"), "E_BATCH_DIFFERS"),
    case("money on to nothing", FAILED, s.unspent(carried_to="B9"), "E_BATCH_UNKNOWN"),
    case("money back of a closed batch", (*PAID, s.closed_batch()), s.unspent(), "W_BATCH_STATE", "W_TRANSIT_SHORT"),
    case("a line taken out", LINED, s.excluded()),
    case("a line taken out twice", (*LINED, s.excluded()), s.excluded(), "E_LINE_EXCLUDED_TWICE"),
    case("a line taken out of no fund", LINED, s.excluded(fund="other"), "E_FUND_UNKNOWN", "E_BATCH_DIFFERS"),
    *both("a line taken out in part", LINED, two(s.excluded, amount_fen=1), "EXCLUDED_AMOUNT"),
    *both("a line taken out with what was kept back of it", (*LINED, s.offset()), two(s.excluded), "EXCLUDED_AMOUNT"),
    case("a line taken out less what was kept back of it", (*LINED, s.offset()), s.excluded(amount_fen=45_000)),
    case("a failed line taken out after the next batch authorised it with less",
         (*NEXT, s.authorised(batch="B2"), s.offset(batch="B2")), s.excluded(moved_to="B2")),
    case("a household taken out before it was authorised", READY, s.excluded(payment=None, amount_fen=1)),
    *both("a paid line taken out", PAID, two(s.excluded), "LINE_PAID"),
    case("closed", PAID, s.closed_batch()),
    case("closed with a failed line", FAILED, s.closed_batch(), "E_BATCH_NOT_SETTLED", "W_TRANSIT_LEFT"),
    case("closed with a failed line, of the past", FAILED, s.closed_batch(origin="history"), "W_BATCH_NOT_SETTLED",
         "W_TRANSIT_LEFT"),
    case("closed with money in transit", (*FAILED, s.excluded()), s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN),
         "W_TRANSIT_LEFT"),
    case("closed with a line taken out", OUT, s.closed_batch(cancelled_fen=10_000)),
    case("closed though a line that was taken out was paid", (*OUT, UNASKED),
         s.closed_batch(paid_fen=s.LINE_FEN + 10_000, cancelled_fen=10_000), "W_BATCH_PAID_BEYOND",
         "W_TRANSIT_OVERDRAWN"),
    case("closed after what was paid unasked came back", (*OUT, UNASKED, s.returned_late(
        payment="L2", enrolment="E2", amount_fen=10_000)), s.closed_batch(cancelled_fen=10_000)),
    case("closed though more was paid than was due", (*FUNDED, s.paid(amount_fen=s.LINE_FEN + 1)),
         s.closed_batch(paid_fen=s.LINE_FEN + 1), "W_BATCH_PAID_BEYOND", "W_TRANSIT_OVERDRAWN"),
    case("closed with less paid than was due", (*FUNDED, s.paid(amount_fen=s.LINE_FEN - 1)),
         s.closed_batch(paid_fen=s.LINE_FEN - 1), "E_BATCH_NOT_SETTLED", "W_TRANSIT_LEFT"),
    case("closed with a failed line and as much paid that nobody authorised",
         (*FAILED, s.paid(payment="L2", enrolment="E2")), s.closed_batch(), "E_BATCH_NOT_SETTLED",
         "W_BATCH_PAID_BEYOND"),
    *both("closed over a line taken out with what was kept back of it",
          (*LINED, s.offset(), s.approved(total_fen=45_000), s.excluded(amount_fen=s.LINE_FEN)),
          two(s.closed_batch, paid_fen=0, cancelled_fen=s.LINE_FEN), "LINE_KEPT_BACK"),
    case("closed over a failed line of which something was kept back",
         (*LINED, s.offset(), s.approved(total_fen=45_000), s.returned(amount_fen=45_000), s.excluded()),
         s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN)),
    case("closed once more", (*PAID, s.closed_batch()), s.closed_batch(), "E_BATCH_STATE"),
)  # fmt: skip

LINES: Final[tuple[Case, ...]] = (
    case("a line", READY, s.authorised()),
    case("a line twice", LINED, s.authorised(), "E_AUTHORISED_TWICE"),
    case("a line of no programme", READY, s.authorised(programme="orphans"), "E_PROGRAMME_UNKNOWN", "E_NOT_ENROLLED",
         "E_BATCH_DIFFERS"),
    case("a period that runs backwards", READY, s.authorised(period_from="2025-10"), "E_PERIOD_ORDER",
         "E_SUBSIDY_AMOUNT", "E_PAID_ABOVE_STANDARD"),
    *both("a line of no batch", READY, two(s.authorised, batch="B9"), "BATCH_STATE"),
    *both("a line after the signature", SIGNED, two(s.authorised, payment="L2", period_from="2025-08",
                                                     period_to="2025-08"), "BATCH_STATE"),
    *both("a month twice", LINED, two(s.authorised, payment="L2"), "DUE_TWICE"),
    case("a month that a quarter holds",
         (*READY, s.authorised(period_from="2025-07", amount_fen=207_000)), s.authorised(payment="L2"), "E_DUE_TWICE"),
    case("a quarter", READY, s.authorised(period_from="2025-07", amount_fen=207_000)),
    case("a year and a month", READY, s.authorised(period_from="2024-09", amount_fen=69_000 * 8), "E_PERIOD_ORDER",
         "E_NOT_ENROLLED"),
    *both("a month before the enrolment", READY, two(s.authorised, period_from="2025-01", period_to="2025-01"),
          "NOT_ENROLLED"),
    case("a month after the end", (*READY, s.ended()), s.authorised(), "E_NOT_ENROLLED"),
    *both("another amount", READY, two(s.authorised, amount_fen=60_000), "SUBSIDY_AMOUNT"),
    *both("an amount above everything", READY, two(s.authorised, amount_fen=105_001), "SUBSIDY_AMOUNT",
          "PAID_ABOVE_STANDARD"),
    *both("to the dead", (*READY, s.death()), two(s.authorised), "PAYEE_DEAD"),
    case("funeral aid for the dead", (*FUNERAL, s.confirmed(), s.prepared(), s.death()), s.authorised()),
    case("for the month of the death", (*READY, s.death(died_month="2025-09")), s.authorised()),
    *both("to a person in two programmes", (*READY, s.destitute(person="P2")), two(s.authorised),
          "EXCLUSIVE_BENEFIT"),
    *both("both in full where the difference is due",
          (*READY, s.exclusion_set(effect="difference", effective_from="2025-02"), s.destitute(person="P2")),
          two(s.authorised), "DIFFERENCE_EXCEEDED"),
    case("both in full in the first month of a quarter", (
        *READY, s.exclusion_set(effect="difference", effective_from="2025-02"), s.destitute(person="P2"),
        s.ended(enrolment="E9", programme=s.DESTITUTE, persons=("P2",), household=None)),
        s.authorised(period_from="2025-07", amount_fen=207_000), "E_DIFFERENCE_EXCEEDED"),
    *both("arrears without a word", READY, two(s.authorised, component="arrears"), "COMPONENT_REFERENCE"),
    case("arrears of a year and a month", READY, s.authorised(component="arrears", period_from="2024-09",
         reason="补发", reference=s.reference(document="×1")), "E_PERIOD_ORDER", "E_NOT_ENROLLED"),
    *both("arrears twice", (*READY, _made_up()), two(_made_up, payment="L2"), "ARREARS_TWICE"),
    *both("arrears that overlap by a month", (*READY, _made_up()),
          two(_made_up, payment="L2", period_from="2025-06", period_to="2025-07"), "ARREARS_TWICE"),
    case("arrears of a month that was claimed in full", LINED, _made_up(payment="L2", period_from="2025-09",
         period_to="2025-09"), "W_MADE_UP_BEYOND"),
    case("and as history", LINED, _made_up(payment="L2", period_from="2025-08", period_to="2025-09",
         amount_fen=s.LINE_FEN + 1, origin="history"), "W_MADE_UP_BEYOND"),
    case("arrears of the month before beside it", LINED, _made_up(payment="L2", period_from="2025-08",
         period_to="2025-09", amount_fen=s.LINE_FEN)),
    case("arrears of a month that came back", FAILED, _made_up(payment="L2", period_from="2025-09",
         period_to="2025-09", amount_fen=s.LINE_FEN), "E_BATCH_STATE"),
    case("arrears of other months", (*READY, _made_up()),
         _made_up(payment="L2", period_from="2025-07", period_to="2025-08")),
    case("arrears beside a rise", (*READY, _made_up()), _made_up(payment="L2", component="uplift")),
    case("arrears again after they came back", (*READY, _made_up(), s.returned(payment="L1", amount_fen=8_000)),
         _made_up(payment="L2")),
    case("arrears again after they were taken out", (*READY, _made_up(), s.excluded(amount_fen=8_000)),
         _made_up(payment="L2")),
    case("arrears before the take-over, in the next batch again", (
        *READY[:-2], s.confirmed(reason="opening", origin="history"), s.prepared(),
        _made_up(period_from="2024-09", period_to="2024-10")),
        _made_up(payment="L2", period_from="2024-09", period_to="2024-10"), "E_ARREARS_TWICE"),
    case("arrears of a month whose failed payment was made good", (*NEXT, s.authorised(**_again()),
         s.prepared(batch="B3")), _made_up(payment="L9", batch="B3", period_from="2025-09", period_to="2025-09"),
         "W_MADE_UP_BEYOND"),
    case("a rise from an earlier month", READY, s.authorised(
        component="uplift", period_from="2025-02", period_to="2025-05", amount_fen=8_000, reason="提标补差",
        reference=s.reference(document="示民发〔2025〕1号"))),
    case("a price supplement above the standard", READY, s.authorised(
        component="price", amount_fen=200_000, reason="价格临时补贴", reference=s.reference(document="×3"))),
    case("again after a return", NEXT, s.authorised(**_again())),
    case("the same number again after a return", NEXT, s.authorised(**_again(payment="L1"))),
    *both("again without a return", (*PAID, s.prepared(batch="B2")), two(s.authorised, **_again()), "REISSUE"),
    *both("again for the second time", (*NEXT, s.authorised(**_again())), two(s.authorised, **_again(payment="L3")),
          "REISSUE"),
    case("its own number after another took its place", (*NEXT, s.authorised(**_again()), s.prepared(batch="B3")),
         s.authorised(batch="B3"), "E_AUTHORISED_TWICE"),
    case("its own number twice after one return", OWN_AGAIN, s.authorised(batch="B3"), "E_AUTHORISED_TWICE"),
    *both("another number after its own took its place", OWN_AGAIN,
          two(s.authorised, **_again(payment="L3", batch="B3")), "REISSUE"),
    case("its own number again after it failed again", (*OWN_AGAIN, s.returned(batch="B2", occurred_on=BETWEEN)),
         s.authorised(batch="B3")),
    case("another number after its own failed again", (*OWN_AGAIN, s.returned(batch="B2", occurred_on=BETWEEN)),
         s.authorised(**_again(payment="L3", batch="B3"))),
    case("a failure of the first batch, told after it was authorised again, reopens nothing",
         (*OWN_AGAIN, s.returned(occurred_on=BETWEEN)), s.authorised(batch="B3"), "E_AUTHORISED_TWICE"),
    case("arrears of a month that came back and was authorised again as itself", OWN_AGAIN,
         _made_up(payment="L9", batch="B3", period_from="2025-09", period_to="2025-09"), "W_MADE_UP_BEYOND"),
    case("arrears that came back, were taken out and authorised again as themselves",
         (*READY, _made_up(), s.returned(amount_fen=8_000), s.prepared(batch="B2"), s.excluded(amount_fen=8_000),
          _made_up(batch="B2"), s.prepared(batch="B3")), _made_up(payment="L9", batch="B3"), "E_ARREARS_TWICE"),
    case("again after money came back late", (*PAID, s.returned_late(), s.prepared(batch="B2")),
         s.authorised(**_again())),
    case("kept back for a recovery", (*LINED, r.finding(), r.notice(), r.ordered()), s.offset(recovery="R1")),
    case("kept back, for what", LINED, s.offset(), "W_OFFSET_WITHOUT_RECOVERY"),
    *both("kept back after the signature", (*SIGNED, *OWED), two(s.offset, recovery="R1"), "BATCH_STATE"),
    *both("kept back of a paid line", (*PAID, *OWED), two(s.offset, recovery="R1"), "BATCH_STATE", "OFFSET_SETTLED"),
    *both("kept back of a line taken out", (*LINED, *OWED, s.excluded()), two(s.offset, recovery="R1"),
          "OFFSET_SETTLED"),
    case("kept back of a line that was authorised again",
         (*FAILED, *OWED, s.excluded(), s.prepared(batch="B2"), s.authorised(batch="B2")),
         s.offset(batch="B2", recovery="R1")),
    case("kept back in another batch than the line's", (*SIGNED, *OWED, s.prepared(batch="B2")),
         s.offset(batch="B2", recovery="R1"), "E_OFFSET_DIFFERS"),
    case("kept back of another household", (*LINED, *OWED), s.offset(enrolment="E2", recovery="R1"),
         "E_OFFSET_DIFFERS"),
    case("kept back without a fund", LINED, s.offset(fund="other", recovery="R1", amount_fen=1), "E_FUND_UNKNOWN",
         "E_OFFSET_OVER_RECOVERY", "E_BATCH_DIFFERS"),
    case("kept back twice", (*LINED, r.finding(), r.notice(), r.ordered(amount_fen=90_000), s.offset(recovery="R1")),
         s.offset(recovery="R1"), "E_MOVEMENT_TWICE"),
    *both("kept back more than the line", (*LINED, r.finding(), r.notice(), r.ordered(amount_fen=90_000)),
          two(s.offset, recovery="R1", amount_fen=69_001), "OFFSET_OVER_PAYMENT"),
    *both("kept back more than is owed", (*LINED, r.finding(), r.notice(), r.ordered()),
          two(s.offset, recovery="R1", amount_fen=24_001), "OFFSET_OVER_RECOVERY"),
    *both("kept back what is kept back already",
          (*LINED, r.finding(), r.notice(), r.ordered(), s.offset(recovery="R1")),
          two(s.offset, movement="kept-2", recovery="R1"), "OFFSET_OVER_RECOVERY"),
)  # fmt: skip

RESULTS: Final[tuple[Case, ...]] = (
    case("paid", FUNDED, s.paid()),
    case("paid less what was kept back",
         (*LINED, s.offset(), s.approved(total_fen=45_000), s.funded(amount_fen=45_000)),
         s.paid(amount_fen=45_000)),
    case("paid of another fund", FUNDED, s.paid(fund="other"), "E_FUND_UNKNOWN", "E_BATCH_DIFFERS"),
    case("paid twice in the file", PAID, s.paid(), "E_PAID_TWICE"),
    case("paid tomorrow", FUNDED, s.paid(occurred_on=LATER), "E_FACT_IN_FUTURE"),
    case("paid backwards", FUNDED, s.paid(period_from="2025-10"), "E_PERIOD_ORDER"),
    case("paid to the dead", (*FUNDED, s.death()), s.paid(), "W_PAYEE_DEAD"),
    case("funeral aid paid", (*FUNERAL, s.confirmed(), s.prepared(), s.authorised(), s.death(), s.approved(),
         s.funded()), s.paid()),
    case("paid unauthorised", FUNDED, s.paid(payment="L7", period_from="2025-08", period_to="2025-08"),
         "W_NOT_AUTHORISED"),
    case("paid to another enrolment", FUNDED, s.paid(enrolment="E2"), "W_NOT_AUTHORISED"),
    case("paid though it was taken out", (*LINED, s.excluded(), s.approved(count=0, total_fen=0)), s.paid(),
         "W_LINE_EXCLUDED"),
    case("paid though it was taken out after the signature", (*FUNDED, s.excluded()), s.paid(), "W_LINE_EXCLUDED"),
    case("paid in another batch than the one it was taken out of", (*FUNDED, s.excluded(), s.prepared(batch="B2"),
         s.approved(batch="B2")), s.paid(batch="B2"), "W_LINE_EXCLUDED"),
    case("paid though it failed and was moved on", (*NEXT, s.authorised(**_again()), s.excluded(moved_to="B2")),
         s.paid(), "W_LINE_EXCLUDED"),
    case("paid after it was taken out and authorised again", (*FAILED, s.excluded(), s.prepared(batch="B2"),
         s.authorised(batch="B2"), s.approved(batch="B2")), s.paid(batch="B2")),
    case("paid in the old batch after it was authorised again", (*FAILED, s.excluded(), s.prepared(batch="B2"),
         s.authorised(batch="B2"), s.approved(batch="B2")), s.paid(), "W_LINE_EXCLUDED"),
    case("paid another amount", FUNDED, s.paid(amount_fen=60_000), "W_PAYMENT_AMOUNT"),
    case("paid a month twice", PAID, s.paid(payment="L7"), "W_NOT_AUTHORISED", "W_DUE_TWICE"),
    case("paid before the signature", LINED, s.paid(), "W_BATCH_STATE"),
    case("paid again after a return", (*NEXT, s.authorised(**_again()), s.approved(batch="B2")),
         s.paid(payment="L2", batch="B2", component="arrears")),
    case("history", READY, s.paid(origin="history", batch="OLD")),
    case("history of nobody", s.setup(), s.paid(origin="history"), "W_NOT_ENROLLED"),
    case("history of another amount", READY, s.paid(origin="history", amount_fen=60_000), "W_SUBSIDY_AMOUNT"),
    case("history above everything", READY, s.paid(origin="history", amount_fen=105_001), "W_SUBSIDY_AMOUNT",
         "W_PAID_ABOVE_STANDARD"),
    case("history of two programmes", (*READY, s.destitute(person="P2")), s.paid(origin="history"),
         "W_EXCLUSIVE_BENEFIT"),
    case("a return", FUNDED, s.returned()),
    case("a return again", FAILED, s.returned(), "E_RETURN_TWICE"),
    case("a return of tomorrow", FUNDED, s.returned(occurred_on=LATER), "E_FACT_IN_FUTURE"),
    case("a return of another fund", FUNDED, s.returned(fund="other"), "E_FUND_UNKNOWN", "E_BATCH_DIFFERS"),
    case("a paid line that never left", PAID, s.returned(), "W_RETURN_STATE"),
    case("a paid line came back", PAID, s.returned(was_paid=True)),
    case("money came back before it left", FUNDED, s.returned(was_paid=True), "W_RETURN_STATE"),
    case("part of a line came back", PAID, s.returned(was_paid=True, amount_fen=1), "W_RETURN_AMOUNT"),
    case("another amount failed", FUNDED, s.returned(amount_fen=1), "W_RETURN_AMOUNT"),
    case("late", PAID, s.returned_late()),
    case("late before it left", FUNDED, s.returned_late(), "W_RETURN_STATE"),
    case("what never left proves to have come back", (*FAILED, s.paid()), s.returned_late(occurred_on=s.DAY)),
    case("late on the day when it never left", FAILED, s.returned_late(occurred_on=s.DAY), "W_RETURN_STATE"),
    case("a failure told after it was made good", (*FUNDED, s.paid(occurred_on=LATER)), s.returned()),
    case("late again", (*PAID, s.returned_late()), s.returned_late(), "E_RETURN_TWICE", "W_RETURN_STATE"),
    case("a return again after another one", BACK_TWICE, s.returned(was_paid=True, occurred_on=BETWEEN),
         "E_RETURN_TWICE"),
    case("a return again after another one, late", BACK_TWICE, s.returned_late(occurred_on=BETWEEN), "E_RETURN_TWICE"),
    case("a return again as one that never left", BACK_TWICE, s.returned(occurred_on=BETWEEN), "E_RETURN_TWICE"),
    case("a return of a day between", BACK_TWICE, s.returned(was_paid=True, occurred_on=date(2025, 9, 29))),
    case("a return of that day in the next batch", (*BACK_TWICE, s.prepared(batch="B2")), s.returned(
         batch="B2", was_paid=True, occurred_on=BETWEEN)),
    case("late again after another one", (*PAID, s.returned_late(), s.returned_late(occurred_on=LAST)),
         s.returned_late(), "E_RETURN_TWICE", "W_RETURN_STATE"),
    case("what never left proves to have come back, though another return was told since",
         (*FAILED, s.paid(occurred_on=BETWEEN), s.returned_late(occurred_on=LAST), s.paid(occurred_on=LAST)),
         s.returned_late(occurred_on=s.DAY)),
    case("a failure told twice after it was made good", (*FUNDED, s.paid(occurred_on=LATER), s.returned()),
         s.returned(), "E_RETURN_TWICE"),
    case("late, another amount", PAID, s.returned_late(amount_fen=1), "W_RETURN_AMOUNT"),
)  # fmt: skip

CASES: Final = (*BATCHES, *ON_THE_WAY, *LINES, *RESULTS)
