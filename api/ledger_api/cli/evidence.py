"""`proof`, `checkpoint`, `export package|events|journal`: what leaves the house so that others can check it, and what
comes back from a witness.
"""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer

from ledger.errors import InputError
from ledger.values.dates import timestamp_text, unix_text
from ledger_api.asking import day_of, position_of
from ledger_api.books import Book
from ledger_api.cli.desk import Desk, operator_of
from ledger_api.cli.options import command
from ledger_api.cli.output import line, progress, write_json
from ledger_api.cli.readers.answers import AsOfOption, AtOption
from ledger_api.clients import moment
from ledger_api.given_files import given_text
from ledger_api.new_files import into_new
from ledger_api.rotations import signer_of

export = typer.Typer(help="导出。 Export.")
commands = typer.Typer()
commands.add_typer(export, name="export")

OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="写入的文件;不写则输出到屏幕。 The file to write.")
]


@command(commands, "proof")
def proof(
    desk: Desk,
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="事件的序号。 The event's position.")],
    output: OutputOption = None,
) -> None:
    """取出一个事件的存证文件,可脱机核验。 The proof of an event as a file that verifies offline."""
    from ledger_audit.event_proofs import check_event_proof, event_proof

    with desk.book() as book, book.store.read() as connection:
        found, now = event_proof(connection, position), vkey_of(book)
        check_event_proof(found, lambda size: signer_of(connection, size, now))
    data = orjson.dumps(found, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    if output is None:
        sys.stdout.write(data.decode())
        return
    into_new(output, lambda file: file.write(data))
    _written(desk, output, bytes=len(data), position=position)


@command(commands, "checkpoint")
def checkpoint(
    desk: Desk,
    cosigned: Annotated[
        Path | None,
        typer.Option("--cosigned", metavar="FILE", help="收下见证方签过的检查点。 Take in what a witness signed."),
    ] = None,
    witness: Annotated[
        str | None, typer.Option("--witness", metavar="VKEY", help="见证方公布的公钥。 The witness's published key.")
    ] = None,
) -> None:
    """显示最新的检查点,或收下见证方的签名。 The newest checkpoint, signed; or take a witness's line in."""
    from ledger_audit.notes import newest_note

    if cosigned is not None or witness is not None:
        _take_in(desk, cosigned, witness)
        return
    with desk.book() as book, book.store.read() as connection:
        _, note = newest_note(connection)
        key = vkey_of(book)
    if desk.as_json:
        write_json({"note": note, "vkey": key})
    else:
        sys.stdout.write(note)


def _take_in(desk: Desk, cosigned: Path | None, witness: str | None) -> None:
    from ledger_api.keeping.witnessing import take_in

    if cosigned is None or witness is None:
        raise InputError("E_COSIGNED_OPTIONS")
    text = given_text(cosigned)
    with desk.book() as book:
        found = take_in(book, text, witness, moment(book.clock))
    seen_at = unix_text(found.time)
    if desk.as_json:
        write_json({"witness": found.name, "size": found.size, "seen_at": seen_at})
    else:
        zh = f"{found.name} 于 {seen_at} 见证了 {found.size} 张凭证的检查点,已收下"
        line(desk.text(zh, f"{found.name} witnessed the checkpoint of {found.size} vouchers at {seen_at}: taken in"))


def vkey_of(book: Book) -> str:
    """The operator's published key, as the log names it now."""
    from ledger_api.keeping.operator import published_key

    return published_key(book.store).vkey


def _written(desk: Desk, path: Path, **numbers: int) -> None:
    if desk.as_json:
        write_json({"file": str(path), **numbers})
    else:
        line(desk.text(f"已写入 {path}", f"written: {path}"))


@command(export, "package")
def package(
    desk: Desk,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="新的目录,或 .zip 文件。 A new folder, or a .zip.")],
) -> None:
    """导出检查包,由运行密钥签名。 The inspection package, signed by the operator."""
    from ledger_audit.packages import export_package

    with desk.book() as book:
        operator = operator_of(desk, book)
        now = timestamp_text(moment(book.clock))
        with book.store.read() as connection, progress(desk.text("导出", "exporting")) as step:
            made = export_package(connection, operator, target, now, step)
        _note_export(book, "export.package", str(target), now)
    if desk.as_json:
        answer = {"package": str(made.path), "origin": made.origin, "size": made.size, "position": made.position}
        write_json({**answer, "lines": made.lines, "vkey": operator.vkey})
        return
    zh = f"检查包 {made.path}:凭证 1 至 {made.size},序号 1 至 {made.position}"
    line(desk.text(zh, f"package {made.path}: vouchers 1 to {made.size}, positions 1 to {made.position}"))
    line(desk.text("核验:", "check it: ") + f"ledger-verify {made.path} --key {operator.vkey}")


def _note_export(book: Book, action: str, subject: str, now: str) -> None:
    """An export is written down: when, what, whither, and under whose account on this machine."""
    from ledger.vault.trail import note

    actor = os.environ.get("USER") or os.environ.get("LOGNAME") or "-"
    with book.store.write(beside=True) as connection:
        note(connection, now, actor, action, subject)


@command(export, "events")
def events(
    desk: Desk,
    output: Annotated[Path, typer.Argument(metavar="FILE", help="写入的文件。 The file to write.")],
    first: Annotated[int, typer.Option("--from", min=1, metavar="POSITION", help="从哪个序号起。 From here on.")] = 1,
    *,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="本机没有运行密钥:不签名。 Without the operator's key.")
    ] = False,
) -> None:
    """导出事件(JSON Lines),由运行密钥签名。 The events as JSON Lines, signed by the operator."""
    from ledger_audit.events_export import export_events

    with desk.book() as book:
        operator = None if unsigned or book.settings.mirror else operator_of(desk, book)
        with book.store.read() as connection, progress(desk.text("导出", "exporting")) as step:
            trailer = into_new(output, lambda file: export_events(connection, file, operator, first=first, step=step))
        _note_export(book, "export.events", str(output), timestamp_text(moment(book.clock)))
    _written(desk, output, count=trailer["count"])


@command(export, "journal")
def journal(
    desk: Desk,
    output: Annotated[Path, typer.Argument(metavar="FILE", help="写入的文件。 The file to write.")],
    kind: Annotated[
        str, typer.Option("--format", metavar="beancount|hledger", help="给哪个软件读。 For which program.")
    ] = "beancount",
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """导出日记账,供其他记账软件独立核对。 The journal for other accounting programs to check."""
    from ledger_audit.journals import FORMATS, export_journal

    if kind not in FORMATS:
        raise InputError("E_JOURNAL_FORMAT", value=kind, formats=", ".join(FORMATS))
    with desk.book() as book:
        with book.store.read() as connection:
            until, position = day_of(as_of), position_of(connection, at)
            write = partial(export_journal, connection, as_of=until, at=position)
            count = into_new(output, lambda file: write(file, book.origin, FORMATS[kind], desk.language))
        _note_export(book, "export.journal", str(output), timestamp_text(moment(book.clock)))
    _written(desk, output, transactions=count)
