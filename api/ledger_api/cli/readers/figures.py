"""`figures`: what an annual report says in numbers, each with the programmes that it takes in."""

from typing import Annotated

import typer

from ledger.catalogue import say
from ledger.values.money import fen_to_yuan
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, line, write_json
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
from ledger_api.spans import usual_month, year_to

commands = typer.Typer()


@command(commands, "figures")
def figures(
    desk: Desk,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="从哪个月;默认当年一月。 First month; else January.")
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", metavar="YYYY-MM", help="到哪个月;默认最近已发放的。 Last month; else the newest paid."),
    ] = None,
    entity: EntityOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """年度数字:实发、户次人次、期末在保、增减、追缴、认捐、转赠等,各附口径。 A year's figures, each with its scope."""
    from ledger_api.telling.paragraphs import figure_scope
    from ledger_projections.figures import figures as figures_of
    from ledger_projections.public_money.subsidies import newest_paid_month

    with reader(desk, entity, at) as (book, connection):
        position = position_of(connection, at)
        newest = usual_month(newest_paid_month, connection, (day_of(as_of), position), today_of(book), entity)
        since, until = year_to(first, newest if last is None else last)
        found = figures_of(connection, since, until, as_of=day_of(as_of), at=position, entity=entity)
    scopes = {one.key: figure_scope(desk, found, one) for one in found.rows}
    if desk.as_json:
        write_json(
            {
                **{name: value for name, value in found.to_json().items() if name != "rows"},
                "figures": dict(found.by_key()),
                "units": {one.key: one.unit for one in found.rows},
                "schemes": {one.key: list(one.schemes) for one in found.rows},
                "entities": {one.key: list(one.entities) for one in found.rows},
                "scopes": scopes,
            }
        )
        return
    rows = [
        (
            say(f"figure_title.{one.key}", desk.language),
            fen_to_yuan(one.value, grouped=True) if one.unit == "fen" else f"{one.value:,}",
            scopes[one.key],
        )
        for one in found.rows
    ]
    titled(desk, (("数", "figure"), ("值(元、户、人)", "value (yuan, households, persons)"), ("口径", "scope")), rows)
    for name, day in found.begun.items():
        line(say("table.note.begun", desk.language, entities=name, on=day))
    if found.paid_since is not None:
        line(say("table.note.before_paid", desk.language, month=found.paid_since))
    at_position(desk, found.position)
