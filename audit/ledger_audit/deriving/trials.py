"""The trial balance of a closed month, summed from the postings once more, and the root that its close must name."""

from sqlalchemy import Connection, and_, case, func, select

from ledger.accounts.trial_balance import TrialRow, leaf_values, trial_balance
from ledger.log.tables import postings
from ledger.signing.canonical import canonical
from ledger.signing.digests import digest_text
from ledger.signing.merkle import root_over
from ledger.values.dates import Period


def closing_root(connection: Connection, entity: str, period: Period, position: int) -> str:
    """The root of an entity's month as it stood at a position, as a digest text; EvidenceError E_TRIAL.

    Everything is summed in one reading: what lies before the month is its opening.
    """
    table, inside = postings.c, postings.c.occurred_on >= period.first_day
    parts = (
        case((inside, 0), else_=table.amount_fen),
        case((and_(inside, table.amount_fen > 0), table.amount_fen), else_=0),
        case((and_(inside, table.amount_fen < 0), -table.amount_fen), else_=0),
    )
    account = (table.fund, table.chart, table.code, table.party, table.book)
    chosen = select(*account, *map(func.sum, parts)).group_by(*account)
    until = and_(table.position <= position, table.occurred_on <= period.last_day)
    rows = connection.execute(chosen.where(table.entity == entity, until))
    trial = trial_balance(entity, str(period), (TrialRow(*row[:5], *map(int, row[5:])) for row in rows))
    return digest_text(root_over(canonical(value) for value in leaf_values(trial)))
