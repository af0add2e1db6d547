"""The operator's checkpoints as they leave the house: each note with the witnesses' lines under it."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, select

from ledger.errors import EvidenceError
from ledger.log import reading, tables


def newest_note(connection: Connection, number: int = 1) -> tuple[int, str]:
    """Size and note of the newest checkpoint, which must cover voucher `number`; E_CHECKPOINT_MISSING."""
    found = reading.checkpoint(connection)
    if found is None or found.size < number:
        raise EvidenceError("E_CHECKPOINT_MISSING", number=number)
    return found.size, found.note + "".join(reading.cosignatures_of(connection, found.size).values())


def note_over(connection: Connection, position: int) -> tuple[int, str] | None:
    """Size and note of the first checkpoint over the voucher that holds a position: the same whenever it is asked for.
    None where no voucher holds it, or none of the checkpoints covers it yet.
    """
    voucher = reading.voucher_of_position(connection, position)
    if voucher is None:
        return None
    wanted = select(tables.checkpoints.c.size, tables.checkpoints.c.note)
    covering = wanted.where(tables.checkpoints.c.size >= voucher.number)
    row = connection.execute(covering.order_by(tables.checkpoints.c.size).limit(1)).one_or_none()
    if row is None:
        return None
    return row.size, row.note + "".join(reading.cosignatures_of(connection, row.size).values())


def notes(connection: Connection) -> Iterator[tuple[int, str]]:
    """Size and note of every checkpoint that the operator signed, in size order."""
    lines: defaultdict[int, list[str]] = defaultdict(list)
    chosen = select(tables.cosignatures).order_by(tables.cosignatures.c.size, tables.cosignatures.c.name)
    for row in connection.execute(chosen):
        lines[row.size].append(row.line)
    wanted = select(tables.checkpoints.c.size, tables.checkpoints.c.note).order_by(tables.checkpoints.c.size)
    for size, note in connection.execute(wanted):
        yield size, note + "".join(lines.get(size, ()))
