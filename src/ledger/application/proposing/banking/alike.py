"""A bank's line that is recorded already in other words: exported again without its time, without a name, with a
serial number or in another layout.

A line is known by its serial number, or by all that its row says. What never differs between two exports of one line
are its day, its amount and the balance after it; so a new row is compared with the recorded lines of its account that
have the same three. Each line answers for one row: where money came, went and came again, one file holds the balance
twice, and both rows are kept.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context
from ledger.application.proposing.outside import OUTSIDE
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import plain
from ledger.flows.books.statements import LineRecorded, StatementImported
from ledger.flows.knowledge import Need, Recorded
from ledger.values.text import without_personal

ANOTHER: Final = "另一笔"
"""What the office writes into a row to say that it is not the line that looks like it."""
_SAYS: Final = ("summary", "purpose", "remark")
_TO_THE_MINUTE: Final = len("2025-09-05T20:11")
_NO_TIME: Final = "T00:00"
"""A line that bears this was told by its day alone."""
_TIME_COLUMN, _NAME_COLUMN = "交易时间", "对方户名"
_Figures = tuple[str, int, int | None]
"""Day, amount and balance after it."""


@dataclass(slots=True)
class Likeness:
    """What was found for the rows of one account."""

    same: dict[int, str] = field(default_factory=dict)
    """id of a row -> the recorded line that it is."""
    reworded: list[CleanRow] = field(default_factory=list)
    """Those of them that are known by nothing else."""
    asked: dict[int, tuple[str, Recorded]] = field(default_factory=dict)
    """id of a row -> the column in which it differs from a line that it may be, and that line."""

    restated: dict[int, LineRecorded] = field(default_factory=dict)
    """id of a row -> the recorded line of that very moment and party which has other figures."""

    def require_clear(self, row: CleanRow) -> None:
        """E_LINE_ALIKE for a row that may be a recorded line, unless it says that it is another one."""
        found = self.asked.get(id(row))
        if found is None or any(ANOTHER in str(row.values.get(name) or "") for name in _SAYS):
            return
        column, told = found
        if told.position == OUTSIDE:
            raise RowRefusedError(column, "E_LINE_ALIKE_WAITING")
        raise RowRefusedError(column, "E_LINE_ALIKE", position=told.position)


def memo_of(row: CleanRow) -> str:
    """What a row says of itself, in one text without anybody's number."""
    return without_personal(" ".join(str(row.values[name]) for name in _SAYS if row.values.get(name)))


def likeness(context: Context, account: str, names: Sequence[tuple[CleanRow, str]]) -> Likeness:
    """Compare an account's rows, each with the line that it would be, with what is recorded of their days."""
    found = Likeness()
    lines = _recorded(context, account, [row for row, _ in names])
    if not lines:
        return found
    by_name = {_line(told).line: told for told in lines}
    rows: defaultdict[_Figures, list[CleanRow]] = defaultdict(list)
    first: dict[str, CleanRow] = {}
    for row, name in names:
        told = by_name.get(name)
        if told is not None:
            if text(row.values, "serial") is None and _line(told).memo == memo_of(row):
                found.same[id(row)] = name
        elif first.setdefault(name, row) is row:
            rows[_figures_of(row)].append(row)
    taken = {name for _, name in names}
    left: defaultdict[_Figures, list[Recorded]] = defaultdict(list)
    for told in lines:
        event = _line(told)
        if (
            event.line not in taken
            and (figures := (event.occurred_at[:10], event.amount_fen, event.balance_fen)) in rows
        ):
            left[figures].append(told)
    called = _called(context, [told for some in left.values() for told in some])
    for figures, some in left.items():
        _pair(rows[figures], [_Known.of(told, called) for told in some], found)
    _restated(context, [row for row, name in names if name not in by_name], lines, taken, found)
    for row, name in names:  # what was pasted twice into a file is one
        if name in first and (like := found.same.get(id(first[name]))) is not None:
            found.same[id(row)] = like
        elif name in first and (doubt := found.asked.get(id(first[name]))) is not None:
            found.asked[id(row)] = doubt
    return found


def _restated(
    context: Context, rows: Sequence[CleanRow], lines: Sequence[Recorded], taken: set[str], found: Likeness
) -> None:
    """Rows that nothing recorded is, of the second and the party of a line that the file does not hold: a statement is
    exported over and over, and its lines keep their figures, so that one of the two was changed.
    """
    new = [row for row in rows if id(row) not in found.same and id(row) not in found.asked]
    if not new:
        return
    held = {*taken, *found.same.values()}
    moments: defaultdict[str, list[LineRecorded]] = defaultdict(list)
    for event in map(_line, lines):
        if event.line not in held and _NO_TIME not in event.occurred_at:
            moments[event.occurred_at].append(event)
    asked = [row for row in new if str(row.values.get("transacted_at")) in moments]
    if not asked:
        return
    called = _called(context, [one for one in lines if _line(one).occurred_at in moments])
    for row in asked:
        serial, _, name = _said(row)
        for event in moments[str(row.values["transacted_at"])]:
            party = plain(event.counterparty or called.get(event.counterparty_ref or "", ""))
            if name == party and memo_of(row) == event.memo and not _apart(serial, event.serial or ""):
                found.restated.setdefault(id(row), event)


def _recorded(context: Context, account: str, rows: Sequence[CleanRow]) -> list[Recorded]:
    """The lines of the account's statements that share days with the rows, in order, with those that wait."""
    days = [day for row in rows if isinstance(day := row.values.get("occurred_on"), date)]
    need = Need(f"account:{account}", ("bank.statement_imported",))
    told = [item.event for item in context.find([need])[need] if isinstance(item.event, StatementImported)]
    near = [one for one in told if days and one.first_day <= max(days) and one.last_day >= min(days)]
    needs = [Need(f"bank-statement:{one.statement}", ("bank.line_recorded",)) for one in near]
    found = context.find(needs)
    return [item for need in needs for item in found[need] if isinstance(item.event, LineRecorded)]


def _line(told: Recorded) -> LineRecorded:
    if not isinstance(told.event, LineRecorded):
        raise TypeError
    return told.event


def _figures_of(row: CleanRow) -> _Figures:
    amount, balance = row.values.get("amount_fen"), row.values.get("balance_fen")
    return str(row.values.get("occurred_on")), int(str(amount)), balance if isinstance(balance, int) else None


def _called(context: Context, lines: Sequence[Recorded]) -> Mapping[str, str]:
    """The names of the people behind lines, where the vault still has them."""
    references = [ref for told in lines if (ref := _line(told).counterparty_ref) is not None]
    return {ref: fields.get("name", "") for ref, fields in context.opened(references).items()}


@dataclass(frozen=True, slots=True)
class _Known:
    """What a line says besides its figures; "" for what it does not say."""

    told: Recorded
    serial: str
    minute: str
    name: str

    @classmethod
    def of(cls, told: Recorded, called: Mapping[str, str]) -> "_Known":
        event = _line(told)
        name = event.counterparty or called.get(event.counterparty_ref or "", "")
        return cls(told, event.serial or "", _minute(event.occurred_at), plain(name))


def _minute(moment: str | None) -> str:
    """The time of day to the minute; "" where only the day is known."""
    told = (moment or "")[:_TO_THE_MINUTE]
    return "" if told.endswith(_NO_TIME) else told


def _pair(rows: Sequence[CleanRow], known: list[_Known], found: Likeness) -> None:
    """Rows and lines of the same figures: first those that say all the same, then those that contradict nothing."""
    waiting = list(rows)
    for exactly in (True, False):
        for row in tuple(waiting):
            said = _said(row)
            fits = next((one for one in known if _is_same(said, one, exactly=exactly)), None)
            if fits is not None:
                known.remove(fits)
                waiting.remove(row)
                found.same[id(row)] = _line(fits.told).line
                found.reworded.append(row)
    for row in waiting:
        doubts = (one for one in known if not _apart(_said(row)[0], one.serial))
        if (one := next(doubts, None)) is not None:
            column = _NAME_COLUMN if _agree(_said(row)[1], one.minute) else _TIME_COLUMN
            found.asked[id(row)] = column, one.told


def _said(row: CleanRow) -> tuple[str, str, str]:
    values = row.values
    name = plain(text(values, "counterparty_name") or "")
    return text(values, "serial") or "", _minute(text(values, "transacted_at")), name


def _is_same(said: tuple[str, str, str], one: _Known, *, exactly: bool) -> bool:
    serial, minute, name = said
    if exactly:
        return said == (one.serial, one.minute, one.name)
    if serial and serial == one.serial:
        return True
    return not _apart(serial, one.serial) and _agree(minute, one.minute) and _agree(name, one.name)


def _apart(serial: str, other: str) -> bool:
    """Whether the bank itself counts two lines."""
    return bool(serial and other) and serial != other


def _agree(said: str, other: str) -> bool:
    """Whether two tell the same, one perhaps less of it."""
    return said.startswith(other) or other.startswith(said)
