"""The trial balance (科目余额表): opening, debit, credit and closing of every account, and the proof that they tie.

Rows come from whoever may read balances; here they are checked, summed and put into the one order in which their root
is taken. Pure: the root itself is `merkle.root_over(canonical(value) for value in leaf_values(trial))`.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ledger.accounts.legs import Book
from ledger.errors import EvidenceError

K = TypeVar("K", bound=Hashable)

_ORDER: Final[Mapping[Book, int]] = {"main": 0, "commitment": 1, "memo": 2}


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account of one fund and party over a period. `opening_fen` is signed, debit positive; the turnovers are the
    sums of the postings of each sign, so that a reversal turns over on the other side.
    """

    fund: str
    chart: str
    code: str
    party: str
    book: Book
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        """Signed, debit positive."""
        return self.opening_fen + self.debit_fen - self.credit_fen

    def __bool__(self) -> bool:
        """Whether the account had a balance or moved at all."""
        return bool(self.opening_fen or self.debit_fen or self.credit_fen)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a printed trial balance shows of one account or of all: each balance on the side it stands on."""

    opening_debit_fen: int
    opening_credit_fen: int
    debit_fen: int
    credit_fen: int
    closing_debit_fen: int
    closing_credit_fen: int

    @property
    def ties(self) -> bool:
        """Whether debit equals credit three times over."""
        return (
            self.opening_debit_fen == self.opening_credit_fen
            and self.debit_fen == self.credit_fen
            and self.closing_debit_fen == self.closing_credit_fen
        )


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The rows of one entity and period, in root order, each fund and book summing to zero three times over."""

    entity: str
    period: str
    rows: tuple[TrialRow, ...]

    def total(self, book: Book = "main") -> Sums:
        """The last line of the print: account by account on its side, so that the two sides are the books' size."""
        lines = self.by(lambda row: (row.chart, row.code), book).values()
        return Sums(
            sum(line.opening_debit_fen for line in lines),
            sum(line.opening_credit_fen for line in lines),
            sum(line.debit_fen for line in lines),
            sum(line.credit_fen for line in lines),
            sum(line.closing_debit_fen for line in lines),
            sum(line.closing_credit_fen for line in lines),
        )

    def by(self, key: Callable[[TrialRow], K], book: Book = "main") -> dict[K, Sums]:
        """Rows summed under a key (account, fund, fund and account), in the order in which the keys come up."""
        found: defaultdict[K, list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in self.rows:
            if row.book == book:
                sums = found[key(row)]
                sums[0] += row.opening_fen
                sums[1] += row.debit_fen
                sums[2] += row.credit_fen
        return {name: _on_sides(*sums) for name, sums in found.items()}


def _on_sides(opening_fen: int, debit_fen: int, credit_fen: int) -> Sums:
    closing_fen = opening_fen + debit_fen - credit_fen
    return Sums(
        max(opening_fen, 0),
        max(-opening_fen, 0),
        debit_fen,
        credit_fen,
        max(closing_fen, 0),
        max(-closing_fen, 0),
    )


def trial_balance(entity: str, period: str, rows: Iterable[TrialRow]) -> TrialBalance:
    """The checked trial balance of an entity and period. Rows that never had a balance and never moved are dropped.

    Raises EvidenceError E_TRIAL_ROW when an account stands twice or has a negative turnover, E_TRIAL when a fund's
    opening, turnover or closing of one book does not sum to zero.
    """
    kept = sorted((row for row in rows if row), key=_place)
    for before, row in zip([None, *kept], kept, strict=False):
        if row.debit_fen < 0 or row.credit_fen < 0 or (before is not None and _place(before) == _place(row)):
            raise EvidenceError("E_TRIAL_ROW", entity=entity, period=period, fund=row.fund, account=row.code)
    sums: defaultdict[tuple[str, Book], list[int]] = defaultdict(lambda: [0, 0])
    for row in kept:
        sums[row.fund, row.book][0] += row.opening_fen
        sums[row.fund, row.book][1] += row.debit_fen - row.credit_fen
    for (fund, book), (opening_fen, moved_fen) in sums.items():
        if opening_fen or moved_fen:
            found = {"opening_fen": opening_fen, "closing_fen": opening_fen + moved_fen}
            raise EvidenceError("E_TRIAL", entity=entity, period=period, fund=fund, book=book, **found)
    return TrialBalance(entity, period, tuple(kept))


def _place(row: TrialRow) -> tuple[int, str, str, str, str]:
    return (_ORDER[row.book], row.fund, row.chart, row.code, row.party)


def leaf_values(trial: TrialBalance) -> list[dict[str, Any]]:
    """The JSON values over which the root is taken, in order: a head that names entity and period, then every row."""
    head: dict[str, Any] = {"entity": trial.entity, "period": trial.period, "rows": len(trial.rows)}
    return [head, *(_value(row) for row in trial.rows)]


def _value(row: TrialRow) -> dict[str, Any]:
    return {
        "book": row.book,
        "chart": row.chart,
        "code": row.code,
        "fund": row.fund,
        "party": row.party,
        "opening_fen": row.opening_fen,
        "debit_fen": row.debit_fen,
        "credit_fen": row.credit_fen,
        "closing_fen": row.closing_fen,
    }
