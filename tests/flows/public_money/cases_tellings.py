"""The rules of results of one day: what is another success or return of it, and what tells the same one again."""

from datetime import date
from typing import Any, Final

from ledger.flows.event import Event
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_payment import BETWEEN, FUNDED
from tests.flows.public_money.cases_rests import SHORT
from tests.flows.public_money.relief_case import Case, case

PART: Final = 8_000
REST: Final = s.LINE_FEN - PART
HALF: Final = s.LINE_FEN // 2
IN_TWO: Final = (*SHORT, s.paid(amount_fen=PART, households=0, occurred_on=date(2025, 9, 12)))
"""The bank paid in two slices on two days."""
IN_HALVES: Final = (
    *FUNDED,
    s.paid(amount_fen=HALF),
    s.paid(amount_fen=HALF, households=0, occurred_on=date(2025, 9, 12)),
)


def late(fen: int, ref: str | None = None, **over: Any) -> Event:
    return s.returned_late(amount_fen=fen, result_ref=ref, occurred_on=BETWEEN, **over)


def failed(fen: int, ref: str | None = None, **over: Any) -> Event:
    return s.returned(amount_fen=fen, result_ref=ref, occurred_on=BETWEEN, **over)


NEVER_LEFT: Final = (failed(REST), failed(PART))


def slice_of(fen: int, ref: str | None = None) -> Event:
    return s.paid(amount_fen=fen, result_ref=ref, households=0)


RETURNS: Final[tuple[Case, ...]] = (
    case("the other slice came back on the same day", (*IN_TWO, late(REST)), late(PART)),
    case("the other half came back on the same day", (*IN_HALVES, late(HALF, "S1")), late(HALF, "S2")),
    case("a half that came back again, of which nobody knows", (*IN_HALVES, late(HALF)), late(HALF), "E_RETURN_TWICE"),
    case("a half that came back again without its number", (*IN_HALVES, late(HALF, "S1")), late(HALF),
         "E_RETURN_TWICE"),
    case("a half that came back again with its number", (*IN_HALVES, late(HALF)), late(HALF, "S1"), "E_RETURN_TWICE"),
    case("a half that came back again, numbered by its file", (*IN_HALVES, late(HALF, "序号7")), late(HALF, "序号8"),
         "E_RETURN_TWICE"),
    case("a half that came back again, its number spelled otherwise", (*IN_HALVES, late(HALF, "0081-D0 01")),
         late(HALF, "81d001"), "E_RETURN_TWICE"),
    case("a half that came back again, its number without the date", (*IN_HALVES, late(HALF, "20250928-81D0001")),
         late(HALF, "81D0001"), "E_RETURN_TWICE"),
    case("another amount under the same number", (*IN_TWO, late(REST, "S1")), late(PART, "S1"), "E_RETURN_TWICE"),
    case("all of it came back again under another number", (*FUNDED, s.paid(), late(s.LINE_FEN, "S1")),
         late(s.LINE_FEN, "S2"), "E_RETURN_TWICE", "W_RETURN_STATE"),
    case("more came back on a day than was ever paid", (*IN_TWO, late(REST, "S1")), late(PART + 1, "S2"),
         "E_RETURN_TWICE", "W_RETURN_AMOUNT"),
    case("a third half of a day", (*IN_HALVES, late(HALF, "S1"), late(HALF, "S2")), late(HALF, "S3"),
         "E_RETURN_TWICE", "W_RETURN_STATE", "W_RETURN_AMOUNT"),
    case("what came back of a line that was paid beyond what was due", (*FUNDED, s.paid(amount_fen=s.LINE_FEN + PART),
         late(s.LINE_FEN, "S1")), late(PART, "S2")),
    case("two slices that never left on one day", (*FUNDED, failed(REST)), failed(PART), "W_RETURN_AMOUNT"),
    case("one of two slices that never left proves to have", (*FUNDED, *NEVER_LEFT, s.paid()), late(PART),
         "W_RETURN_AMOUNT"),
    case("two slices that never left prove to have", (*FUNDED, *NEVER_LEFT, s.paid(), late(PART)), late(REST)),
    case("a slice that proved to have left, once more", (*FUNDED, *NEVER_LEFT, s.paid(), late(PART)), late(PART),
         "E_RETURN_TWICE", "W_RETURN_AMOUNT"),
    case("two halves that never left prove to have", (*FUNDED, failed(HALF, "S1"), failed(HALF, "S2"), s.paid(),
         late(HALF, "S1")), late(HALF, "S2")),
    case("a second return of what nobody authorised or paid", (*FUNDED, failed(REST, payment="L9")),
         failed(PART, payment="L9"), "E_RETURN_TWICE"),
    case("money of another day came back on the day on which a rest failed", (*SHORT, failed(PART)), late(REST)),
    case("the other slice came back on the same day of the payment", (*SHORT, s.returned(
         amount_fen=REST, was_paid=True)), s.returned(amount_fen=PART), "W_RETURN_AMOUNT"),
)  # fmt: skip

PAYMENTS: Final[tuple[Case, ...]] = (
    case("the rest paid on the same day", SHORT, slice_of(PART)),
    case("the other half paid on the same day", (*FUNDED, s.paid(amount_fen=HALF, result_ref="S1")),
         slice_of(HALF, "S2")),
    case("a half paid again, of which nobody knows", (*FUNDED, s.paid(amount_fen=HALF)), slice_of(HALF),
         "E_PAID_TWICE"),
    case("a half paid again without its number", (*FUNDED, s.paid(amount_fen=HALF, result_ref="S1")), slice_of(HALF),
         "E_PAID_TWICE"),
    case("the rest paid under the number of the first slice", (*FUNDED, s.paid(amount_fen=REST, result_ref="S1")),
         slice_of(PART, "S1"), "E_PAID_TWICE"),
    case("more than the rest paid on the same day", SHORT, slice_of(PART + 1), "E_PAID_TWICE", "W_PAYMENT_AMOUNT"),
    case("a line told again that came back and was paid on", (*SHORT, s.returned_late(amount_fen=REST), s.paid(
         amount_fen=PART, households=0, occurred_on=BETWEEN)), s.paid(amount_fen=REST), "E_PAID_TWICE"),
    case("a line told again that came back", (*FUNDED, s.paid(), s.returned_late()), s.paid(), "E_PAID_TWICE"),
)  # fmt: skip

FILES: Final[tuple[Case, ...]] = (
    case("a pay file of two slices that came back on one day", (*FUNDED, s.instructed(), *IN_TWO[len(FUNDED):],
         late(REST), late(PART)), s.instructed(total_fen=s.LINE_FEN, file_digest="sha256:" + "b" * 64)),
    case("a pay file of more than the two slices that came back", (*FUNDED, s.instructed(), *IN_TWO[len(FUNDED):],
         late(REST), late(PART)),
         s.instructed(total_fen=s.LINE_FEN + 1, file_digest="sha256:" + "b" * 64), "E_PAY_FILE_SUM"),
    case("a pay file of a slice that never left and proved to have", (*FUNDED, s.instructed(), s.paid(),
         failed(PART), late(PART)), s.instructed(total_fen=PART + 1, file_digest="sha256:" + "b" * 64),
         "E_PAY_FILE_SUM"),
)  # fmt: skip

CASES: Final = (*RETURNS, *PAYMENTS, *FILES)
EARLIER: Final = {
    "a second return of a day": ((*IN_TWO, late(REST)), late(PART), "E_RETURN_TWICE"),
    "a second half of a day": ((*IN_HALVES, late(HALF, "S1")), late(HALF, "S2"), "E_RETURN_TWICE"),
    "a second slice paid on a day": (SHORT, slice_of(PART), "E_PAID_TWICE"),
}
"""What the editions before the tenth refused."""
