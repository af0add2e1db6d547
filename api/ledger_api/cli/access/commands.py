"""`access login | reset | lock | key | keys | duties | root`: ways in for people and supervisors, set up on the spot.

These act with the operator's key, like a locksmith; none of them can sign a voucher.
"""

from datetime import timedelta
from typing import Annotated, Final

import typer

from ledger.application.drafting import draft, draft_event
from ledger.errors import InputError
from ledger.values.dates import parse_day, timestamp_text, unix_text
from ledger.vault.access_root import access_root
from ledger_api.access.duties import DUTIES, OPERATOR
from ledger_api.access.reading_keys import ReadingKey, Wanted
from ledger_api.cli.access.hall import hall
from ledger_api.cli.desk import Desk
from ledger_api.cli.opening import WHOLE_BOOK
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import post
from ledger_api.cli.output import line, table, write_json

access = typer.Typer(help="登录、只读密钥、三员。 Logins, read-only keys, duties.")
keys = typer.Typer(help="只读密钥。 Read-only keys.")
access.add_typer(keys, name="key")
commands = typer.Typer()
commands.add_typer(access, name="access")

OfficerArgument = Annotated[str, typer.Argument(metavar="OFFICER", help="本人在账内的编号。 One's id in the book.")]
ROOTED: Final = "book.access_rooted"
SETTLED: Final = timedelta(minutes=5)
"""How long after midnight a day is over: a reading of its last second may still be waiting for the writer's lock."""


@command(access, "login")
def login(desk: Desk, officer: OfficerArgument) -> None:
    """为某人开通登录,初始口令只显示这一次。 Give a person a login; the first password is shown this once."""
    with hall(desk) as found:
        found.require_officer(officer)
        if any(one.officer == officer for one in found.access.logins.states()):
            raise InputError("E_LOGIN_EXISTS", officer=officer)
        _say_password(desk, officer, found.access.logins.give(officer, OPERATOR, found.now))


@command(access, "reset")
def reset(desk: Desk, officer: OfficerArgument) -> None:
    """重置口令和动态码,会话全部结束。 A new first password, no second factor; every session ends."""
    with hall(desk) as found:
        if all(one.officer != officer for one in found.access.logins.states()):
            raise InputError("E_LOGIN_UNKNOWN", officer=officer)
        _say_password(desk, officer, found.access.logins.give(officer, OPERATOR, found.now))


def _say_password(desk: Desk, officer: str, password: str) -> None:
    if desk.as_json:
        write_json({"officer": officer, "password": password})
        return
    line(password)
    zh = f"{officer} 的初始口令如上,只显示这一次;首次登录须设动态码并另设口令。"
    en = f"{officer}'s first password, shown this once; the first sign-in sets a second factor and another password."
    line(desk.text(zh, en), err=True)


@command(access, "lock")
def lock(
    desk: Desk,
    officer: OfficerArgument,
    unlock: Annotated[bool, typer.Option("--unlock", help="重新启用。 Let the person in again.")] = False,
) -> None:
    """停用某人的登录,会话全部结束。 Lock a login; every session ends."""
    with hall(desk) as found:
        found.access.logins.lock(officer, OPERATOR, found.now, locked=not unlock)
        states = found.access.logins.states()
    if desk.as_json:
        write_json({"logins": [one._asdict() for one in states]})
        return
    titles = (desk.text("人员", "person"), desk.text("停用", "locked"), desk.text("动态码", "second factor"))
    table(titles, [(one.officer, _mark(one.locked), _mark(one.second_factor)) for one in states])


def _mark(value: bool) -> str:
    return "✓" if value else ""


@command(access, "keys")
def list_keys(desk: Desk) -> None:
    """列出只读密钥。 List the read-only keys."""
    with hall(desk) as found:
        _show_keys(desk, found.access.reading_keys.all())


@command(keys, "new")
def new_key(
    desk: Desk,
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="谁用、做什么。 Whose, and what for.")],
    permission: Annotated[
        list[str], typer.Option("--permission", metavar="WORD", help="books、export、mirror,可写多次。 Repeatable.")
    ],
    entity: Annotated[
        list[str] | None, typer.Option("--entity", metavar="ENTITY", help="限于哪些主体。 These entities only.")
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option("--address", metavar="IP", help="限于哪些地址或网段。 From these addresses only."),
    ] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", help="有效天数,至多 400。 How long it counts.")] = 365,
) -> None:
    """新建只读密钥,只显示这一次。 Make a read-only key; it is shown this once."""
    wanted = Wanted(label, permission, entity or (), address or (), days)
    with hall(desk) as found:
        wanted.check(sorted(found.authority.entities))
        with found.book.store.write() as connection:
            shown, made = found.access.reading_keys.make(connection, wanted, OPERATOR, found.now)
    if desk.as_json:
        write_json({"id": made.id, "key": shown, "expires_on": _day(made.expires_at)})
        return
    line(shown)
    until = _day(made.expires_at)
    line(desk.text(f"只显示这一次,{until} 到期。", f"Shown this once; it counts until {until}."), err=True)


@command(keys, "revoke")
def revoke_key(
    desk: Desk, read_key: Annotated[str, typer.Argument(metavar="ID", help="密钥编号。 The key's id.")]
) -> None:
    """吊销只读密钥,立即生效。 Revoke a read-only key at once."""
    with hall(desk) as found:
        _show_keys(desk, [found.access.reading_keys.revoke(read_key, OPERATOR, found.now)])


def _show_keys(desk: Desk, found: list[ReadingKey]) -> None:
    titles = ("id", desk.text("用途", "label"), desk.text("权限", "permissions"), desk.text("主体", "entities"))
    more = (desk.text("到期", "until"), desk.text("吊销", "revoked"), desk.text("最近使用", "last used"))
    rows = [
        (
            *(one.id, one.label, ", ".join(one.permissions), ", ".join(one.entities) or "*"),
            *(_day(one.expires_at), _day(one.revoked_at), _day(one.used_at)),
        )
        for one in found
    ]
    names = ("id", "label", "permissions", "entities", "expires_on", "revoked_on", "used_on")
    if desk.as_json:
        write_json({"keys": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table((*titles, *more), rows)


def _day(at: int | None) -> str | None:
    return None if at is None else unix_text(at)[:10]


@command(access, "duties")
def duties(
    desk: Desk,
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name", metavar="DUTY=OFFICER", help="指定 system、security 或 audit。 Name a person for a duty."
        ),
    ] = None,
) -> None:
    """显示或指定三员:系统、安全、审计各一人。 Show or name the three administrations."""
    with hall(desk) as found:
        for one in name or ():
            duty, _, officer = one.partition("=")
            found.access.duties.name(found.authority, duty, officer, found.now)
        held = found.access.duties.held()
    if desk.as_json:
        write_json({"duties": {duty: held.get(duty) for duty in DUTIES}})
        return
    words = {"system": "系统管理员", "security": "安全管理员", "audit": "审计管理员"}
    rows = [(duty, desk.text(words[duty], duty), held.get(duty)) for duty in DUTIES]
    table((desk.text("职责", "duty"), "", desk.text("人员", "person")), rows)


@command(access, "root")
def root(
    desk: Desk,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DAY", help="哪一天的查阅记录,默认昨天。 Which day; else yesterday.")
    ] = None,
) -> None:
    """由程序密钥把一天的查阅记录的根签入账本。 Bind a day's access log to the book, signed by a machine's key."""
    with desk.session() as session:
        today = parse_day(timestamp_text(session.now() - SETTLED)[:10])
        bound = today - timedelta(days=1) if day is None else parse_day(day)
        if bound >= today:
            raise InputError("E_ACCESS_DAY_OPEN", day=str(bound), today=str(today))
        with session.book.store.read() as connection:
            found = access_root(connection, bound)
        values = {"day": bound.isoformat(), "count": found.rows, "root": found.root}
        event = draft_event(ROOTED, values)
        post(desk, session, [draft(session.signer(), WHOLE_BOOK, session.today(), [event], session.now())])
