"""What an honest accountant writes into a close: the root at the lock, and everything that is still open, explained."""

from typing import Any

from ledger.application.closing import open_matters
from ledger.log.store import LogStore
from ledger.log.totals.trials import trial_of, trial_root


def close_fields(store: LogStore, entity: str, month: str, position: int) -> dict[str, Any]:
    """The fields of `period.closed` for a month that was locked at a position."""
    with store.read() as connection:
        root = trial_root(trial_of(connection, entity, month, month, position))
        matters = open_matters(connection, entity, month, position)
    stand = [{"what": one.what, "count": one.count, "explanation": "经办", "document": None} for one in matters]
    return {
        "entity": entity,
        "period": month,
        "position": position,
        "trial_balance_root": root,
        "unsettled": stand,
    }
