"""`summary`: the supervisor's tables, the sentences of the offices' reports, and a written report held against the
book; without a name, the list of them.

It reads the options and leaves the rest to `ledger_api.tables.papers`, `sentences` and `report_checks`.
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.errors import InputError
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import write_json
from ledger_api.cli.readers import report_checks, sentences
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    day_of,
    position_of,
    reader,
    titled,
    today_of,
)
from ledger_api.spans import named_span

commands = typer.Typer()


@command(commands, "summary")
def summary(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    desk: Desk,
    template: Annotated[
        str | None,
        typer.Argument(metavar="TEMPLATE", help="表号如 M1,或句子如 year;不写则列出全部。 Which one; else the list."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check", metavar="FILE", help="核对写好的报告(.txt、.docx)。 Hold a written report to the book."
        ),
    ] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="哪个月。 Which month.")] = None,
    quarter: Annotated[
        str | None, typer.Option("--quarter", metavar="YYYY-Qn", help="哪个季度。 Which quarter.")
    ] = None,
    year: Annotated[str | None, typer.Option("--year", metavar="YYYY", help="哪一年。 Which year.")] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="从哪个月。 First month.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="到哪个月。 Last month.")] = None,
    entity: EntityOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.xlsx", help="写成 Excel 表。 Write it for Excel.")
    ] = None,
) -> None:
    """监管报表与报告里的句子,各附口径与依据;--check 核对写好的报告。 Tables, sentences, and reports checked."""
    from ledger_api.spans import Clocks
    from ledger_api.tables.papers import Order, asked_of, paper_named
    from ledger_projections.summaries.sentences_catalogue import TEMPLATES

    given = {"month": month, "quarter": quarter, "year": year}
    if check is not None or template in TEMPLATES:
        if check is not None and (template is not None or output is not None):
            raise InputError("E_SUMMARY_OPTION")
        _refuse_name(output)
        span = named_span(given, first, last)
        if span is not None and any(given.values()):  # a last month alone leaves the beginning to the template
            first, last = str(span[0]), str(span[1])
        if check is not None:
            report_checks.tell_check(desk, check, (first, last), (as_of, at), entity)
        elif template is not None:
            sentences.tell_sentences(desk, template, (first, last), (as_of, at), entity, output)
        return
    if template is None:
        _list(desk)
        return
    name, paper = paper_named(template)
    _refuse_name(output)
    with reader(desk, entity, at) as (book, connection):
        clocks: Clocks = (day_of(as_of), position_of(connection, at))
        asked = asked_of(connection, name, named_span(given, first, last), today_of(book), entity, clocks)
        paper.show(desk, connection, Order(asked, name, output))


def _refuse_name(output: Path | None) -> None:
    """E_SHEET_NAME for a file that Excel would not open."""
    if output is not None and output.suffix.lower() != ".xlsx":
        raise InputError("E_SHEET_NAME", file=output.name)


def _list(desk: Desk) -> None:
    """Every template with its title and usual span."""
    from ledger_api.tables.papers import listed_papers

    listed = listed_papers(desk.language)
    if desk.as_json:
        write_json({"templates": [{"name": name, "title": title, "span": span} for name, title, span in listed]})
        return
    rows = [(name, title, desk.text(*_SPANS[span])) for name, title, span in listed]
    titled(desk, (("名称", "template"), ("内容", "title"), ("期间", "span")), rows)


_SPANS: Final = {
    "month": ("月", "month"),
    "quarter": ("季", "quarter"),
    "year": ("年", "year"),
    "jan_sep": ("1-9月", "January to September"),
}
