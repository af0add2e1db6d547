"""`mirror add`, `mirror set`, `mirror remove`, `mirror pull`, `mirror status`, `mirror tables`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import EvidenceError, InputError, LedgerError
from ledger_api import books
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, NOTHING_DONE, line, table, write_json
from ledger_api.clients import moment
from ledger_api.spans import named_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger_api.mirroring.consolidating import Standing
    from ledger_api.mirroring.directory import MirrorDirectory
    from ledger_api.mirroring.forks import Verdict
    from ledger_api.mirroring.pulling import Pulled

mirror = typer.Typer(help="镜像:跟随、核验多个账本。 Mirrors: many books followed and verified.")
commands = typer.Typer()
commands.add_typer(mirror, name="mirror")

DirArgument = Annotated[Path, typer.Argument(metavar="DIR", help="镜像所在目录。 The mirror's directory.")]
ReadKeyOption = Annotated[
    Path | None, typer.Option("--read-key", metavar="FILE", help="只读密钥所在文件。 A read-only key's file.")
]
CertificatesOption = Annotated[
    Path | None, typer.Option("--certificates", metavar="FILE", help="单位的根证书(PEM)。 The office's own root.")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="此处的名称。 What it is called here.")]
NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="NAME...", help="哪些账本;不写即全部。 Which books; else all.")
]


def _directory(path: Path) -> "MirrorDirectory":
    from ledger_api.mirroring.directory import MirrorDirectory

    return MirrorDirectory(path)


@command(mirror, "add")
def add(
    desk: Desk,
    directory: DirArgument,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="此处的名称。 What it is called here.")],
    url: Annotated[str, typer.Option("--url", metavar="URL", help="服务地址。 The server's address.")],
    vkey: Annotated[str, typer.Option("--vkey", metavar="VKEY", help="经办单位公布的公钥。 The operator's key.")],
    read_key: ReadKeyOption = None,
    certificates: CertificatesOption = None,
    plain: Annotated[bool, typer.Option("--plain-http", help="允许不加密的 http。 Allow plain http.")] = False,
) -> None:
    """登记一个要跟随的账本。 Follow one more book."""
    from ledger_api.mirroring.directory import Followed

    book = Followed(
        name,
        url,
        vkey,
        key=_absolute(desk.key_file),
        passphrase_file=_absolute(desk.passphrase_file),
        read_key=_absolute(read_key),
        certificates=_absolute(certificates),
        plain=plain,
    )
    _directory(directory).add(book)
    if desk.as_json:
        write_json({"name": name, "origin": book.origin, "url": url})
    else:
        line(desk.text(f"已登记 {name}:{book.origin}", f"{name} is followed: {book.origin}"))


def _absolute(file: Path | None) -> str | None:
    return None if file is None else str(file.resolve())


@command(mirror, "set")
def change(
    desk: Desk,
    directory: DirArgument,
    name: NameArgument,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="服务地址。 The server's address.")] = None,
    read_key: ReadKeyOption = None,
    certificates: CertificatesOption = None,
    plain: Annotated[
        bool | None, typer.Option("--plain-http/--no-plain-http", help="允许不加密的 http。 Allow plain http.")
    ] = None,
) -> None:
    """改已登记账本的地址或读取身份,其余照旧。 Reach a followed book otherwise."""
    said = {"url": url, "certificates": _absolute(certificates), "plain": plain}
    values: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
    if desk.key_file is not None or read_key is not None:
        values |= {"key": _absolute(desk.key_file), "read_key": _absolute(read_key)}
        values["passphrase_file"] = _absolute(desk.passphrase_file)
    elif desk.passphrase_file is not None:
        values["passphrase_file"] = _absolute(desk.passphrase_file)
    if not values:
        raise InputError("E_MIRROR_CHANGE")
    book = _directory(directory).change(name, **values)
    if desk.as_json:
        write_json({"name": name, "origin": book.origin, "url": book.url})
    else:
        line(desk.text(f"已改 {name}:{book.origin} {book.url}", f"{name} is changed: {book.origin} {book.url}"))


@command(mirror, "remove")
def remove(desk: Desk, directory: DirArgument, name: NameArgument) -> None:
    """不再跟随一个账本;已取回的和证据移到 removed 目录留存。 Follow a book no longer; its copy is kept apart."""
    kept = _directory(directory).remove(name)
    if desk.as_json:
        write_json({"name": name, "kept": str(kept)})
    else:
        line(desk.text(f"已移出 {name},留存于 {kept}", f"{name} is followed no longer; its copy lies in {kept}"))


@command(mirror, "pull")
def pull(desk: Desk, directory: DirArgument, names: NamesArgument = None) -> None:
    """取回新的凭证并逐张核验。 Take in what is new and verify all of it."""
    from ledger_api.cli.mirroring.connecting import Connections
    from ledger_api.mirroring.pulling import pull_all

    found = []
    for one in pull_all(_directory(directory), Connections(desk), names or (), books.system_clock):
        found.append(one)
        if not desk.as_json:
            _say_pulled(desk, one)
    if desk.as_json:
        write_json({"books": [_pulled_json(desk, one) for one in found]})
    if codes_of := [code for one in found if (code := _exit_code(one))]:
        raise typer.Exit(min(codes_of))


def _exit_code(one: "Pulled") -> int:
    """1 before 2: that evidence does not hold weighs more than that a server was out of reach."""
    if one.status.fork or not one.status.holds or isinstance(one.error, EvidenceError):
        return DOES_NOT_HOLD
    return 0 if one.error is None else NOTHING_DONE


def _pulled_json(desk: Desk, one: "Pulled") -> dict[str, Any]:
    message = "" if (said := _trouble(one)) is None else said.message(desk.language)
    told = {"name": one.book.name, "origin": one.book.origin, "taken": one.taken, "size": one.status.size}
    more = {"position": one.status.position, "code": one.status.code, "message": message}
    return {**told, **more, "params": one.status.params or {}, "holds": one.status.holds, "fork": one.status.fork}


def _say_pulled(desk: Desk, one: "Pulled") -> None:
    from ledger_api.mirroring.settling import trouble

    status = one.status
    zh = f"{one.book.name}:新收 {one.taken} 张,共 {status.size} 张,序号至 {status.position}"
    en = f"{one.book.name}: {one.taken} vouchers taken in, {status.size} in all, up to position {status.position}"
    line(desk.text(zh, en))
    told = [] if (said := _trouble(one)) is None else [said]
    if status.fork:
        against = trouble(one.book.name, Path(status.fork))
        told += [against] if against.code not in {each.code for each in told} else []
    for each in told:
        line(f"  {each.code}: {each.message(desk.language)}", err=True)


def _trouble(one: "Pulled") -> LedgerError | None:
    """What ended the pull, or what is kept against the book although it succeeded."""
    if one.error is not None or not one.status.code:
        return one.error
    return LedgerError(one.status.code, **(one.status.params or {}))


@command(mirror, "status")
def status(desk: Desk, directory: DirArgument) -> None:
    """各账本的镜像到了哪里、是否成立。 Where each copy stands, and whether it holds."""
    from ledger_api.mirroring.consolidating import standings
    from ledger_api.mirroring.settling import verdict_of

    kept = _directory(directory)
    found = standings(kept, moment(books.system_clock))
    files = {one.book.name: kept.evidence(one.book, one.status.fork) for one in found}
    evidence = {name: {str(file): verdict_of(file) for file in listed} for name, listed in files.items()}
    if desk.as_json:
        write_json({"books": [_standing_json(one, evidence[one.book.name]) for one in found]})
    else:
        _say_standings(desk, found)
        for one in found:
            for file, verdict in evidence[one.book.name].items():
                settled = file != one.status.fork and verdict in {"cut_back", "unjoined"}
                past = desk.text("(已查明,留存)", " (settled, kept)") if settled else ""
                line(f"{one.book.name}: {desk.text(*_VERDICTS[verdict])}{past} {file}")
    if not all(one.status.holds for one in found):
        raise typer.Exit(DOES_NOT_HOLD)


def _standing_json(one: "Standing", evidence: "Mapping[str, Verdict | None]") -> dict[str, Any]:
    """With what each file of evidence proves; `verdict` is of the one that speaks against the book now."""
    files = [{"file": file, "verdict": verdict} for file, verdict in evidence.items()]
    return {**one.to_json(), "verdict": evidence.get(one.status.fork), "evidence": files}


_VERDICTS: "dict[Verdict | None, tuple[str, str]]" = {
    "proven": ("两个检查点互相矛盾,签名即是证据", "two checkpoints contradict each other; their signatures prove it"),
    "cut_back": ("出示的是同一账本较早的状态", "an older state of the same log is shown as its newest"),
    "unjoined": ("未能证明新检查点接续旧检查点", "the new checkpoint was not proven to continue the old one"),
    None: ("不是账本分叉的证据文件,或已缺失、被改动", "no evidence of a fork, or it is gone or was changed"),
}


def _say_standings(desk: Desk, found: "list[Standing]") -> None:
    titles = (("账本", "book"), ("张数", "vouchers"), ("序号", "position"), ("最近入账", "last posted"))
    more = (("最近取回", "last pulled"), ("是否成立", "holds"), ("未成原因", "trouble"))
    rows = [
        (
            one.book.name,
            one.status.size,
            one.status.position,
            one.status.posted_at,
            one.status.pulled_at,
            desk.text("成立", "yes") if one.status.holds else desk.text("不成立", "no"),
            one.status.code,
        )
        for one in found
    ]
    table([desk.text(*pair) for pair in (*titles, *more)], rows)


@command(mirror, "tables")
def tables(
    desk: Desk,
    directory: DirArgument,
    name: Annotated[
        str, typer.Argument(metavar="TABLE", help="balances 或表号如 M1。 balances, or a table such as M1.")
    ] = "balances",
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="从哪个月。 First month.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="到哪个月。 Last month.")] = None,
) -> None:
    """各账本汇总成一张表,注明各自的依据。 One table of all books, with where each stands."""
    from ledger_api.cli.mirroring.consolidated import tell_consolidated
    from ledger_api.mirroring.consolidating import consolidate

    made = consolidate(_directory(directory), name, named_span({}, first, last), moment(books.system_clock))
    tell_consolidated(desk, made)
    if desk.as_json:
        return
    line("")
    _say_standings(desk, list(made.books))
    if left_out := ", ".join(one.book.name for one in made.books if not one.counted):
        line(desk.text(f"未计入:{left_out}", f"not counted: {left_out}"), err=True)
