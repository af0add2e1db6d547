"""`backup`, `restore`, `resume`, `move`: copies of a book, of which one at most takes vouchers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.log.keeping.life import RESTORED
from ledger.log.tables import OPEN
from ledger.values.dates import parse_day, timestamp_text
from ledger.vault.keystore import MISSING
from ledger_api import books
from ledger_api.cli.desk import Desk, operator_of
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, line, progress, write_json
from ledger_api.clients import moment
from ledger_api.given_files import given_text

if TYPE_CHECKING:
    from ledger_audit.derivation import Verdict

commands = typer.Typer()

KeysOption = Annotated[
    Path | None,
    typer.Option("--vault-keys", metavar="FILE", help="个人信息的密钥,另存一处。 The vault's keys, kept apart."),
]
KnownOption = Annotated[
    Path | None,
    typer.Option("--known", metavar="NOTE", help="账本以外保存的检查点。 A checkpoint kept outside the book."),
]


@command(commands, "backup")
def backup(
    desk: Desk,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="新的目录,或 .tar 文件。 A new folder, or a .tar.")],
    vault_keys: KeysOption = None,
) -> None:
    """备份账套,记账不停;有运行密钥时由它签名。 Back the book up while it is in use, signed if possible."""
    from ledger_api.keeping.backing_up import back_up

    with desk.book() as book:
        at_hand = book.settings.operator_passphrase_file is not None
        made = back_up(book, target, operator_of(desk, book) if at_hand else None, vault_keys)
    answer = {"backup": str(target), "signed": at_hand, "origin": made["origin"], "size": made["size"]}
    if desk.as_json:
        write_json({**answer, "position": made["position"], "root": made["root"], "vault_keys": _path(vault_keys)})
        return
    line(
        desk.text(f"已备份到 {target}:凭证 1 至 {made['size']}", f"backed up to {target}: vouchers 1 to {made['size']}")
    )
    if not at_hand:
        zh = "没有运行密钥的口令,备份未签名:被改过也看不出,恢复时须写明 --unsigned。"
        en = "Not signed: the operator's passphrase is not at hand. It is restored with --unsigned only."
        line(desk.text(zh, en))
    if vault_keys is None:
        zh, en = (
            "个人信息的密钥不在备份内,请用 --vault-keys 另存。",
            "The vault's keys are not in it: see --vault-keys.",
        )
        line(desk.text(zh, en))


@command(commands, "restore")
def restore(
    desk: Desk,
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="备份。 The backup.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="新的账套目录。 The new book's directory.")],
    database: Annotated[
        str, typer.Option("--database", metavar="URL", help="恢复到哪个数据库。 The database to restore into.")
    ] = "sqlite:///book.db",
    drill: Annotated[
        bool, typer.Option("--drill", help="只演练:恢复、全量核验、删去。 Prove it and remove it.")
    ] = False,
    known: KnownOption = None,
    vault_keys: KeysOption = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="备份没有签名也恢复。 Restore one that nobody signed.")
    ] = False,
) -> None:
    """从备份恢复;恢复后不接受凭证,直到出示账外的检查点。 Restore; closed until a checkpoint is shown."""
    from ledger_api.keeping import restoring

    now = timestamp_text(moment(books.system_clock))
    note = None if known is None else _note(known)
    if drill:
        _say_drill(desk, *restoring.drill(source, directory, now, parse_day(now[:10]), unsigned=unsigned))
        return
    made = restoring.restore(source, directory, now, database=database, vault_keys=vault_keys, unsigned=unsigned)
    names = ("origin", "size", "made_at", "signed", "vault_keys")
    answer = {"book": str(directory), **{name: made[name] for name in names}}
    state = made["state"]
    if note is not None:
        with books.Book.open(directory, books.system_clock) as book, _verifying(desk) as step:
            restoring.resume(book, note, now, step)
        state = OPEN
    named = books.read_settings(directory).operator_passphrase_file is not None
    if desk.as_json:
        write_json({**answer, "state": state, "operator_passphrase_file": "set" if named else MISSING})
        return
    zh = f"已恢复到 {directory}:凭证 1 至 {made['size']},备份于 {made['made_at']}"
    line(desk.text(zh, f"restored to {directory}: vouchers 1 to {made['size']}, as of {made['made_at']}"))
    if not made["signed"]:
        zh = (
            "这份备份没有签名,可能被改过:打开之前(resume)重新推导余额等;推导不出的请逐项核对:待审凭证、草稿、登录账户。"
        )
        en = "Nobody signed this backup. Balances are derived again before it opens (resume); "
        en += "look yourself at what follows from nothing: what waits, drafts and logins."
        line(desk.text(zh, en))
    if made["vault_keys"] == MISSING:
        place = directory / books.VAULT_KEYS
        zh = f"账套登记过个人信息,而密钥不在:请把另存的一份放到 {place}(0600),否则不能接着用。"
        en = f"It holds people whose keys are not here: put the copy kept apart at {place} (0600)."
        line(desk.text(zh, en))
    if not named:
        place = directory / books.SETTINGS
        zh = f'运行密钥的口令文件不在备份里:记账之前,请在 {place} 重新写上 operator_passphrase_file = "文件"。'
        en = f'The passphrase is in no backup: before posting, set operator_passphrase_file = "FILE" in {place}.'
        line(desk.text(zh, en))
    if state == RESTORED:
        told = f"charity-ledger resume --book {directory} --known NOTE"
        line(desk.text("在出示账外保存的检查点之前不接受凭证:", "It takes no vouchers until this is done: ") + told)
    elif state != OPEN:
        zh = f"备份时这一份已关闭(账套在 {made['where']} 继续),永远不再接受凭证,只供查询。"
        en = f"It was closed when it was backed up (the book goes on at {made['where']}): no vouchers ever again."
        line(desk.text(zh, en))


def _note(file: Path) -> str:
    """The checkpoint of a file; E_GIVEN_FILE, and as `open_checkpoint` where it has not the form of one."""
    from ledger.signing.checkpoints import open_checkpoint

    note = given_text(file)
    open_checkpoint(note, None)
    return note


def _verifying(desk: Desk) -> AbstractContextManager[Callable[[int, int], None]]:
    """The bar of a full verification."""
    return progress(desk.text("核验", "verifying"))


def _say_drill(desk: Desk, manifest: dict[str, Any], verdict: "Verdict") -> None:
    if desk.as_json:
        write_json({"size": manifest["size"], "root": manifest["root"], "verify": verdict.to_json(desk.language)})
    else:
        mark = desk.text("成立", "holds") if verdict.holds else desk.text("不成立", "does not hold")
        zh = f"演练:备份完整,重算存证根一致,全量核验{mark}(凭证 {verdict.vouchers} 张,事件 {verdict.events} 个)"
        en = f"drill: complete, root derived again, verification {mark} ({verdict.vouchers} vouchers)"
        line(desk.text(zh, en))
    if not verdict.holds:
        raise typer.Exit(DOES_NOT_HOLD)


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


@command(commands, "resume")
def resume(
    desk: Desk,
    known: Annotated[
        Path, typer.Option("--known", metavar="NOTE", help="账本以外保存的检查点。 A checkpoint kept outside the book.")
    ],
) -> None:
    """恢复的账套出示账外的检查点,重新接受凭证。 Open a restored copy by showing an outside checkpoint."""
    from ledger_api.keeping import restoring

    note = _note(known)
    with desk.book() as book, _verifying(desk) as step:
        proven = restoring.resume(book, note, timestamp_text(moment(book.clock)), step)
    if desk.as_json:
        write_json({"state": "open", "size": proven.size, "root": proven.root.hex()})
    else:
        zh = f"检查点与账套一致(凭证 1 至 {proven.size}),可以继续记账"
        line(desk.text(zh, f"the checkpoint and the book agree (vouchers 1 to {proven.size}); it takes vouchers again"))


@command(commands, "move")
def move(
    desk: Desk,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="新的、空的数据库。 The new, empty database.")],
) -> None:
    """迁到另一个数据库;旧的一份从此不再接受凭证。 Move to another database; the old copy is closed for good."""
    from ledger_api.keeping import moving

    with desk.book() as book:
        proven = moving.move(book, to)
    if desk.as_json:
        write_json({"state": "open", "size": proven.size, "position": proven.position, "root": proven.root.hex()})
    else:
        zh = f"已迁移并逐表核对:凭证 1 至 {proven.size};旧的一份已关闭"
        line(desk.text(zh, f"moved and compared table by table: vouchers 1 to {proven.size}; the old copy is closed"))
