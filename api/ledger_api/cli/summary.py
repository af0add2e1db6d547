"""`summary`: the sentences of a report from the book, and a written report held against it."""

from pathlib import Path
from typing import Annotated

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.readers import report_checks, sentences
from ledger_api.cli.readers.answers import AsOfOption, AtOption

commands = typer.Typer()


@command(commands, "summary")
def summary(
    desk: Desk,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="哪一种;不写则列出。 Which; without it, what there is.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="核对写好的报告(.txt、.docx)。 Hold a written report to it."),
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
    """总结里的句子,每个数附口径;或核对写好的报告。 A report's sentences with their scopes, or a report checked."""
    if check is not None:
        report_checks.tell_check(desk, check, first, last, as_of, at)
    elif name is None:
        sentences.list_templates(desk)
    else:
        sentences.tell_sentences(desk, name, first, last, as_of, at)
