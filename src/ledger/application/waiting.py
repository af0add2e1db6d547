"""Submitted vouchers that wait outside the log for a signature: kept, listed, completed, ended.

Nothing here reserves money or a slot; a waiting voucher is judged again, whole, when its last signature arrives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, literal, select, update

from ledger.decisions.prepared import Prepared, Submission
from ledger.errors import NotFoundError
from ledger.log.reading import voucher_by_id
from ledger.log.side_tables import pending
from ledger.signing.dsse import Envelope

PENDING: Final = "pending"
REFUSED: Final = "refused"
"""A person with a say signed a rejection; nothing revives the voucher."""
POSTED: Final = "posted"
ENDED: Final = {
    "voucher.rejected": "rejected",
    "voucher.withdrawn": "withdrawn",
    "voucher.lapsed": "lapsed",
}


@dataclass(frozen=True, slots=True)
class WaitingVoucher:
    """One row: what waits, whose it is, and the submission as it was received."""

    voucher: str
    statement: str
    entity: str
    maker: str
    amount_fen: int
    state: str
    submitted_at: str
    valid_until: str
    submission: Submission


def rows_of(connection: Connection, vouchers: Sequence[str]) -> dict[str, WaitingVoucher]:
    """What is kept under these ids, in whatever state."""
    chosen = select(pending).where(pending.c.voucher_id.in_(list(vouchers)))
    return {row.voucher_id: _read(row) for row in connection.execute(chosen)}


def keep(connection: Connection, voucher: Prepared, amount_fen: int, since: str) -> None:
    """Keep a voucher that still lacks signatures, with all approvals that were collected so far; it waits `since`."""
    connection.execute(delete(pending).where(pending.c.voucher_id == voucher.statement.voucher))
    connection.execute(
        insert(pending).values(
            voucher_id=voucher.statement.voucher,
            statement_digest=voucher.digest,
            entity=voucher.statement.entity,
            maker=voucher.statement.maker,
            amount_fen=amount_fen,
            state=PENDING,
            submitted_at=since,
            valid_until=voucher.statement.valid_until,
            envelope=voucher.envelope.to_bytes(),
            events=b"\n".join(voucher.data),
            approvals=_approvals_text([item.envelope for item in voucher.approvals]),
        ),
    )


def refuse(connection: Connection, kept: WaitingVoucher, rejection: Envelope, now: str) -> None:
    """A signed rejection ends the waiting; the envelope is kept as evidence until the event that says so is posted."""
    approvals = _approvals_text([*kept.submission.approvals, rejection])
    connection.execute(
        update(pending)
        .where(pending.c.voucher_id == kept.voucher, pending.c.state == PENDING)
        .values(state=REFUSED, approvals=approvals, changed_at=now),
    )


def _approvals_text(envelopes: Sequence[Envelope]) -> bytes:
    return orjson.dumps([envelope.to_json_value() for envelope in envelopes])


def drop(connection: Connection, vouchers: list[str]) -> None:
    """Posted vouchers wait no longer."""
    if vouchers:
        connection.execute(delete(pending).where(pending.c.voucher_id.in_(vouchers)))


def end(connection: Connection, kind: str, statement: str, reason: str, now: str) -> None:
    """A rejection, withdrawal or lapse is in the log: the row keeps the state for its maker to see."""
    connection.execute(
        update(pending)
        .where(pending.c.statement_digest == statement)
        .values(state=ENDED[kind], reason=reason, changed_at=now),
    )


def waiting(connection: Connection, voucher: str) -> WaitingVoucher:
    """A waiting voucher by id; E_NOT_PENDING when nothing of that id waits."""
    row = connection.execute(select(pending).where(pending.c.voucher_id == voucher)).one_or_none()
    if row is None:
        raise not_pending(voucher, None if voucher_by_id(connection, voucher) is None else POSTED)
    if row.state != PENDING:
        raise not_pending(voucher, row.state)
    return _read(row)


def not_pending(voucher: str, state: str | None = None) -> NotFoundError:
    """E_NOT_PENDING with what became of the voucher; None for one that nobody knows, or that is not told of."""
    return NotFoundError("E_NOT_PENDING", voucher=voucher, state=state, became=state or "nothing")


def entity_of(connection: Connection, voucher: str) -> str | None:
    """Whose books a voucher that waits or waited is for; None for one that never did."""
    return connection.scalar(select(pending.c.entity).where(pending.c.voucher_id == voucher))


def all_waiting(connection: Connection, *states: str) -> list[WaitingVoucher]:
    """Every voucher that waits, or that is in one of these states, oldest first."""
    chosen = select(pending).where(pending.c.state.in_(states or (PENDING,)))
    rows = connection.execute(chosen.order_by(pending.c.submitted_at, pending.c.voucher_id))
    return [_read(row) for row in rows]


def ended_with(connection: Connection, entity: str, said: str) -> list[WaitingVoucher]:
    """An entity's vouchers that ended without being posted and have an event that says so, oldest first. Only those are
    read: what ended is kept for good.
    """
    ended = pending.c.entity == entity, pending.c.state.in_((REFUSED, *ENDED.values()))
    says = _is_within(said.encode(), connection.dialect.name)
    order = pending.c.submitted_at, pending.c.voucher_id
    return [_read(row) for row in connection.execute(select(pending).where(*ended, says).order_by(*order))]


def _is_within(data: bytes, dialect: str) -> ColumnElement[bool]:
    """Whether a voucher's events hold some bytes; the database looks, so that nothing else is loaded."""
    if dialect == "postgresql":
        return func.position(literal(data).op("IN")(pending.c.events)) > 0
    return func.instr(pending.c.events, data) > 0


def _read(row: Row[Any]) -> WaitingVoucher:
    approvals = tuple(Envelope.from_json_value(item) for item in orjson.loads(row.approvals))
    submission = Submission(Envelope.from_bytes(row.envelope), tuple(row.events.split(b"\n")), approvals)
    return WaitingVoucher(
        row.voucher_id,
        row.statement_digest,
        row.entity,
        row.maker,
        row.amount_fen,
        row.state,
        row.submitted_at,
        row.valid_until,
        submission,
    )
