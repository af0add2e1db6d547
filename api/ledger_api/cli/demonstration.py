"""`demo`: one month of an invented county, from its offices' files to a package that a stranger accepts."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger.log import reading
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, line
from ledger_api.demo import figures
from ledger_api.demo.run import County, build
from ledger_audit.verifier.__main__ import main as ledger_verify

commands = typer.Typer()


@command(commands, "demo")
def demo(
    desk: Desk,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="空目录。 An empty directory.")],
) -> None:
    """演示:示例县 2025 年 9 月。 One month of an invented county."""
    line(desk.text("示例县 2025 年 9 月:全部人名、单位、账号均为虚构。", "An invented county, September 2025."))
    county = build(folder, line)
    explained = figures.match(county)
    line(f"6. 银行对账:{explained} 行流水与账上业务逐笔核对一致;其余列为未达")
    figures.tell(county)
    holds = _verified(county)
    county.book.close()
    _next_steps(folder, county)
    if not holds:
        raise typer.Exit(DOES_NOT_HOLD)


def _verified(county: County) -> bool:
    package = figures.package(county)
    with county.book.store.read() as connection:
        newest = reading.checkpoint(connection)
    if newest is not None:
        (county.folder / "state" / "checkpoint.note").write_text(newest.note, encoding="utf-8")
    line(f"8. 检查包已写出:{package};用不依赖本软件的 ledger-verify 核对:")
    state = county.folder / "state"
    return ledger_verify([str(package), "--key", county.operator.vkey, "--state", str(state), "--lang", "zh"]) == 0


def _next_steps(folder: Path, county: County) -> None:
    book, programs = folder / "book", _where_programs_are()
    line("")
    line("接下来可以试: / What to try next:")
    for step in (
        f"{programs}charity-ledger balances --book {book}",
        f"{programs}charity-ledger trail fund:aixin-zhuxue --book {book}",
        f"{programs}charity-ledger recoveries --book {book}",
        f"{programs}charity-ledger verify --book {book}",
        f"{programs}ledger-verify {folder / 'package'} --key '{county.operator.vkey}'",
    ):
        line("  " + step)
    line("改动检查包里任何一个字节,再运行最后一条,看它指出哪一张凭证。")
    line("Change any byte in the package and run the last one again: it names the voucher.")


def _where_programs_are() -> str:
    """Nothing when the shell finds the programs by their names; else the folder to type before them, such as
    `.venv/bin/`.
    """
    if shutil.which("charity-ledger") is not None:
        return ""
    folder = Path(sys.executable).parent
    here = Path.cwd()
    return f"{folder.relative_to(here) if folder.is_relative_to(here) else folder}/"
