"""`summary`: the supervisor's tables, the sentences of the offices' reports, and a written report held against the
book; without a name, the list of them.

It reads the options and leaves the rest to `ledger_api.tables.papers`, `sentences` and `report_checks`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.catalogue import say
from ledger.errors import InputError
from ledger.values.dates import Period
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

commands = typer.Typer()

_QUARTER: Final = re.compile(r"([12][0-9]{3})-Q([1-4])", re.ASCII)
_YEAR: Final = re.compile(r"[12][0-9]{3}", re.ASCII)


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
    from ledger_api.tables.papers import Order, paper_named
    from ledger_projections.keeping.clocks import log_moment
    from ledger_projections.public_money.subsidies import newest_paid_month
    from ledger_projections.summaries.registry import settled
    from ledger_projections.summaries.sentences_catalogue import TEMPLATES
    from ledger_projections.summaries.table import Asked

    given = {"month": month, "quarter": quarter, "year": year}
    if check is not None or template in TEMPLATES:
        if output is not None or entity is not None or (check is not None and template is not None):
            raise InputError("E_SUMMARY_OPTION")
        span = _span(given, first, last)
        if span is not None and any(given.values()):  # a last month alone leaves the beginning to the template
            first, last = str(span[0]), str(span[1])
        if check is not None:
            report_checks.tell_check(desk, check, first, last, as_of, at)
        elif template is not None:
            sentences.tell_sentences(desk, template, first, last, as_of, at)
        return
    if template is None:
        _list(desk)
        return
    name, paper = paper_named(template)
    if output is not None and output.suffix.lower() != ".xlsx":
        raise InputError("E_SHEET_NAME", file=output.name)
    with reader(desk, entity, at) as (book, connection):
        today = today_of(book)
        position = position_of(connection, at)
        stands = settled(connection) if position is None else log_moment(connection, None, position).position
        newest = Period.parse(newest_paid_month(connection, stands) or str(Period.of(today)))
        span = _span(given, first, last) or _usual(paper.span, newest)
        asked = Asked(str(span[0]), str(span[1]), today, entity, day_of(as_of), stands)
        paper.show(desk, connection, Order(asked, name, output))


def _list(desk: Desk) -> None:
    """Every template with its title and usual span."""
    from ledger_api.tables.papers import PAPERS
    from ledger_projections.summaries.sentences_catalogue import TEMPLATES, template

    listed = [(name, say(paper.title, desk.language), paper.span) for name, paper in PAPERS.items()]
    listed += [(name, template(name).title[desk.language], template(name).span) for name in TEMPLATES]
    if desk.as_json:
        write_json({"templates": [{"name": name, "title": title, "span": span} for name, title, span in listed]})
        return
    rows = [(name, title, desk.text(*_SPANS[span])) for name, title, span in listed]
    titled(desk, (("名称", "template"), ("内容", "title"), ("期间", "span")), rows)


def _span(given: Mapping[str, str | None], first: str | None, last: str | None) -> tuple[Period, Period] | None:
    """The months that the options name, in one way only; None when they name none."""
    named = {name: value for name, value in given.items() if value is not None}
    if len(named) + (first is not None or last is not None) > 1:
        raise InputError("E_SPAN_OPTION")
    if first is not None or last is not None:
        span = (Period.parse(first or last), Period.parse(last or first))
        if span[0] > span[1]:
            raise InputError("E_SPAN_OPTION")
        return span
    for name, value in named.items():
        return _WAYS[name](value)
    return None


def _month(value: str) -> tuple[Period, Period]:
    return Period.parse(value), Period.parse(value)


def _quarter(value: str) -> tuple[Period, Period]:
    found = _QUARTER.fullmatch(value)
    if found is None:
        raise InputError("E_QUARTER", value=value[:64])
    begin = Period(int(found[1]), 3 * int(found[2]) - 2)
    return begin, begin.plus(2)


def _year(value: str) -> tuple[Period, Period]:
    if _YEAR.fullmatch(value) is None:
        raise InputError("E_SPAN_OPTION")
    return Period(int(value), 1), Period(int(value), 12)


_WAYS: Final = {"month": _month, "quarter": _quarter, "year": _year}


def _usual(span: str, newest: Period) -> tuple[Period, Period]:
    """The span that holds the newest month with payments."""
    if span == "month":
        return newest, newest
    if span == "quarter":
        begin = Period(newest.year, newest.month - (newest.month - 1) % 3)
        return begin, begin.plus(2)
    return Period(newest.year, 1), Period(newest.year, 12)


_SPANS: Final = {
    "month": ("月", "month"),
    "quarter": ("季", "quarter"),
    "year": ("年", "year"),
    "jan_sep": ("1-9月", "January to September"),
}
