"""What lies between the authorised amount and the credited one, beside deductions and failures.

A line that failed or came back may be tried again under the same authorisation, be taken out (剔除), or have no result
yet (未回盘). The bank may also pay what nobody authorised or what was taken out, and another amount than was due. Each
is summed from the lines themselves and never taken as what the others leave, so that the sums can be held against each
other. Source: 代发全流程.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select

from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.payment_lines import BACK, PAYMENTS, RETURNS
from ledger_projections.public_money.payment_queries import Place, Scope, lines_of, lines_of_payments, proved_paid

_TRIES: Final = ("failed", "paid")
_RESULTS: Final = (*RETURNS, "paid", "excluded")


@dataclass(slots=True)
class PathSum:
    """A programme's fen: tried again under the same authorisation, taken out, and without any result; tried without an
    authorisation of a batch's list, or of a batch that has no list here; and what was tried beside what was due.
    """

    retried_fen: int = 0
    excluded_fen: int = 0
    pending_fen: int = 0
    unasked_fen: int = 0
    unlisted_fen: int = 0
    differing_fen: int = 0


def payment_paths(connection: Connection, moment: Moment, scope: Scope) -> dict[Place, PathSum]:
    """(entity, programme) -> what became of the lines of a scope that no credit and no failure alone explains."""
    found: defaultdict[Place, PathSum] = defaultdict(PathSum)
    _again(connection, moment, scope, found)
    _excluded(connection, moment, scope, found)
    _pending(connection, moment, scope, found)
    _unasked(connection, moment, scope, found)
    _differing(connection, moment, scope, found)
    return dict(found)


def _again(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """Every try after the first of a payment, paid or failed again: failures are counted each time that they happen."""
    returned = select(PAYMENTS.c.payment).where(moment.counts(PAYMENTS), PAYMENTS.c.act.in_(RETURNS))
    many = connection.scalars(returned.distinct())  # wherever it failed: it may be paid in a batch of another month
    for rows in lines_of_payments(connection, moment, many, ("authorised", *_TRIES, *BACK)).values():
        is_asked = any(row.act == "authorised" for row in rows)
        tries = _tries(rows)
        first = _first_tries(rows)
        for row in rows:
            if row.act not in _TRIES or not scope.has(row) or row in first:
                continue
            path = found[row.entity, row.programme]
            path.retried_fen += row.fen if row in tries else 0
            if not is_asked:  # what was tried first stands among these
                _untold(path, scope, row.batch, -row.fen)


def _tries(rows: Iterable[AnyRow]) -> list[AnyRow]:
    """What the bank tried of one payment, the first first; a failure that proved to be money that came back is none."""
    rows = list(rows)
    proved = proved_paid(rows)
    return sorted((row for row in rows if row.act in _TRIES and row.position not in proved), key=_order)


def _first_tries(rows: Iterable[AnyRow]) -> list[AnyRow]:
    """What was tried first of a payment: in each batch for which it was authorised, for it may be authorised again
    under its own number; of one that nobody authorised once. Where the bank paid less than was due, the rest of another
    day was not tried again.
    """
    rows = list(rows)
    asked = {row.batch for row in rows if row.act == "authorised"}
    found: list[AnyRow] = []
    for batch in asked or {None}:
        mine = [row for row in rows if batch is None or row.batch == batch]
        found += _first_of(mine)
    return found or _first_of(rows)


def _first_of(rows: Sequence[AnyRow]) -> list[AnyRow]:
    tries = _tries(rows)
    back = min((_order(row) for row in rows if row.act in BACK), default=None)
    if not tries or tries[0].act != "paid":
        return tries[:1]
    return [row for row in tries if row.act == "paid" and (row is tries[0] or back is None or _order(row) < back)]


def _order(row: AnyRow) -> tuple[object, int]:
    return row.done_on, int(row.position)


def _excluded(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """Authorised lines that were taken out before the bank had tried them; a failed one is among the failures. What the
    bank pays of such a line all the same, without another authorisation, nobody asked for.
    """
    rows = [row for row in lines_of(connection, moment, scope, ("excluded",)) if row.payment]
    known = lines_of_payments(connection, moment, (row.payment for row in rows), ("authorised", *_TRIES, *BACK))
    for row in rows:
        before = [one for one in known[row.payment] if one.position < row.position and one.batch == row.batch]
        claims = [one for one in before if one.act == "authorised"]
        if not claims or len(claims) < len(before):
            continue
        path = found[claims[-1].entity, claims[-1].programme]
        path.excluded_fen += row.fen
        after = [one for one in known[row.payment] if one.position > row.position]
        tries = _tries(after)
        if tries and scope.has(tries[0]) and all(one.act != "authorised" for one in after):
            path.unasked_fen += tries[0].fen


def _pending(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """Authorised lines without any result, less what is kept back of them. What became of a payment in a batch for
    which it was authorised before is no result of its next authorisation.
    """
    result, again = PAYMENTS.alias("result"), PAYMENTS.alias("again")
    own = select(again.c.payment).where(
        moment.counts(again),
        again.c.act == "authorised",
        again.c.payment == result.c.payment,
        again.c.batch == result.c.batch,
    )
    some = select(result.c.payment).where(
        moment.counts(result),
        result.c.act.in_(_RESULTS),
        result.c.payment == PAYMENTS.c.payment,
        or_(result.c.batch == PAYMENTS.c.batch, ~own.exists()),
    )
    waits = (moment.counts(PAYMENTS), scope.holds(PAYMENTS), ~some.exists())
    keys = (PAYMENTS.c.entity, PAYMENTS.c.programme)
    for sign, act in ((1, "authorised"), (-1, "offset")):
        chosen = select(*keys, func.sum(PAYMENTS.c.fen)).where(*waits, PAYMENTS.c.act == act).group_by(*keys)
        for entity, programme, fen in connection.execute(chosen):
            found[entity, programme].pending_fen += sign * int(fen)


def _unasked(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """What the bank tried of payments that nobody authorised; of those that it tried again `_again` takes off the
    rest.
    """
    asked = PAYMENTS.alias("asked")
    some = select(asked.c.payment).where(
        moment.counts(asked), asked.c.act == "authorised", asked.c.payment == PAYMENTS.c.payment
    )
    keys = (PAYMENTS.c.entity, PAYMENTS.c.programme, PAYMENTS.c.batch)
    here = (moment.counts(PAYMENTS), scope.holds(PAYMENTS), PAYMENTS.c.act.in_(_TRIES), ~some.exists())
    chosen = select(*keys, func.sum(PAYMENTS.c.fen)).where(*here).group_by(*keys)
    for entity, programme, batch, fen in connection.execute(chosen):
        _untold(found[entity, programme], scope, batch, int(fen))


def _untold(path: PathSum, scope: Scope, batch: str, fen: int) -> None:
    """What nobody authorised: of a batch without a list nobody can tell."""
    if batch in scope.loose:
        path.unlisted_fen += fen
    else:
        path.unasked_fen += fen


def _differing(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """What the bank tried first of a line beside what was due of it: more, or less than nothing where it was less."""
    asked = PAYMENTS.alias("asked")
    same = and_(asked.c.payment == PAYMENTS.c.payment, asked.c.act == "authorised", asked.c.fen != PAYMENTS.c.fen)
    odd = select(PAYMENTS.c.payment).join(asked, same).where(moment.counts(PAYMENTS), moment.counts(asked))
    odd = odd.where(scope.holds(PAYMENTS), PAYMENTS.c.act.in_(_TRIES))
    kept = select(PAYMENTS.c.payment).where(moment.counts(PAYMENTS), scope.holds(PAYMENTS), PAYMENTS.c.act == "offset")
    acts = ("authorised", "offset", *_TRIES, *BACK)
    for rows in lines_of_payments(connection, moment, connection.scalars(odd.union(kept)), acts).values():
        claims = {row.batch: row for row in rows if row.act == "authorised"}
        for batch, claim in claims.items():
            first = [row for row in _first_tries(rows) if len(claims) == 1 or row.batch == batch]
            if first and scope.has(first[0]):
                due = claim.fen - sum(row.fen for row in rows if row.act == "offset" and row.batch == batch)
                found[claim.entity, claim.programme].differing_fen += sum(row.fen for row in first) - due
