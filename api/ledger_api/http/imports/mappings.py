"""What somebody said that a file's columns mean, remembered for the entity's next file of the same header.

The table lies beside the log and under none of its roots: it decides nothing, for what it says of a file is shown with
the file and can be changed before anything is signed. Headers are known by a keyed digest and kept sealed, because
nobody knows what people write into the first row of a sheet.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from nacl.secret import Aead
from sqlalchemy import Connection, delete, insert, select

from ledger.application.importing.fields.plain import forget_texts
from ledger.application.importing.readers.opening import read_tables
from ledger.application.importing.recognising.renaming import possible_titles, titles_in
from ledger.application.importing.tables import RawTable
from ledger.log.access_tables import mappings
from ledger.log.store import LogStore
from ledger.signing.digests import blake2b_commit

MOST: Final = 500
"""Headers of one entity; the oldest gives way."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What the columns of a header mean, which kind of file it is of, and who said so."""

    columns: Mapping[str, str]
    kind: str | None
    made_by: str


@dataclass(frozen=True, slots=True)
class Sheets:
    """A file that was sent."""

    name: str
    data: bytes

    def headers(self, columns: Collection[str]) -> set[tuple[str, ...]]:
        """The header rows that have these titles."""
        return self._asked(lambda tables: titles_in(tables, columns))

    def possible(self) -> set[tuple[str, ...]]:
        """The rows that may be a header."""
        return self._asked(possible_titles)

    def _asked(self, ask: Callable[[list[RawTable]], set[tuple[str, ...]]]) -> set[tuple[str, ...]]:
        try:
            return ask(read_tables(self.name, self.data))
        finally:
            forget_texts()


class Mappings:
    """The mappings of one book."""

    def __init__(self, store: LogStore, secret: Callable[[str], bytes]) -> None:
        self._store = store
        self._secret = secret

    def remember(self, entity: str, file: Sheets, said: Mapped, now: str) -> None:
        """Keep what was said of a file that could be read with it."""
        names = self._names(file.headers(said.columns))
        body = orjson.dumps([dict(said.columns), said.kind])
        with self._store.write() as connection:
            _forget(connection, entity, names)
            for name in names:
                sealed = bytes(self._seal().encrypt(body, _place(entity, name)))
                row = {"entity": entity, "header": name, "sealed": sealed, "made_by": said.made_by, "made_at": now}
                connection.execute(insert(mappings), row)
            own = select(mappings.c.header).where(mappings.c.entity == entity)
            newest = own.order_by(mappings.c.made_at.desc(), mappings.c.header)
            _forget(connection, entity, connection.execute(newest).scalars().all()[MOST:])

    def forget(self, entity: str, file: Sheets, columns: Collection[str]) -> None:
        """Somebody took back what was said of these columns of a file."""
        names = self._names(file.headers(columns))
        with self._store.write() as connection:
            _forget(connection, entity, names)

    def find(self, entity: str, file: Sheets) -> Mapped | None:
        """What was said of a file's header before; None for one that nobody mapped."""
        with self._store.read() as connection:
            rows = {row.header: row for row in connection.execute(select(mappings).where(mappings.c.entity == entity))}
        if not rows:
            return None  # the file need not be opened
        for name in self._names(file.possible()):
            if name in rows:
                columns, kind = orjson.loads(self._seal().decrypt(bytes(rows[name].sealed), _place(entity, name)))
                return Mapped(columns, kind, rows[name].made_by)
        return None

    def _names(self, headers: Collection[tuple[str, ...]]) -> list[str]:
        """Headers by their keyed digests, sorted; a row without a title is none."""
        secret = self._secret("headers")
        return sorted(blake2b_commit(secret, orjson.dumps(one)).hex() for one in headers if any(one))

    def _seal(self) -> Aead:
        return Aead(self._secret("mappings"))


def _place(entity: str, name: str) -> bytes:
    return f"{entity}\n{name}".encode()


def _forget(connection: Connection, entity: str, names: Collection[str]) -> None:
    for name in names:
        connection.execute(delete(mappings).where(mappings.c.entity == entity, mappings.c.header == name))
