"""Adding many rows: any number of them arrives whole and in order, and one that is refused leaves none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import EvidenceError
from ledger.log import tables
from ledger.log.bulk import ROWS_A_BLOCK, ROWS_A_STATEMENT, insert_rows
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


AWKWARD = [
    "",
    "\\N",
    "\\.",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "a\\b",
    "\\x41",
    '"quoted"',
    "%s %% %(x)s",
    "低保\u2028",
    "𠮷",
    "null",
    "NULL",
]
"""Texts that mean something to COPY, to a formatting string or to a driver."""


@pytest.mark.parametrize("fill", [0, ROWS_A_BLOCK])
def test_awkward_texts_arrive_as_they_are(book_url: str, fill: int) -> None:
    """Alone and behind a block of plain rows, on both databases."""
    store = LogStore.open(book_url)
    given = [*rows(fill), *((text, fill + place) for place, text in enumerate(AWKWARD, 1))]
    with store.write() as connection:
        insert_rows(connection, tables.event_ids, given)
    assert ids(store) == given
    store.close()


@pytest.mark.parametrize("data", [b"", b"\\", b"\x00\t\n\r\\N", b'{"reason":"a\\\\b\\n"}', bytes(range(256))])
def test_bytes_arrive_as_they_are(book_url: str, data: bytes) -> None:
    store = LogStore.open(book_url)
    given = [(1, "kind", data, "[]"), (2, "kind", b"plain", '["a\\\\b"]')]
    with store.write() as connection:
        insert_rows(connection, tables.events, given)
    with store.read() as connection:
        found = [tuple(row) for row in connection.execute(tables.events.select().order_by(tables.events.c.position))]
    assert found == given
    store.close()


def test_a_text_that_no_database_holds_is_refused_whole(book_url: str) -> None:
    """NUL ends a text in PostgreSQL; a lone surrogate is no character."""
    store = LogStore.open(book_url)
    for text in ("a\ud800b", *(["a\x00b"] if book_url.startswith("postgresql") else [])):
        with pytest.raises((EvidenceError, UnicodeEncodeError)), store.write() as connection:
            insert_rows(connection, tables.event_ids, [*rows(3), (text, 4)])
        assert ids(store) == []
    store.close()


@pytest.mark.parametrize("wrong", [(None, 4), ("a", None)], ids=["no text", "no number"])
def test_null_is_refused_and_no_text_that_says_none(book_url: str, wrong: tuple[Any, Any]) -> None:
    store = LogStore.open(book_url)
    with pytest.raises(EvidenceError, match="E_ROWS_REFUSED"), store.write() as connection:
        insert_rows(connection, tables.event_ids, [*rows(3), wrong])
    assert ids(store) == []
    store.close()
