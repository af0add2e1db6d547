"""The inspection package: a BagIt folder (RFC 8493) with every byte that a stranger needs to check the whole book.

Leaves and events go out as they were signed; postings and balances, which stand under no root, are covered by the
manifests, and the manifest of manifests by the operator's signature. One snapshot of the book is exported, whole.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from ledger.errors import EvidenceError, InputError
from ledger.log import tables
from ledger.log.appending import Head, read_head
from ledger.signing import base64_text
from ledger.signing.canonical import canonical
from ledger.signing.digests import sha256
from ledger.signing.notes import sign_note
from ledger.signing.vkeys import NoteSigner
from ledger_audit.key_list import key_list
from ledger_audit.notes import newest_note, notes
from ledger_audit.verifier.formats.bag import file_digest

FORMAT: Final = "charity-ledger/package@v1"
DECLARATION: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
SIGNATURE: Final = "signature.note"
TAG_FILES: Final = ("bag-info.txt", "bagit.txt", "checkpoint", MANIFEST)
PAGE: Final = 5000
"""Rows that are held in memory at once."""

Step = Callable[[int, int], None]

_POSTING: Final = (
    "amount_fen",
    "book",
    "chart",
    "code",
    "entity",
    "fund",
    "line",
    "occurred_on",
    "party",
    "position",
    "role",
)
_BALANCE: Final = ("amount_fen", "book", "chart", "code", "entity", "fund", "party", "role")
_BALANCE_ORDER: Final = ("entity", "fund", "chart", "code", "party", "book", "role")


@dataclass(frozen=True, slots=True)
class Package:
    """What was exported, and where to: vouchers 1..size, positions 1..position."""

    path: Path
    origin: str
    size: int
    position: int
    lines: dict[str, int]
    """How many lines each file below `data/` has."""


def export_package(
    connection: Connection, operator: NoteSigner, target: Path, now: str, step: Step | None = None
) -> Package:
    """Write the package to a folder that does not exist yet, or to a `.zip` of one; half a package never stands there.

    The connection must see one snapshot. Raises InputError E_TARGET_EXISTS, EvidenceError E_CHECKPOINT_MISSING.
    """
    packed = target.suffix == ".zip"
    if target.exists():
        raise InputError("E_TARGET_EXISTS", file=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".package-")) if packed else target
    folder = work / target.stem if packed else target
    folder.mkdir()
    try:
        head = read_head(connection)
        size, note = newest_note(connection, head.number)
        lines = _payload(connection, folder / "data", head, step)
        _tags(folder, operator, note, Package(target, operator.name, size, head.position, lines), head, now)
        if packed:
            whole = work / target.name
            _zip(folder, whole)
            whole.replace(target)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    if packed:
        shutil.rmtree(work)
    return Package(target, operator.name, size, head.position, lines)


def _payload(connection: Connection, data: Path, head: Head, step: Step | None) -> dict[str, int]:
    """Every file below `data/`; answers how many lines each has."""
    data.mkdir()
    files: dict[str, Iterable[bytes]] = {
        "leaves.jsonl": _column(connection, tables.vouchers, "leaf", "number"),
        "events.jsonl": _column(connection, tables.events, "data", "position"),
        "postings.jsonl": _postings(connection),
        "balances.jsonl": _balances(connection),
        "checkpoints.jsonl": (canonical({"note": note, "size": size}) for size, note in notes(connection)),
        "keys.json": iter([canonical(key_list(connection))]),
    }
    lines = {}
    for done, (name, content) in enumerate(files.items()):
        if step is not None:
            step(done, len(files))
        lines[name] = _write_lines(data / name, content)
    if step is not None:
        step(len(files), len(files))
    if lines["leaves.jsonl"] != head.number or lines["events.jsonl"] != head.position:
        raise EvidenceError("E_EXPORT_SHORT", vouchers=lines["leaves.jsonl"], events=lines["events.jsonl"])
    return lines


def _write_lines(path: Path, content: Iterable[bytes]) -> int:
    count = 0
    with path.open("wb", buffering=1 << 20) as file:
        for one in content:
            file.write(one + b"\n")
            count += 1
    return count


def _column(connection: Connection, table: Table, column: str, order: str) -> Iterator[bytes]:
    chosen = select(table.c[column]).order_by(table.c[order]).execution_options(yield_per=PAGE)
    return (bytes(value) for value in connection.scalars(chosen))


def _postings(connection: Connection) -> Iterator[bytes]:
    table = tables.postings
    chosen = select(*(table.c[name] for name in _POSTING)).order_by(table.c.position, table.c.line)
    for row in connection.execute(chosen.execution_options(yield_per=PAGE)):
        values: dict[str, Any] = dict(zip(_POSTING, row, strict=True))
        values["occurred_on"] = values["occurred_on"].isoformat()
        yield canonical(values)


def _balances(connection: Connection) -> Iterator[bytes]:
    table = tables.balances
    chosen = select(*(table.c[name] for name in _BALANCE)).where(table.c.amount_fen != 0)
    for row in connection.execute(chosen.order_by(*(table.c[name] for name in _BALANCE_ORDER))):
        yield canonical(dict(zip(_BALANCE, row, strict=True)))


def _tags(folder: Path, operator: NoteSigner, note: str, made: Package, head: Head, now: str) -> None:
    """The tag files: declaration, description, checkpoint, manifests, and the signature over the last of them."""
    payload = {f"data/{name}": _digest(folder / "data" / name) for name in sorted(made.lines)}
    octets = sum((folder / name).stat().st_size for name in payload)
    info = {
        "Source-Organization": made.origin,
        "External-Identifier": f"{made.origin}#{made.size}",
        "External-Description": f"vouchers 1-{made.size}, positions 1-{made.position}",
        "Bagging-Date": now[:10],
        "Payload-Oxum": f"{octets}.{len(payload)}",
    }
    _write(folder / "bagit.txt", DECLARATION)
    _write(folder / "bag-info.txt", "".join(f"{name}: {value}\n" for name, value in info.items()))
    _write(folder / "checkpoint", note)
    _write(folder / MANIFEST, _manifest(payload))
    tags = {name: sha256((folder / name).read_bytes()).hex() for name in TAG_FILES}
    _write(folder / TAG_MANIFEST, _manifest(tags))
    digest = sha256((folder / TAG_MANIFEST).read_bytes()).hex()
    lines = (FORMAT, made.origin, digest, str(made.size), base64_text.encode(head.root))
    _write(folder / SIGNATURE, sign_note("\n".join(lines) + "\n", [operator]))


def _digest(path: Path) -> str:
    """SHA-256 of a file that may be larger than the memory."""
    with path.open("rb") as file:
        return file_digest(file).hex()


def _manifest(digests: dict[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items())


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
