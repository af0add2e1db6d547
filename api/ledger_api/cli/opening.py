"""`init`: the book's directory, its operator's key, and voucher 1 with three administrators, signed by two of them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.decisions.prepared import Submission
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.signing.keyfile import INTERACTIVE_MEM, INTERACTIVE_OPS, MODERATE_MEM, MODERATE_OPS
from ledger.signing.keys import SigningKey
from ledger.signing.passphrases import require_strong
from ledger.values.dates import parse_day, timestamp_text
from ledger_api import books
from ledger_api.books import SETTINGS, Book
from ledger_api.cli.desk import Desk, open_named_key, passphrase
from ledger_api.cli.options import command
from ledger_api.cli.output import line, write_json
from ledger_api.clients import Client, moment
from ledger_api.knowing import remembered

commands = typer.Typer()

ADMINISTRATOR: Final = "administrator"
WHOLE_BOOK: Final = "book"
"""The entity of acts that concern the whole book."""

_NO_KEY, _NO_ROOT = f"ed25519:{'A' * 43}=", f"sha256:{'0' * 64}"
_CAME_FROM: Final = {"origin": "tried.on", "operator_key": _NO_KEY, "size": 1, "root": _NO_ROOT}
"""Stands for the copy while the opening is tried on."""

MEBIBYTE: Final = 1 << 20
MemoryOption = Annotated[
    int,
    typer.Option(
        "--memory-mib",
        min=INTERACTIVE_MEM // MEBIBYTE,
        max=1024,
        metavar="MIB",
        help="开启密钥所需内存,越大越难被猜破。 Memory that opening the key takes: the more, the harder to guess.",
    ),
]
USUAL_MEMORY_MIB: Final = MODERATE_MEM // MEBIBYTE


def kdf_of(memory_mib: int) -> tuple[int, int]:
    """Passes and bytes of argon2id for a key file: three passes from the usual memory upwards, else two."""
    ops = MODERATE_OPS if memory_mib >= USUAL_MEMORY_MIB else INTERACTIVE_OPS
    return ops, memory_mib * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of the three who open the book."""

    officer: str
    name: str
    key: SigningKey

    def to_json(self, origin: str) -> dict[str, str]:
        """As `book.opened` names this person, with the proof that the key is held."""
        return enrolment(origin, self.officer, self.name, self.key)


def enrolment(origin: str, officer: str, name: str, key: SigningKey) -> dict[str, str]:
    """Who holds which key of which book, with the proof of possession: what an enrolment is made from."""
    from ledger.flows.authority.keys import possession_text
    from ledger.signing import base64_text

    proof = key.sign(possession_text(origin, officer, key.public.text))
    return {
        "officer": officer,
        "name": name,
        "key": key.public.text,
        "keyid": key.public.keyid,
        "possession": base64_text.encode(proof),
    }


@command(commands, "init")
def init(
    desk: Desk,
    origin: Annotated[
        str,
        typer.Option("--origin", metavar="NAME", help="账本的名称,如 ledger.example.org/shili。 The log's name."),
    ],
    administrator: Annotated[
        list[str],
        typer.Option(
            "--administrator",
            metavar="OFFICER=NAME=KEYFILE[=PASSPHRASEFILE]",
            help="三名管理人员,写三次;第一人制单,第二人同意。 Three of them; the first makes, the second approves.",
        ),
    ],
    operator_passphrase_file: Annotated[
        Path | None,
        typer.Option("--operator-passphrase-file", metavar="FILE", help="运行密钥的口令。 The operator's passphrase."),
    ] = None,
    database: Annotated[
        str, typer.Option("--database", metavar="URL", help="SQLite 文件或 PostgreSQL 地址。 The database's address.")
    ] = "sqlite:///book.db",
    memory_mib: MemoryOption = USUAL_MEMORY_MIB,
    fork_origin: Annotated[
        Path | None,
        typer.Option(
            "--fork-origin",
            metavar="COPY",
            help="接替恢复后丢了凭证的账套(目录),它从此关闭。 Take the place of a restored copy that lost vouchers.",
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="为何接替,记入账内。 Why; it stands in the log.")
    ] = None,
) -> None:
    """建立账套:数据库、运行密钥、第一张凭证。 Make a book: database, operator key, first voucher."""
    directory = desk.where()
    if (directory / SETTINGS).exists():
        raise InputError("E_BOOK_DIRECTORY_TAKEN", directory=str(directory))
    people = [_administrator(desk, text) for text in administrator]
    for one in people:
        if remembered(origin, one.officer) is not None:
            raise InputError("E_ORIGIN_TAKEN", officer=one.officer, origin=origin)
    # Tried on before anything is made, so that a wrong name leaves no half-made book behind.
    after = None if fork_origin is None else {"came_from": _CAME_FROM, "reason": _stated(reason)}
    _opening(origin, people[0].key.public.text if people else "", people, after)
    secret = passphrase(desk, desk.text("运行密钥", "the operator's key"), operator_passphrase_file, fresh=True)
    require_strong(secret, origin)
    kdf = kdf_of(memory_mib)
    if fork_origin is not None:
        after = {"came_from": _left(fork_origin, origin), "reason": _stated(reason)}
    made = Book.create(
        directory,
        origin,
        secret,
        database=database,
        passphrase_file=operator_passphrase_file,
        kdf=kdf,
        clock=books.system_clock,
    )
    with made as book:
        answer = _open(book, secret, people, after)
    if desk.as_json:
        write_json(answer)
        return
    line(desk.text(f"账套已建立:{directory}", f"The book is made: {directory}"))
    told = desk.text(
        "运行密钥的公开部分,请抄存在账本以外的地方:", "The operator's public key; keep it outside the book:"
    )
    line(told)
    line(str(answer["vkey"]))


def _administrator(desk: Desk, text: str) -> Administrator:
    parts = text.split("=", 3)
    if len(parts) < 3 or not all(parts):
        raise InputError("E_ADMINISTRATOR_OPTION", value=text)
    officer, name, file, *rest = parts
    secret = Path(rest[0]) if rest else desk.passphrase_file
    return Administrator(officer, name, open_named_key(desk, Path(file), secret))


def _stated(reason: str | None) -> str:
    if not reason:
        raise InputError("E_FORK_REASON")
    return reason


def _left(copy: Path, origin: str) -> dict[str, Any]:
    """The copy, closed for good in favour of this name."""
    from ledger_api.keeping.forking import leave

    with Book.open(copy, books.system_clock) as book:
        return leave(book, origin)


def _opening(origin: str, operator_key: str, people: list[Administrator], after: dict[str, Any] | None) -> Event:
    """`book.opened`; of its second version where the book takes the place of another."""
    values: dict[str, Any] = {
        "origin": origin,
        "operator_key": operator_key,
        "administrators": [one.to_json(origin) for one in people],
    }
    return draft_event("book.opened", values if after is None else {**values, **after, "version": 2})


def _open(book: Book, secret: str, people: list[Administrator], after: dict[str, Any] | None) -> dict[str, Any]:
    """Post voucher 1: the first administrator makes it, the second approves."""
    operator = book.operator(secret)
    event = _opening(book.origin, operator.key.public.text, people, after)
    now = moment(book.clock)
    maker, second = (Signer(one.officer, one.key, book.origin) for one in people[:2])
    made = first_voucher(maker, second, event, now)
    receipt = book.writer(operator).submit(made)
    for one in people[:2]:
        Client(book.store, book.origin, one.officer, one.key).refresh(operator.vkey)
    return {"origin": book.origin, "vkey": operator.vkey, "book": str(book.settings.directory), **receipt.to_json()}


def first_voucher(maker: Signer, second: Signer, event: Event, now: datetime) -> Submission:
    """Voucher 1, complete: made by one administrator and approved by another."""
    today = parse_day(timestamp_text(now)[:10])
    made = draft(maker, WHOLE_BOOK, today, [event], now)
    return Submission(made.envelope, made.events, (approve(second, made, ADMINISTRATOR, now),))
