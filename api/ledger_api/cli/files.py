"""`template` and `import`: the offices' files, out and in."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ledger.catalogue import remark_class, say
from ledger_api.cli.desk import Desk
from ledger_api.cli.exclusions import write_exclusions
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import capacity_name
from ledger_api.cli.output import NOTHING_DONE, line, progress, table, write_json, yuan

if TYPE_CHECKING:
    from ledger.application.importing.rows import Note, WrongCell
    from ledger.application.proposing.reports import FileReport, ImportReport

commands = typer.Typer()

_SHOWN: Final = 50
"""Remarks and wrong cells of a file that a screen shows."""
KindOption = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="文件种类。 What kind of file.")]


@command(commands, "template")
def template(
    desk: Desk,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="文件种类,或 exclusions。 The kind of file, or exclusions.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="要写的文件。 The file to write.")],
) -> None:
    """写出空白表(Excel),或待核对的互斥规则凭证。 Write an empty form, or a voucher of what excludes what."""
    from ledger.application.importing.templates import write_template

    if kind == "exclusions":
        write_exclusions(desk, file)
        return
    write_template(kind, file)
    if desk.as_json:
        write_json({"kind": kind, "file": str(file)})
        return
    line(desk.text(f"已写出 {file}", f"Wrote {file}"))


@command(commands, "import")
def import_files(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    desk: Desk,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="要导入的文件。 The files.")],
    kind: KindOption = None,
    entity: Annotated[str | None, typer.Option("--entity", metavar="E", help="会计主体。 Whose books.")] = None,
    fund: Annotated[str | None, typer.Option("--fund", metavar="FUND", help="基金。 Into which fund.")] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="A", help="账户。 Which account.")] = None,
    programme: Annotated[
        str | None, typer.Option("--programme", metavar="P", help="救助项目。 Which programme.")
    ] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="所属月份。 Which month.")] = None,
    batch: Annotated[str, typer.Option("--batch", metavar="NN", help="发放批次号。 Which batch.")] = "01",
    without_roster: Annotated[
        bool, typer.Option("--without-roster", help="回盘没有花名册。 Results that have no roster.")
    ] = False,
    absences_known: Annotated[
        bool, typer.Option("--absences-known", help="缺席的户已核实。 The missing households are known.")
    ] = False,
    changes: Annotated[
        bool, typer.Option("--changes", help="逐行列出名册的新增和变动。 Each new or changed row of a roster.")
    ] = False,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="凭证备注。 The vouchers' note.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只查看,不写入。 Look, write nothing.")] = False,
) -> None:
    """导入文件:登记表、流水、花名册、回盘等。 Import the offices' files."""
    from ledger.application.importing.ahead import reading_beside
    from ledger.application.proposing.context import Context, Options
    from ledger.application.proposing.importer import Importer

    with desk.session() as session:
        options = Options(
            session.officer,
            session.today(),
            entity=entity,
            fund=fund,
            account=account,
            programme=programme,
            month=month,
            batch_no=batch,
            without_roster=without_roster,
            absences_known=absences_known,
            note=note,
        )
        context = Context(session.book.store, session.book.vault, options)
        with progress(desk.text("导入", "importing")) as step, reading_beside(files, kind, month=month) as read:
            importer = Importer(
                session.writer,
                context,
                session.signer,
                dry_run=dry_run,
                progress=lambda _file, done, total: step(done, total),
                read=read,
            )
            report = importer.add_all(files, kind)
        for receipt in report.vouchers:
            session.client.believe(receipt, session.vkey)
    if desk.as_json:
        write_json(report.to_json(desk.language))
    else:
        _show(desk, report, changes=changes)
    if any(one.wrong or one.refused for one in report.files):
        raise typer.Exit(NOTHING_DONE)


def _show(desk: Desk, report: "ImportReport", *, changes: bool) -> None:
    from ledger.application.proposing.reports import whole_first

    if report.dry_run:
        line(desk.text("只查看,不写入:", "looked at only, nothing is written:"))
    kept_back = any(one.held for one in report.files)
    titles = (
        ("文件", "种类", "新", "重复", "仅佐证", *(("待登记",) if kept_back else ()), "有误")
        if desk.language == "zh"
        else ("file", "kind", "new", "duplicate", "evidence only", *(("held",) if kept_back else ()), "wrong")
    )
    table(titles, [_row(one, desk.language, held=kept_back) for one in report.files])
    for one in report.files:
        if one.refused is not None:
            line(f"{one.file}: {one.refused.code} {one.refused.message(desk.language)}", err=True)
        _tell(desk, whole_first(_of_class(one, "act")), err=False)
        if changes:
            _tell(desk, _of_class(one, "change"), err=False, most=None)
        if one.findings:
            line(_wants(desk, report, len(one.findings)))
            _tell(desk, one.findings, err=False, placed=True)
        _tell(desk, one.wrong, err=True)
    for receipt in report.vouchers:
        number = f" {receipt.voucher_no}" if receipt.voucher_no else ""
        line(desk.text(f"已入账:存证号 {receipt.number}{number}", f"posted: voucher {receipt.number}{number}"))
    for held in report.pending:
        who = "、".join(capacity_name(desk, capacity) for capacity in held.missing)
        line(
            desk.text(
                f"待签字({who}):{held.voucher} {yuan(held.amount_fen)} 元",
                f"waits for {who}: {held.voucher} {yuan(held.amount_fen)} yuan",
            )
        )


def _of_class(one: "FileReport", wanted: str) -> "list[Note]":
    """A file's remarks of a class: what somebody must look at is told, and each new or changed row of a roster by
    `--changes`; what the reader does as it always does stands in `--json`.
    """
    return [note for note in one.notes if remark_class(note.code) == wanted]


def _wants(desk: Desk, report: "ImportReport", count: int) -> str:
    """What comes before the facts that break a rule."""
    zh = (
        "将按文件入账,说明写入凭证备注,另需一人签字" if report.dry_run else "已按文件入账,说明写入凭证备注,另需一人签字"
    )
    en = "recorded as the file has it, explained in the voucher's note, and signed by a second person"
    return desk.text(f"所记事实与规则不符 {count} 处,{zh}:", f"facts that break a rule, {en}: {count}")


def _tell(
    desk: Desk, told: "Sequence[Note | WrongCell]", *, err: bool, most: int | None = _SHOWN, placed: bool = False
) -> None:
    """Remarks or wrong cells line by line, `placed` with their place in front, as is a row's whose sentence does not
    say where it stands; at most so many.
    """
    for one in told[:most]:
        said, where = one.message(desk.language), one.place.text(desk.language)
        unsaid = placed or (one.place.row > 0 and where not in said)
        place = desk.text(f"{where}:", f"{where}: ") if unsaid else ""
        line(f"{one.code} {place}{said}", err=err)
    if most is not None and len(told) > most:
        more = len(told) - most
        line(desk.text(f"……另有 {more} 处,见 --json", f"... and {more} more, see --json"), err=err)


def _row(one: "FileReport", language: str, *, held: bool) -> tuple[object, ...]:
    from ledger.application.importing.kinds.registry import KINDS

    name = KINDS[one.kind].title_zh if language == "zh" and one.kind in KINDS else one.kind
    wrong = say("W_FILE_REFUSED", language) if one.refused is not None else one.wrong_rows
    return one.file, name, one.new, one.duplicate, one.noted, *((len(one.held),) if held else ()), wrong
