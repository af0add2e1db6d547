"""Whatever happens to a payment over two batches, its money leaves once, or it is told that it may leave twice."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.event import Event
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_payment import FUNDED

DUE: Final = s.LINE_FEN
PART: Final = 8_000
START: Final = (*FUNDED, s.prepared(batch="B2", month="2025-10"))
DOUBTED: Final = frozenset({"W_LINE_EXCLUDED", "W_PAID_BESIDE_ANEW"})
"""What says of a payment that it should not have been made."""
TOLD: Final = DOUBTED | {"W_PAYMENT_AMOUNT"}
"""The same, and that it is more or less than was due: less is nothing that leaves twice."""
PASSED: Final = frozenset({"E_BATCH_STATE", "E_SUBSIDY_AMOUNT"})
"""What is not in question: the order of a batch's steps, and what a month is worth."""


def _anew(payment: str, old: str, fen: int) -> Event:
    why = {"component": "arrears", "reason": "退票补发", "reference": s.reference(payment=old)}
    return s.authorised(payment=payment, batch="B2", amount_fen=fen, **why)


_FEN: Final = st.sampled_from([PART, PART, 2 * PART, DUE - PART, DUE])
_DAY: Final = st.one_of(st.dates(date(2025, 9, 8), date(2025, 9, 30)), st.just(date(2025, 9, 20)))
_REF: Final = st.sampled_from([None, "S1", "S2"])
"""The bank's serial number: results of one day may be several."""
_WHERE: Final = st.sampled_from([("L1", "B1"), ("L1", "B1"), ("L1", "B2"), ("L2", "B2"), ("L3", "B2")])


def _told(maker: Callable[..., Event], where: tuple[str, str], fen: int, day: date, **over: Any) -> Event:
    return maker(payment=where[0], batch=where[1], amount_fen=fen, occurred_on=day, **over)


STEPS: Final = st.one_of(
    st.builds(lambda fen: s.authorised(batch="B2", amount_fen=fen), _FEN),
    st.builds(_anew, st.sampled_from(["L2", "L3"]), st.sampled_from(["L1", "L1", "L2"]), _FEN),
    st.builds(lambda ref, *told: _told(s.paid, *told, households=0, result_ref=ref), _REF, _WHERE, _FEN, _DAY),
    st.builds(lambda ref, *told: _told(s.returned_late, *told, result_ref=ref), _REF, _WHERE, _FEN, _DAY),
    st.builds(lambda ref, *told: _told(s.returned, *told, result_ref=ref), _REF, _WHERE, _FEN, _DAY),
    st.builds(lambda where, fen: s.excluded(payment=where[0], batch=where[1], amount_fen=fen), _WHERE, _FEN),
)


class Money:
    """What of it stands paid, and what the bank was told that it may pay anew."""

    def __init__(self) -> None:
        self.stands: Counter[tuple[str, str]] = Counter()
        self.anew: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.asked = {("L1", "B1")}

    def take(self, event: Any) -> None:
        key = event.payment, event.batch
        kind = event.kind.partition(".")[2]
        if kind == "authorised":
            self.asked.add(key)
            self.anew[key] = event.amount_fen
            return
        self.stands[key] += {"paid": event.amount_fen, "returned_late": -event.amount_fen}.get(kind, 0)
        # What failed or came back is not to be paid any more until it is authorised; the bank pays the rest of a line.
        ends = kind.startswith("returned")
        self.anew[key] = 0 if ends else max(0, self.anew[key] - event.amount_fen)

    @property
    def fen(self) -> int:
        return sum(max(0, fen) for fen in self.stands.values()) + sum(self.anew.values())


def may_leave(steps: Sequence[Any]) -> Iterator[tuple[Event, int, list[str]]]:
    """Each step that no rule refuses, what may leave after it, and the codes of it, until a payment is in doubt. The
    bank tells nothing of what it was not asked to pay.
    """
    book, money = s.book(*START), Money()
    for event in steps:
        if event.kind != "subsidy.authorised" and (event.payment, event.batch) not in money.asked:
            continue
        codes = [finding.code for finding in book.judge(event)]
        if any(code.startswith("E_") and code not in PASSED for code in codes):
            continue
        book.record(event)
        money.take(event)
        yield event, money.fen, codes
        if money.fen > DUE or DOUBTED & set(codes):
            return


FIRST: Final = st.sampled_from([DUE, DUE - PART, PART]).map(
    lambda fen: _told(s.paid, ("L1", "B1"), fen, date(2025, 9, 8))
)
HISTORIES: Final = st.one_of(
    st.lists(STEPS, min_size=6, max_size=9),
    st.builds(lambda first, rest: [first, *rest], FIRST, st.lists(STEPS, min_size=6, max_size=9)),
)


@settings(max_examples=400)
@given(steps=HISTORIES)
def test_no_more_leaves_than_was_due_unless_it_is_told(steps: list[Event]) -> None:
    require_told(steps)


def require_told(steps: Sequence[Event]) -> None:
    for event, fen, codes in may_leave(steps):
        assert fen <= DUE or TOLD & set(codes), (event.kind, fen, codes)


SEP: Final = [date(2025, 9, day) for day in range(1, 31)]
_B1: Final = ("L1", "B1")
_BACK: Final = [_told(s.paid, _B1, DUE, SEP[7]), _told(s.returned_late, _B1, PART, SEP[19])]
_AGAIN: Final = [
    _told(s.paid, _B1, DUE - PART, SEP[7]),
    _told(s.returned_late, _B1, DUE - PART, SEP[8]),
    _told(s.paid, _B1, DUE - PART, SEP[9]),
]


@pytest.mark.parametrize(
    "steps",
    [
        [*_BACK, _anew("L2", "L1", PART), _told(s.returned_late, _B1, DUE - PART, SEP[20]), _anew("L3", "L1", DUE)],
        [*_BACK, _anew("L2", "L1", PART), _told(s.returned_late, _B1, DUE - PART, SEP[20]), s.authorised(batch="B2")],
        [
            *_BACK,
            _anew("L2", "L1", PART),
            _told(s.returned_late, _B1, DUE - PART, SEP[20]),
            s.authorised(batch="B2", amount_fen=DUE - PART),
            _told(s.returned, ("L1", "B2"), DUE - PART, SEP[24]),
            s.authorised(batch="B2"),
        ],
        [*_AGAIN, _anew("L2", "L1", PART), _told(s.paid, _B1, PART, SEP[24], households=0)],
        [
            _told(s.paid, _B1, DUE - PART, SEP[7]),
            _told(s.returned_late, _B1, DUE, SEP[8]),
            s.authorised(batch="B2"),
            _told(s.paid, ("L1", "B2"), DUE, SEP[19]),
            _told(s.paid, ("L1", "B2"), PART, SEP[20], households=0),
        ],
        [*_BACK, _anew("L2", "L1", PART), _told(s.paid, _B1, PART, SEP[24], households=0)],
    ],
)
def test_these_did(steps: list[Event]) -> None:
    """Histories by which more left than was due, without a word."""
    require_told(steps)
