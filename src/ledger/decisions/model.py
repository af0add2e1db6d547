"""The decision model: `flows.knowledge.Knowledge` answered from the log plus what the batch has accepted.

One `World` lives for a batch; one `Model` judges one voucher in it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from ledger.accounts.charts import Chart, chart_for, chart_of
from ledger.accounts.legs import Book, Leg
from ledger.accounts.roles import Role
from ledger.decisions.authority import Authority, EntityState
from ledger.decisions.balances import BalanceKey, Balances
from ledger.decisions.general_papers import GeneralPapers
from ledger.decisions.histories import Histories, Standing
from ledger.decisions.recent import Recent
from ledger.flows.knowledge import Fold, Folded, Need, Recorded
from ledger.flows.rules import EDITION
from ledger.log import reading, tables
from ledger.values.dates import Period

BOOK: str = "book"
"""The entity of acts that concern the whole book: opening it, officers, keys, roles."""

_BOOK_STATE = EntityState("control", "control", "book")


class Posted(NamedTuple):
    """One leg with its account and the running balance of its key."""

    leg: Leg
    key: BalanceKey
    balance_after_fen: int


class World:
    """What is shared by the vouchers of one batch."""

    def __init__(
        self,
        connection: Connection,
        standing: Standing,
        authority: Authority,
        balances: Balances,
        recent: Recent | None = None,
    ) -> None:
        self.connection = connection
        self.histories = Histories(connection, standing, recent)
        self.authority = authority
        self.balances = balances
        self.balances.load = partial(_stored_balances, connection)  # not of this object, which goes with its batch
        self.papers = GeneralPapers(connection)
        self.legs: dict[int, list[Leg]] = {}
        self.posted: dict[int, Recorded] = {}
        """What this batch, and the voucher under judgement, posted: the tables do not know it yet."""
        self.moved: dict[str, tuple[int, int]] = {}
        """Voucher id -> its number and fen, of what this batch has accepted and the database does not know yet."""

    def accept(self) -> None:
        """The voucher under judgement is accepted."""
        self.histories.accept()
        self.balances.accept()
        self.papers.accept()

    def forget(self, first_position: int) -> None:
        """The voucher under judgement is not accepted."""
        self.histories.forget()
        self.balances.forget()
        self.papers.forget()
        for position in [p for p in self.legs if p >= first_position]:
            del self.legs[position]
            self.posted.pop(position, None)

    def legs_of(self, position: int) -> Sequence[Leg]:
        """The legs that an event posted, in roles, with their codes."""
        found = self.legs.get(position)
        if found is not None:
            return found
        rows = reading.postings_between(self.connection, position, position)
        return [Leg(r.fund, Role(r.role), r.amount_fen, r.party, _book(r.book), _chosen_code(r)) for r in rows]

    def written(self) -> None:
        """Whatever was accepted stands in the tables now."""
        self.legs.clear()
        self.posted.clear()


class Model:
    """Answers the rules of one voucher. `authority` is the state before the voucher."""

    def __init__(
        self,
        world: World,
        entity: str,
        voucher_date: date,
        today: date,
        edition: int = EDITION,
        *,
        first_position: int | None = None,
    ) -> None:
        self._world = world
        self._first = first_position
        self._histories = world.histories
        self._entity = entity
        self._date = voucher_date
        self._today = today
        self._edition = edition
        self._state = world.authority.entities.get(entity, _BOOK_STATE)
        self._chart: Chart | None = None
        self._keys: dict[tuple[str, Role, str, str, str | None], BalanceKey] = {}
        self._folds: dict[tuple[Fold[Any], str, str], tuple[Sequence[Recorded], int, Any]] = {}
        """(fold, tag, word) -> the history it was done over, that history's length then, what it gave."""
        self._later: dict[tuple[str, str, int], dict[tuple[str, str], int]] = {}
        """(fund, month, number of events posted and not yet written) -> (role, party) -> fen of later months."""

    @property
    def entity(self) -> str:
        """The entity of the voucher."""
        return self._entity

    @property
    def voucher_date(self) -> date:
        """凭证日期."""
        return self._date

    @property
    def today(self) -> date:
        """The day of posting in +08:00."""
        return self._today

    @property
    def edition(self) -> int:
        """The edition of the rules that judges."""
        return self._edition

    def history(self, tag: str, *kinds: str) -> Sequence[Recorded]:
        """Recorded events with a tag; see the protocol."""
        return self._histories.history(tag, kinds)

    def folded(self, fold: Fold[Folded], need: Need, word: str) -> Folded:
        """A fold over a history, remembered. While one voucher is judged its histories only grow, so that the same list
        of the same length is the same history.
        """
        key = (fold, need[0], word)
        known = self._folds.get(key)
        if known is not None and known[1] == len(known[0]) and self._histories.growing:
            same: Folded = known[2]  # of the very list that grows: it need not be looked up
            return same
        history = self._histories.history(*need)
        if known is None or known[0] is not history or known[1] != len(history):
            known = self._folds[key] = history, len(history), fold(history, word)
        found: Folded = known[2]
        return found

    def by_id(self, event_id: str) -> Recorded | None:
        """The recorded event of an id."""
        return self._world.histories.by_id(event_id)

    def is_reversed(self, event_id: str) -> bool:
        """Whether a reversal of the event is recorded or stands earlier in the voucher."""
        return bool(self._world.histories.history(f"event:{event_id}", ("event.reversed",)))

    def legs_of(self, position: int) -> Sequence[Leg]:
        """The legs that an event posted, in roles, with their codes."""
        return self._world.legs_of(position)

    def balance(self, fund: str, role: Role, party: str | None = None) -> int:
        """Signed fen of a fund's accounts of a role."""
        return self._world.balances.of(self._entity).balance(fund, role.value, party)

    def balance_at(self, month: str, fund: str, role: Role, party: str) -> int:
        """Signed fen of one account at the end of a month."""
        key = fund, month, len(self._world.posted)
        if key not in self._later:
            self._later[key] = self._after(fund, Period.parse(month).last_day)
        return self.balance(fund, role, party) - self._later[key].get((role.value, party), 0)

    def _after(self, fund: str, day: date) -> dict[tuple[str, str], int]:
        """(role, party) -> what is posted to a fund for days after the last one of a month: what the tables hold from
        before this batch, then what the batch brought.
        """
        fresh = self._world.posted
        bound = min(fresh, default=self._first)
        found = defaultdict(int, reading.posted_after(self._world.connection, self._entity, fund, day, bound))
        for position, item in fresh.items():
            if item.entity == self._entity and item.voucher_date > day:
                for leg in self._world.legs[position]:
                    if leg.fund == fund:
                        found[leg.role.value, leg.party] += leg.amount_fen
        return found

    def available(self, fund: str) -> int:
        """Fen that the fund can still promise."""
        return self._world.balances.of(self._entity).available(fund, self._edition)

    def bank_balance(self, account: str) -> int:
        """Signed fen of a bank account or cash box over all funds."""
        return self._world.balances.of(self._entity).account(account)

    def holds(self, officer: str, role: str, entity: str) -> bool:
        """Whether a person holds a role for an entity before this voucher."""
        return self._world.authority.holds(officer, role, entity)

    def post(self, position: int, legs: Sequence[Leg]) -> list[Posted]:
        """Book the legs of one event on trial: accounts by the entity's chart, running balances after each."""
        if not legs:
            return []
        post = self._world.balances.post
        self._world.legs[position] = list(legs)
        return [Posted(leg, key, post(key, leg.amount_fen)) for leg in legs for key in (self._key(leg),)]

    def posted_to(self, party: str) -> bool:
        """Whether anything of the voucher was posted to a sub-ledger of that name."""
        return any(account[2] == party for account in self._keys)

    def _key(self, leg: Leg) -> BalanceKey:
        """The account of a leg. Kept, because a thousand payments of a voucher go to two accounts."""
        account = (leg.fund, leg.role, leg.party, leg.book, leg.code)
        found = self._keys.get(account)
        if found is None:
            if self._chart is None:
                self._chart = chart_for(self._state.chart_family, self._date)
            code = leg.code or self._chart.code(leg.role)
            parts = (self._entity, leg.fund, self._chart.version, code, leg.role.value, leg.party, leg.book)
            found = self._keys[account] = BalanceKey(*parts)
        return found


def _stored_balances(connection: Connection, entity: str) -> list[tuple[BalanceKey, int]]:
    columns = [tables.balances.c[name] for name in BalanceKey._fields]
    chosen = select(*columns, tables.balances.c.amount_fen).where(tables.balances.c.entity == entity)
    return [(BalanceKey(*row[:-1]), row[-1]) for row in connection.execute(chosen)]


def _chosen_code(row: reading.StoredPosting) -> str | None:
    """The code that a free voucher chose; None where the chart gave it, for the next year's chart gives another."""
    role = Role(row.role)
    return None if chart_of(row.chart).code(role) == row.code else row.code


def _book(text: str) -> Book:
    if text not in ("main", "commitment", "memo"):
        raise ValueError(text)
    return text  # type: ignore[return-value]  # mypy does not narrow a str to a literal
