"""`summary`: the supervisor's tables, on the screen, as JSON or as a workbook; without a name, the list of them.

It reads the options and leaves the rest to the papers of `ledger_api.tables.papers`.
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
        str | None, typer.Argument(metavar="TEMPLATE", help="表号,如 M1;不写则列出全部。 Which one; else the list.")
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
    """监管报表:月报、季报、年报、整治报表,各附口径与依据。 The supervisor's tables, with scope and grounds."""
    from ledger_api.tables.papers import Order, paper_named
    from ledger_projections.keeping.clocks import log_moment
    from ledger_projections.public_money.subsidies import newest_paid_month
    from ledger_projections.summaries.registry import settled
    from ledger_projections.summaries.table import Asked

    if template is None:
        _list(desk)
        return
    name, paper = paper_named(template)
    if output is not None and output.suffix.lower() != ".xlsx":
        raise InputError("E_SHEET_NAME", file=output.name)
    given = {"month": month, "quarter": quarter, "year": year}
    with reader(desk) as (book, connection):
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

    listed = [(name, say(paper.title, desk.language), desk.text(*_SPANS[paper.span])) for name, paper in PAPERS.items()]
    if desk.as_json:
        write_json(
            {"templates": [{"name": name, "title": title, "span": PAPERS[name].span} for name, title, _ in listed]}
        )
        return
    titled(desk, (("表号", "template"), ("名称", "title"), ("期间", "span")), listed)


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


_SPANS: Final = {"month": ("月", "month"), "quarter": ("季", "quarter"), "year": ("年", "year")}
