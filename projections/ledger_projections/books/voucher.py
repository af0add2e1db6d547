"""One voucher (凭证) as it stands in the log: where, who signed it with which key, its events, and what they booked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from ledger.errors import InputError, NotFoundError
from ledger.log import reading
from ledger.log.rows import StoredPosting, StoredVoucher
from ledger.log.tables import vouchers
from ledger.signing.dsse import Envelope
from ledger.signing.leaves import Leaf
from ledger.signing.statements import Approval, Statement
from ledger_projections.books.trail import TrailRow, rows_at
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import head_position

_SHORTEST_PART: Final = 6
_MOST_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Signed(Answer):
    """One signature: who, in which capacity (a maker's is `maker`), when by the signer's own clock, with which key."""

    officer: str
    capacity: str
    made_at: str
    keyids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoucherEvent(Answer):
    """One event: `told` is what the trail says of it, `data` what was signed."""

    told: TrailRow
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry(Answer):
    """One leg (分录); a debit is positive."""

    position: int
    book: str
    fund: str
    chart: str
    code: str
    role: str
    party: str
    amount_fen: int
    occurred_on: date


@dataclass(frozen=True, slots=True)
class VoucherTold(Answer):
    """A voucher. `position` is where the log stands, `positions` the voucher's own first and last."""

    position: int
    number: int
    voucher: str
    entity: str
    voucher_date: date
    voucher_no: Mapping[str, Any] | None
    attachments: int
    note: str
    posted_at: str
    positions: tuple[int, int]
    amount_fen: int
    statement: str
    software: str
    maker: Signed
    approvals: tuple[Signed, ...]
    events: tuple[VoucherEvent, ...]
    entries: tuple[Entry, ...]


def voucher_told(connection: Connection, name: str, language: str = "zh") -> VoucherTold:
    """The voucher of a number (存证号) or an id, or of a part of one that no other has; NotFoundError
    E_VOUCHER_NOT_POSTED, InputError E_VOUCHER_PART.
    """
    head = head_position(connection)
    row = _found(connection, name)
    leaf = Leaf.from_bytes(row.leaf)
    statement = Statement.from_bytes(leaf.envelope.payload)
    places = range(row.first_position, row.last_position + 1)
    data = {one.position: orjson.loads(one.data) for one in reading.events_between(connection, places[0], places[-1])}
    legs = reading.postings_between(connection, places[0], places[-1])
    no = row.voucher_no
    return VoucherTold(
        position=head,
        number=row.number,
        voucher=row.voucher_id,
        entity=row.entity,
        voucher_date=row.voucher_date,
        voucher_no=None
        if no is None
        else {"entity": row.entity, **dict(zip(("period", "word", "no"), no, strict=True))},
        attachments=statement.attachments,
        note=statement.note,
        posted_at=row.posted_at,
        positions=(row.first_position, row.last_position),
        amount_fen=row.amount_fen,
        statement=row.statement_digest,
        software=row.software,
        maker=Signed(statement.maker, "maker", statement.made_at, _keyids(leaf.envelope)),
        approvals=tuple(_approval(one) for one in leaf.approvals),
        events=tuple(VoucherEvent(one, data[one.position]) for one in rows_at(connection, places, head, language)),
        entries=tuple(_entry(leg) for leg in legs),
    )


def _found(connection: Connection, name: str) -> StoredVoucher:
    """The row of a number, an id or a part of one, from its beginning or its end."""
    if name.isascii() and name.isdigit() and len(name) <= _MOST_DIGITS:
        known = reading.voucher_by_number(connection, int(name))
    else:
        known = reading.voucher_by_id(connection, name)
    if known is not None:
        return known
    if len(name) >= _SHORTEST_PART:
        part = vouchers.c.voucher_id
        named = part.startswith(name, autoescape=True) | part.endswith(name, autoescape=True)
        ids = connection.scalars(select(part).where(named).limit(2)).all()
        if len(ids) > 1:
            raise InputError("E_VOUCHER_PART_POSTED", value=name)
        if ids and (known := reading.voucher_by_id(connection, ids[0])) is not None:
            return known
    raise NotFoundError("E_VOUCHER_NOT_POSTED", voucher=name)


def _keyids(envelope: Envelope) -> tuple[str, ...]:
    return tuple(one.keyid for one in envelope.signatures)


def _approval(envelope: Envelope) -> Signed:
    said = Approval.from_bytes(envelope.payload)
    return Signed(said.person, said.capacity, said.made_at, _keyids(envelope))


def _entry(leg: StoredPosting) -> Entry:
    where = (leg.position, leg.book, leg.fund, leg.chart, leg.code, leg.role, leg.party)
    return Entry(*where, leg.amount_fen, leg.occurred_on)
