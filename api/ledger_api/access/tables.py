"""The tables of access: mutable, beside the log and under none of its roots; every name begins with `ac_`.

They are made when they are missing, so that a book of an earlier release needs no step of its own. Times are Unix
seconds. Tokens stand here as keyed digests: whoever reads the database cannot come in with what is read.
"""

from typing import Any, Final

from sqlalchemy import Column, MetaData, Table, inspect
from sqlalchemy import text as text_of

from ledger.log.columns import blob, integer, text
from ledger.log.store import LogStore

METADATA: Final = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, METADATA, *columns, sqlite_strict=True, sqlite_with_rowid=False)


logins: Final = _table(
    "ac_logins",
    text("officer", key=True),
    text("password"),
    integer("changed_at"),
    integer("must_change"),
    integer("locked"),
    blob("seed", optional=True),
    integer("seed_confirmed"),
    integer("last_step"),
)
"""A person's password (argon2id) and second factor (sealed seed; `last_step` is the newest step that was taken)."""

attempts: Final = _table(
    "ac_attempts",
    text("who", key=True),
    integer("failures"),
    integer("wait_until"),
    integer("last_at"),
)
"""Failed sign-ins by account and by address, each known by a keyed digest, whether or not the account exists."""

sessions: Final = _table(
    "ac_sessions",
    text("digest", key=True),
    text("officer"),
    text("stage"),
    integer("made_at"),
    integer("seen_at"),
    integer("ends_at"),
    text("address"),
)

reading_keys: Final = _table(
    "ac_reading_keys",
    text("id", key=True),
    text("digest"),
    text("label"),
    text("permissions"),
    text("entities"),
    text("addresses"),
    text("made_by"),
    integer("made_at"),
    integer("expires_at"),
    integer("revoked_at", optional=True),
    integer("used_at", optional=True),
)
"""Read-only keys; lists are JSON arrays, an empty one of entities or addresses means any."""

duties: Final = _table(
    "ac_duties",
    text("duty", key=True),
    text("officer"),
    text("named_by"),
    integer("named_at"),
)

proposals: Final = _table(
    "ac_proposals",
    text("duty", key=True),
    text("officer"),
    text("proposed_by"),
    integer("proposed_at"),
)
"""What one administrator proposed and another has not agreed to yet."""


def ensure(store: LogStore, metadata: MetaData = METADATA) -> None:
    """Make what is missing, for whoever works with the book alone: a role that reads it sees none of these."""
    with store.engine.connect() as connection:
        known = set(inspect(connection).get_table_names())
    missing = [one for one in metadata.sorted_tables if one.name not in known]
    if missing:
        with store.write() as connection:
            metadata.create_all(connection, tables=missing, checkfirst=True)
    if store.engine.dialect.name == "postgresql":
        _withdraw(store, metadata)


def _withdraw(store: LogStore, metadata: MetaData) -> None:
    """What is made in the read models' schema would be shown to its reader by that schema's default."""
    chosen = text_of(_GRANTED)
    with store.engine.connect() as connection:
        granted = connection.execute(chosen, {"names": [one.name for one in metadata.sorted_tables]}).all()
    if not granted:
        return
    with store.write(beside=True) as connection:
        quote = connection.dialect.identifier_preparer.quote
        for table, role in granted:
            connection.execute(text_of(f"REVOKE ALL ON {quote(table)} FROM {quote(role)}"))


_GRANTED: Final = (
    "SELECT DISTINCT table_name, grantee FROM information_schema.role_table_grants "
    "WHERE table_schema = current_schema() AND table_name = ANY(:names) AND grantor = current_user "
    "AND grantee <> current_user"
)
