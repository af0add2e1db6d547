"""A written report held against the book (`summary --check FILE`), sentence by sentence."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.values.dates import Period
from ledger.values.money import fen_to_yuan
from ledger_api.books import Book
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import DOES_NOT_HOLD, at_position, line, write_json
from ledger_api.cli.readers.answers import day_of, reader
from ledger_api.cli.readers.sentences import beginning_lines, moment_and_month, reason_of, scope_of, told_fact
from ledger_api.tables.speaking import Speaker

if TYPE_CHECKING:
    from ledger_projections.summaries.sentences_checking import CheckedReport, Claim, Compared

_MARKS = {"supported": "√", "contradicted": "×", "partly": "√?", "not_derivable": "?"}
_ARITHMETIC = {
    "sum": ("各部分之和", "the parts' sum"),
    "part": ("其中数不大于总数", "a part is no more than its whole"),
}


def tell_check(desk: Desk, file: Path, first: str | None, last: str | None, as_of: str | None, at: str | None) -> None:
    """Every number of a report with its verdict. Exits with 1 when one is contradicted; E_FILE_…, E_REPORT_… refuse."""
    from ledger.application.importing.readers.opening import load
    from ledger.application.importing.readers.prose import PROSE_LIMITS, read_prose

    paragraphs = read_prose(file.name, load(file, PROSE_LIMITS))
    with reader(desk) as (book, connection):
        found = checked(book, connection, paragraphs, (first, last), as_of, at)
    if desk.as_json:
        write_json({"file": file.name, **checked_json(desk, found)})
    else:
        _tell(desk, file.name, found)
    if found.counts["contradicted"]:
        raise typer.Exit(DOES_NOT_HOLD)


def checked(
    book: Book,
    connection: Connection,
    paragraphs: Sequence[str],
    months: tuple[str | None, str | None],
    as_of: str | None,
    at: str | None,
) -> "CheckedReport":
    """A report's paragraphs held against the book; without months they are those of its title, else the year's."""
    from ledger_projections.summaries.sentences_books import Span
    from ledger_projections.summaries.sentences_checking import check_report
    from ledger_projections.summaries.sentences_spans import title_span

    first, last = months
    position, until = moment_and_month(book, connection, last, at)
    since = f"{until[:4]}-01" if first is None else str(Period.parse(first))
    usual = Span(since, until, day_of(as_of))
    titled = title_span(paragraphs[0], usual) if first is None and last is None else None
    return check_report(connection, paragraphs, titled or usual, position)


def checked_json(desk: Speaker, found: "CheckedReport") -> dict[str, Any]:
    """The answer, each claim with its reason and each figure with its scope in words."""
    told = found.to_json()
    for sentence, checked in zip(told["sentences"], found.sentences, strict=True):
        for claim, one in zip(sentence["claims"], checked.claims, strict=True):
            claim["told"] = "" if one.reason is None else _why(desk, one)
            for figure, compared in zip(claim["figures"], one.figures, strict=True):
                figure["scope"] = scope_of(desk, compared.fact)
    return told


def _tell(desk: Desk, name: str, found: "CheckedReport") -> None:
    months = desk.text(f"没有写期间的按 {found.first} 至 {found.last}", f"without dates, {found.first} to {found.last}")
    line(f"{name}: {months}")
    for warning in beginning_lines(desk, found.first, found.begins):
        line(warning)
    for sentence in found.sentences:
        line(f"{sentence.number}. [{say(f'verdict.{sentence.verdict}', desk.language)}] {sentence.text}")
        for claim in sentence.claims:
            line(f"   {_MARKS[claim.verdict]} {_told(desk, claim)}")
    told = (f"{say(f'verdict.{verdict}', desk.language)} {count}" for verdict, count in found.counts.items())
    line(desk.text("共:", "In all: ") + desk.text(",", ", ").join(told))
    at_position(desk, found.position)


def _told(desk: Desk, claim: "Claim") -> str:
    """A number with what the book says of it, or why nothing can be said."""
    if claim.kind != "figure":
        off = f": {_difference(desk, claim.off_by, claim.unit)}" if claim.off_by else ""
        return f"{claim.number}: {desk.text(*_ARITHMETIC[claim.kind])}{off}"
    if claim.verdict == "not_derivable":
        return f"{claim.number}: {_why(desk, claim)}"
    fitting = [one for one in claim.figures if one.fits]
    shown = fitting[:1] or [one for one in claim.figures if one.off_by is not None]
    return f"{claim.number} " + desk.text(";或 ", "; or ").join(_against(desk, one) for one in shown)


def _why(desk: Speaker, claim: "Claim") -> str:
    if claim.figures:
        return reason_of(desk, claim.reason or "", claim.words)
    return say(f"unread.{claim.reason}", desk.language, words=claim.words)


def _against(desk: Desk, one: "Compared") -> str:
    told = told_fact(desk, one.fact)
    if one.fits:
        wide = desk.text("(「余」按末位非零数位理解)", " (余 taken widely)") if one.is_wide else ""
        return f"= {told}{wide}"
    zh, en = ",是四舍五入的数;写「约」或「余」才相符", ", which is the figure rounded: say 约 or 余"
    rounded = desk.text(zh, en) if one.is_rounded else ""
    return f"≠ {told} · {_difference(desk, one.off_by or 0, one.fact.unit)}{rounded}"


def _difference(desk: Desk, off: int, unit: str) -> str:
    """By how much a text says too much or too little, in yuan, percentage points or pieces."""
    if not off:
        return desk.text("正好在界上", "just at the limit")
    word = desk.text("多写", "too much by") if off > 0 else desk.text("少写", "too little by")
    size = abs(off)
    if unit in {"fen", "average"}:
        return f"{word} {fen_to_yuan(size, grouped=True)} {desk.text('元', 'yuan')}"
    return f"{word} {size // 100}.{size % 100:02d}%" if unit in {"rate", "percent"} else f"{word} {size:,}"
