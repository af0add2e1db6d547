"""Bank statements prove themselves: previous balance + in - out = balance, on every row.

A break stops no row: the bank's file is what it is. It is told with its row, because a line may be missing there. Where
the rows stand is no break: opening and closing balance are where a walk over all of them begins and ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from ledger.application.importing.rows import CleanRow, Note
from ledger.flows.books.walks import Walk, loose_ends, walk_order
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
    """Oldest first: sheets by their first day, and within a sheet whichever direction breaks less. Where that does not
    hold, the rows of each day are put in the order of their balances, if more of them join so.
    """
    sheets: dict[tuple[str, str | None], list[CleanRow]] = {}
    for row in rows:
        sheets.setdefault((row.place.file, row.place.sheet), []).append(row)
    turned = [_turned(part) for part in sheets.values()]
    turned.sort(key=lambda part: _moment(part[0][0]))
    found = [row for part, _ in turned for row in part]
    descending = any(was_turned for _, was_turned in turned)
    if _disorder(found) != (0, 0):
        found = min(found, _walked(found), key=_disorder)
    return found, descending


def _turned(rows: list[CleanRow]) -> tuple[list[CleanRow], bool]:
    """Money that came and went again balances in both directions: then the times tell."""
    back = rows[::-1]
    return (back, True) if _disorder(back) < _disorder(rows) else (rows, False)


def _disorder(rows: list[CleanRow]) -> tuple[int, int]:
    """How often a row does not begin where the one before it ended, and how often time runs backwards."""
    return _count_breaks(rows), sum(_moment(row) < _moment(before) for before, row in pairwise(rows))


def _walked(rows: list[CleanRow]) -> list[CleanRow]:
    """Day by day, the rows of each as their balances lead from one to the next; times count where they leave a choice
    and every row of the day has one.
    """
    days: dict[str, list[CleanRow]] = {}
    for row in rows:
        days.setdefault(_moment(row)[0], []).append(row)
    froms, _ = loose_ends([_walk(row) for row in rows])
    begin = froms[0] if len(froms) == 1 else None
    found: list[CleanRow] = []
    for _, day in sorted(days.items()):
        if all(row.values.get("transacted_at") for row in day):
            day.sort(key=_moment)
        walks = [_walk(row) for row in day]
        found += [day[place] for place in walk_order(walks, begin)]
        begin = _fen(found[-1], "balance_fen")
    return found


def _walk(row: CleanRow) -> Walk:
    balance = _fen(row, "balance_fen")
    return balance - _fen(row, "amount_fen"), balance


def _moment(row: CleanRow) -> tuple[str, str]:
    return str(row.values.get("occurred_on") or ""), str(row.values.get("transacted_at") or "")


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
