"""The rules of lines of which the bank paid less than was due: their rest is paid later, sent again, or taken out."""

from typing import Final

from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_payment import BETWEEN, FUNDED, LAST, two
from tests.flows.public_money.relief_case import Case, both, case

SHORT: Final = (*FUNDED, s.paid(amount_fen=s.LINE_FEN - 8_000))
"""The bank paid less than was due."""
REST_OUT: Final = s.excluded(amount_fen=8_000)
PAID_OUT: Final = s.excluded(amount_fen=s.LINE_FEN - 8_000)
REST_PAID: Final = s.paid(amount_fen=8_000, households=0, occurred_on=BETWEEN)
SHORT_BACK: Final = (*SHORT, REST_OUT, s.returned_late(amount_fen=s.LINE_FEN - 8_000))

RESTS: Final[tuple[Case, ...]] = (
    case(
        "a pay file of what the bank left unpaid",
        (*FUNDED, s.instructed(), SHORT[-1]),
        s.instructed(total_fen=8_000, file_digest="sha256:" + "b" * 64),
    ),
    case(
        "a pay file of more than the bank left unpaid",
        (*FUNDED, s.instructed(), SHORT[-1]),
        s.instructed(total_fen=8_001, file_digest="sha256:" + "b" * 64),
        "E_PAY_FILE_SUM",
    ),
    case(
        "a pay file of what was left unpaid and is out",
        (*FUNDED, s.instructed(), SHORT[-1], REST_OUT),
        s.instructed(total_fen=8_000, file_digest="sha256:" + "b" * 64),
        "E_PAY_FILE_SUM",
    ),
    *both("a line taken out whole of which the bank paid less", SHORT, two(s.excluded), "EXCLUDED_AMOUNT"),
    case("the rest of a line taken out of which the bank paid less", SHORT, REST_OUT),
    case(
        "the rest of a line taken out twice",
        (*SHORT, REST_OUT),
        s.excluded(amount_fen=8_000),
        "E_LINE_EXCLUDED_TWICE",
        "E_LINE_PAID",
        "E_EXCLUDED_AMOUNT",
    ),
    case(
        "the rest of a line taken out of a batch of which it is not",
        (*SHORT, s.prepared(batch="B2")),
        s.excluded(batch="B2", amount_fen=8_000),
        "E_LINE_PAID",
    ),
    case("a line taken out that came back after its rest was", SHORT_BACK, PAID_OUT),
    case("more of a line taken out than came back", SHORT_BACK, s.excluded(), "E_EXCLUDED_AMOUNT"),
    case(
        "closed with the rest of a line taken out of which the bank paid less",
        (*SHORT, REST_OUT),
        s.closed_batch(paid_fen=s.LINE_FEN - 8_000, cancelled_fen=8_000),
        "W_BATCH_PAID_SHORT",
        "W_TRANSIT_LEFT",
    ),
    case(
        "closed with the rest of a line taken out of which something was kept back",
        (
            *s.setup(),
            s.confirmed(),
            s.prepared(total_fen=45_000),
            s.authorised(),
            s.offset(),
            s.approved(total_fen=45_000),
            s.funded(amount_fen=45_000),
            s.paid(amount_fen=37_000),
            REST_OUT,
        ),
        s.closed_batch(paid_fen=37_000, cancelled_fen=8_000),
        "W_BATCH_PAID_SHORT",
        "W_TRANSIT_LEFT",
    ),
    case("closed after the rest was paid on another day", (*SHORT, REST_PAID), s.closed_batch()),
    case(
        "closed though the rest was paid that had been taken out",
        (*SHORT, REST_OUT, REST_PAID),
        s.closed_batch(cancelled_fen=8_000),
        "W_BATCH_PAID_BEYOND",
        "W_BATCH_PAID_SHORT",
    ),
    case(
        "closed with a line taken out that came back after its rest was",
        (*SHORT_BACK, PAID_OUT),
        s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN),
        "W_TRANSIT_LEFT",
    ),
    case("the rest paid on another day", SHORT, REST_PAID),
    case(
        "a part of the rest paid on another day",
        SHORT,
        s.paid(amount_fen=1_000, households=0, occurred_on=BETWEEN),
        "W_PAYMENT_AMOUNT",
    ),
    case("the rest paid on the same day", SHORT, s.paid(amount_fen=8_000), "E_PAID_TWICE"),
    case(
        "more than the rest paid on another day",
        SHORT,
        s.paid(amount_fen=8_001, occurred_on=BETWEEN),
        "E_PAID_TWICE",
        "W_PAYMENT_AMOUNT",
    ),
    case(
        "the rest paid twice",
        (*SHORT, REST_PAID),
        s.paid(amount_fen=8_000, occurred_on=LAST),
        "E_PAID_TWICE",
        "W_PAYMENT_AMOUNT",
    ),
    case("the rest paid that was taken out", (*SHORT, REST_OUT), REST_PAID, "W_LINE_EXCLUDED"),
    case(
        "a line paid again without the rest that was taken out",
        SHORT_BACK,
        s.paid(amount_fen=s.LINE_FEN - 8_000, occurred_on=LAST),
    ),
    case("the rest came back", (*SHORT, REST_PAID), s.returned_late(amount_fen=8_000)),
    case("a line and its rest came back", (*SHORT, REST_PAID), s.returned_late()),
    case(
        "the rest paid again after it came back",
        (*SHORT, REST_PAID, s.returned_late(amount_fen=8_000)),
        s.paid(amount_fen=8_000, households=0, occurred_on=LAST),
    ),
)
