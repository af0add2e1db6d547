"""`hooks add | list | show | pause | rotate | remove | test`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import BusyError
from ledger.values.dates import unix_text
from ledger_api.access.duties import OPERATOR
from ledger_api.cli.access.hall import Hall, hall
from ledger_api.cli.desk import Desk, operator_of
from ledger_api.cli.options import command
from ledger_api.cli.output import line, table, write_json

if TYPE_CHECKING:
    from ledger_api.hooks.delivering import Policy
    from ledger_api.hooks.registry import Hook, Hooks

hooks = typer.Typer(help="网络通知。 Web hooks.")
commands = typer.Typer()
commands.add_typer(hooks, name="hooks")

HookArgument = Annotated[str, typer.Argument(metavar="ID", help="通知的编号。 The hook's id.")]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="设置文件,默认账套目录的 serve.toml。 The settings file."),
]


@dataclass(frozen=True, slots=True)
class Board:
    """The hooks of the book before whoever holds the operator's key."""

    hall: Hall
    hooks: "Hooks"

    @property
    def now(self) -> int:
        """Unix time in seconds."""
        return self.hall.now


@contextmanager
def board(desk: Desk) -> Iterator[Board]:
    """Open the hooks of the book."""
    from ledger_api.hooks.registry import Hooks

    with hall(desk) as found:
        yield Board(found, Hooks(found.book.store, operator_of(desk, found.book)))


@command(hooks, "add")
def add(
    desk: Desk,
    url: Annotated[str, typer.Argument(metavar="URL", help="接收方的地址,https://。 The receiver's address.")],
    entity: Annotated[
        list[str] | None, typer.Option("--entity", metavar="ENTITY", help="限于哪些主体。 These entities only.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="限于哪些业务。 These kinds of events only.")
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """登记一个通知,从此刻起的新凭证都会告知。 Tell an address of every voucher that is posted from now on."""
    from ledger_api.hooks.addresses import target_of

    target_of(url, _policy(desk, settings).manners.reach)
    with board(desk) as found:
        known = sorted(found.hall.authority.entities)
        _show(desk, [found.hooks.add(url, entity or (), kind or (), known, OPERATOR, found.now)])


@command(hooks, "list")
def list_hooks(desk: Desk) -> None:
    """列出通知和各自的进展。 List the hooks and how each stands."""
    with board(desk) as found:
        _show(desk, found.hooks.all(found.now))


@command(hooks, "show")
def show(desk: Desk, hook: HookArgument) -> None:
    """显示一个通知和验证它用的公钥。 Show a hook and the keys that its messages are verified with."""
    with board(desk) as found:
        told = found.hooks.find(hook, found.now)
    _show(desk, [told])
    if not desk.as_json:
        for key in told.public_keys:
            line(key)


@command(hooks, "pause")
def pause(
    desk: Desk,
    hook: HookArgument,
    resume: Annotated[bool, typer.Option("--resume", help="重新启用,从停下处接着告知。 Go on where it stood.")] = False,
) -> None:
    """暂停通知。 Send nothing to a hook for now."""
    with board(desk) as found:
        act = found.hooks.resume if resume else found.hooks.pause
        _show(desk, [act(hook, OPERATOR, found.now)])


@command(hooks, "rotate")
def rotate(desk: Desk, hook: HookArgument) -> None:
    """换签名密钥,七天内新旧两把同时签。 A new key; for a week the one before signs as well."""
    with board(desk) as found:
        told = found.hooks.rotate(hook, OPERATOR, found.now)
    _show(desk, [told])
    if not desk.as_json:
        line(told.public_keys[0])


@command(hooks, "remove")
def remove(desk: Desk, hook: HookArgument) -> None:
    """删除通知和它的密钥。 Forget a hook and its keys."""
    with board(desk) as found:
        found.hooks.remove(hook, OPERATOR, found.now)
        _show(desk, found.hooks.all(found.now))


@command(hooks, "test")
def try_out(desk: Desk, hook: HookArgument, settings: SettingsOption = None) -> None:
    """立即发一条试通知,不影响进展。 Send a message that tells of nothing, now."""
    from ledger_api.hooks.delivering import send
    from ledger_api.hooks.messages import empty_message

    policy = _policy(desk, settings)
    with board(desk) as found:
        told = found.hooks.find(hook, found.now)
        at = unix_text(found.now)
        message = empty_message(told, found.hall.book.origin, at, found.now)
        answer = asyncio.run(send(found.hooks, told, message, found.now, policy.manners))
    if not answer.is_delivered:
        raise BusyError("E_HOOK_TEST", id=told.id, answer=answer.said)
    if desk.as_json:
        write_json({"id": told.id, "message": message.id, "answer": answer.said})
    else:
        line(desk.text(f"已送达,对方答 {answer.said}", f"delivered; the receiver answered {answer.said}"))


def _policy(desk: Desk, file: Path | None) -> "Policy":
    """Where hooks may lead, as the settings of the server say."""
    from ledger_api.http.running.process import hooks_of
    from ledger_api.http.running.settings import FILE, read_serve_settings

    return hooks_of(read_serve_settings(file or desk.where() / FILE, needed=file is not None, given={}))


def _show(desk: Desk, found: "list[Hook]") -> None:
    if desk.as_json:
        write_json({"hooks": [one.told() for one in found]})
        return
    words = {"active": "启用", "paused": "暂停", "gone": "对方不再接收", "failed": "多日未达,已停"}
    titles = ("id", "url", desk.text("主体", "entities"), desk.text("业务", "kinds"), desk.text("状态", "state"))
    more = (
        desk.text("已到存证号", "up to number"),
        desk.text("连续失败", "failures"),
        desk.text("最近回应", "last answer"),
    )
    rows = [
        (
            *(one.id, one.url, ", ".join(one.entities) or "*", ", ".join(one.kinds) or "*"),
            *(desk.text(words[one.state], one.state), one.delivered, one.failures, one.last_answer),
        )
        for one in found
    ]
    table((*titles, *more), rows)
