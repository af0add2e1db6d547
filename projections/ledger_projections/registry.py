"""Every read model that is folded, by name, and what is done with them by name: catch up, rebuild, check, look.

Balances, the trial balance and trails are not here: they read the log's own tables and are never behind.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection

from ledger.errors import NotFoundError
from ledger.log.store import LogStore
from ledger_projections.books.bank_lines import BANK
from ledger_projections.charity.pledges import PLEDGES
from ledger_projections.charity.societies import SOCIETIES
from ledger_projections.keeping import checking, folding
from ledger_projections.keeping.checking import Checked
from ledger_projections.keeping.folding import PAGE, Progress
from ledger_projections.keeping.projection import Projection
from ledger_projections.moved import MOVED
from ledger_projections.public_money.lottery.lines import LOTTERY
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.recovery_lines import RECOVERIES
from ledger_projections.public_money.roster_lines import ROSTERS

PROJECTIONS: Final[Mapping[str, Projection]] = {
    one.name: one for one in (PLEDGES, SOCIETIES, LOTTERY, PAYMENT_LINES, ROSTERS, RECOVERIES, BANK, MOVED)
}


def named(names: Iterable[str] | None = None) -> list[Projection]:
    """The models of these names (None: all). Raises NotFoundError E_PROJECTION_NAME."""
    wanted = list(PROJECTIONS) if names is None else list(names)
    for name in wanted:
        if name not in PROJECTIONS:
            raise NotFoundError("E_PROJECTION_NAME", name=name, known=", ".join(PROJECTIONS))
    return [PROJECTIONS[name] for name in wanted]


def catch_up(store: LogStore, names: Iterable[str] | None = None, page: int = PAGE) -> list[Progress]:
    """Fold what is new into these models (None: all); a model that fails says why and holds up no other."""
    return folding.catch_up(store, named(names), page)


def rebuild(store: LogStore, name: str, page: int = PAGE) -> Progress:
    """Drop a model and fold it again from position 0."""
    return folding.rebuild(store, named([name])[0], page)


def check(store: LogStore, name: str) -> Checked:
    """Compare a model's rows with a fresh fold: the first difference, if any."""
    return checking.check(store, named([name])[0])


def states(connection: Connection, names: Iterable[str] | None = None) -> list[Progress]:
    """Where models stand, without folding anything."""
    return folding.states(connection, named(names))
