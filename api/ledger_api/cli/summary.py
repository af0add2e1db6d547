"""`summary`: the sentences of a report from the book."""

from typing import Annotated

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.readers import sentences
from ledger_api.cli.readers.answers import AsOfOption, AtOption

commands = typer.Typer()


@command(commands, "summary")
def summary(
    desk: Desk,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="哪一种;不写则列出。 Which; without it, what there is.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="从哪个月;默认看模板。 First month.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM", help="到哪个月;默认最近已发放的。 Last month.")
    ] = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """总结里的句子:每个数附值、口径、期间、查询。 A report's sentences, each figure with its scope and query."""
    if name is None:
        sentences.list_templates(desk)
    else:
        sentences.tell_sentences(desk, name, first, last, as_of, at)
