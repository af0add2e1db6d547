"""Donation receipts (公益事业捐赠票据): issued, matched to gifts, reversed with a red letter.

One receipt may cover many gifts and many receipts one gift; what is refused is covering more than was given. A receipt
issued in advance is matched later. Code and number stand once in the book for ever, reversed or not.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from ledger.flows.checks import distinct, find, in_future, own_matters, taken, total
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    Day,
    DigestText,
    DonationId,
    DonorRef,
    FreeText,
    Label,
    NumberLabel,
    Origin,
    PositiveFen,
    ReceiptId,
)
from ledger.flows.giving.donations import gift_need, given
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

COVER_KINDS: Final = ("donation.receipt_issued", "donation.receipt_covered", "donation.receipt_reversed")
NO_CODE: Final = "register"
"""Stands for the code of a receipt that is known from a register, which does not state it. Where a book has several
charities it is `register.<entity>`: their registers may hold the same number under two codes.
"""
_RETURN_KINDS: Final = ("donation.returned",)


class Cover(Part):
    """How much of a gift a receipt is for."""

    donation: DonationId
    fen: PositiveFen


class ReceiptIssued(Event):
    """A receipt is issued for one or more gifts. Source: 公益事业捐赠票据使用管理办法 (财综〔2024〕1号) art. 6."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_on: ClassVar[Rests] = {"receipt": ("donation.receipt_covered", "donation.receipt_reversed")}

    kind: Literal["donation.receipt_issued"] = "donation.receipt_issued"
    version: Literal[1] = 1
    receipt: ReceiptId
    """`<code>-<number>`."""
    code: NumberLabel
    number: NumberLabel
    form: Literal["electronic", "paper"]
    payer: DonorRef | None
    payer_label: Label | None
    amount_fen: PositiveFen
    covers: tuple[Cover, ...]
    in_advance: bool
    """Issued before the money came, as firms ask; matched later by `donation.receipt_covered`."""
    issued_on: Day
    digest: DigestText | None
    origin: Origin
    place: Place | None

    def more_tags(self) -> tuple[str, ...]:
        """The number by itself: a register that names no code finds the receipt by it."""
        return (number_tag(self.number),)

    def needs(self) -> tuple[Need, ...]:
        return (receipt_need(self.receipt), *_cover_needs(self.covers))


class ReceiptCovered(Event):
    """Gifts that came later are matched to a receipt that was issued in advance."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["donation.receipt_covered"] = "donation.receipt_covered"
    version: Literal[1] = 1
    receipt: ReceiptId
    covers: tuple[Cover, ...]
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (receipt_need(self.receipt), *_cover_needs(self.covers))


class ReceiptReversed(Event):
    """A receipt is taken back: by a red letter (冲红), voided on paper, or exchanged. It repeats what it covered."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["donation.receipt_reversed"] = "donation.receipt_reversed"
    version: Literal[1] = 1
    receipt: ReceiptId
    mode: Literal["red_letter", "voided", "exchanged"]
    red: ReceiptId | None
    """`<code>-<number>` of the red receipt; null for paper that was voided with all its copies."""
    covers: tuple[Cover, ...]
    """Exactly what the receipt covered, advance matches included, so that each gift may be receipted again."""
    reason: FreeText
    reversed_on: Day
    origin: Origin
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        red = () if self.red is None else (receipt_need(self.red),)
        return (receipt_need(self.receipt), *red)

    def undoes(self, other: Event) -> bool:
        return isinstance(other, (ReceiptIssued, ReceiptCovered)) and other.receipt == self.receipt


# ---- what other flows ask


def receipt_need(receipt: str) -> Need:
    """Everything that happened to a receipt, or under its number as a red letter."""
    return Need(f"receipt:{receipt}", COVER_KINDS)


def is_uncoded(code: str) -> bool:
    """Whether a code is one that a register left out."""
    return code == NO_CODE or code.startswith(NO_CODE + ".")


def number_tag(number: str) -> str:
    """The tag under which receipts of a number stand, whatever their codes."""
    return f"receipt-no:{number}"


def cover_need(donation: str) -> Need:
    """Everything that covers a gift or takes a cover back."""
    return Need(f"donation:{donation}", COVER_KINDS)


def return_need(donation: str) -> Need:
    """What went back to the donor of a gift."""
    return Need(f"donation:{donation}", _RETURN_KINDS)


def receipted(model: Knowledge, donation: str) -> int:
    """Fen of a gift that stand on receipts now. Needs `cover_need(donation)`."""
    fen = 0
    for recorded in find(model, cover_need(donation)):
        event = recorded.event
        if isinstance(event, (ReceiptIssued, ReceiptCovered, ReceiptReversed)):
            sign = -1 if isinstance(event, ReceiptReversed) else 1
            fen += sign * sum(cover.fen for cover in event.covers if cover.donation == donation)
    return fen


def returned(model: Knowledge, donation: str) -> int:
    """Fen of a gift that went back to the donor. Needs `return_need(donation)`."""
    return sum(getattr(recorded.event, "amount_fen", 0) for recorded in find(model, return_need(donation)))


def gift_receipt_needs(donation: str) -> tuple[Need, ...]:
    """What `left_to_receipt` must know of a gift."""
    return gift_need(donation), cover_need(donation), return_need(donation)


def left_to_receipt(model: Knowledge, donation: str) -> int:
    """Fen of a gift that were not returned and stand on no receipt. Needs `gift_receipt_needs(donation)`."""
    return given(model, donation) - returned(model, donation) - receipted(model, donation)


def _cover_needs(covers: tuple[Cover, ...]) -> tuple[Need, ...]:
    donations = dict.fromkeys(cover.donation for cover in covers)
    return tuple(need for donation in donations for need in gift_receipt_needs(donation))


def _standing(model: Knowledge, receipt: str) -> tuple[ReceiptIssued | None, dict[str, int], bool]:
    """The receipt as issued, its covers by gift with later matches, and whether it was reversed."""
    issued: ReceiptIssued | None = None
    covers: dict[str, int] = {}
    reversed_ = False
    for recorded in find(model, receipt_need(receipt)):
        event = recorded.event
        if isinstance(event, ReceiptReversed):
            reversed_ = reversed_ or event.receipt == receipt
        elif isinstance(event, (ReceiptIssued, ReceiptCovered)):
            issued = event if isinstance(event, ReceiptIssued) else issued
            for cover in event.covers:
                covers[cover.donation] = covers.get(cover.donation, 0) + cover.fen
    return issued, covers, reversed_


# ---- rules


@rule(ReceiptIssued, code="RECEIPT_TWICE", source="财综〔2024〕1号 art. 6: code and number are unique", form=True)
def number_new(event: ReceiptIssued, model: Knowledge) -> Verdict:
    yield from taken(model, receipt_need(event.receipt), receipt=event.receipt)


@rule(ReceiptReversed, code="RECEIPT_TWICE", source="财综〔2024〕1号 art. 6: code and number are unique", form=True)
def red_number_new(event: ReceiptReversed, model: Knowledge) -> Verdict:
    if event.red is not None:
        yield from taken(model, receipt_need(event.red), receipt=event.red)


@rule(ReceiptIssued, code="RECEIPT_ID", source="财综〔2024〕1号 art. 6", form=True)
def named_by_number(event: ReceiptIssued, model: Knowledge) -> Verdict:
    if event.receipt != f"{event.code}-{event.number}":
        yield {"receipt": event.receipt, "code": event.code, "number": event.number}


@rule(ReceiptIssued, code="RECEIPT_SUM", source="a receipt says what it is for", form=True)
def covers_add_up(event: ReceiptIssued, model: Knowledge) -> Verdict:
    covered = total(event.covers)
    if covered > event.amount_fen or (covered < event.amount_fen and not event.in_advance):
        yield {"receipt": event.receipt, "parts_fen": covered, "amount_fen": event.amount_fen}


@rule(ReceiptIssued, ReceiptCovered, code="DONATION_UNKNOWN", source="Charity Law art. 38", form=True)
def gifts_known(event: ReceiptIssued | ReceiptCovered, model: Knowledge) -> Verdict:
    for cover in event.covers:
        if not find(model, gift_need(cover.donation)):
            yield {"donation": cover.donation}


@own_matters(ReceiptIssued, ReceiptCovered, ReceiptReversed)
def of_this_entity(event: ReceiptIssued | ReceiptCovered | ReceiptReversed) -> Sequence[Need]:
    """The receipt, where it is not issued just now (RECEIPT_TWICE), and the gifts that it is for."""
    own = () if isinstance(event, ReceiptIssued) else (receipt_need(event.receipt),)
    gifts = () if isinstance(event, ReceiptReversed) else event.covers
    return [*own, *(gift_need(cover.donation) for cover in gifts)]


@rule(ReceiptIssued, ReceiptCovered, code="RECEIPT_OVER_COVER", source="Charity Law art. 38")
def not_over_gift(event: ReceiptIssued | ReceiptCovered, model: Knowledge) -> Verdict:
    """The receipts of a gift together, this one included, exceed what was given and not returned."""
    for donation in dict.fromkeys(cover.donation for cover in event.covers):
        wanted = sum(cover.fen for cover in event.covers if cover.donation == donation)
        left = left_to_receipt(model, donation)
        if wanted > left and find(model, gift_need(donation)):
            yield {"donation": donation, "amount_fen": wanted, "left_fen": left}


@rule(ReceiptIssued, ReceiptCovered, ReceiptReversed, code="RECEIPT_COVER_TWICE", source="one line a gift", form=True)
def each_gift_once(event: ReceiptIssued | ReceiptCovered | ReceiptReversed, model: Knowledge) -> Verdict:
    if not distinct([cover.donation for cover in event.covers]):
        yield {"receipt": event.receipt}


@rule(ReceiptCovered, ReceiptReversed, code="RECEIPT_UNKNOWN", source="财综〔2024〕1号 art. 6", form=True)
def receipt_known(event: ReceiptCovered | ReceiptReversed, model: Knowledge) -> Verdict:
    if _standing(model, event.receipt)[0] is None:
        yield {"receipt": event.receipt}


@rule(ReceiptCovered, code="RECEIPT_SUM", source="a receipt says what it is for", form=True)
def matched_within(event: ReceiptCovered, model: Knowledge) -> Verdict:
    issued, covers, _ = _standing(model, event.receipt)
    covered = sum(covers.values()) + total(event.covers)
    if not event.covers or (issued is not None and covered > issued.amount_fen):
        yield {
            "receipt": event.receipt,
            "parts_fen": covered,
            "amount_fen": 0 if issued is None else issued.amount_fen,
        }


@rule(ReceiptCovered, ReceiptReversed, code="RECEIPT_STATE", source="a receipt is reversed once", form=True)
def still_standing(event: ReceiptCovered | ReceiptReversed, model: Knowledge) -> Verdict:
    if _standing(model, event.receipt)[2]:
        yield {"receipt": event.receipt}


@rule(ReceiptReversed, code="RECEIPT_COVERS_DIFFER", source="a reversal takes back all that was covered", form=True)
def takes_back_all(event: ReceiptReversed, model: Knowledge) -> Verdict:
    issued, covers, _ = _standing(model, event.receipt)
    if issued is not None and covers != {cover.donation: cover.fen for cover in event.covers}:
        yield {"receipt": event.receipt, "covers_fen": sum(covers.values()), "parts_fen": total(event.covers)}


@rule(ReceiptReversed, code="RECEIPT_RED_MISSING", source="electronic receipts are reversed by a red letter")
def red_letter_numbered(event: ReceiptReversed, model: Knowledge) -> Verdict:
    issued = _standing(model, event.receipt)[0]
    electronic = issued is not None and issued.form == "electronic"
    if (event.mode == "red_letter" or electronic) and event.red is None:
        yield {"receipt": event.receipt, "mode": event.mode}


@rule(ReceiptIssued, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def issued_by_today(event: ReceiptIssued, model: Knowledge) -> Verdict:
    yield from in_future(model, event.issued_on)


@rule(ReceiptReversed, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def reversed_by_today(event: ReceiptReversed, model: Knowledge) -> Verdict:
    yield from in_future(model, event.reversed_on)
