"""`seen`: every signed act pins the history that its signer's client had verified.

A pin must be a prefix of this log (E_FORK), and for one person, in the order of signing, it never goes back
(E_SEEN_BACK). Order of signing, not of posting: a voucher may wait days for its checker while its maker goes on.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, func, insert, select

from ledger.decisions.prepared import Prepared
from ledger.flows.knowledge import Finding
from ledger.log.appending import Head
from ledger.log.proofs import log_root
from ledger.log.side_tables import seen
from ledger.signing.statements import Seen

Act = tuple[str, str, Seen | None]


def acts_of(voucher: Prepared) -> Iterator[Act]:
    """(person, made_at, seen) of the statement and of each approval."""
    yield voucher.statement.maker, voucher.statement.made_at, voucher.statement.seen
    for item in voucher.approvals:
        yield item.approval.person, item.approval.made_at, item.approval.seen


class Pins:
    """The pins of one batch: those in the table and those that the batch has accepted."""

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self._head = head
        self._roots: dict[int, bytes] = {head.number: head.root}
        self._fresh: list[tuple[str, str, int]] = []

    def judge(self, voucher: Prepared) -> Iterator[Finding]:
        """E_FORK and E_SEEN_BACK findings of a voucher."""
        for officer, made_at, pin in acts_of(voucher):
            if pin is not None and not self._is_prefix(pin):
                yield Finding("E_FORK", -1, (("officer", officer), ("size", pin.size)))
            size = 0 if pin is None else pin.size
            before, after = self._neighbours(officer, made_at)
            if size < before or (after is not None and after < size):
                yield Finding("E_SEEN_BACK", -1, (("officer", officer), ("size", size), ("before", before)))

    def _is_prefix(self, pin: Seen) -> bool:
        if pin.size > self._head.number:
            return False
        if pin.size not in self._roots:
            self._roots[pin.size] = log_root(self._connection, pin.size)
        return self._roots[pin.size] == pin.root

    def _neighbours(self, officer: str, made_at: str) -> tuple[int, int | None]:
        """The largest size pinned by earlier acts of the person and the smallest by later ones."""
        mine = select(func.max(seen.c.size)).where(seen.c.officer == officer, seen.c.made_at < made_at)
        later = select(func.min(seen.c.size)).where(seen.c.officer == officer, seen.c.made_at > made_at)
        before = self._connection.scalar(mine) or 0
        after = self._connection.scalar(later)
        fresh = [(at, size) for who, at, size in self._fresh if who == officer]
        before = max([before, *(size for at, size in fresh if at < made_at)])
        afters = [size for at, size in fresh if at > made_at] + ([] if after is None else [after])
        return before, min(afters, default=None)

    def accept(self, voucher: Prepared) -> None:
        """The voucher is accepted: its acts bind later ones."""
        self._fresh.extend((who, at, 0 if pin is None else pin.size) for who, at, pin in acts_of(voucher))

    def write(self) -> None:
        """Add the batch's pins to the table; one that is already there says the same."""
        rows = dict.fromkeys(self._fresh)
        known = _known(self._connection, rows)
        new = [{"officer": w, "made_at": a, "size": s} for w, a, s in rows if (w, a, s) not in known]
        if new:
            self._connection.execute(insert(seen), new)


def _known(connection: Connection, rows: Iterable[tuple[str, str, int]]) -> set[tuple[str, str, int]]:
    officers = sorted({who for who, _, _ in rows})
    days = sorted({at for _, at, _ in rows})
    if not officers:
        return set()
    chosen = select(seen).where(seen.c.officer.in_(officers), seen.c.made_at >= days[0], seen.c.made_at <= days[-1])
    return {(row.officer, row.made_at, row.size) for row in connection.execute(chosen)}
