"""Keeping read models: both databases, many at once, a model that fails, a fold that changes, and readers that wait."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from ledger.errors import BusyError, NotFoundError
from ledger.log.store import LogStore
from ledger_projections import registry
from ledger_projections.books.balances import account_balances, fund_balances
from ledger_projections.books.reconciliation import reconciliations
from ledger_projections.books.trial_balance import trial_balance
from ledger_projections.charity.pledge_report import pledge_list, pledge_report
from ledger_projections.charity.pledges import TERMS
from ledger_projections.charity.societies import societies
from ledger_projections.keeping.clocks import moment_of
from ledger_projections.keeping.folding import catch_up, live_position, writing
from ledger_projections.keeping.items import items_between
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import positions
from ledger_projections.public_money.batches import batches
from ledger_projections.public_money.failures import failures
from ledger_projections.public_money.lottery.report import lottery_report
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.rosters import rosters
from ledger_projections.public_money.subsidies import subsidies
from tests.projections.plain_log import append, folder, reversal, rows_of, sample_of
from tests.projections.relief_logs import events_of

ON = date(2025, 9, 30)
EVENTS = [event for projection in registry.PROJECTIONS.values() for event in sample_of(projection)]
EVENTS = list({event.id: event for event in EVENTS}.values())
EVENTS += events_of([("paid", 1, "B9", 2, 8), ("late", 1, "B9", 2, 20), ("authorised", 4, "B9", 2, 21)])[:5]
TAKEN_BACK = [3, 10, len(EVENTS)]
PLEDGES, PAYMENT_LINES = (registry.PROJECTIONS[name] for name in ("pledges", "payment_lines"))

READERS: dict[str, Callable[[Connection], Any]] = {
    "funds": lambda c: fund_balances(c, as_of=ON),
    "accounts": lambda c: account_balances(c, at=1),
    "trial balance": lambda c: trial_balance(c, "charity", "2025-09"),
    "pledge list": lambda c: pledge_list(c, ON),
    "pledge report": lambda c: pledge_report(c, 2025, as_of=ON),
    "societies": lambda c: societies(c, ON),
    "lottery": lambda c: lottery_report(c, as_of=ON),
    "subsidies": lambda c: subsidies(c, "2025-08", "2025-09"),
    "subsidies then": lambda c: subsidies(c, "2025-08", "2025-09", as_of=ON, at=5),
    "batches": lambda c: batches(c, first="2025-01"),
    "failures": failures,
    "rosters": lambda c: rosters(c, "2025-08", "2025-10"),
    "recoveries": lambda c: recoveries(c, ON),
    "reconciliations": lambda c: reconciliations(c, "charity", ON),
}


@pytest.fixture(scope="module")
def small() -> Iterator[LogStore]:
    """The same events on SQLite, caught up."""
    with folder() as here:
        store = LogStore.create(f"sqlite:///{here / 'log.db'}")
        fill(store)
        registry.catch_up(store)
        yield store
        store.close()


def fill(store: LogStore) -> None:
    append(store, EVENTS)
    append(store, [reversal(EVENTS[place - 1], place) for place in TAKEN_BACK])


def test_both_databases_keep_the_same_rows_and_give_the_same_answers(small: LogStore, pg_url: str) -> None:
    large = LogStore.create(pg_url)
    fill(large)
    assert [one.failure for one in registry.catch_up(large, page=7)] == [None] * len(registry.PROJECTIONS)
    for name, projection in registry.PROJECTIONS.items():
        assert rows_of(large, projection) == rows_of(small, projection)
        assert registry.check(large, name).holds
    with large.read() as one, small.read() as other:
        for reader in READERS.values():
            assert reader(one).to_json() == reader(other).to_json()
    assert registry.rebuild(large, "payment_lines").failure is None
    assert rows_of(large, registry.PROJECTIONS["payment_lines"]) == rows_of(
        small, registry.PROJECTIONS["payment_lines"]
    )
    large.close()


@pytest.mark.parametrize("url", ["sqlite_url", "pg_url"])
def test_many_at_once_fold_every_event_once(url: str, request: pytest.FixtureRequest) -> None:
    address = str(request.getfixturevalue(url))
    store = LogStore.create(address)
    fill(store)
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.extend(registry.catch_up(store, ["pledges"], 3))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(one.position, one.failure) for one in found] == [(len(EVENTS) + 3, None)] * 4
    assert registry.check(store, "pledges").holds
    store.close()


def test_a_model_that_fails_holds_up_nobody(tmp_path: Path) -> None:
    """Its rows stay at the last whole page, the others and the log go on; mended, it catches up."""
    store = LogStore.create(f"sqlite:///{tmp_path / 'log.db'}")
    append(store, EVENTS[:2])
    broken = Projection("broken", TERMS)
    made = type(EVENTS[0])
    asked = threading.Event()

    @broken.lines_of(made)
    def _fails(event: object) -> Iterator[Line]:
        asked.set()
        raise KeyError(event)
        yield

    bank = registry.PROJECTIONS["bank"]
    first, second = catch_up(store, [broken, bank])
    assert asked.is_set()
    assert (first.position, first.failure is not None, second.failure) == (0, True, None)
    with store.read() as connection:
        assert registry.states(connection, ["bank"])[0].position == 2
    append(store, EVENTS[2:4])
    mended = Projection("broken", TERMS)
    (now,) = catch_up(store, [mended])
    assert (now.position, now.failure) == (4, None)
    store.close()


def test_another_version_of_a_fold_starts_again(tmp_path: Path) -> None:
    store = LogStore.create(f"sqlite:///{tmp_path / 'log.db'}")
    append(store, EVENTS)
    registry.catch_up(store, ["pledges"])
    newer = Projection("pledges", *PLEDGES.tables, version=PLEDGES.version + 1)
    with store.read() as connection:
        assert live_position(connection, newer) is None
    catch_up(store, [newer])
    assert {name: len(rows) for name, rows in rows_of(store, newer).items()} == dict.fromkeys(rows_of(store, newer), 0)
    with store.read() as connection, pytest.raises(NotFoundError, match="E_PROJECTION_MISSING"):
        moment_of(connection, [PLEDGES])
    store.close()


def test_a_page_is_written_with_its_position_or_not_at_all(tmp_path: Path) -> None:
    store = LogStore.create(f"sqlite:///{tmp_path / 'log.db'}")
    append(store, EVENTS)
    registry.catch_up(store, ["pledges"])
    before = rows_of(store, PLEDGES)
    append(store, [reversal(EVENTS[1], 2)])

    def half_a_page() -> None:
        with writing(store) as connection:
            PLEDGES.fold(connection, items_between(connection, 1, 10**6, ["event.reversed"])).write(
                connection, PLEDGES.tables
            )
            connection.execute(positions.update().values(position=0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_a_page()
    with store.read() as connection:
        assert connection.scalar(select(positions.c.position)) == len(EVENTS)
    assert rows_of(store, PLEDGES) == before
    store.close()


def test_a_reader_waits_for_what_it_wrote(small: LogStore) -> None:
    with small.read() as connection:
        head = len(EVENTS) + len(TAKEN_BACK)
        assert moment_of(connection, [PLEDGES]).position == head
        with pytest.raises(BusyError, match="E_PROJECTION_BEHIND"):
            moment_of(connection, [PLEDGES], at=head + 1)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(NotFoundError, match="E_PROJECTION_NAME"):
        registry.named(["pledges", "nothing"])
    assert registry.named() == list(registry.PROJECTIONS.values())
