"""The bank reconciliation (银行存款余额调节表): bank balance and book balance of an account on a day, each adjusted by
what only the other side has, and whether they then agree.

The bank's balance is what its newest statement says, rolled back to the day. What the book moved before the first
statement begins has no line; it is explained when it adds up to that statement's opening balance. What is left as a
difference is in no list: lines missing from a statement, or a book that began without the bank's balance.
Source: 会计基础工作规范.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, select

from ledger.accounts.roles import Role
from ledger.decisions.histories import STANDING
from ledger.errors import NotFoundError
from ledger.flows.books.chains import KnownLine, statement_breaks
from ledger.flows.books.holdings import AccountRegistered
from ledger.flows.books.walks import ends_at
from ledger.log import reading
from ledger.log.rows import AccountKey
from ledger.log.tables import balances, postings
from ledger_projections.books.bank_lines import BANK, BANK_LINES, STATEMENTS, TRANSIT
from ledger_projections.books.statement_items import HOLDING, BankItem, BookItem, OpenItems, open_items
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow, items_at

_REGISTERED: Final = "bank.account_registered"
_NO_TIME: Final = "T00:00:00"
"""What a line bears of which only the day is known."""


@dataclass(frozen=True, slots=True)
class Reconciliation(Answer):
    """One account on a day, in fen.

    adjusted_bank = bank + book_in - book_out; adjusted_book = book + bank_in - bank_out; both are None, as the bank's
    figures are, when no statement reaches back to the day.
    """

    position: int
    entity: str
    account: str
    on: date
    statement: str | None
    bank_on: date | None
    """The last day that a statement covers, if it ends before `on`."""
    bank_fen: int | None
    book_in_fen: int
    """加:企业已收、银行未收."""
    book_out_fen: int
    """减:企业已付、银行未付."""
    adjusted_bank_fen: int | None
    book_fen: int
    bank_in_fen: int
    """加:银行已收、企业未收."""
    bank_out_fen: int
    """减:银行已付、企业未付."""
    adjusted_book_fen: int
    difference_fen: int | None
    breaks: int
    """Places in the account's statements where the bank's own balance chain does not hold, not even with what other
    statements brought since.
    """
    bank_items: tuple[BankItem, ...]
    book_items: tuple[BookItem, ...]
    carried_items: tuple[BookItem, ...]
    """Older than the first statement's lines, and together its opening balance: no line will ever come for them."""

    @property
    def agrees(self) -> bool:
        """Whether the adjusted balances are equal."""
        return self.difference_fen == 0


@dataclass(frozen=True, slots=True)
class Reconciliations(Answer):
    """Every account of an entity on a day."""

    position: int
    entity: str
    on: date
    rows: tuple[Reconciliation, ...]


def reconciliation(
    connection: Connection,
    entity: str,
    account: str,
    on: date,
    *,
    at: int | None = None,
) -> Reconciliation:
    """The reconciliation of an account at the end of the day `on`, as known at a position (None: now)."""
    return _reconcile(connection, moment_of(connection, [BANK], None, at), entity, account, on)


def reconciliations(connection: Connection, entity: str, on: date, *, at: int | None = None) -> Reconciliations:
    """The same for every account of an entity that holds or held money, or that a statement was taken over for."""
    moment = moment_of(connection, [BANK], None, at)
    rows = tuple(_reconcile(connection, moment, entity, one, on) for one in _accounts(connection, moment, entity))
    return Reconciliations(moment.position, entity, on, rows)


def holders(connection: Connection, *, at: int | None = None) -> list[str]:
    """The entities that have an account which `reconciliations` looks at, in order."""
    moment = moment_of(connection, [BANK], None, at)
    held = select(balances.c.entity).where(balances.c.role == Role.BANK.value, _posted(moment))
    told = select(STATEMENTS.c.entity).where(moment.counts(STATEMENTS))
    return sorted({*connection.scalars(held.distinct()), *connection.scalars(told.distinct())})


def _accounts(connection: Connection, moment: Moment, entity: str) -> Iterable[str]:
    held = select(balances.c.party).where(
        balances.c.entity == entity, balances.c.role == Role.BANK.value, _posted(moment)
    )
    told = select(STATEMENTS.c.account).where(moment.counts(STATEMENTS), STATEMENTS.c.entity == entity)
    return sorted({*connection.scalars(held.distinct()), *connection.scalars(told.distinct())})


def require_account(connection: Connection, entity: str, account: str, *, at: int | None = None) -> None:
    """NotFoundError E_ACCOUNT_ASKED for an account that the entity neither registered nor ever held or moved money on,
    and that no statement was taken over for: its reconciliation would be a row of noughts.
    """
    moment = moment_of(connection, [BANK], None, at)
    known = {*_accounts(connection, moment, entity), *_registered(connection, moment, entity)}
    if account in known:
        return
    held = select(balances.c.party).where(balances.c.entity == entity, balances.c.role.in_(HOLDING), _posted(moment))
    through = select(TRANSIT.c.account).where(moment.counts(TRANSIT), TRANSIT.c.entity == entity)
    known |= {*connection.scalars(held.distinct()), *connection.scalars(through.distinct())}
    if account not in known:
        named = ", ".join(sorted(known)) or "—"
        raise NotFoundError("E_ACCOUNT_ASKED", entity=entity, account=account, position=moment.position, known=named)


def _registered(connection: Connection, moment: Moment, entity: str) -> set[str]:
    places = reading.tag_positions(connection, STANDING, (_REGISTERED,))
    found = items_at(connection, [place for place in places if place <= moment.position])
    return {item.event.account for item in found if isinstance(item.event, AccountRegistered) and item.entity == entity}


def _posted(moment: Moment) -> ColumnElement[bool]:
    """Whether anything was posted to what a balance is of by then; the index of an account's postings tells."""
    same = (postings.c[name] == balances.c[name] for name in AccountKey._fields)
    return select(postings.c.position).where(*same, postings.c.position <= moment.position).exists()


def _reconcile(connection: Connection, moment: Moment, entity: str, account: str, on: date) -> Reconciliation:
    found = open_items(connection, moment, entity, account, on)
    statements = _statements(connection, moment, entity, account, on)
    newest, closing = _newest(connection, moment, statements) if statements else (None, 0)
    bank_fen = None if newest is None else _at_day(connection, moment, newest, closing, on)
    carried = _carried(found, _first(connection, moment, statements))
    book_items = found.book[len(carried) :]
    book_in, book_out = _in_and_out(item.fen for item in book_items)
    bank_in, bank_out = _in_and_out(item.fen for item in found.bank)
    adjusted_bank = None if bank_fen is None else bank_fen + book_in - book_out
    adjusted_book = found.book_fen + bank_in - bank_out
    return Reconciliation(
        position=moment.position,
        entity=entity,
        account=account,
        on=on,
        statement=None if newest is None else newest.statement,
        bank_on=None if newest is None else min(on, newest.last_day),
        bank_fen=bank_fen,
        book_in_fen=book_in,
        book_out_fen=book_out,
        adjusted_bank_fen=adjusted_bank,
        book_fen=found.book_fen,
        bank_in_fen=bank_in,
        bank_out_fen=bank_out,
        adjusted_book_fen=adjusted_book,
        difference_fen=None if adjusted_bank is None else adjusted_bank - adjusted_book,
        breaks=sum(_breaks(connection, moment, row) for row in statements if row.breaks),
        bank_items=found.bank,
        book_items=book_items,
        carried_items=carried,
    )


def _carried(found: OpenItems, first: AnyRow | None) -> tuple[BookItem, ...]:
    """The open items of the book that the first statement's opening balance holds, or none.

    A day has no order between bank and book, so the earlier items are tried alone, then with the first day's; either
    way they are the beginning of the list. A book that took the account over has its own opening balance, and nothing
    before it.
    """
    if first is None or not first.opening_fen or found.opened:
        return ()
    with_day = tuple(item for item in found.book if item.day <= first.first_day)
    before = tuple(item for item in with_day if item.day < first.first_day)
    return next((part for part in (before, with_day) if sum(item.fen for item in part) == first.opening_fen), ())


def _in_and_out(amounts: Iterable[int]) -> tuple[int, int]:
    """What came in and what went out, both as positive fen."""
    amounts = list(amounts)
    return sum(fen for fen in amounts if fen > 0), -sum(fen for fen in amounts if fen < 0)


def _statements(connection: Connection, moment: Moment, entity: str, account: str, on: date) -> list[AnyRow]:
    """The account's statements that begin by the day, the one that reaches furthest last."""
    here = and_(STATEMENTS.c.entity == entity, STATEMENTS.c.account == account, STATEMENTS.c.first_day <= on)
    ordered = select(STATEMENTS).where(moment.counts(STATEMENTS), here)
    return list(connection.execute(ordered.order_by(STATEMENTS.c.last_day, STATEMENTS.c.position)))


def _breaks(connection: Connection, moment: Moment, statement: AnyRow) -> int:
    """The breaks of a statement that no later line has closed."""
    lines = BANK_LINES.c
    mine = and_(lines.entity == statement.entity, lines.account == statement.account, lines.statement != "")
    days = lines.moved_on.between(statement.first_day, statement.last_day)
    columns = (lines.fen, lines.balance_fen, lines.moved_on, lines.statement)
    found = connection.execute(select(*columns).where(moment.counts(BANK_LINES), mine, days))
    known = [KnownLine(row.fen, row.balance_fen, str(row.moved_on), row.statement) for row in found]
    return statement_breaks(statement, known)


def _at_day(connection: Connection, moment: Moment, newest: AnyRow, closing_fen: int, on: date) -> int:
    """What the bank says at the end of a day: the closing balance, less what moved on the statement's later days."""
    mine = and_(BANK_LINES.c.entity == newest.entity, BANK_LINES.c.account == newest.account)
    later = and_(BANK_LINES.c.moved_on > on, BANK_LINES.c.moved_on <= newest.last_day)
    moved = select(func.sum(BANK_LINES.c.fen)).where(moment.counts(BANK_LINES), mine, later)
    return closing_fen - int(connection.scalar(moved) or 0)


def _newest(connection: Connection, moment: Moment, statements: Sequence[AnyRow]) -> tuple[AnyRow, int]:
    """The statement that reaches furthest, and the balance at the end of its last day: where the walk over all lines of
    that day ends, whichever statement brought them and in which order.
    """
    last = statements[-1]
    rivals = [row for row in statements if row.last_day == last.last_day]
    closing = _walked_closing(connection, moment, rivals)
    return next((row for row in reversed(rivals) if row.closing_fen == closing), last), closing


def _walked_closing(connection: Connection, moment: Moment, rivals: Sequence[AnyRow]) -> int:
    """The balance at the end of the last day. Where its lines lead round and no time says where they began, that of the
    day before them; what the newest statement says where a line has no balance, or the closing one is missing.
    """
    newest, stated = rivals[-1], int(rivals[-1].closing_fen)
    seen: set[int] = set()
    day: date | None = newest.last_day
    while day is not None:
        lines = _lines_of(connection, moment, newest, day)
        walks = [(row.balance_fen - row.fen, row.balance_fen) for row in lines if row.balance_fen is not None]
        seen = seen or {balance for walk in walks for balance in walk}
        if len(walks) < len(lines) or stated not in seen:
            return stated
        closings = [row.closing_fen for row in rivals if row.last_day == day]
        timed = all(not row.moved_at[len("2025-09-30") :].startswith(_NO_TIME) for row in lines)
        if (end := ends_at(walks, closings, timed=timed)) is not None:
            return end if end in seen else stated
        day = _day_before(connection, moment, newest, day)
    return stated


def _first(connection: Connection, moment: Moment, statements: Sequence[AnyRow]) -> AnyRow | None:
    """The statement that begins the account; of several that begin on one day, one to whose opening no line leads."""
    first = min(statements, key=lambda row: (row.first_day, row.position), default=None)
    rivals = [row for row in statements if first is not None and row.first_day == first.first_day]
    if first is None or len(rivals) == 1:
        return first
    led = {row.balance_fen for row in _lines_of(connection, moment, first, first.first_day)}
    return next((row for row in rivals if row.opening_fen not in led), first)


def _lines_of(connection: Connection, moment: Moment, statement: AnyRow, day: date) -> list[AnyRow]:
    """The lines of a statement's account of one day, from whichever statement, by time."""
    lines = BANK_LINES.c
    mine = and_(lines.entity == statement.entity, lines.account == statement.account, lines.statement != "")
    found = select(BANK_LINES).where(moment.counts(BANK_LINES), mine, lines.moved_on == day)
    return list(connection.execute(found.order_by(lines.moved_at, lines.fen, lines.balance_fen)))


def _day_before(connection: Connection, moment: Moment, statement: AnyRow, day: date) -> date | None:
    """The last day before this one on which a line moved the statement's account."""
    lines = BANK_LINES.c
    mine = and_(lines.entity == statement.entity, lines.account == statement.account, lines.statement != "")
    latest = select(func.max(lines.moved_on)).where(moment.counts(BANK_LINES), mine, lines.moved_on < day)
    found: date | None = connection.scalar(latest)
    return found
