"""Adding judged vouchers to the log: one bulk insert a table for the whole batch, in the writer's transaction.

`append_vouchers` checks what must hold whoever the writer is (no gap in positions, numbers and voucher numbers, time
that never goes back, running balances that continue) and raises EvidenceError before a row is written. Whether a
voucher *may* be recorded was judged before.
"""

from collections.abc import Sequence
from typing import Final

import orjson
from sqlalchemy import Connection, Table, bindparam, select, update

from ledger.errors import EvidenceError
from ledger.log import tables
from ledger.log.ahead import WORTH_IT, Ahead
from ledger.log.bulk import Row, insert_rows
from ledger.log.columns import INTEGER
from ledger.log.proofs import LogNodes, log_root
from ledger.log.rows import Head, NewEvent, NewFinding, NewPosting, NewVoucher
from ledger.log.totals.continuing import check_continues
from ledger.log.totals.moving import add_totals, add_voucher_numbers
from ledger.log.totals.tally import Tally
from ledger.signing.merkle import leaf_hash

__all__ = [
    "Head",
    "NewEvent",
    "NewFinding",
    "NewPosting",
    "NewVoucher",
    "append_vouchers",
    "is_head",
    "put_checkpoint",
    "put_cosignature",
    "read_head",
    "send_ahead",
]

_HEAD: Final = select(tables.head).where(tables.head.c.id == 1)

_MOVE_HEAD: Final = (
    update(tables.head)
    .where(
        tables.head.c.id == 1,
        tables.head.c.number == bindparam("old_number", type_=INTEGER),
        tables.head.c.position == bindparam("old_position", type_=INTEGER),
    )
    .values({name: bindparam(name) for name in ("number", "position", "root", "posted_at")})
)


def read_head(connection: Connection) -> Head:
    """Where the log ends. Raises E_HEAD_MISSING, or E_HEAD_ROOT when the stored tree does not give the head's root."""
    row = connection.execute(_HEAD).one_or_none()
    if row is None:
        raise EvidenceError("E_HEAD_MISSING")
    frontier = LogNodes(connection).edge(row.number)
    if frontier.root() != row.root:
        raise EvidenceError("E_HEAD_ROOT", number=row.number)
    return Head(row.number, row.position, row.root, row.posted_at, frontier)


def is_head(connection: Connection, head: Head) -> bool:
    """Whether the log still ends there: what was read at that head needs no second look."""
    row = connection.execute(_HEAD).one_or_none()
    return row is not None and (row.number, row.position, row.root, row.posted_at) == (
        head.number,
        head.position,
        head.root,
        head.posted_at,
    )


def send_ahead(connection: Connection, head: Head, events: Sequence[NewEvent]) -> Ahead | None:
    """Have the events of a batch taken in while it is judged, as if all of it were accepted; None where the database
    cannot do that beside us or they are too few.
    """
    if connection.dialect.name != "postgresql" or len(events) < WORTH_IT:
        return None
    first = head.position + 1
    return Ahead(connection, (first, events), _event_rows(first, events), range(first, first + len(events)))


def append_vouchers(
    connection: Connection, head: Head, vouchers: Sequence[NewVoucher], ahead: Ahead | None = None
) -> Head:
    """Write vouchers with all that belongs to them after `head`; the new head. `head` itself is left as it was. Their
    events are not written where they were sent ahead.

    Raises EvidenceError E_LOG_GAP, E_CLOCK_BACK, E_VOUCHER_NO_GAP, E_POSTINGS_SUM, E_RUNNING_BALANCE, E_HEAD_MOVED and
    E_ROWS_REFUSED; the caller's transaction must then be rolled back.
    """
    if not vouchers:
        return head
    tally = Tally(vouchers)
    events = [event for voucher in vouchers for event in voucher.events]
    first = head.position + 1
    arrived = ahead is not None and ahead.stands((first, events))
    check_continues(connection, head, vouchers, tally)
    last = vouchers[-1]
    frontier = head.frontier.copy()
    nodes = frontier.append([leaf_hash(voucher.leaf) for voucher in vouchers])
    end = Head(last.number, last.first_position + len(last.events) - 1, frontier.root(), last.posted_at, frontier)
    move_head(connection, head, end)
    insert_rows(connection, tables.vouchers, [_voucher_row(voucher) for voucher in vouchers])
    insert_rows(connection, tables.tree, nodes)
    for table, rows in () if arrived else (*_event_rows(first, events), (tables.event_tags, _tag_rows(first, events))):
        insert_rows(connection, table, rows)
    insert_rows(connection, tables.postings, tally.rows)
    insert_rows(connection, tables.findings, _finding_rows(vouchers))
    add_totals(connection, tally)
    add_voucher_numbers(connection, vouchers)
    return end


def move_head(connection: Connection, old: Head, new: Head) -> None:
    """Write the head, if it still is where `old` says. Raises E_HEAD_MOVED when somebody else moved it."""
    places = {"old_number": old.number, "old_position": old.position}
    moved = connection.execute(
        _MOVE_HEAD,
        places | {"number": new.number, "position": new.position, "root": new.root, "posted_at": new.posted_at},
    )
    if moved.rowcount != 1:
        raise EvidenceError("E_HEAD_MOVED", number=old.number, position=old.position)


def put_checkpoint(connection: Connection, size: int, root: bytes, note_text: str) -> None:
    """Keep the operator's signed note over the first `size` vouchers; a size has one checkpoint for ever.

    Raises E_HEAD_ROOT when the tree does not give that root, E_ROWS_REFUSED when that size already has a note.
    """
    if log_root(connection, size) != root:
        raise EvidenceError("E_HEAD_ROOT", number=size)
    insert_rows(connection, tables.checkpoints, [(size, root, note_text)])


def put_cosignature(connection: Connection, size: int, name: str, line: str) -> None:
    """Keep a witness's signature line on the checkpoint of that size; a witness signs a size once."""
    insert_rows(connection, tables.cosignatures, [(size, name, line)])


def _event_rows(first: int, events: Sequence[NewEvent]) -> list[tuple[Table, list[Row]]]:
    placed = list(enumerate(events, first))
    rows: list[Row] = [(at, event.kind, event.data, orjson.dumps(event.tags).decode()) for at, event in placed]
    return [(tables.events, rows), (tables.event_ids, [(event.event_id, at) for at, event in placed])]


def _tag_rows(first: int, events: Sequence[NewEvent]) -> list[Row]:
    # In key order each page of the index is visited once a batch instead of once a tag.
    return sorted((tag, event.kind, at) for at, event in enumerate(events, first) for tag in event.tags)


def _voucher_row(voucher: NewVoucher) -> Row:
    return (
        voucher.number,
        voucher.voucher_id,
        voucher.first_position,
        len(voucher.events),
        voucher.entity,
        voucher.voucher_date.isoformat(),
        *(voucher.voucher_no or (None, None, None)),
        voucher.posted_at,
        voucher.statement_digest,
        voucher.maker,
        voucher.amount_fen,
        voucher.software,
        voucher.leaf,
    )


def _finding_rows(vouchers: Sequence[NewVoucher]) -> list[Row]:
    rows: list[Row] = []
    seen: dict[tuple[int, str], int] = {}
    for voucher in vouchers:
        for finding in voucher.findings:
            ordinal = seen[finding.position, finding.code] = seen.get((finding.position, finding.code), -1) + 1
            detail = orjson.dumps(dict(finding.detail), option=orjson.OPT_SORT_KEYS).decode()
            rows.append((finding.position, finding.code, ordinal, finding.stage, detail))
    return rows
