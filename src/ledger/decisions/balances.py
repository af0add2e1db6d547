"""Balances as the writer knows them: the stored rows of an entity plus the legs that this batch has accepted.

An entity's rows are read once and kept while nobody else has written. Sums by role, by party and by fund are kept
beside them, so that a rule's question costs a dictionary look-up however many payees a fund has.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from ledger.accounts.roles import LIQUID, Role
from ledger.flows.giving.funds import GOODS_SUFFIX, WAITING_SINCE
from ledger.flows.rules import EDITION

_LIQUID: Final = frozenset(role.value for role in LIQUID)

Sum = list[int]
"""One figure that grows in place."""
Sums = tuple[Sum, Sum, Sum, Sum, bool]
"""Of the account, of the role, of the party, of the account over all funds; and whether nothing else counts it."""
_NOTHING: Final = (0,)


class BalanceKey(NamedTuple):
    """What one balance is kept for; the same columns as the log's `balances`."""

    entity: str
    fund: str
    chart: str
    code: str
    role: str
    party: str
    book: str


class EntityBalances:
    """All balances of one entity, in signed fen, with the sums that rules ask for."""

    def __init__(self, rows: Iterable[tuple[BalanceKey, int]]) -> None:
        self._running: dict[tuple[str, str, str, str, str], Sum] = {}
        self._by_role: dict[tuple[str, str], Sum] = {}
        self._by_party: dict[tuple[str, str, str], Sum] = {}
        self._by_account: dict[tuple[str, str], Sum] = {}
        self._sums: dict[BalanceKey, Sums] = {}
        """Balance -> the sums that it counts in, so that a leg need not look for each of them."""
        self._goods: defaultdict[str, int] = defaultdict(int)
        """Fund -> goods that it owes a final payee: no money is promised with them."""
        self._overdrawn: defaultdict[str, int] = defaultdict(int)
        """Fund -> fen by which commitments of single parties stand below zero; such a one frees nothing."""
        for key, fen in rows:
            self.add(key, fen)

    def add(self, key: BalanceKey, fen: int) -> int:
        """Add signed fen to a balance; answers what then stands on the account, whatever its roles."""
        running, of_role, of_party, of_account, is_plain = self._sums.get(key) or self._sums_of(key)
        running[0] += fen
        of_role[0] += fen
        of_account[0] += fen
        before = of_party[0]
        of_party[0] = before + fen
        if not is_plain:
            if key.role == Role.COMMITTED:
                self._overdrawn[key.fund] += min(0, before) - min(0, before + fen)
            else:
                self._goods[key.fund] += fen
        return running[0]

    def _sums_of(self, key: BalanceKey) -> Sums:
        sums = self._sums[key] = (
            self._running.setdefault((key.fund, key.chart, key.code, key.party, key.book), [0]),
            self._by_role.setdefault((key.fund, key.role), [0]),
            self._by_party.setdefault((key.fund, key.role, key.party), [0]),
            self._by_account.setdefault((key.role, key.party), [0]),
            key.role != Role.COMMITTED and not (key.role == Role.AGENCY and key.party.endswith(GOODS_SUFFIX)),
        )
        return sums

    def balance(self, fund: str, role: str, party: str | None) -> int:
        """Signed fen of a fund's accounts of a role, of one party or (None) of all."""
        if party is None:
            return self._by_role.get((fund, role), _NOTHING)[0]
        return self._by_party.get((fund, role, party), _NOTHING)[0]

    def account(self, account: str) -> int:
        """Signed fen of a bank account or cash box over all funds."""
        return sum(self._by_account.get((role, account), _NOTHING)[0] for role in (Role.BANK.value, Role.CASH.value))

    def available(self, fund: str, edition: int = EDITION) -> int:
        """Liquid accounts minus agency money, money that nobody has claimed, and open commitments, in fen.

        An agency balance is a credit (negative), so adding it subtracts what belongs to the final payee; goods held for
        it are no money. The first edition took goods for money and a commitment below zero for room; the first nine
        took unclaimed money for the fund's own.
        """
        liquid = sum(self._by_role.get((fund, role), _NOTHING)[0] for role in _LIQUID)
        agency = self._by_role.get((fund, Role.AGENCY.value), _NOTHING)[0]
        committed = self._by_role.get((fund, Role.COMMITTED.value), _NOTHING)[0]
        if edition > 1:
            agency -= self._goods.get(fund, 0)
            committed += self._overdrawn.get(fund, 0)
        waiting = self._by_role.get((fund, Role.SUSPENSE.value), _NOTHING)[0] if edition >= WAITING_SINCE else 0
        return liquid + min(0, agency) + min(0, waiting) - committed


class Balances:
    """Entities' balances by name, loaded on first use; a trial layer for the voucher under judgement.

    `load` is set for each batch, because it reads through the batch's own connection.
    """

    def __init__(self) -> None:
        self.load: Callable[[str], Iterable[tuple[BalanceKey, int]]] = lambda _: ()
        self._entities: dict[str, EntityBalances] = {}
        self._trial: list[tuple[BalanceKey, int]] = []

    def of(self, entity: str) -> EntityBalances:
        """The balances of an entity, the present voucher's legs included."""
        found = self._entities.get(entity)
        if found is None:
            found = self._entities[entity] = EntityBalances(self.load(entity))
        return found

    def post(self, key: BalanceKey, fen: int) -> int:
        """Add a leg of the present voucher; answers the running balance after it."""
        self._trial.append((key, fen))
        return self.of(key.entity).add(key, fen)

    def accept(self) -> None:
        """Keep the present voucher's legs."""
        self._trial.clear()

    def forget(self) -> None:
        """Take the present voucher's legs back, last first."""
        for key, fen in reversed(self._trial):
            self.of(key.entity).add(key, -fen)
        self._trial.clear()
