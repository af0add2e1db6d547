"""What lies between the authorised amount and the credited one, beside deductions and failures.

A line that failed or came back may be tried again under the same authorisation, be taken out (剔除), or have no result
yet (未回盘). Each is summed from the lines themselves and never taken as what the others leave, so that the sums can be
held against each other. Source: 代发全流程.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.payment_lines import BACK, PAYMENTS, RETURNS
from ledger_projections.public_money.payment_queries import Place, Scope, lines_of, lines_of_payments, proved_paid

_TRIES: Final = ("failed", "paid")
_RESULTS: Final = (*RETURNS, "paid", "excluded")


@dataclass(slots=True)
class PathSum:
    """A programme's fen: tried again under the same authorisation, taken out, and without any result."""

    retried_fen: int = 0
    excluded_fen: int = 0
    pending_fen: int = 0


def payment_paths(connection: Connection, moment: Moment, scope: Scope) -> dict[Place, PathSum]:
    """(entity, programme) -> what became of the lines of a scope that no credit and no failure alone explains."""
    found: defaultdict[Place, PathSum] = defaultdict(PathSum)
    _again(connection, moment, scope, found)
    _excluded(connection, moment, scope, found)
    _pending(connection, moment, scope, found)
    return dict(found)


def _again(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """Every try after the first of a payment, paid or failed again: failures are counted each time that they happen."""
    returned = select(PAYMENTS.c.payment).where(moment.counts(PAYMENTS), PAYMENTS.c.act.in_(RETURNS))
    many = connection.scalars(returned.distinct())  # wherever it failed: it may be paid in a batch of another month
    for rows in lines_of_payments(connection, moment, many, (*_TRIES, "late")).values():
        proved = proved_paid(rows)
        tries = [row for row in rows if row.act in _TRIES and row.position not in proved]
        for row in sorted(tries, key=_order)[1:]:
            if scope.has(row):
                found[row.entity, row.programme].retried_fen += row.fen


def _order(row: AnyRow) -> tuple[object, int]:
    return row.done_on, int(row.position)


def _excluded(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """Authorised lines that were taken out before the bank had tried them; a failed one is among the failures."""
    rows = [row for row in lines_of(connection, moment, scope, ("excluded",)) if row.payment]
    known = lines_of_payments(connection, moment, (row.payment for row in rows), ("authorised", *_TRIES, *BACK))
    for row in rows:
        claims = [one for one in known[row.payment] if one.act == "authorised"]
        if claims and len(claims) == len(known[row.payment]):
            found[claims[-1].entity, claims[-1].programme].excluded_fen += row.fen


def _pending(connection: Connection, moment: Moment, scope: Scope, found: defaultdict[Place, PathSum]) -> None:
    """Authorised lines without any result, less what is kept back of them."""
    result = PAYMENTS.alias("result")
    some = select(result.c.payment).where(
        moment.counts(result), result.c.act.in_(_RESULTS), result.c.payment == PAYMENTS.c.payment
    )
    waits = (moment.counts(PAYMENTS), scope.holds(PAYMENTS), ~some.exists())
    keys = (PAYMENTS.c.entity, PAYMENTS.c.programme)
    for sign, act in ((1, "authorised"), (-1, "offset")):
        chosen = select(*keys, func.sum(PAYMENTS.c.fen)).where(*waits, PAYMENTS.c.act == act).group_by(*keys)
        for entity, programme, fen in connection.execute(chosen):
            found[entity, programme].pending_fen += sign * int(fen)
