"""Sentences of reports from the book (`summary TEMPLATE`): each figure with its scope, span, position and query."""

from pathlib import Path

from ledger.values.dates import Period
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import at_position, line, write_json
from ledger_api.cli.readers.answers import day_of, reader
from ledger_api.telling.paragraphs import moment_and_month, paragraph_json, paragraph_lines

Pair = tuple[str | None, str | None]


def tell_sentences(desk: Desk, name: str, months: Pair, clocks: Pair, entity: str | None, output: Path | None) -> None:
    """The sentences of a template, of an entity (None: of all), and under them what each figure is, or as a workbook.
    Raises E_PARAGRAPH_NAME for no template.
    """
    from ledger_projections.summaries.sentences import paragraph, span_of
    from ledger_projections.summaries.sentences_catalogue import template

    chosen, (first, last), (as_of, at) = template(name), months, clocks
    with reader(desk, entity, at) as (book, connection):
        position, until = moment_and_month(book, connection, last, (day_of(as_of), at), entity)
        span = span_of(chosen, None if first is None else str(Period.parse(first)), until, day_of(as_of))
        found = paragraph(connection, chosen, span, position, entity)
    if output is not None:
        from ledger_api.new_files import into_new
        from ledger_api.tables.paragraph_sheets import write_paragraph

        into_new(output, lambda file: write_paragraph(desk, chosen, found, file))
        line(desk.text(f"已写出 {output}", f"Wrote {output}"), err=desk.as_json)
    if desk.as_json:
        write_json(paragraph_json(desk, chosen, found))
        return
    if output is not None:
        return
    for told in paragraph_lines(desk, chosen, found):
        line(told)
    at_position(desk, found.position)
