"""Sentences of reports from the book (`summary TEMPLATE`): each figure with its scope, span, position and query."""

from ledger.values.dates import Period
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import at_position, line, write_json
from ledger_api.cli.readers.answers import day_of, reader
from ledger_api.telling.paragraphs import moment_and_month, paragraph_json, paragraph_lines


def tell_sentences(
    desk: Desk, name: str, first: str | None, last: str | None, as_of: str | None, at: str | None
) -> None:
    """The sentences of a template, and under them what each figure is. Raises E_PARAGRAPH_NAME for no template."""
    from ledger_projections.summaries.sentences import paragraph, span_of
    from ledger_projections.summaries.sentences_catalogue import template

    chosen = template(name)
    with reader(desk) as (book, connection):
        position, until = moment_and_month(book, connection, last, at)
        span = span_of(chosen, None if first is None else str(Period.parse(first)), until, day_of(as_of))
        found = paragraph(connection, chosen, span, position)
    if desk.as_json:
        write_json(paragraph_json(desk, chosen, found))
        return
    for told in paragraph_lines(desk, chosen, found):
        line(told)
    at_position(desk, found.position)
