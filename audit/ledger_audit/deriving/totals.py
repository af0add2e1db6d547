"""Comparing the tables that follow from the whole log: tree, checkpoints, indexes, balances, numbers and the head."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Table, select

from ledger.errors import LedgerError
from ledger.log import side_tables, tables
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import PublicKey
from ledger.signing.notes import parse_note
from ledger.signing.vkeys import ED25519, NoteVerifier
from ledger_audit.deriving.comparing import count_of, rows_of, shown
from ledger_audit.deriving.issues import Issues
from ledger_audit.deriving.memory import id_bytes
from ledger_audit.deriving.replay import Replay, Row
from ledger_audit.deriving.stored import as_stored, guarded, is_sound, own_place, row_of

_ACCOUNT: Final = ("entity", "fund", "chart", "code", "party", "book")
MAX_LEVEL: Final = 63
_UUID_BYTES: Final = 16
_AT_ONCE: Final = 2000
_PAGE: Final = {"yield_per": _AT_ONCE}


def compare_totals(connection: Connection, replay: Replay, issues: Issues) -> None:
    """Compare all of them. The replay must have walked the whole log.

    Where a voucher itself was found wrong, sums that differ only follow from it: they are told without a place.
    """
    followed = bool(issues)
    with guarded(issues, "tree"):
        _tree(connection, replay, issues)
    checkpoints(connection, replay, issues)
    with guarded(issues, "event_ids"):
        _ids(connection, replay, issues)
    with guarded(issues, "event_tags"):
        _tags(connection, replay, issues)
    with guarded(issues, "balances"):
        _balances(connection, replay, issues, followed=followed)
    with guarded(issues, "head"):
        _small(connection, replay, issues, followed=followed)
    with guarded(issues, "seen"):
        _seen(connection, replay, issues)
    with guarded(issues, "log"):
        _counts(connection, replay, issues)


def _rows(
    connection: Connection, table: Table, issues: Issues | None = None, place: Callable[[Row], int] = own_place
) -> Iterator[Row]:
    """The rows of which every cell is of its column's type; the others are told where `issues` are given."""
    told = Issues() if issues is None else issues
    chosen = as_stored(table).order_by(*table.primary_key).execution_options(**_PAGE)
    rows = (row_of(found) for found in connection.execute(chosen))
    return (row for row in rows if is_sound(told, table, row, place))


def _tree(connection: Connection, replay: Replay, issues: Issues) -> None:
    """Every node of the tree; a node's place is the first voucher below it."""
    levels, kept = replay.totals.levels, 0
    for row in _rows(connection, tables.tree, issues):
        level, index = row["level"], row["idx"]
        place = replay.memory.first_of((index << level) + 1) if 0 <= level < MAX_LEVEL else 0
        if not (0 <= level < len(levels) and 0 <= index < len(levels[level])):
            issues.add("E_DERIVE_EXTRA", place, table="tree", key=shown((level, index)))
            continue
        kept += 1
        expected = levels[level][index]
        if row["hash"] != expected:
            what = {"table": "tree", "key": shown((level, index)), "column": "hash"}
            issues.add("E_DERIVE_VALUE", place, **what, stored=shown(row["hash"]), derived=shown(expected))
    if kept != sum(map(len, levels)):
        _missing_nodes(connection, replay, issues)


def _missing_nodes(connection: Connection, replay: Replay, issues: Issues) -> None:
    there = {(row["level"], row["idx"]) for row in _rows(connection, tables.tree)}
    for level, nodes in enumerate(replay.totals.levels):
        for index in range(len(nodes)):
            if (level, index) not in there:
                place = replay.memory.first_of((index << level) + 1)
                issues.add("E_DERIVE_MISSING", place, table="tree", key=shown((level, index)))


def checkpoints(connection: Connection, replay: Replay, issues: Issues) -> None:
    """Every checkpoint under the operator's key of its time, and the witnesses' lines under it."""
    with guarded(issues, "checkpoints"):
        _checkpoints(connection, replay, issues)


def _checkpoints(connection: Connection, replay: Replay, issues: Issues) -> None:
    def place_of(row: Row) -> int:
        return replay.memory.first_of(row["size"]) if isinstance(row["size"], int) else 0

    sizes = set()
    for row in _rows(connection, tables.checkpoints, issues, place_of):
        size = row["size"]
        sizes.add(size)
        reason = _wrong_checkpoint(replay, row)
        if reason:
            place = replay.memory.first_of(size) or replay.memory.first_of(_stated_size(row["note"]))
            issues.add("E_DERIVE_CHECKPOINT", place, size=size, reason=reason)
    # The newest is always there, and so is every one that somebody's signature says to have seen.
    seen = {size for acts in replay.totals.pins.values() for _, size in acts}
    for size in sorted(({replay.number} | seen) - sizes - {0}):
        issues.add("E_DERIVE_MISSING", replay.memory.first_of(size), table="checkpoints", key=str(size))
    notes = {row["size"]: row["note"] for row in _rows(connection, tables.checkpoints)}
    for row in _rows(connection, tables.cosignatures, issues, place_of):
        if not _fits(notes.get(row["size"], ""), row["name"], row["line"]):
            place = replay.memory.first_of(row["size"])
            issues.add("E_DERIVE_CHECKPOINT", place, size=row["size"], reason=f"cosignature {row['name']}")


def _wrong_checkpoint(replay: Replay, row: Row) -> str:
    """What is wrong with a checkpoint's row, '' when nothing is."""
    roots, size = replay.totals.roots, row["size"]
    if not 0 < size < len(roots):
        return "size"
    key = next(key for since, key in reversed(replay.totals.operators) if since < size)
    try:
        found = open_checkpoint(row["note"], NoteVerifier(replay.origin, ED25519, PublicKey.parse(key)))
    except LedgerError as error:
        return error.code
    if found.size != size or found.root != roots[size]:
        return "note"
    return "" if row["root"] == roots[size] else "root"


def _stated_size(note: str) -> int:
    """The size that a note itself states, whatever its row says; 0 when it cannot be read."""
    try:
        return open_checkpoint(note, None).size
    except LedgerError:
        return 0


def _fits(note: str, name: str, line: str) -> bool:
    """Whether a line can stand under the note as one witness's signature; the witness's key alone can prove more."""
    try:
        before, after = parse_note(note.encode()), parse_note((note + line).encode())
    except LedgerError:
        return False
    return len(after.signatures) == len(before.signatures) + 1 and after.signatures[-1].name == name


def _ids(connection: Connection, replay: Replay, issues: Issues) -> None:
    index, before, kept = replay.memory.index, b"", 0
    for row in _rows(connection, tables.event_ids, issues):
        own = id_bytes(row["event_id"])
        usual = len(own) == _UUID_BYTES and str(UUID(bytes=own)) == row["event_id"]
        expected = index.place_of_id(own) if usual and own != before else None
        before = own
        if expected is None:
            issues.add("E_DERIVE_EXTRA", row["position"], table="event_ids", key=row["event_id"])
            continue
        kept += 1
        if expected != row["position"]:
            what = {"table": "event_ids", "key": row["event_id"], "column": "position"}
            issues.add("E_DERIVE_VALUE", expected, **what, stored=shown(row["position"]), derived=shown(expected))
    if kept != index.id_count:
        stored = (id_bytes(row["event_id"]) for row in _rows(connection, tables.event_ids))
        for raw, position in index.ids_without(stored):
            issues.add("E_DERIVE_MISSING", position, table="event_ids", key=raw.hex())


def _tags(connection: Connection, replay: Replay, issues: Issues) -> None:
    left = replay.memory.tag_counts[:]
    stored = ((row["tag"], row["kind"], row["position"]) for row in _rows(connection, tables.event_tags, issues))
    while rows := list(islice(stored, _AT_ONCE)):
        for row, held in zip(rows, replay.memory.index.held(rows), strict=True):
            if held:
                left[row[2] - 1] -= 1
            else:
                issues.add("E_DERIVE_EXTRA", row[2], table="event_tags", key=shown(row))
    for place, missing in enumerate(left, 1):
        if missing:
            issues.add("E_DERIVE_MISSING", place, table="event_tags", key=f"{place} ({missing})")


def _balances(connection: Connection, replay: Replay, issues: Issues, *, followed: bool) -> None:
    totals = replay.totals
    moved = {} if followed else {key: place for key, (_, place) in totals.balances.items()}
    balances = (
        {**dict(zip(_ACCOUNT, account, strict=True)), "role": role, "amount_fen": fen, "position": place}
        for (account, role), (fen, place) in totals.balances.items()
    )

    def place_of(row: Row) -> int:
        return moved.get((tuple(row[name] for name in _ACCOUNT), row["role"]), 0)

    kept = _rows(connection, tables.balances, issues, place_of)
    rows_of(issues, "balances", (*_ACCOUNT, "role"), kept, balances, place_of)
    days = (
        {**dict(zip(_ACCOUNT, account, strict=True)), "role": role, "day": day, "net_fen": fen}
        for (account, role, day), fen in totals.days.items()
    )
    stored = (
        {**row, "day": row["day"].isoformat()} for row in _rows(connection, tables.balance_days, issues, place_of)
    )
    rows_of(issues, "balance_days", (*_ACCOUNT, "role", "day"), stored, days, place_of)


def _small(connection: Connection, replay: Replay, issues: Issues, *, followed: bool) -> None:
    names = ("entity", "period", "word")
    numbers = [{**dict(zip(names, k, strict=True)), "last_no": no} for k, no in replay.totals.numbers.items()]
    last = 0 if followed else replay.position

    def place_of(_row: Row) -> int:
        return last

    stored = _rows(connection, tables.voucher_numbers, issues, place_of)
    rows_of(issues, "voucher_numbers", names, stored, numbers, place_of)
    head = {
        "id": 1,
        "format": tables.BOOK_FORMAT,
        "number": replay.number,
        "position": replay.position,
        "root": replay.totals.roots[-1],
        "posted_at": replay.posted_at,
    }
    rows_of(issues, "head", ("id",), _rows(connection, tables.head, issues, place_of), [head], place_of)


def _seen(connection: Connection, replay: Replay, issues: Issues) -> None:
    """What people had seen, and that for no person, in the order of signing, it went back."""
    key = ("officer", "made_at", "size")
    places = {
        (person, made_at, size): place
        for person, acts in replay.totals.pins.items()
        for (made_at, size), place in acts.items()
    }

    def place_of(row: Row) -> int:
        return places.get((row["officer"], row["made_at"], row["size"]), 0)

    plain = [dict(zip(key, names, strict=True)) for names in places]
    rows_of(issues, "seen", key, _rows(connection, side_tables.seen, issues), plain, place_of)
    for person, acts in replay.totals.pins.items():
        _never_back(person, acts, issues)


def _never_back(person: str, acts: dict[tuple[str, int], int], issues: Issues) -> None:
    """Acts of one instant are not compared with each other."""
    largest, at_instant, instant = 0, 0, ""
    for (made_at, size), place in sorted(acts.items()):
        if made_at != instant:
            largest, instant = max(largest, at_instant), made_at
        if size < largest:
            issues.add("E_DERIVE_SEEN_BACK", place, officer=person, size=size, before=largest)
        at_instant = max(at_instant, size)


def _counts(connection: Connection, replay: Replay, issues: Issues) -> None:
    """Rows at positions that no voucher holds."""
    for table, expected in (
        (tables.events, replay.position),
        (tables.postings, replay.totals.postings),
        (tables.findings, replay.totals.findings),
    ):
        found = count_of(connection, table)
        if found > expected:
            outside = select(table.c.position).where((table.c.position < 1) | (table.c.position > replay.position))
            for place in connection.scalars(outside.limit(10)):
                at = own_place({"position": place})
                issues.add("E_DERIVE_EXTRA", at, table=table.name, key=str(place))
