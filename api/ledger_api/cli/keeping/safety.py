"""`doctor`, `upgrade`, `roles`: is the book kept safely, has it the tables of today, and who may do what in it."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import InputError
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, line, table, write_json

if TYPE_CHECKING:
    from ledger_api.keeping.doctor import Serving

commands = typer.Typer()


SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="设置文件,默认账套目录的 serve.toml;没有账套即只查它。 The settings; without a book, alone.",
    ),
]


@command(commands, "doctor")
def doctor(desk: Desk, settings: SettingsOption = None) -> None:
    """检查账套是否保管得安全:数据库设置、触发器、权限、空间、时钟。 Read every safety setting back."""
    from ledger_api.keeping.doctor import examine, served

    if settings is not None and desk.directory is None:
        checks = list(served(_as_served(settings)))
    else:
        serving = _as_served(settings) if settings is not None else _beside(desk.where())
        with desk.book() as book:
            checks = examine(book, serving)
    failed = [one for one in checks if not one.holds]
    if desk.as_json:
        write_json({"ok": not failed, "checks": [one.to_json(desk.language) for one in checks]})
    else:
        titles = [("项目", "what"), ("查到", "found"), ("应为", "wanted"), ("结果", "result")]
        good, bad = desk.text("好", "good"), desk.text("不安全", "unsafe")
        rows = [(one.what(desk.language), *one.shown(desk.language)[1:], good if one.holds else bad) for one in checks]
        table([desk.text(*title) for title in titles], rows, folded=(0, 1, 2))
        for one in failed:
            line(f"[{one.code}] {one.message(desk.language)}")
        zh, en = f"检查 {len(checks)} 项,不安全 {len(failed)} 项", f"{len(checks)} checks, {len(failed)} unsafe"
        line(desk.text(zh, en))
    if failed:
        raise typer.Exit(DOES_NOT_HOLD)


def _as_served(file: Path) -> "Serving":
    """The files that settings name, of which `serve` could be started. Raises what `serve` says of others."""
    from ledger_api.http.running.server import tls_of
    from ledger_api.http.running.settings import read_serve_settings
    from ledger_api.keeping.doctor import Serving

    found = read_serve_settings(file, needed=True, given={})
    if found.certificate is not None:
        tls_of(found)
    return Serving(file, None if found.certificate_key is None else Path(found.certificate_key))


def _beside(book: Path) -> "Serving":
    """The same of the book's own settings, which nobody asked for: `serve` says itself what it cannot read."""
    from ledger_api.http.running.settings import FILE, read_serve_settings
    from ledger_api.keeping.doctor import Serving

    file, key = book / FILE, None
    with suppress(InputError):
        key = read_serve_settings(file, needed=False, given={}).certificate_key
    return Serving(file, None if key is None else Path(key))


@command(commands, "upgrade")
def upgrade(desk: Desk) -> None:
    """给旧账套补上新版本的附表;账里的内容不动。 Add the side tables of today to an older book."""
    from ledger.log.keeping.upgrading import upgrade as add_tables
    from ledger.values.dates import timestamp_text
    from ledger_api.clients import moment

    with desk.book() as book, book.store.write(beside=True) as connection:
        added = add_tables(connection, timestamp_text(moment(book.clock)))
    if desk.as_json:
        write_json({"added": added})
    elif added:
        line(desk.text(f"已补上:{'、'.join(added)}", f"added: {', '.join(added)}"))
    else:
        line(desk.text("已是最新,不需要升级", "up to date, nothing was added"))


@command(commands, "roles")
def roles(
    desk: Desk,
    owner: Annotated[str, typer.Option("--owner", metavar="ROLE", help="表的拥有者。 Who owns the tables.")],
    application: Annotated[str, typer.Option("--application", metavar="ROLE", help="程序用的。 Who works with them.")],
    reader: Annotated[str, typer.Option("--reader", metavar="ROLE", help="只读的。 Who only reads.")],
    apply: Annotated[bool, typer.Option("--apply", help="执行;不写则只输出 SQL。 Run it; else it is printed.")] = False,
) -> None:
    """PostgreSQL 的三个角色:拥有者、应用、只读。 The three roles of a book on PostgreSQL."""
    from ledger.log.keeping.roles import Roles, apply_roles, others, role_statements

    names, left = Roles(owner, application, reader), list[str]()
    with desk.book() as book:
        statements = role_statements(names, str(book.store.engine.url.database))
        if apply:
            with book.store.write(beside=True) as connection:
                apply_roles(connection, names)
                left = others(connection, [owner, application, reader])
    if desk.as_json:
        write_json({"applied": apply, "statements": statements, "others": left})
    elif apply:
        zh = "已设好三个角色;请为它们设口令,并把 book.toml 的数据库地址改为应用角色"
        line(desk.text(zh, "done; give each a password and let book.toml name the application role"))
        for name in left:
            zh = f"角色 {name} 仍可写账本的表;不再用它的,请运行 REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name};"
            en = f"{name} may still write the log's tables; run REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name};"
            line(desk.text(zh, f"{en} if it is used no more"))
    else:
        for statement in statements:
            line(statement + ";")
