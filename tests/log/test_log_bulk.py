"""Adding many rows: any number of them arrives whole and in order, and one that is refused leaves none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import EvidenceError
from ledger.log import tables
from ledger.log.bulk import ROWS_A_STATEMENT, insert_rows
from ledger.log.store import LogStore

FULL = ROWS_A_STATEMENT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    made = LogStore.create(f"sqlite:///{tmp_path / 'bulk.db'}")
    yield made
    made.close()


def ids(store: LogStore) -> list[tuple[str, int]]:
    with store.read() as connection:
        found = connection.execute(tables.event_ids.select().order_by(tables.event_ids.c.position))
        return [(row.event_id, row.position) for row in found]


def rows(count: int) -> list[tuple[str, int]]:
    return [(f"id-{n:05d}", n) for n in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, FULL - 1, FULL, FULL + 1, 2 * FULL, 3 * FULL + 7])
def test_every_row_arrives_once(store: LogStore, count: int) -> None:
    with store.write() as connection:
        insert_rows(connection, tables.event_ids, rows(count))
    assert ids(store) == rows(count)


@pytest.mark.parametrize("place", [0, FULL - 1, FULL, 2 * FULL, 2 * FULL + 3])
def test_a_row_over_an_existing_key_is_refused_wherever_it_stands(store: LogStore, place: int) -> None:
    given = rows(2 * FULL + 4)
    with store.write() as connection:
        insert_rows(connection, tables.event_ids, [given[place]])
    with pytest.raises(EvidenceError, match="E_ROWS_REFUSED"), store.write() as connection:
        insert_rows(connection, tables.event_ids, given)
    assert ids(store) == [given[place]]


@pytest.mark.parametrize("place", [1, FULL - 1, FULL, 2 * FULL + 3])
def test_a_key_given_twice_at_once_is_refused(store: LogStore, place: int) -> None:
    given = rows(2 * FULL + 4)
    given[place] = given[0]
    with pytest.raises(EvidenceError, match="E_ROWS_REFUSED"), store.write() as connection:
        insert_rows(connection, tables.event_ids, given)
    assert ids(store) == []
