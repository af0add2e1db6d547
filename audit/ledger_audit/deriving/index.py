"""What the replay derived, by tag and by id, in a scratch file: a book of any size is verified in the same memory.

The file is SQLite's own temporary one, nameless and gone with the connection. A tag stands in it as Python's 64-bit
hash, which is salted anew in every process, so that nobody can choose two tags that fall together.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

CACHE_KIB: Final = 48 * 1024

_TABLES: Final = f"""
PRAGMA cache_size = -{CACHE_KIB};
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE places (tag INTEGER, kind INTEGER, position INTEGER, PRIMARY KEY (tag, kind, position)) WITHOUT ROWID;
CREATE TABLE ids (id BLOB PRIMARY KEY, position INTEGER) WITHOUT ROWID;
"""
_FOUND: Final = """
SELECT p.tag, p.position FROM json_each(?) AS t CROSS JOIN json_each(?) AS k
CROSS JOIN places AS p ON p.tag = t.value AND p.kind = k.value
"""
_HELD: Final = """
SELECT a.key FROM json_each(?) AS a
CROSS JOIN places AS p ON p.tag = a.value->>0 AND p.kind = a.value->>1 AND p.position = a.value->>2
"""


class Index:
    """Tag and kind to positions, id to position. Kinds are numbered as they come up."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.executescript(_TABLES)
        self._kinds: dict[str, int] = {}

    def add(self, tags: Iterable[tuple[str, str, int]], ids: Iterable[tuple[bytes, int]]) -> None:
        """Events of one voucher: (tag, kind, position) and (id, position).

        An id that came before keeps the later place.
        """
        rows = sorted((hash(tag), self._number(kind), position) for tag, kind, position in tags)
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR IGNORE INTO places VALUES (?, ?, ?)", rows)
        self._file.executemany("INSERT OR REPLACE INTO ids VALUES (?, ?)", sorted(ids))
        self._file.execute("COMMIT")

    def positions(self, tags: Sequence[str], kinds: Iterable[str]) -> dict[str, list[int]]:
        """Tag -> positions of the events with it, of any of some kinds, ascending."""
        by_hash = {hash(tag): tag for tag in tags}
        known = sorted({self._kinds[kind] for kind in kinds if kind in self._kinds})
        found: dict[str, list[int]] = {tag: [] for tag in tags}
        if known:
            for tag, position in self._file.execute(_FOUND, (orjson.dumps(list(by_hash)), orjson.dumps(known))):
                found[by_hash[tag]].append(position)
        for places in found.values():
            places.sort()
        return found

    def held(self, rows: Sequence[tuple[Any, Any, Any]]) -> list[bool]:
        """For each (tag, kind, position) whether it was added."""
        # A row that was tampered with may hold anything; bytes have the hash of the text that they spell.
        asked = [
            (hash(tag), self._kinds.get(kind, -1), position)
            if isinstance(tag, str) and isinstance(position, int)
            else None
            for tag, kind, position in rows
        ]
        found = [False] * len(rows)
        for (at,) in self._file.execute(_HELD, (orjson.dumps(asked),)):
            found[at] = True
        return found

    def place_of_id(self, own: bytes) -> int | None:
        """The position of an id."""
        row = self._file.execute("SELECT position FROM ids WHERE id = ?", (own,)).fetchone()
        return None if row is None else int(row[0])

    def ids_without(self, others: Iterable[bytes]) -> list[tuple[bytes, int]]:
        """The ids, with their positions, that are not among others."""
        self._file.execute("CREATE TEMP TABLE others (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._file.executemany("INSERT OR IGNORE INTO others VALUES (?)", ((own,) for own in others))
        found = self._file.execute("SELECT id, position FROM ids WHERE id NOT IN others ORDER BY position").fetchall()
        self._file.execute("DROP TABLE others")
        return found

    @property
    def id_count(self) -> int:
        """How many ids there are."""
        return int(self._file.execute("SELECT count(*) FROM ids").fetchone()[0])

    def close(self) -> None:
        """Gives the scratch file back."""
        self._file.close()

    def _number(self, kind: str) -> int:
        return self._kinds.setdefault(kind, len(self._kinds))
