"""A written report held against the book (`summary --check FILE`), sentence by sentence."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ledger.catalogue import say
from ledger.values.money import fen_to_yuan
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import DOES_NOT_HOLD, at_position, line, write_json
from ledger_api.cli.readers.answers import reader
from ledger_api.telling.checks import checked, checked_json, why_of
from ledger_api.telling.paragraphs import edge_lines, told_fact, value_scope

if TYPE_CHECKING:
    from ledger_projections.summaries.sentences_checking import CheckedReport, Claim, Compared
    from ledger_projections.summaries.sentences_facts import Fact

Months = tuple[str | None, str | None]
"""Two that belong together: the first and the last month, or the two clocks."""
_MARKS = {"supported": "√", "contradicted": "×", "partly": "√?", "not_derivable": "?"}
_ARITHMETIC = {
    "sum": ("各部分之和", "the parts' sum"),
    "part": ("其中数不大于总数", "a part is no more than its whole"),
}


def tell_check(desk: Desk, file: Path, months: Months, clocks: Months, entity: str | None) -> None:
    """Every number of a report with its verdict. Exits with 1 when one is contradicted; E_FILE_…, E_REPORT_… refuse."""
    from ledger.application.importing.readers.opening import load
    from ledger.application.importing.readers.prose import PROSE_LIMITS, read_prose

    paragraphs = read_prose(file.name, load(file, PROSE_LIMITS))
    as_of, at = clocks
    with reader(desk, entity, at) as (book, connection):
        found = checked(book, connection, paragraphs, months, as_of, at, entity)
    if desk.as_json:
        write_json({"file": file.name, **checked_json(desk, found)})
    else:
        _tell(desk, file.name, found)
    if found.counts["contradicted"]:
        raise typer.Exit(DOES_NOT_HOLD)


def _tell(desk: Desk, name: str, found: "CheckedReport") -> None:
    months = desk.text(f"没有写期间的按 {found.first} 至 {found.last}", f"without dates, {found.first} to {found.last}")
    line(f"{name}: {months}")
    for warning in edge_lines(desk, found):
        line(warning)
    for sentence in found.sentences:
        line(f"{sentence.number}. [{say(f'verdict.{sentence.verdict}', desk.language)}] {sentence.text}")
        for claim in sentence.claims:
            line(f"   {_MARKS[claim.verdict]} {claim_told(desk, claim)}")
            for other in other_readings(desk, claim):
                line(f"     {desk.text('另一读法', 'another reading')}: {other}")
    told = (f"{say(f'verdict.{verdict}', desk.language)} {count}" for verdict, count in found.counts.items())
    line(desk.text("共:", "In all: ") + desk.text(",", ", ").join(told))
    at_position(desk, found.position)


def claim_told(desk: Desk, claim: "Claim") -> str:
    """A number with what the book says of it, or why nothing can be said."""
    if claim.kind != "figure":
        off = f": {difference(desk, claim.off_by, claim.unit)}" if claim.off_by else ""
        return f"{claim.number}: {desk.text(*_ARITHMETIC[claim.kind])}{off}"
    if claim.verdict == "not_derivable":
        return f"{claim.number}: {why_of(desk, claim)}"
    known = [one for one in claim.figures if one.off_by is not None]
    fitting = [one for one in known if one.fits]
    shown = fitting[:1] or known
    told = f"{claim.number} " + desk.text(";或 ", "; or ").join(_against(desk, one) for one in shown)
    if not claim.words:
        return told
    zh, en = (
        f"(「{claim.words}」作名称看,与账内全部灾情募捐相比)",
        f" ({claim.words} is taken for a name; all appeals count)",
    )
    return told + desk.text(zh, en)


def other_readings(desk: Desk, claim: "Claim") -> list[str]:
    """What else the words of a supported number may mean: 8176余万元 is told with and without children, whichever fits.

    Of a contradicted one every reading is told already; one with the same value says nothing new, and neither does the
    same measure over other programmes that comes to the same.
    """
    fitting = next((one.fact.exact for one in claim.figures if one.fits), None)
    if fitting is None:
        return []
    others: dict[tuple[str, Fraction], Fact] = {}
    for one in claim.figures:
        if one.off_by is not None and one.fact.exact != fitting:
            others.setdefault((one.fact.key, one.fact.exact), one.fact)
    return [value_scope(desk, fact) for fact in others.values()]


def _against(desk: Desk, one: "Compared") -> str:
    told = told_fact(desk, one.fact)
    if one.fits:
        wide = desk.text("(「余」按末位非零数位理解)", " (余 taken widely)") if one.is_wide else ""
        return f"= {told}{wide}"
    zh, en = ",是四舍五入的数;写「约」或「余」才相符", ", which is the figure rounded: say 约 or 余"
    rounded = desk.text(zh, en) if one.is_rounded else ""
    return f"≠ {told} · {difference(desk, one.off_by or 0, one.fact.unit)}{rounded}"


def difference(desk: Desk, off: int, unit: str) -> str:
    """By how much a text says too much or too little, in yuan, percentage points or pieces."""
    if not off:
        return desk.text("正好在界上", "just at the limit")
    word = desk.text("多写", "too much by") if off > 0 else desk.text("少写", "too little by")
    size = abs(off)
    if unit in {"fen", "average"}:
        return f"{word} {fen_to_yuan(size, grouped=True)} {desk.text('元', 'yuan')}"
    if unit in {"rate", "percent"}:
        points = f"{size // 100}.{size % 100:02d}".rstrip("0").rstrip(".")
        return f"{word} {points} {desk.text('个百分点', 'percentage points')}"
    return f"{word} {size:,}"
