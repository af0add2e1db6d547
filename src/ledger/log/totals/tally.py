"""One pass over a batch's postings: their rows, whether running balances continue, and the net changes they make.

Everything that is derived from postings is reduced to net changes here, so that an account that a thousand legs touch
is read and written once.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from ledger.errors import EvidenceError
from ledger.log.bulk import Row
from ledger.log.rows import NewVoucher

Account = tuple[str, str, str, str, str, str]
"""(entity, fund, chart, code, party, book): AccountKey as a plain tuple, for a hundred thousand of them are made."""


class Tally:
    """What a batch of vouchers posts. Raises E_LOG_GAP, E_POSTINGS_SUM and E_RUNNING_BALANCE while it counts."""

    __slots__ = ("_moved", "after", "before", "rows")

    def __init__(self, vouchers: Sequence[NewVoucher]) -> None:
        self.rows: list[Row] = []
        self.before: dict[Account, int] = {}
        """What each account must hold before the batch, as the first posting on it implies."""
        self.after: dict[Account, int] = {}
        self._moved: dict[tuple[Account, str, str], list[int]] = {}
        for voucher in vouchers:
            self._count(voucher)

    def net(self) -> list[Row]:
        """Rows for `balances`: account, role, net fen, last position."""
        found: dict[tuple[Account, str], list[int]] = {}
        for (account, role, _), (amount_fen, position) in self._moved.items():
            change = found.setdefault((account, role), [0, 0])
            change[0] += amount_fen
            change[1] = max(change[1], position)
        return sorted((*account, role, *change) for (account, role), change in found.items())

    def net_by_day(self) -> list[Row]:
        """Rows for `balance_days`: account, role, business day, net fen."""
        return sorted((*account, role, day, change[0]) for (account, role, day), change in self._moved.items())

    def _count(self, voucher: NewVoucher) -> None:
        number, total, place = voucher.number, 0, (voucher.first_position, 0)
        rows, after, moved = self.rows, self.after, self._moved
        for p in voucher.postings:
            account = (p.entity, p.fund, p.chart, p.code, p.party, p.book)
            amount_fen, role, day, balance_fen = p.amount_fen, p.role, _text(p.occurred_on), p.balance_after_fen
            expected = after.get(account)
            if expected is None:
                self.before[account] = balance_fen - amount_fen
            elif expected + amount_fen != balance_fen:
                raise unequal_balance(account, expected + amount_fen, balance_fen)
            after[account] = balance_fen
            change = moved.setdefault((account, role, day), [0, 0])
            change[0] += amount_fen
            change[1] = p.position
            if (p.position, p.line) < place:
                raise EvidenceError("E_LOG_GAP", what="posting", expected=place[0], found=p.position)
            place = (p.position, p.line + 1)
            total += amount_fen
            rows.append((p.position, p.line, number, *account, role, amount_fen, day, balance_fen))
        if total:
            raise EvidenceError("E_POSTINGS_SUM", number=number, amount_fen=total)
        if place[0] >= voucher.first_position + len(voucher.events):
            raise EvidenceError("E_LOG_GAP", what="posting", expected=voucher.first_position, found=place[0])


def unequal_balance(account: Account, expected: int, found: int) -> EvidenceError:
    """The error for a posting whose running balance does not continue."""
    return EvidenceError("E_RUNNING_BALANCE", account="/".join(account), expected=expected, found=found)


@lru_cache(maxsize=4096)
def _text(day: date) -> str:
    return day.isoformat()
