"""Balances by both clocks equal a naive fold over the postings, for any history and at every place of it."""

from collections import Counter
from datetime import date, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.log.reading import balances, balances_as_of, balances_at, postings_between, sums_of
from ledger.log.rows import AccountKey, StoredPosting
from ledger.log.store import LogStore
from tests.log.scribe import DAY, Posted, Said, scribe_of, write

_EXAMPLE = count()

ACCOUNT = st.tuples(
    st.sampled_from(["1002", "4001"]),
    st.sampled_from(["fund:1", "fund:2", ""]),
    st.sampled_from(["bank", "channel"]),
    st.sampled_from(["", "account:1"]),
    st.sampled_from(["main", "commitment"]),
    st.integers(0, 3).map(lambda days: DAY - timedelta(days)),
)
PAIR = st.tuples(ACCOUNT, ACCOUNT, st.integers(-(2**53) + 1, 2**53 - 1), st.integers(0, 2))
VOUCHERS = st.lists(st.lists(PAIR, max_size=4), min_size=1, max_size=4)


Account = tuple[str, str, str, str, str, date]
Pair = tuple[Account, Account, int, int]


def legs_of(pairs: list[Pair]) -> list[Posted]:
    """Each pair moves an amount from one account to another on the event of that index."""
    legs = []
    for debit, credit, fen, event in pairs:
        for (code, fund, role, party, book, day), amount in ((debit, fen), (credit, -fen)):
            legs.append(Posted(event, code, amount, fund, role, party, book, day))
    return legs


def fold(legs: list[StoredPosting]) -> dict[AccountKey, int]:
    total = Counter[AccountKey]()
    for leg in legs:
        total[leg.key] += leg.amount_fen
    return dict(total)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(VOUCHERS, min_size=1, max_size=3))
def test_balances_are_the_fold_of_the_postings(batches: list[list[list[Pair]]], store: LogStore) -> None:
    # One log serves all examples: each is an entity of its own.
    entity = f"entity:{next(_EXAMPLE)}"
    scribe = scribe_of(store)
    first = scribe.position + 1
    for vouchers in batches:
        write(store, [scribe.voucher([Said()] * 3, legs_of(pairs), entity=entity, word=None) for pairs in vouchers])

    with store.read() as connection:
        legs = list(postings_between(connection, first, scribe.position))
        for position in range(first - 1, scribe.position + 1):
            at = {key: fen for key, fen in balances_at(connection, position).items() if key.entity == entity}
            assert at == fold([leg for leg in legs if leg.position <= position])
        for days in range(5):
            day = DAY - timedelta(days)
            for until in (None, first + 1, scribe.position):
                as_of = balances_as_of(connection, day, until)
                known = [leg for leg in legs if leg.occurred_on <= day and leg.position <= (until or 10**12)]
                assert {key: fen for key, fen in as_of.items() if key.entity == entity} == fold(known)
        now = [row for row in balances(connection) if row.entity == entity]
        assert {(row.key, row.role): (row.amount_fen, row.position) for row in now} == {
            (leg.key, leg.role): (
                sum(other.amount_fen for other in legs if (other.key, other.role) == (leg.key, leg.role)),
                max(other.position for other in legs if (other.key, other.role) == (leg.key, leg.role)),
            )
            for leg in legs
        }
        assert sums_of(connection, fold(legs)) == fold(legs)


def test_the_position_is_of_the_last_leg_whatever_its_day(store: LogStore) -> None:
    days = [DAY, DAY - timedelta(1), DAY]
    legs = [Posted(n, code, fen, day=day) for n, day in enumerate(days) for code, fen in (("1002", 1), ("4001", -1))]
    write(store, [scribe_of(store).voucher([Said()] * 3, legs)])
    with store.read() as connection:
        assert [(row.code, row.amount_fen, row.position) for row in balances(connection)] == [
            ("1002", 3, 3),
            ("4001", -3, 3),
        ]


def test_only_the_accounts_asked_for(store: LogStore) -> None:
    legs = [Posted(0, "1002", 5, role="bank"), Posted(0, "1002", 7, role="channel"), Posted(0, "4001", -12)]
    write(store, [scribe_of(store).voucher([Said()], legs)])
    bank = AccountKey("entity:1", "fund:1", "chart-1", "1002", "", "main")
    unknown = bank._replace(code="9999")
    with store.read() as connection:
        assert [(row.role, row.amount_fen) for row in balances(connection, [bank, unknown, bank])] == [
            ("bank", 5),
            ("channel", 7),
        ]
        assert balances(connection, []) == []
        assert sums_of(connection, [bank, unknown, bank]) == {bank: 12}
        assert sums_of(connection, []) == {}


def test_an_account_that_came_back_to_zero_is_still_there(store: LogStore) -> None:
    scribe = scribe_of(store)
    write(store, [scribe.voucher([Said()], [Posted(0, "1002", fen), Posted(0, "4001", -fen)]) for fen in (5, -5)])
    with store.read() as connection:
        assert set(balances_at(connection, 2).values()) == {0}
        assert set(balances_at(connection, 1).values()) == {5, -5}
        assert balances_at(connection, 0) == {}
        assert set(balances_as_of(connection, DAY).values()) == {0}
        assert balances_as_of(connection, DAY - timedelta(1)) == {}
