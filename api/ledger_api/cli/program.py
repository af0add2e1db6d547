"""The program: every family of commands under one name."""

import sys

import typer

from ledger.application.collector import collect_seldom
from ledger_api.cli import (
    checking,
    demonstration,
    evidence,
    files,
    keys,
    opening,
    people,
    periods,
    serving,
    sheets,
    vouchers,
)
from ledger_api.cli.access import commands as access
from ledger_api.cli.hooks import commands as hooks
from ledger_api.cli.keeping import copies, safety
from ledger_api.cli.mirroring import commands as mirroring
from ledger_api.cli.options import before_command
from ledger_api.cli.readers import (
    banking,
    books,
    doubts,
    figures,
    money,
    one_voucher,
    payments,
    red_flags,
    summary,
    three_way,
)
from ledger_api.cli.usage import Program
from ledger_api.cli.waiting import approving, listing

app = typer.Typer(
    name="charity-ledger",
    cls=Program,
    help="慈善资金与补助发放的可核查账本。 A ledger for charity funds and subsidies that anyone can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback()(before_command)
FAMILIES = (
    *(opening, keys, files, vouchers, listing, approving, periods, people, books, one_voucher, money),
    *(payments, doubts, red_flags, sheets, figures, summary, three_way, banking),
    *(evidence, checking, demonstration),
    *(safety, copies, serving, access, hooks, mirroring),
)
for family in FAMILIES:
    app.add_typer(family.commands)


def main() -> None:
    """Run the program; text goes out as UTF-8 whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    collect_seldom()
    app()
