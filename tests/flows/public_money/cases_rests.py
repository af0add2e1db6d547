"""The rules of lines of which the bank paid less than was due: their rest is paid later, sent again, or taken out."""

from datetime import date
from typing import Final

from ledger.flows.event import Event
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_payment import BETWEEN, FUNDED, LAST, two
from tests.flows.public_money.relief_case import Case, both, case

SHORT: Final = (*FUNDED, s.paid(amount_fen=s.LINE_FEN - 8_000))
"""The bank paid less than was due."""
REST_OUT: Final = s.excluded(amount_fen=8_000)
PAID_OUT: Final = s.excluded(amount_fen=s.LINE_FEN - 8_000)
REST_PAID: Final = s.paid(amount_fen=8_000, households=0, occurred_on=BETWEEN)
SHORT_BACK: Final = (*SHORT, REST_OUT, s.returned_late(amount_fen=s.LINE_FEN - 8_000))

_FIRST: Final = s.paid(amount_fen=s.LINE_FEN - 8_000, occurred_on=BETWEEN)
_SECOND: Final = s.paid(amount_fen=8_000, households=0, occurred_on=LAST)
ALL_BACK_EARLY: Final = (*FUNDED, s.returned_late(occurred_on=LAST), _FIRST, _SECOND)
"""The bank paid in two parts, and all of it came back; that was told first."""
REST_BACK_EARLY: Final = (*FUNDED, s.returned_late(amount_fen=8_000, occurred_on=LAST), _FIRST, _SECOND)
"""The same, and only the rest came back."""
EARLY_OUT: Final = (*ALL_BACK_EARLY, s.excluded())
PART_BACK: Final = (
    *FUNDED,
    s.paid(),
    s.closed_batch(),
    s.returned_late(amount_fen=8_000),
    s.prepared(batch="B2", month="2025-10"),
)
"""Of a line of a batch that was closed since, a part came back."""
_ANEW: Final = {"batch": "B2", "component": "arrears", "reason": "退票补发", "reference": s.reference(payment="L1")}
_ALL_BACK: Final = s.returned_late(occurred_on=LAST)
ANEW: Final = s.authorised(payment="L2", amount_fen=8_000, **_ANEW)

RESTS: Final[tuple[Case, ...]] = (
    case("a part that came back, authorised anew", PART_BACK, ANEW),
    case("more than the part that came back", PART_BACK, s.authorised(payment="L2", **_ANEW), "E_REISSUE"),
    case(
        "a part that came back, authorised anew twice",
        (*PART_BACK, ANEW),
        s.authorised(payment="L3", amount_fen=8_000, **_ANEW),
        "E_REISSUE",
    ),
    case(
        "what came back after a part was authorised anew",
        (*PART_BACK, ANEW, s.returned_late(amount_fen=s.LINE_FEN - 8_000, occurred_on=LAST)),
        s.authorised(payment="L3", amount_fen=s.LINE_FEN - 8_000, **_ANEW),
    ),
    case(
        "another part that came back, authorised anew",
        (*PART_BACK, ANEW, s.returned_late(amount_fen=5_000, occurred_on=LAST)),
        s.authorised(payment="L3", amount_fen=5_000, **_ANEW),
    ),
    case(
        "a line that was authorised anew before it came back, authorised anew once more",
        (*FUNDED, s.paid(), s.prepared(batch="B2", month="2025-10"), s.authorised(payment="L2", **_ANEW), _ALL_BACK),
        s.authorised(payment="L3", **_ANEW),
        "E_REISSUE",
    ),
    case("a part that came back, under its own number", PART_BACK, s.authorised(batch="B2"), "E_AUTHORISED_TWICE"),
    case(
        "what the bank left unpaid and did not send back, authorised anew",
        (*SHORT, s.prepared(batch="B2", month="2025-10")),
        ANEW,
        "E_REISSUE",
    ),
    case("a line taken out of which all came back before its parts", ALL_BACK_EARLY, s.excluded()),
    case("a line taken out of which the rest came back before its parts", REST_BACK_EARLY, REST_OUT),
    case(
        "a line taken out whole of which the rest came back before its parts",
        REST_BACK_EARLY,
        s.excluded(),
        "E_EXCLUDED_AMOUNT",
    ),
    case("a line paid again of which all came back before its parts", ALL_BACK_EARLY, s.paid(occurred_on=LAST)),
    case(
        "closed with a line taken out of which all came back before its parts",
        EARLY_OUT,
        s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN),
        "W_TRANSIT_LEFT",
    ),
    case(
        "closed with the rest of a line taken out that came back before its parts",
        (*REST_BACK_EARLY, REST_OUT),
        s.closed_batch(paid_fen=s.LINE_FEN - 8_000, cancelled_fen=8_000),
        "W_BATCH_PAID_SHORT",
        "W_TRANSIT_LEFT",
    ),
    case(
        "closed with what a return left of a line that came back in part",
        (*FUNDED, s.paid(), s.returned_late(amount_fen=8_000), REST_OUT),
        s.closed_batch(paid_fen=s.LINE_FEN - 8_000, cancelled_fen=8_000),
        "W_BATCH_PAID_SHORT",
        "W_TRANSIT_LEFT",
    ),
    case(
        "closed with a line that was taken out whole and authorised again",
        (*FUNDED, s.excluded(), s.authorised(), s.paid()),
        s.closed_batch(cancelled_fen=s.LINE_FEN),
        "E_BATCH_NOT_SETTLED",
    ),
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

_SHORT_AGAIN: Final = (
    *FUNDED,
    s.paid(amount_fen=s.LINE_FEN - 8_000),
    s.returned_late(amount_fen=s.LINE_FEN - 8_000, occurred_on=BETWEEN),
    s.paid(amount_fen=s.LINE_FEN - 8_000, occurred_on=LAST),
    s.prepared(batch="B2", month="2025-10"),
)
"""Of what the bank paid all came back and was paid again; the rest it never paid."""
_THEN_ALL: Final = (*PART_BACK, ANEW, s.returned_late(amount_fen=s.LINE_FEN - 8_000, occurred_on=LAST))
_MORE_BACK: Final = (
    *FUNDED,
    s.paid(amount_fen=s.LINE_FEN - 8_000),
    s.returned_late(occurred_on=date(2025, 9, 20)),
    s.prepared(batch="B2", month="2025-10"),
    s.authorised(batch="B2"),
    s.approved(batch="B2"),
    s.paid(batch="B2", occurred_on=BETWEEN),
)
"""More came back of one batch than it is told to have paid; all that was due was paid in the next."""
_REST_ANEW: Final = s.authorised(payment="L3", amount_fen=s.LINE_FEN - 8_000, **_ANEW)
_OPEN_BACK: Final = (*FUNDED, s.paid(), s.returned_late(amount_fen=8_000), s.prepared(batch="B2", month="2025-10"))
"""The same as `PART_BACK`, of a batch that is not closed."""

ANEW_AND_PAID: Final[tuple[Case, ...]] = (
    case("what was left unpaid of what came back and was paid again, authorised anew", _SHORT_AGAIN, ANEW, "E_REISSUE"),
    case("what came back again after it was paid again, authorised anew", (*_SHORT_AGAIN, s.returned_late(
        amount_fen=8_000, occurred_on=LAST)), ANEW),
    case("a part that came back and was taken out, authorised anew", (*_OPEN_BACK, REST_OUT), ANEW),
    case("a part that came back and was taken out, authorised anew twice", (*_OPEN_BACK, REST_OUT, ANEW),
         s.authorised(payment="L3", amount_fen=8_000, **_ANEW), "E_REISSUE"),
    case("what was left unpaid and is out, authorised anew", (*SHORT, REST_OUT, s.prepared(
        batch="B2", month="2025-10")), ANEW, "E_REISSUE"),
    case("all that came back after a part was authorised anew", _THEN_ALL, s.authorised(payment="L3", **_ANEW),
         "E_REISSUE"),
    case("what was left of it", _THEN_ALL, _REST_ANEW),
    case("more than was left of it", _THEN_ALL, s.authorised(payment="L3", amount_fen=s.LINE_FEN - 7_999, **_ANEW),
         "E_REISSUE"),
    case("what came back after a part was authorised anew, under its own number", _THEN_ALL, s.authorised(batch="B2"),
         "E_AUTHORISED_TWICE"),
    case("a line that came back, authorised anew for more than was due", (*FUNDED, s.paid(), s.returned_late(),
         s.prepared(batch="B2", month="2025-10")), s.authorised(payment="L2", amount_fen=s.LINE_FEN + 1, **_ANEW),
         "E_REISSUE"),
    case("a line that came back after its rest was taken out, authorised anew", (*SHORT_BACK, s.prepared(
        batch="B2", month="2025-10")), _REST_ANEW),
    case("more than came back of a line of which the rest is out", (*SHORT_BACK, s.prepared(
        batch="B2", month="2025-10")), s.authorised(payment="L3", **_ANEW), "E_REISSUE"),
    case("more paid in the next batch than was due", _MORE_BACK, s.paid(batch="B2", amount_fen=8_000, households=0,
         occurred_on=LAST), "E_PAID_TWICE", "W_PAYMENT_AMOUNT"),
    case("a part authorised anew of what stands whole", _MORE_BACK, ANEW, "E_BATCH_STATE", "E_REISSUE"),
    case("what was paid in the next batch came back", _MORE_BACK, s.returned_late(batch="B2", occurred_on=LAST)),
    case("what one batch sent back before it was told is told at last", _MORE_BACK, s.paid(
        amount_fen=8_000, occurred_on=date(2025, 9, 19)), "W_PAYMENT_AMOUNT"),
    case("a return of a batch in which nothing stands", _MORE_BACK, s.returned_late(occurred_on=LAST),
         "W_RETURN_STATE"),
    case("a part paid that came back and was authorised anew", (*_OPEN_BACK, ANEW), s.paid(
        amount_fen=8_000, households=0, occurred_on=LAST), "W_PAID_BESIDE_ANEW"),
    case("a part paid of which another one was authorised anew", (*FUNDED, s.paid(), s.returned_late(
        amount_fen=20_000), s.prepared(batch="B2", month="2025-10"), ANEW), s.paid(
        amount_fen=12_000, households=0, occurred_on=LAST)),
    case("a line paid that came back and was authorised anew", (*FUNDED, s.paid(), s.returned_late(), s.prepared(
        batch="B2", month="2025-10"), s.authorised(payment="L2", **_ANEW)), s.paid(occurred_on=LAST),
        "W_PAID_BESIDE_ANEW"),
    case("a line paid in its old batch that was authorised again", (*FUNDED, s.returned(), s.prepared(batch="B2"),
         s.authorised(batch="B2")), s.paid(occurred_on=LAST), "W_PAID_BESIDE_ANEW"),
    case("a line paid in its old batch that failed in the new one too", (*FUNDED, s.returned(), s.prepared(batch="B2"),
         s.authorised(batch="B2"), s.returned(batch="B2", occurred_on=BETWEEN)), s.paid(occurred_on=LAST)),
    case("paid before it came back, and told after it was authorised anew", (*FUNDED, s.returned_late(), s.prepared(
        batch="B2", month="2025-10"), s.authorised(payment="L2", **_ANEW)), s.paid()),
)  # fmt: skip

_SENT: Final = (*FUNDED, s.instructed())
_REST_FILE: Final = s.instructed(total_fen=8_000, file_digest="sha256:" + "c" * 64)


def _file(fen: int) -> Event:
    return s.instructed(total_fen=fen, file_digest="sha256:" + "b" * 64)


def _second(fen: int) -> tuple[Event, ...]:
    """Another line, of another household."""
    return (
        *s.setup(),
        s.confirmed(),
        s.prepared(total_fen=2 * s.LINE_FEN),
        s.authorised(),
        s.authorised(payment="L2", enrolment="E2", subjects=()),
        s.approved(total_fen=2 * s.LINE_FEN),
        s.funded(amount_fen=2 * s.LINE_FEN),
        s.instructed(total_fen=2 * s.LINE_FEN),
        s.paid(amount_fen=fen),
    )


_PAID_SHORT: Final = s.paid(amount_fen=s.LINE_FEN - 8_000)
_REST_FAILED: Final = s.returned(amount_fen=8_000, occurred_on=BETWEEN)
_BACK_SHORT: Final = s.returned_late(amount_fen=s.LINE_FEN - 8_000)

FILES: Final[tuple[Case, ...]] = (
    case("a pay file of a part that came back", (*_SENT, s.paid(), s.returned_late(amount_fen=8_000)), _file(8_000)),
    *both("a pay file of a part that came back, twice over", (*_SENT, s.paid(), s.returned_late(amount_fen=8_000)), (
          _file(16_000), s.instructed(total_fen=16_000, file_digest="sha256:" + "b" * 64, origin="history")),
          "PAY_FILE_SUM"),
    case("a pay file of a rest that failed", (*_SENT, _PAID_SHORT, _REST_FAILED), _file(8_000)),
    case("a pay file of a rest that failed, twice over", (*_SENT, _PAID_SHORT, _REST_FAILED), _file(16_000),
         "E_PAY_FILE_SUM"),
    case("a pay file of a line of which all that was paid came back", (*_SENT, _PAID_SHORT, _BACK_SHORT), _file(
         s.LINE_FEN)),
    case("and of no more", (*_SENT, _PAID_SHORT, _BACK_SHORT), _file(s.LINE_FEN + 1), "E_PAY_FILE_SUM"),
    case("a pay file of a rest that was sent and not answered", (*_SENT, _PAID_SHORT, _REST_FILE), _file(8_000),
         "E_PAY_FILE_SUM"),
    case("a pay file of what was left of a rest that was sent", (*_SENT, _PAID_SHORT, _REST_FILE, s.paid(
         amount_fen=5_000, households=0, occurred_on=BETWEEN)), _file(3_000)),
    case("a pay file of a line that came back after its rest was sent", (*_SENT, _PAID_SHORT, _REST_FILE, s.paid(
         amount_fen=8_000, households=0, occurred_on=BETWEEN), s.returned_late(occurred_on=LAST)), _file(s.LINE_FEN)),
    case("a pay file after a line was paid in two parts", (*_SENT, _PAID_SHORT, REST_PAID), _file(1),
         "E_PAY_FILE_SUM"),
    case("a pay file beside a line that is on its way", (*_second(s.LINE_FEN), s.returned_late(amount_fen=8_000)),
         _file(8_001), "E_PAY_FILE_SUM"),
    case("a pay file of a rest beside a line that is on its way", _second(s.LINE_FEN - 8_000), _file(8_000)),
    case("a pay file of a line that was paid short again", (*_SENT, _PAID_SHORT, _BACK_SHORT, s.instructed(
         total_fen=s.LINE_FEN, file_digest="sha256:" + "c" * 64), s.paid(amount_fen=s.LINE_FEN - 8_000,
         occurred_on=LAST)), _file(8_000)),
    case("a pay file of a line of which a part came back and is out", (*_SENT, s.paid(), s.returned_late(
         amount_fen=8_000), REST_OUT), _file(1), "E_PAY_FILE_SUM"),
)  # fmt: skip
