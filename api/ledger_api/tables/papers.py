"""What `summary` can show, by name: tables here, another kind of paper where one is added to `PAPERS`.

A paper is given a snapshot and what was asked, and shows its answer on the screen, as JSON or as a workbook.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from ledger.application.collector import collector_seldom
from ledger.catalogue import say
from ledger.errors import NotFoundError
from ledger.values.dates import Period
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import line, table_in_blocks, write_json
from ledger_api.new_files import into_new
from ledger_api.spans import Clocks, usual_month, usual_span
from ledger_api.tables.wording import Wording, tag_text
from ledger_api.tables.workbook import write_workbook
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.public_money.subsidies import newest_paid_month
from ledger_projections.summaries.registry import TABLES, Template, settled
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, template
from ledger_projections.summaries.table import Asked


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
        with collector_seldom():
            made = one.make(connection, order.asked)
        wording = Wording(made, command_of(order.name, order.asked), desk.language)
        if order.file is not None:
            into_new(order.file, lambda file: write_workbook(wording, file))
            line(desk.text(f"已写出 {order.file}", f"Wrote {order.file}"), err=desk.as_json)
        if desk.as_json:
            write_json(wording.to_json())
        elif order.file is None:
            _print(wording)

    return show


def command_of(name: str, asked: Asked) -> str:
    """The line that gives the same table again, from the same position."""
    months = ["--month", asked.first] if asked.first == asked.last else ["--from", asked.first, "--to", asked.last]
    more = [
        *(["--entity", asked.entity] if asked.entity else []),
        *(["--as-of", str(asked.as_of)] if asked.as_of else []),
    ]
    return " ".join(["charity-ledger summary", name, *months, *more, "--at", str(asked.at)])


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
    table_in_blocks(heads, rows, kept, [place for place, is_number in enumerate(numbers) if is_number])
    for one in wording.notes:
        line(f"{wording.text('说明', 'Note')}:{one}")
    for one in wording.grounds:
        line(one)


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


def listed_papers(language: str) -> list[tuple[str, str, str]]:
    """(name, title, usual span) of every table and template of sentences."""
    listed = [(name, say(paper.title, language), paper.span) for name, paper in PAPERS.items()]
    return listed + [(name, template(name).title[language], template(name).span) for name in TEMPLATES]


def asked_of(
    connection: Connection,
    name: str,
    span: tuple[Period, Period] | None,
    today: date,
    entity: str | None,
    clocks: Clocks,
) -> Asked:
    """What is asked of a table: the months that were named, else its usual ones that hold the newest payments; where
    every read model can answer, unless a position was named.
    """
    as_of, at = clocks
    stands = settled(connection) if at is None else log_moment(connection, None, at).position
    if span is None:
        newest = usual_month(newest_paid_month, connection, (as_of, stands), today, entity)
        span = usual_span(PAPERS[name].span, Period.parse(newest))
    return Asked(str(span[0]), str(span[1]), today, entity, as_of, stands)


def worded_table(connection: Connection, name: str, asked: Asked, language: str) -> Wording:
    """A table in words."""
    return Wording(TABLES[name].make(connection, asked), command_of(name, asked), language)
