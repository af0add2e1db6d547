"""`doctor`, `upgrade`, `roles`: is the book kept safely, has it the tables of today, and who may do what in it."""

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, line, table, write_json

commands = typer.Typer()


@command(commands, "doctor")
def doctor(desk: Desk) -> None:
    """检查账套是否保管得安全:数据库设置、触发器、权限、空间、时钟。 Read every safety setting back."""
    from ledger_api.keeping.doctor import examine

    with desk.book() as book:
        checks = examine(book)
    failed = [one for one in checks if not one.holds]
    if desk.as_json:
        write_json({"ok": not failed, "checks": [one.to_json(desk.language) for one in checks]})
    else:
        titles = [("项目", "what"), ("查到", "found"), ("应为", "wanted"), ("结果", "result")]
        good, bad = desk.text("好", "good"), desk.text("不安全", "unsafe")
        rows = [(one.name, one.found, one.wanted, good if one.holds else bad) for one in checks]
        table([desk.text(*title) for title in titles], rows)
        for one in failed:
            line(f"[{one.code}] {one.message(desk.language)}")
        zh, en = f"检查 {len(checks)} 项,不安全 {len(failed)} 项", f"{len(checks)} checks, {len(failed)} unsafe"
        line(desk.text(zh, en))
    if failed:
        raise typer.Exit(DOES_NOT_HOLD)
