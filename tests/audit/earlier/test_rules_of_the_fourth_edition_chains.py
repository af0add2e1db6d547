"""Steps that others came to rest on stay: batches, lines, decisions, doubts, findings and channels. Refused today, and
right where the fourth edition let them go.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, refused_today, stands, verdict_of
from tests.audit.full_book import DONOR
from tests.flows.public_money import samples_redress as r
from tests.flows.public_money import samples_relief as s
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event, taken_back

ON = dt.date(2025, 9, 30)
BACK = dt.date(2025, 9, 28)
Act = Callable[[OpenedBook], None]


def undone(book: OpenedBook, road: Sequence[Event], target: int, entity: str = BUREAU) -> None:
    """A road is gone to its end, and one step of it then reversed."""
    places = [book.post(entity, one).first_position for one in road]
    book.post(entity, taken_back(road[target], places[target], ON))


def signed() -> list[Event]:
    """Authorised, signed, ordered: 0, 1, 2."""
    return [s.authorised(), s.approved(), s.funded()]


def made_good(**more: Any) -> Event:
    fields = {"payment": "L2", "batch": "B2", "component": "arrears", "reason": "退票补发"}
    return s.authorised(**{**fields, "reference": s.reference(payment="L1"), **more})


def found() -> list[Event]:
    """Raised, given out, verified, confirmed: 0, 1, 2, 3."""
    return [r.clue(), r.assigned(), r.verified(), r.finding(clues=("YD-1",))]


def ended() -> list[Event]:
    """Confirmed, told, ordered, collected, reported, accepted, closed: 0 to 6."""
    settled = [r.collected(), r.report(), r.accepted(), r.closed()]
    return [r.finding(), r.notice(), r.ordered(), *settled]


def gift(**more: Any) -> Event:
    by = {"means": "channel", "channel": "CH9", "pledge_parts": [], "occurred_on": "2025-09-20"}
    given = {**DONOR, "donation": "D9", "fund": "general", "amount_fen": 300, "wants_receipt": False}
    return event("donation.collective", **{**given, **by, "persons": 3, "lines": [], **more})


def channel() -> Event:
    said = {"channel": "CH9", "name": "微信", "provider": "wechat", "merchant": "own", "aliases": []}
    return event("channel.opened", **said, default_fund="general", settles_to="icbc", on="2025-09-01")


def prepared_under_its_signature(book: OpenedBook) -> None:
    line = s.authorised(batch="B7", payment="L7")
    undone(book, [s.prepared(batch="B7"), line, s.approved(batch="B7"), s.sent(batch="B7")], 0)


def signature_under_its_order(book: OpenedBook) -> None:
    undone(book, signed(), 1)


def line_under_its_signature(book: OpenedBook) -> None:
    undone(book, signed(), 0)


def line_under_its_deduction(book: OpenedBook) -> None:
    undone(book, [r.finding(), r.notice(), r.ordered(), s.authorised(), s.offset(recovery="R1")], 3)


def line_under_its_return(book: OpenedBook) -> None:
    undone(book, [*signed(), s.returned(), s.excluded()], 0)


def payment_under_its_late_return(book: OpenedBook) -> None:
    undone(book, [*signed(), s.paid(), s.returned_late()], 3)


def payment_under_the_end_of_its_batch(book: OpenedBook) -> None:
    undone(book, [*signed(), s.paid(), s.closed_batch()], 3)


def return_under_what_made_it_good(book: OpenedBook) -> None:
    undone(book, [*signed(), s.returned(), s.prepared(batch="B2"), made_good()], 3)


def return_under_the_next_payment(book: OpenedBook) -> None:
    """Finance sent more than was asked for, so that no balance falls below zero."""
    back = s.returned(was_paid=True, occurred_on=BACK)
    more = s.funded(movement="order-2")
    undone(book, [*signed(), more, s.paid(), back, s.paid(occurred_on=BACK)], 5)


def exclusion_under_the_signature(book: OpenedBook) -> None:
    undone(book, [s.authorised(), s.excluded(), s.approved(count=0, total_fen=0)], 1)


def enrolment_under_its_line(book: OpenedBook) -> None:
    undone(book, [s.confirmed(enrolment="E5", household="H5", person="P5", members=()),
                  s.authorised(payment="L5", enrolment="E5", subjects=())], 0)  # fmt: skip


def enrolment_under_its_end(book: OpenedBook) -> None:
    undone(book, [s.confirmed(enrolment="E5", household="H5", person="P5", members=()),
                  s.ended(enrolment="E5", household="H5", persons=("P5",), from_month="2025-10")], 0)  # fmt: skip


def doubt_under_its_answer(book: OpenedBook) -> None:
    undone(book, found()[:3], 0)


def answer_under_its_finding(book: OpenedBook) -> None:
    undone(book, found(), 2)


def collected_under_the_end(book: OpenedBook) -> None:
    undone(book, ended(), 3)


def report_under_its_acceptance(book: OpenedBook) -> None:
    undone(book, ended()[:6], 4)


def acceptance_under_the_end(book: OpenedBook) -> None:
    undone(book, ended(), 5)


def end_under_its_reopening(book: OpenedBook) -> None:
    undone(book, [*ended(), r.reopened()], 6)


def reopening_under_the_next_end(book: OpenedBook) -> None:
    undone(book, [*ended(), r.reopened(), r.accepted(), r.closed()], 7)


def channel_under_a_collection(book: OpenedBook) -> None:
    undone(book, [channel(), gift()], 0, CHARITY)


REFUSED: tuple[Act, ...] = (
    prepared_under_its_signature,
    signature_under_its_order,
    line_under_its_signature,
    line_under_its_deduction,
    line_under_its_return,
    payment_under_its_late_return,
    payment_under_the_end_of_its_batch,
    return_under_what_made_it_good,
    return_under_the_next_payment,
    exclusion_under_the_signature,
    enrolment_under_its_line,
    enrolment_under_its_end,
    doubt_under_its_answer,
    answer_under_its_finding,
    collected_under_the_end,
    report_under_its_acceptance,
    acceptance_under_the_end,
    end_under_its_reopening,
    reopening_under_the_next_end,
    channel_under_a_collection,
)


@pytest.fixture
def relief(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    """A bureau that prepared a batch for the one household it has enrolled."""
    copy = book.copy(tmp_path / "b.db")
    named = {"holding": "bank", "bank": "示例农商行", "default_fund": s.FUND, "aliases": [], "opened_on": "2025-01-01"}
    copy.post(
        BUREAU, *s.setup(), *(event("bank.account_registered", account=one, **named) for one in ("rcc", "rcb-0001"))
    )
    copy.post(BUREAU, s.confirmed(), s.prepared())
    yield copy
    copy.close()


@pytest.mark.parametrize("act", REFUSED, ids=lambda one: one.__name__)
def test_the_writer_of_today_refuses_it(relief: OpenedBook, act: Act) -> None:
    refused_today(relief, act, "E_REVERSAL_RESTS")


@pytest.mark.parametrize("act", REFUSED, ids=lambda one: one.__name__)
def test_a_book_of_the_fourth_edition_still_holds(
    relief: OpenedBook, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 4)
    stands(relief, act)


def line_that_was_taken_out(book: OpenedBook) -> None:
    """It never went to the bank, and its month is free for another list."""
    undone(book, [*signed()[:2], s.excluded()], 0)
    book.post(BUREAU, s.prepared(batch="B2"), s.authorised(payment="L2", batch="B2"))


def line_that_was_taken_out_before_the_signature(book: OpenedBook) -> None:
    """What was signed is the rest of the batch; its month is free for another list."""
    undone(book, [s.authorised(), s.excluded(), s.approved(count=0, total_fen=0)], 0)
    book.post(BUREAU, s.prepared(batch="B2"), s.authorised(payment="L2", batch="B2"))


def failure_of_a_line_that_is_not_made_good(book: OpenedBook) -> None:
    undone(book, [*signed(), s.returned()], 3)


def failure_told_before_its_payment(book: OpenedBook) -> None:
    """No money had left by the failure, so that the payment does not rest on it."""
    undone(book, [*signed(), s.returned(), s.paid(occurred_on=BACK)], 3)


def money_of_a_finding_that_is_open_again(book: OpenedBook) -> None:
    undone(book, [*ended(), r.reopened()], 3)


def decision_on_later_months(book: OpenedBook) -> None:
    undone(book, [s.changed(from_month="2025-10"), s.authorised()], 0)


def channel_of_nothing(book: OpenedBook) -> None:
    undone(book, [channel()], 0, CHARITY)


ALLOWED: tuple[Act, ...] = (
    line_that_was_taken_out,
    line_that_was_taken_out_before_the_signature,
    failure_of_a_line_that_is_not_made_good,
    failure_told_before_its_payment,
    money_of_a_finding_that_is_open_again,
    decision_on_later_months,
    channel_of_nothing,
)


@pytest.mark.parametrize("act", ALLOWED, ids=lambda one: one.__name__)
def test_what_nothing_rests_on_may_go(relief: OpenedBook, act: Act) -> None:
    act(relief)
    assert verdict_of(relief).holds


def test_the_last_step_first_lets_the_whole_road_go(relief: OpenedBook) -> None:
    road = [*signed(), s.paid(), s.returned_late(), s.excluded(), s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN)]
    road += [*found()[:3], r.finding(clues=("YD-1",)), *ended()[1:], r.reopened()]
    places = [relief.post(BUREAU, one).first_position for one in road]
    for one, place in reversed(list(zip(road, places, strict=True))):
        relief.post(BUREAU, taken_back(one, place, ON))
    assert verdict_of(relief).holds
