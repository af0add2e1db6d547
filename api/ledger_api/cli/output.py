"""What a command says: tables and sentences for people, JSON for programs, and errors with their codes.

Answers go to standard output, everything else to standard error. Nothing here decides an exit code but `fail`.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from ledger.application.outcomes import VoucherRefusedError
from ledger.errors import EvidenceError, InputError, LedgerError
from ledger.flows.knowledge import Finding
from ledger.values.money import fen_to_yuan
from ledger_api.given_files import machine_reason

if TYPE_CHECKING:
    from ledger_api.cli.desk import Desk

T = TypeVar("T")

DOES_NOT_HOLD: Final = 1
NOTHING_DONE: Final = 2

PIPE_COLUMNS: Final = 200
"""How wide a table may be where no terminal says its width: wide enough that nothing is cut."""


_GAP: Final = 2
"""Spaces between two columns on the screen."""


def console(*, err: bool = False) -> Console:
    """Standard output or standard error as they are now (tests exchange them)."""
    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else PIPE_COLUMNS, highlight=False, soft_wrap=True)


def line(text: str, *, err: bool = False) -> None:
    """One line of plain text, never taken for markup."""
    console(err=err).print(text, markup=False)


def write_json(value: Any) -> None:
    """A JSON document on standard output."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(value, option=option).decode())


def yuan(fen: int) -> str:
    """Fen as yuan, grouped: 1,234.50."""
    return fen_to_yuan(fen, grouped=True)


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, money: Sequence[int] = (), folded: Sequence[int] = ()
) -> None:
    """A table on standard output; columns whose index is in `money` hold fen and are shown as yuan, to the right: none
    of their cells is cut, however narrow the screen. Those in `folded` hold long texts, which go on in further lines
    where the width does not suffice: no column is cut.
    """
    made = Table(box=None, header_style="bold", pad_edge=False)
    texts = [[_cell(value, as_money=index in money) for index, value in enumerate(row)] for row in rows]
    for index, title in enumerate(columns):
        side: Literal["left", "right"] = "right" if index in money else "left"
        made.add_column(
            title,
            justify=side,
            no_wrap=index not in folded,
            overflow="fold" if index in folded else "ellipsis",
            min_width=max((cell_len(row[index]) for row in texts), default=0) if index in money else None,
        )
    for row in texts:
        made.add_row(*row)
    console().print(made)


def table_in_blocks(heads: Sequence[str], rows: Sequence[Sequence[str]], kept: int, right: Sequence[int]) -> None:
    """A table of texts in blocks of columns that fit the width, each with the first `kept` columns; `right` are the
    places of the columns that stand to the right.
    """
    for block in _blocks(heads, rows, console().width, kept):
        numbers = [at for at, place in enumerate(block) if place in right]
        table([heads[place] for place in block], [[row[place] for place in block] for row in rows], money=numbers)


def _blocks(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, kept: int) -> Iterator[list[int]]:
    """The places of the columns of each block; a block holds the first `kept` columns and at least one other."""
    widths = [
        _GAP + max(cell_len(text) for text in (head, *(row[at] for row in rows))) for at, head in enumerate(heads)
    ]
    block = list(range(kept))
    for place in range(kept, len(heads)):
        if len(block) > kept and sum(widths[one] for one in block) + widths[place] > width:
            yield block
            block = list(range(kept))
        block.append(place)
    yield block


def _cell(value: object, *, as_money: bool) -> str:
    if value is None:
        return ""
    if as_money and isinstance(value, int):
        return yuan(value)
    return str(value).replace("[", r"\[")


def at_position(desk: "Desk", position: int) -> None:
    """The line under every answer: what it stands for."""
    line(desk.text(f"依据:序号 1 至 {position}", f"Stands for positions 1 to {position}"))


def finding_text(desk: "Desk", finding: Finding) -> str:
    """A finding in words, with its code and the event it speaks of."""
    return finding_line(desk, finding.code, finding.event, finding.message(desk.language))


def finding_line(desk: "Desk", code: str, event: int, said: str) -> str:
    """A sentence with its code, and the event (from 0; -1: the whole voucher) that it speaks of."""
    if event < 0:
        return f"[{code}] {said}"
    place = desk.text(f"第 {event + 1} 笔", f"event {event + 1}")
    return f"[{code}] {place}: {said}"


def fail(desk: "Desk", error: Exception) -> int:
    """Say what went wrong and answer the exit code. A program gets JSON on standard output as well."""
    known = error if isinstance(error, LedgerError) else _unforeseen(error)
    if desk.as_json:
        write_json(error_json(known, desk.language))
    first, second = ("en", "zh") if desk.language == "en" else ("zh", "en")
    out = console(err=True)
    out.print(f"{known.code}: {known.message(first)}", markup=False)
    out.print(known.message(second), markup=False, style="dim")
    if isinstance(known, VoucherRefusedError):
        for finding in known.findings:
            out.print("  " + finding_text(desk, finding), markup=False)
    return DOES_NOT_HOLD if isinstance(known, EvidenceError) else NOTHING_DONE


def error_json(error: LedgerError, language: str) -> dict[str, Any]:
    """An error for a program; of a refused voucher each finding with its sentence."""
    params = dict(error.params)
    if isinstance(error, VoucherRefusedError):
        told = zip(params["findings"], error.findings, strict=True)
        params["findings"] = [{**one, "message": f.message(language)} for one, f in told]
    document = {"code": error.code, "message": error.message(language), "params": params}
    return {"error": orjson.loads(orjson.dumps(document, default=str))}


def _unforeseen(error: Exception) -> LedgerError:
    """An error of the machine, or one that nobody thought of, as a sentence; of a database's, what it said, without the
    statement. A file that the machine would not read or write is named.
    """
    if isinstance(error, OSError) and isinstance(error.filename, str | os.PathLike):
        return InputError("E_FILE_UNUSABLE", file=str(error.filename), reason=machine_reason(error))
    said = getattr(error, "orig", None) or error
    reason = " ".join(str(said).split())[:300]
    return LedgerError("E_UNFORESEEN", kind=type(error).__name__, reason=reason)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while a terminal looks on; the block calls `step(done, total)`."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console(err=True))
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
