"""What the book says of the papers, against the gifts and people that they were written from."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from ledger.flows.giving.receipts import COVER_KINDS, ReceiptCovered, ReceiptIssued, ReceiptReversed
from ledger.flows.registry import trusted_event
from ledger.log.tables import events
from ledger_api.demo.year.giving.gifts import Charity
from ledger_api.demo.year.papers.receipts import Receipts
from ledger_api.demo.year.stated import Control

_RECEIPTS = "票据"


def controls(connection: Connection, charity: Charity, receipts: Receipts) -> Iterator[Control]:
    """Receipts made out, taken back and matched, and the gifts that a receipt stands for in full."""
    issued: dict[str, ReceiptIssued] = {}
    taken_back: set[str] = set()
    covered: dict[str, int] = {}
    chosen = select(events.c.kind, events.c.data).where(events.c.kind.in_(COVER_KINDS)).order_by(events.c.position)
    for kind, data in connection.execute(chosen):
        event = trusted_event(kind, data)
        if isinstance(event, ReceiptIssued):
            issued[event.receipt] = event
        if isinstance(event, ReceiptReversed):
            taken_back.add(event.receipt)
        if isinstance(event, ReceiptIssued | ReceiptCovered | ReceiptReversed):
            sign = -1 if isinstance(event, ReceiptReversed) else 1
            for cover in event.covers:
                covered[cover.donation] = covered.get(cover.donation, 0) + sign * cover.fen
    standing = receipts.standing()
    yield Control(_RECEIPTS, "开票张数", len(receipts.all), len(issued))
    yield Control(_RECEIPTS, "冲红张数", len(receipts.all) - len(standing), len(taken_back))
    stands = sum(one.amount_fen for one in issued.values() if one.receipt not in taken_back)
    yield Control(_RECEIPTS, "有效票据(元)", sum(one.fen for one in standing), stands, money=True)
    yield Control(_RECEIPTS, "已对应捐赠(元)", sum(one.fen for one in standing), sum(covered.values()), money=True)
    with_receipt = {gift.serial for one in standing for gift in one.gifts}
    gifts = [one for one in charity.gifts if one.serial in with_receipt]
    yield Control(_RECEIPTS, "已开票捐赠笔数", len(gifts), sum(fen > 0 for fen in covered.values()))
