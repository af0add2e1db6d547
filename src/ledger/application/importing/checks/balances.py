"""Bank statements prove themselves: previous balance + in - out = balance, on every row.

A break stops no row: the bank's file is what it is. It is told with its row, because a line may be missing there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from ledger.application.importing.rows import CleanRow, Note
from ledger.values.money import fen_to_yuan


@dataclass(frozen=True, slots=True)
class BalanceChain:
    """One account's rows in the order of time: what it had before the first and after the last, and where it breaks.

    `descending` says that the file lists the newest row first; `opening_fen` is the first balance less its amount.
    """

    account: str | None
    sheet: str | None
    opening_fen: int
    closing_fen: int
    first_day: date | None
    last_day: date | None
    rows: int
    descending: bool
    breaks: tuple[Note, ...]

    @property
    def holds(self) -> bool:
        """Whether no row breaks the chain."""
        return not self.breaks


def chains(rows: Sequence[CleanRow]) -> tuple[BalanceChain, ...]:
    """A chain an account; rows of several files or sheets that name one account follow each other in time."""
    groups: dict[tuple[str | None, ...], list[CleanRow]] = {}
    for row in rows:
        account = row.values.get("account")
        # Without an account's number each sheet is taken for an account of its own.
        key = (str(account),) if account else (None, row.place.file, row.place.sheet)
        groups.setdefault(key, []).append(row)
    return tuple(_chain(group) for group in groups.values())


def segments(rows: Sequence[CleanRow]) -> list[int]:
    """For each row the number of its unbroken run: another sheet, or a break of the chain, begins a new run."""
    found: list[int] = []
    run = 0
    for _, group in groupby(rows, key=lambda row: (row.place.file, row.place.sheet)):
        sheet = list(group)
        _, descending = _turned(sheet)
        found.append(run)
        for before, row in pairwise(sheet):
            run += not (_follows(row, before) if descending else _follows(before, row))
            found.append(run)
        run += 1
    return found


def _chain(rows: list[CleanRow]) -> BalanceChain:
    ordered, descending = _in_time(rows)
    first, last = ordered[0], ordered[-1]
    breaks = [_break(row, before) for before, row in pairwise(ordered)]
    days = [day for row in ordered if isinstance(day := row.values.get("occurred_on"), date)]
    account = first.values.get("account")
    return BalanceChain(
        str(account) if account else None,
        first.place.sheet,
        _fen(first, "balance_fen") - _fen(first, "amount_fen"),
        _fen(last, "balance_fen"),
        min(days, default=None),
        max(days, default=None),
        len(ordered),
        descending,
        tuple(found for found in breaks if found is not None),
    )


def _in_time(rows: list[CleanRow]) -> tuple[list[CleanRow], bool]:
    """Oldest first: sheets by their first day, and within a sheet whichever direction breaks less."""
    sheets: dict[tuple[str, str | None], list[CleanRow]] = {}
    for row in rows:
        sheets.setdefault((row.place.file, row.place.sheet), []).append(row)
    turned = [_turned(part) for part in sheets.values()]
    turned.sort(key=lambda part: str(part[0][0].values.get("occurred_on")))
    return [row for part, _ in turned for row in part], any(descending for _, descending in turned)


def _turned(rows: list[CleanRow]) -> tuple[list[CleanRow], bool]:
    """Money that came and went again balances in both directions: then the times tell."""
    back = rows[::-1]
    own, turned = _count_breaks(rows), _count_breaks(back)
    is_descending = turned < own or (turned == own and _moment(rows[-1]) < _moment(rows[0]))
    return (back, True) if is_descending else (rows, False)


def _moment(row: CleanRow) -> tuple[str, str]:
    return str(row.values.get("occurred_on") or ""), str(row.values.get("occurred_at") or "")


def _count_breaks(rows: list[CleanRow]) -> int:
    return sum(not _follows(before, row) for before, row in pairwise(rows))


def _follows(before: CleanRow, row: CleanRow) -> bool:
    return _fen(before, "balance_fen") + _fen(row, "amount_fen") == _fen(row, "balance_fen")


def _break(row: CleanRow, before: CleanRow) -> Note | None:
    if _follows(before, row):
        return None
    expected = _fen(before, "balance_fen") + _fen(row, "amount_fen")
    stated = _fen(row, "balance_fen")
    params = {
        "expected": fen_to_yuan(expected),
        "stated": fen_to_yuan(stated),
        "difference": fen_to_yuan(stated - expected),
        "previous_row": before.place.row,
    }
    return Note(row.place, "W_BALANCE_CHAIN", params)


def _fen(row: CleanRow, name: str) -> int:
    value = row.values.get(name)
    return value if isinstance(value, int) else 0
