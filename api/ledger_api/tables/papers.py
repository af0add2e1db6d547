"""What `summary` can show, by name: tables here, another kind of paper where one is added to `PAPERS`.

A paper is given a snapshot and what was asked, and shows its answer on the screen, as JSON or as a workbook.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.cells import cell_len
from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.errors import NotFoundError
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import console, line, table, write_json
from ledger_api.new_files import into_new
from ledger_api.tables.wording import Wording, tag_text
from ledger_api.tables.workbook import write_workbook
from ledger_projections.summaries.registry import TABLES, Template
from ledger_projections.summaries.sentences_catalogue import TEMPLATES
from ledger_projections.summaries.table import Asked

_GAP: Final = 2
"""Spaces between two columns on the screen."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the options ask of a template, and where the answer goes (None: the screen)."""

    asked: Asked
    name: str
    file: Path | None


@dataclass(frozen=True, slots=True)
class Paper:
    """One template: its usual span, the code of its title, and what shows it."""

    span: str
    title: str
    show: Callable[[Desk, Connection, Order], None]


def _show_table(one: Template) -> Callable[[Desk, Connection, Order], None]:
    def show(desk: Desk, connection: Connection, order: Order) -> None:
        made = one.make(connection, order.asked)
        wording = Wording(made, _command(order), desk.language)
        if order.file is not None:
            into_new(order.file, lambda file: write_workbook(wording, file))
            line(desk.text(f"已写出 {order.file}", f"Wrote {order.file}"), err=desk.as_json)
        if desk.as_json:
            write_json(wording.to_json())
        elif order.file is None:
            _print(wording)

    return show


def _command(order: Order) -> str:
    """The line that gives the same table again, from the same position."""
    asked = order.asked
    months = ["--month", asked.first] if asked.first == asked.last else ["--from", asked.first, "--to", asked.last]
    more = [
        *(["--entity", asked.entity] if asked.entity else []),
        *(["--as-of", str(asked.as_of)] if asked.as_of else []),
    ]
    return " ".join(["charity-ledger summary", order.name, *months, *more, "--at", str(asked.at)])


def _print(wording: Wording) -> None:
    """The table on the screen, in blocks of columns that fit, each with the first; then what it rests on."""
    line(wording.title)
    for one in wording.scopes:
        line(f"{wording.text('口径', 'Scope')}:{one}")
    line(wording.unit_line)
    rows = [[*cells, tag_text(row.tags)] for cells, row in zip(wording.rows(), wording.table.rows, strict=True)]
    heads = [*wording.heads, say("table_column.trail", wording.language)]
    numbers = [one.is_number for one in wording.table.columns]
    kept = 2 if [one.unit for one in wording.table.columns[:2]] == ["text", "text"] else 1
    for block in _blocks(heads, rows, console().width, kept):
        right = [at for at, place in enumerate(block) if place < len(numbers) and numbers[place]]
        table([heads[place] for place in block], [[row[place] for place in block] for row in rows], money=right)
    for one in wording.notes:
        line(f"{wording.text('说明', 'Note')}:{one}")
    for one in wording.grounds:
        line(one)


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


PAPERS: Final[Mapping[str, Paper]] = {
    one.code: Paper(one.span, f"table_title.{one.code}", _show_table(one)) for one in TABLES.values()
}
"""Name -> paper, in the order of the list."""


def paper_named(name: str) -> tuple[str, Paper]:
    """The paper of a name, in capitals or not, with the name as it is listed. Raises NotFoundError E_TABLE_NAME."""
    for listed, paper in PAPERS.items():
        if listed.casefold() == name.casefold():
            return listed, paper
    raise NotFoundError("E_TABLE_NAME", name=name[:64], known=", ".join([*PAPERS, *TEMPLATES]))
