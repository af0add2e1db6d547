"""The trail of a tag (审计轨迹): everything that was recorded about a fund, a gift, a household, a document, in order.

Each line says where it stands, who signed and who approved in which capacity, what it moved, what the rules had to say
of it, and whether it was reversed. It reads the log alone: what is shown here is what a verifier checks.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from ledger.accounts.roles import BOOKKEEPING_ROLES
from ledger.catalogue import say
from ledger.decisions.judging import business_day
from ledger.flows.books.reversal import EventReversed
from ledger.flows.knowledge import Recorded
from ledger.log import reading
from ledger.log.rows import StoredVoucher
from ledger.log.tables import findings, postings, vouchers
from ledger.signing.leaves import Leaf
from ledger.signing.statements import Approval, Statement
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.items import items_at, reversals_of, rows_where


@dataclass(frozen=True, slots=True)
class Signature(Answer):
    """Who signed, in which capacity (a maker's is `maker`), and when by the signer's own clock."""

    officer: str
    capacity: str
    made_at: str


@dataclass(frozen=True, slots=True)
class TrailRow(Answer):
    """One recorded event. `number` is the 存证号, `voucher_no` the 凭证字号 such as 记-0001."""

    position: int
    number: int
    voucher_no: str | None
    entity: str
    voucher_date: date
    posted_at: str
    event: str
    kind: str
    title: str
    note: str
    signatures: tuple[Signature, ...]
    amount_fen: int
    """What the event moved in the main book; of an event that moves nothing, the amount that it states; negative for
    a reversal."""
    warnings: tuple[str, ...]
    reversed_at: int | None
    """The position of the reversal, when it was taken back."""
    reverses: int | None
    """The position that this event takes back."""


@dataclass(frozen=True, slots=True)
class Trail(Answer):
    """The trail of a tag at a position; `next_after` is where the next page begins, None when this was the last."""

    position: int
    tag: str
    rows: tuple[TrailRow, ...]
    next_after: int | None


def trail(
    connection: Connection,
    tag: str,
    *,
    as_of: date | None = None,
    at: int | None = None,
    after: int = 0,
    limit: int | None = None,
    language: str = "zh",
) -> Trail:
    """Everything recorded with a tag (`fund:relief`, `donation:D1`) up to a position, oldest first; of what happened by
    a day.
    """
    moment = log_moment(connection, as_of, at)
    wanted = None if limit is None or as_of is not None else limit + 1
    places = reading.tag_positions(connection, tag, after=after, until=moment.position, limit=wanted)
    if as_of is not None:
        places = _by(connection, places, as_of)
    more = limit is not None and len(places) > limit
    shown = places[:limit] if more else places
    rows = rows_at(connection, shown, moment.position, language, as_of)
    return Trail(moment.position, tag, tuple(rows), shown[-1] if more and shown else None)


def _by(connection: Connection, places: Iterable[int], day: date) -> list[int]:
    """Those of some places whose business day has come by a day."""
    items = items_at(connection, list(places))
    return [item.position for item in items if business_day(item.event, item.voucher_date) <= day]


def rows_at(
    connection: Connection, places: Sequence[int], position: int, language: str, as_of: date | None = None
) -> Iterable[TrailRow]:
    """What a trail says of the events at some places, as it was at a position, and on a day."""
    items = items_at(connection, places)
    signed = {v.number: _signed(v) for v in _vouchers(connection, sorted({item.number for item in items}))}
    moved = _moved(connection, places)
    warnings = _warnings(connection, places)
    taken_back = reversals_of(connection, [item.event.id for item in items], position)
    if as_of is not None:
        come = set(_by(connection, sorted(taken_back.values()), as_of))
        taken_back = {event: place for event, place in taken_back.items() if place in come}
    for item in items:
        voucher, note, signatures = signed[item.number]
        number = voucher.voucher_no
        yield TrailRow(
            position=item.position,
            number=item.number,
            voucher_no=None if number is None else f"{number[1]}-{number[2]:04d}",
            entity=item.entity,
            voucher_date=item.voucher_date,
            posted_at=voucher.posted_at,
            event=item.event.id,
            kind=item.event.kind,
            title=say(item.event.kind, language),
            note=note,
            signatures=signatures,
            amount_fen=_amount(item, moved),
            warnings=tuple(warnings[item.position]),
            reversed_at=taken_back.get(item.event.id),
            reverses=item.event.target_position if isinstance(item.event, EventReversed) else None,
        )


def _signed(voucher: StoredVoucher) -> tuple[StoredVoucher, str, tuple[Signature, ...]]:
    """The voucher's note and everybody who signed it, the maker first."""
    leaf = Leaf.from_bytes(voucher.leaf)
    statement = Statement.from_bytes(leaf.envelope.payload)
    approvals = [Approval.from_bytes(envelope.payload) for envelope in leaf.approvals]
    maker = Signature(statement.maker, "maker", statement.made_at)
    others = (Signature(one.person, one.capacity, one.made_at) for one in approvals)
    return voucher, statement.note, (maker, *others)


def _vouchers(connection: Connection, numbers: Sequence[int]) -> Iterable[StoredVoucher]:
    return [StoredVoucher(*row) for row in rows_where(connection, select(vouchers), vouchers.c.number, numbers)]


def _moved(connection: Connection, places: Sequence[int]) -> dict[int, int]:
    """Position -> fen of its debits in the main book, each movement once."""
    debits = select(postings.c.position, func.sum(postings.c.amount_fen)).group_by(postings.c.position)
    main = debits.where(
        postings.c.book == "main",
        postings.c.amount_fen > 0,
        postings.c.role.notin_([str(role) for role in BOOKKEEPING_ROLES]),
    )
    return {row[0]: int(row[1]) for row in rows_where(connection, main, postings.c.position, places)}


def _amount(item: Recorded, moved: dict[int, int]) -> int:
    stated = getattr(item.event, "amount_fen", 0)
    fen = moved.get(item.position, stated if isinstance(stated, int) else 0)
    return -fen if isinstance(item.event, EventReversed) else fen


def _warnings(connection: Connection, places: Sequence[int]) -> defaultdict[int, list[str]]:
    """Position -> the codes that the rules found, each once."""
    chosen = select(findings.c.position, findings.c.code).distinct().order_by(findings.c.position, findings.c.code)
    found: defaultdict[int, list[str]] = defaultdict(list)
    for place, code in rows_where(connection, chosen, findings.c.position, places):
        found[place].append(code)
    return found
