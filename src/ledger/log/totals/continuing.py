"""Pair assertions of an append: what is checked before writing and proven again by every verifier.

Each finding here means that the writer itself is wrong, so nothing of the batch is written (EvidenceError).
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection

from ledger.errors import EvidenceError
from ledger.log.rows import Head, NewVoucher
from ledger.log.totals.moving import last_voucher_nos, sums_of
from ledger.log.totals.tally import Account, Tally, unequal_balance

EVENTS_PER_VOUCHER_MAX = 10_000


def check_continues(connection: Connection, head: Head, vouchers: Sequence[NewVoucher], tally: Tally) -> None:
    """Raise unless the vouchers follow the head without a gap in positions, numbers, time and running balances."""
    _check_places(head, vouchers)
    _check_voucher_nos(connection, vouchers)
    _check_balances(connection, tally.before)


def _check_places(head: Head, vouchers: Sequence[NewVoucher]) -> None:
    number, position, posted_at = head.number, head.position, head.posted_at
    for voucher in vouchers:
        number += 1
        if voucher.number != number:
            raise EvidenceError("E_LOG_GAP", what="number", expected=number, found=voucher.number)
        if voucher.first_position != position + 1:
            raise EvidenceError("E_LOG_GAP", what="position", expected=position + 1, found=voucher.first_position)
        if voucher.posted_at < posted_at:
            raise EvidenceError("E_CLOCK_BACK", number=number, posted_at=voucher.posted_at, last=posted_at)
        if not 1 <= len(voucher.events) <= EVENTS_PER_VOUCHER_MAX:
            raise EvidenceError("E_LOG_GAP", what="count", expected=EVENTS_PER_VOUCHER_MAX, found=len(voucher.events))
        position += len(voucher.events)
        posted_at = voucher.posted_at


def _check_voucher_nos(connection: Connection, vouchers: Sequence[NewVoucher]) -> None:
    numbered = list(_numbered(vouchers))
    last = last_voucher_nos(connection, sorted({key for key, _ in numbered}))
    for key, no in numbered:
        expected = last.get(key, 0) + 1
        if no != expected:
            raise EvidenceError(
                "E_VOUCHER_NO_GAP", entity=key[0], period=key[1], word=key[2], expected=expected, found=no
            )
        last[key] = no


def _numbered(vouchers: Iterable[NewVoucher]) -> Iterator[tuple[tuple[str, str, str], int]]:
    for voucher in vouchers:
        if voucher.voucher_no is not None:
            period, word, no = voucher.voucher_no
            yield (voucher.entity, period, word), no


def _check_balances(connection: Connection, before: dict[Account, int]) -> None:
    stands = sums_of(connection, before)
    for account, implied_fen in before.items():
        stands_fen = stands.get(account, 0)
        if stands_fen != implied_fen:
            raise unequal_balance(account, stands_fen, implied_fen)
