"""Y12 句子清单: the sentences of the year's report figure by figure, for a spreadsheet: what each says, its exact
value, what it takes in, its months, as of when it is known, and the command that gives it again.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from ledger.values.money import fen_to_yuan
from ledger_projections.keeping.clocks import moment_of
from ledger_projections.registry import PROJECTIONS
from ledger_projections.summaries.sentences import Sentence, Slot, paragraph
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_catalogue import template
from ledger_projections.summaries.sentences_facts import Fact
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of

Y12: Final = columns(
    ("sentence_no", "count"),
    ("sentence", "text"),
    ("wording", "text"),
    ("exact", "text"),
    ("figure", "text"),
    ("schemes", "text"),
    ("months", "text"),
    ("known", "text"),
    ("command", "text"),
)


def sentence_list(connection: Connection, asked: Asked) -> Table:
    """Y12: a row a figure of each sentence; one that the book cannot fill says why."""
    position = moment_of(connection, PROJECTIONS.values()).position if asked.at is None else asked.at
    span = Span(asked.first, asked.last, asked.as_of)
    told = paragraph(connection, template("year"), span, position, asked.entity)
    rows = [row for at, one in enumerate(told.sentences, 1) for row in _rows(at, one)]
    whole = () if asked.entity is not None else (Said("table.scope.sentences_whole"),)
    return table_of("Y12", asked, position, Y12, rows, (Said("table.scope.sentences", asked.days), *whole))


def _rows(number: int, sentence: Sentence) -> Iterator[Row]:
    """The sentence itself stands in the first of its rows."""
    for at, slot in enumerate(sentence.slots):
        text = "" if at else sentence.zh
        yield row_of(Y12, {"sentence_no": number, "sentence": text, **_slot(slot)})


def _slot(slot: Slot) -> dict[str, Value]:
    found = slot.fact
    why = "" if found.missing is None else Said(f"missing.{found.missing}", {"edge": found.edge})
    return {
        "wording": slot.text,
        "exact": why or _exact(slot),
        "figure": Said(f"figure.{found.key}") if found.key else "",
        "schemes": _whole(found),
        "months": found.first if found.first == found.last else f"{found.first} – {found.last}",
        "known": _known(found),
        "command": found.query,
    }


def _whole(found: Fact) -> Said | str:
    """The programmes that a figure takes in, those of its set that the book has none of, and whose it is where that
    must be said.
    """
    here: tuple[str, ...] | Said = tuple(one for one in found.schemes if one not in found.absent)
    if here and found.absent:
        here = Said("table.cell.schemes_without", {"schemes": here, "absent": found.absent})
    told = here or found.schemes
    if told and found.names:
        return Said("table.cell.schemes_of", {"schemes": told, "names": found.names})
    if found.names:
        return Said("figure_scope.entities", {"names": found.names})
    return Said("table.cell.schemes", {"schemes": told}) if told else ""


def _known(found: Fact) -> Said:
    """As of when a figure is known: a business day, or all that the book holds."""
    if found.on is None:
        return Said("table.cell.known.all", {"position": found.position})
    return Said("table.cell.known.day", {"on": found.on})


def _exact(slot: Slot) -> str | Said:
    """The value as it is, before it was worded: yuan with fen, a count, or what a share is a share of. Also one that no
    wording says, as it is negative.
    """
    found = slot.fact
    if found.of is not None:
        return found.parts
    return fen_to_yuan(int(found.exact), grouped=True) if found.unit == "fen" else f"{int(found.exact):,}"
