"""`demo`: a month of an invented county, or its whole year, from its offices' files to a package that a stranger
accepts.
"""

import shutil
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ledger.errors import InputError
from ledger.log import reading
from ledger.log.appending import read_head
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, line, progress, table

if TYPE_CHECKING:
    from ledger_api.demo.run import County

commands = typer.Typer()

_SMALLEST: Final = Decimal("0.005")
_LARGEST: Final = Decimal(4)
_SEED_MAX: Final = 2**63 - 1


@command(commands, "demo")
def demo(
    desk: Desk,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="空目录。 An empty directory.")],
    whole_year: Annotated[
        bool, typer.Option("--year", help="2024 全年的救助与慈善。 Relief and charity of a whole year, 2024.")
    ] = False,
    scale: Annotated[
        str, typer.Option("--scale", metavar="X", help="--year 的规模,1 为全县。 How large; 1 is a whole county.")
    ] = "0.02",
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=_SEED_MAX, help="--year 的随机种子。 Its seed.")
    ] = 1,
    dirt: Annotated[
        int, typer.Option("--dirt", metavar="N", min=0, help="约每 N 行有一行不规范。 About one row in N is untidy.")
    ] = 20,
) -> None:
    """演示:示例县 2025 年 9 月;加 --year 为 2024 全年。 A month of an invented county, or its whole year."""
    if whole_year:
        _year(desk, folder, _scale(scale), seed, dirt)
    else:
        _month(desk, folder)


def _month(desk: Desk, folder: Path) -> None:
    from ledger_api.demo import figures
    from ledger_api.demo.run import build

    line(desk.text("示例县 2025 年 9 月:全部人名、单位、账号均为虚构。", "An invented county, September 2025."))
    county = build(folder, line)
    explained = figures.match(county)
    line(f"6. 银行对账:{explained} 行流水与账上业务逐笔核对一致;其余列为未达")
    figures.tell(county)
    holds = _verified(county, 8)
    county.book.close()
    _next_steps(folder, county, "trail fund:aixin-zhuxue", "recoveries")
    if not holds:
        raise typer.Exit(DOES_NOT_HOLD)


def _scale(text: str) -> Decimal:
    """A size between a hamlet and four counties; E_DEMO_SCALE for anything else."""
    try:
        scale = Decimal(text)
    except InvalidOperation:
        scale = Decimal()
    if not scale.is_finite() or not _SMALLEST <= scale <= _LARGEST:
        raise InputError("E_DEMO_SCALE", value=text, smallest=_SMALLEST, largest=_LARGEST)
    return scale


def _year(desk: Desk, folder: Path, scale: Decimal, seed: int, dirt: int) -> None:
    """The year, its control totals, and the package that a stranger verifies."""
    from ledger_api.demo.year.control import controls
    from ledger_api.demo.year.plants.control import refused
    from ledger_api.demo.year.play import play, prepared
    from ledger_api.demo.year.targets import MONTHS
    from ledger_api.demo.year.telling import sentences
    from ledger_projections.registry import catch_up

    told = f"规模 {scale},种子 {seed},约每 {dirt} 行有一行不规范" if dirt else f"规模 {scale},种子 {seed}"
    line(
        desk.text(
            "示例县 2024 年困难群众救助与慈善:全部人名、账号均为虚构。",
            "An invented county, 2024.",
        )
    )
    line(f"1. 造出全年的花名册、代发文件、一次性发放表、捐赠与银行文件、各种台账({told}),再逐月导入")
    year = prepared(folder, scale, seed, dirt)
    with progress(desk.text("月份", "months")) as step:
        play(year, line, step)
    catch_up(year.county.book.store)
    with year.county.book.store.read() as connection:
        head, found = read_head(connection), [*controls(connection, year.made), *refused(year.refusals)]
        told_year = list(sentences(connection))
    line(f"2. 账上的数与造册时的控制数逐项核对(依据序号 1 至 {head.position},共 {head.number} 张凭证)")
    titles = desk.text("项目 数 控制数 账上 相符", "programme figure made book equal").split(" ")
    table(titles, [(one.programme, one.what, *one.shown(), "√" if one.holds else "×") for one in found])
    line("3. 一年的数,逐句说(figures 给出每个数的口径)")
    for sentence in told_year:
        line(sentence)
    for trouble in year.troubles:
        line(trouble, err=True)
    verified = _verified(year.county, 4)
    year.county.book.close()
    _next_steps(folder, year.county, "figures", f"subsidies --month {MONTHS[-1]} --rosters")
    if not verified or year.troubles or not all(one.holds for one in found):
        raise typer.Exit(DOES_NOT_HOLD)


def _verified(county: "County", step: int) -> bool:
    """Write the package and have the stranger's program judge it."""
    from ledger_api.demo import figures
    from ledger_audit.verifier.__main__ import main as ledger_verify

    package = figures.package(county)
    with county.book.store.read() as connection:
        newest = reading.checkpoint(connection)
    if newest is not None:
        (county.folder / "state" / "checkpoint.note").write_text(newest.note, encoding="utf-8")
    line(f"{step}. 检查包已写出:{package};用不依赖本软件的 ledger-verify 核对:")
    state = county.folder / "state"
    return ledger_verify([str(package), "--key", county.operator.vkey, "--state", str(state), "--lang", "zh"]) == 0


def _next_steps(folder: Path, county: "County", *readers: str) -> None:
    book, programs = folder / "book", _where_programs_are()
    line("")
    line("接下来可以试: / What to try next:")
    for step in (
        f"{programs}charity-ledger balances --book {book}",
        *(f"{programs}charity-ledger {reader} --book {book}" for reader in readers),
        f"{programs}charity-ledger verify --book {book}",
        f"{programs}ledger-verify {folder / 'package'} --key '{county.operator.vkey}'",
    ):
        line("  " + step)
    line("改动检查包里任何一个字节,再运行最后一条,看它指出哪一张凭证或哪一个文件。")
    line("Change any byte in the package and run the last one again: it names the voucher or the file.")


def _where_programs_are() -> str:
    """Nothing when the shell finds the programs by their names; else the folder to type before them, such as
    `.venv/bin/`.
    """
    if shutil.which("charity-ledger") is not None:
        return ""
    folder = Path(sys.executable).parent
    here = Path.cwd()
    return f"{folder.relative_to(here) if folder.is_relative_to(here) else folder}/"
