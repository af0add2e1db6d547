"""Export of the events as JSON Lines, for other programs: one line an event, and a last line that tells a whole file
from a cut one.

Each line is `{"position", "number", "posted_at", "entity", "voucher_date", "event"}`, `event` being the object that
was signed. The last line is `{"trailer": {"checkpoint", "count", "digest", "signature"}}`; `digest` is the RFC 6962
root over the lines before it, each without its newline. `signature` is a signed note of the operator with these lines:
format, origin, first position, number of lines, digest in hexadecimal, size and root of the checkpoint. It is null
where whoever exported does not hold the operator's key.
"""

from collections.abc import Iterator
from typing import IO, Any, Final

import orjson
from sqlalchemy import Connection, select

from ledger.log import tables
from ledger.log.appending import read_head
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.digests import digest_text
from ledger.signing.merkle import Frontier, leaf_hash
from ledger.signing.notes import sign_note
from ledger.signing.vkeys import NoteSigner
from ledger_audit.notes import newest_note
from ledger_audit.packages import PAGE, Step

FORMAT: Final = "charity-ledger/events@v1"
_OPTION: Final = orjson.OPT_SORT_KEYS


def export_events(
    connection: Connection,
    file: IO[bytes],
    operator: NoteSigner | None,
    *,
    first: int = 1,
    step: Step | None = None,
) -> dict[str, Any]:
    """Write the events from position `first` on; answers the trailer. The connection must see one snapshot."""
    _, note = newest_note(connection, read_head(connection).number)
    edge, count = Frontier(), 0
    last = connection.scalar(select(tables.head.c.position)) or 0
    for line in _lines(connection, first):
        file.write(line + b"\n")
        edge.append([leaf_hash(line)])
        count += 1
        if step is not None and count % PAGE == 0:
            step(count, last - first + 1)
    signature = None if operator is None else _signed(operator, note, first, count, edge.root())
    trailer = {"count": count, "digest": digest_text(edge.root()), "checkpoint": note, "signature": signature}
    file.write(orjson.dumps({"trailer": trailer}, option=_OPTION) + b"\n")
    return trailer


def _signed(operator: NoteSigner, note: str, first: int, count: int, digest: bytes) -> str:
    under = open_checkpoint(note, None)
    numbers = (str(first), str(count), digest.hex(), str(under.size), base64_text.encode(under.root))
    return sign_note("\n".join((FORMAT, under.origin, *numbers)) + "\n", [operator])


def _lines(connection: Connection, first: int) -> Iterator[bytes]:
    vouchers, events = tables.vouchers, tables.events
    held = (events.c.position >= vouchers.c.first_position) & (
        events.c.position < vouchers.c.first_position + vouchers.c.count
    )
    columns = [vouchers.c[name] for name in ("number", "posted_at", "entity", "voucher_date")]
    chosen = select(events.c.position, *columns, events.c.data).join_from(vouchers, events, held)
    chosen = chosen.where(events.c.position >= first).order_by(vouchers.c.number, events.c.position)
    for row in connection.execute(chosen.execution_options(yield_per=PAGE)):
        yield orjson.dumps(
            {
                "position": row.position,
                "number": row.number,
                "posted_at": row.posted_at,
                "entity": row.entity,
                "voucher_date": row.voucher_date,
                "event": orjson.Fragment(bytes(row.data)),
            },
            option=_OPTION,
        )
