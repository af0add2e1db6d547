"""`seen`: every signed act pins the history that its signer's client had verified.

A pin must be a prefix of this log (E_FORK), and for one person, in the order of signing, it never goes back
(E_SEEN_BACK; E_SEEN_AHEAD where the act is dated before one that saw less, as by a clock that was set back). Order of
signing, not of posting: a voucher may wait days for its checker while its maker goes on.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Insert, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.decisions.prepared import Prepared
from ledger.flows.knowledge import Finding
from ledger.log.appending import Head
from ledger.log.proofs import log_root
from ledger.log.sets import Given
from ledger.log.side_tables import seen
from ledger.signing.statements import Seen

Act = tuple[str, str, Seen | None]
_ACTS: Final = Given("acts", officer=str, made_at=str)


def acts_of(voucher: Prepared) -> Iterator[Act]:
    """(person, made_at, seen) of the statement and of each approval."""
    yield voucher.statement.maker, voucher.statement.made_at, voucher.statement.seen
    for item in voucher.approvals:
        yield item.approval.person, item.approval.made_at, item.approval.seen


class Pins:
    """The pins of one batch: those in the table and those that the batch has accepted. What binds the acts of
    `vouchers` is read at once.
    """

    def __init__(self, connection: Connection, head: Head, vouchers: Iterable[Prepared] = ()) -> None:
        self._connection = connection
        self._head = head
        self._roots: dict[int, bytes] = {head.number: head.root}
        self._fresh: list[tuple[str, str, int]] = []
        self._stored = _neighbours(connection, {(who, at) for v in vouchers for who, at, _ in acts_of(v)})

    def judge(self, voucher: Prepared) -> Iterator[Finding]:
        """E_FORK, E_SEEN_BACK and E_SEEN_AHEAD findings of a voucher."""
        for officer, made_at, pin in acts_of(voucher):
            if pin is not None and not self._is_prefix(pin):
                yield Finding("E_FORK", -1, (("officer", officer), ("size", pin.size)))
            size = 0 if pin is None else pin.size
            before, after = self._bounds(officer, made_at)
            if size < before:
                yield Finding("E_SEEN_BACK", -1, (("officer", officer), ("size", size), ("before", before)))
            elif after is not None and after < size:
                yield Finding("E_SEEN_AHEAD", -1, (("officer", officer), ("size", size), ("after", after)))

    def _is_prefix(self, pin: Seen) -> bool:
        if pin.size > self._head.number:
            return False
        if pin.size not in self._roots:
            self._roots[pin.size] = log_root(self._connection, pin.size)
        return self._roots[pin.size] == pin.root

    def _bounds(self, officer: str, made_at: str) -> tuple[int, int | None]:
        """The largest size pinned by earlier acts of the person and the smallest by later ones."""
        if (officer, made_at) not in self._stored:
            self._stored.update(_neighbours(self._connection, {(officer, made_at)}))
        before, after = self._stored[officer, made_at]
        fresh = [(at, size) for who, at, size in self._fresh if who == officer]
        before = max([before, *(size for at, size in fresh if at < made_at)])
        afters = [size for at, size in fresh if at > made_at] + ([] if after is None else [after])
        return before, min(afters, default=None)

    def accept(self, voucher: Prepared) -> None:
        """The voucher is accepted: its acts bind later ones."""
        self._fresh.extend((who, at, 0 if pin is None else pin.size) for who, at, pin in acts_of(voucher))

    def write(self) -> None:
        """Add the batch's pins to the table; one that is already there says the same."""
        rows = [dict(zip(("officer", "made_at", "size"), row, strict=True)) for row in dict.fromkeys(self._fresh)]
        if rows:
            self._connection.execute(_adding(self._connection.dialect.name), rows)


def _neighbours(
    connection: Connection, acts: AbstractSet[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int | None]]:
    """(person, made_at) -> the largest size that an earlier act pinned (or 0) and the smallest of a later one."""
    rows = connection.execute(_around(connection.dialect.name), _ACTS.values(connection, sorted(acts)))
    return {(who, at): (before or 0, after) for who, at, before, after in rows}


@cache
def _around(dialect: str) -> Select[Any]:
    act = _ACTS.clause(dialect)
    before = select(func.max(seen.c.size)).where(seen.c.officer == act.c.officer, seen.c.made_at < act.c.made_at)
    after = select(func.min(seen.c.size)).where(seen.c.officer == act.c.officer, seen.c.made_at > act.c.made_at)
    return select(act.c.officer, act.c.made_at, before.scalar_subquery(), after.scalar_subquery())


@cache
def _adding(dialect: str) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(seen).on_conflict_do_nothing()
    return sqlite.insert(seen).on_conflict_do_nothing()
