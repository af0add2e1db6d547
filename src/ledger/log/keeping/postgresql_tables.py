"""Whether PostgreSQL still keeps the log's tables as they were made: on disk, under their keys, all rows seen by all,
and nothing of anybody else's run when a row is added.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import CheckConstraint, Connection, Table, TextClause, text

from ledger.log.keeping.checks import Check
from ledger.log.keeping.life import dropped
from ledger.log.tables import IMMUTABLE, METADATA
from ledger.log.triggers import unique_keys

# The tables that a name leads this connection to: twins elsewhere are looked for by the checks of the role.
_OURS: Final = text(
    "SELECT c.oid, c.relname FROM pg_class c WHERE c.oid = ANY(SELECT to_regclass(name) "
    "FROM unnest(CAST(:names AS text[])) AS name)"
)
# An unlogged table is emptied when the server starts after a crash.
_UNLOGGED: Final = text(
    "SELECT c.relname FROM pg_class c WHERE c.oid = ANY(CAST(:ours AS oid[])) AND c.relpersistence <> 'p' ORDER BY 1"
)
_HIDDEN: Final = text(
    "SELECT c.relname FROM pg_class c WHERE c.oid = ANY(CAST(:ours AS oid[])) AND (c.relrowsecurity "
    "OR c.relforcerowsecurity OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)) ORDER BY 1"
)
_TRIGGERS: Final = text(
    "SELECT c.relname || ': ' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE c.oid = ANY(CAST(:ours AS oid[])) AND NOT t.tgisinternal AND t.tgname <> ALL(:known) ORDER BY 1"
)
_RULES: Final = text(  # ev_type 1 is what a view selects
    "SELECT c.relname || ': ' || r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class "
    "WHERE c.oid = ANY(CAST(:ours AS oid[])) AND r.ev_type <> '1' ORDER BY 1"
)
_KEYS: Final = text(
    "SELECT c.relname, ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, at) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE k.at <= i.indnkeyatts ORDER BY k.at) "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.oid = ANY(CAST(:ours AS oid[])) "
    "AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indisready "
    "AND i.indpred IS NULL AND i.indexprs IS NULL"
)
_BOUNDS: Final = text(
    "SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
    "WHERE c.oid = ANY(CAST(:ours AS oid[])) AND k.contype = 'c' AND k.convalidated"
)
_REFERENCES: Final = text(
    "SELECT c.relname, r.relname, ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS n(attnum, at) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n.attnum ORDER BY n.at) "
    "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid "
    "WHERE c.oid = ANY(CAST(:ours AS oid[])) AND r.oid = ANY(CAST(:ours AS oid[])) "
    "AND k.contype = 'f' AND k.convalidated"
)
_WRITES: Final = text(
    "SELECT current_setting('default_transaction_read_only'), has_table_privilege('vouchers', 'INSERT')"
)


def table_checks(connection: Connection) -> Iterator[Check]:
    """What is no longer as it was made: crash-safety, keys, row security, triggers and rules that are not ours; and
    whether a role that writes may write.
    """
    ours = {int(row[0]): str(row[1]) for row in connection.execute(_OURS, {"names": list(METADATA.tables)})}
    asked = {"ours": list(ours)}
    yield _none("E_DOCTOR_UNLOGGED", "relpersistence", _names(connection, _UNLOGGED, asked))
    gone = dropped(connection, set(ours.values()))
    tables = [table for table in METADATA.sorted_tables if table.name in ours.values()]
    yield _none("E_DOCTOR_KEYS", "pg_index, pg_constraint", [*gone, *_keys_missing(connection, tables, asked)])
    yield _none("E_DOCTOR_ROW_SECURITY", "pg_policy", _names(connection, _HIDDEN, asked))
    known = {"known": [f"{table.name}_refuse_change" for table in IMMUTABLE]}
    foreign = [*_names(connection, _TRIGGERS, asked | known), *_names(connection, _RULES, asked)]
    yield _none("E_DOCTOR_FOREIGN", "pg_trigger, pg_rewrite", foreign)
    read_only, writes = connection.execute(_WRITES).one()
    holds = read_only == "off" or not writes  # the reader's role is made so
    yield Check("E_DOCTOR_POSTGRESQL", "default_transaction_read_only", read_only, "off", holds=holds)


def _none(code: str, name: str, found: list[str]) -> Check:
    return Check(code, name, ", ".join(found) or "-", "-", holds=not found)


def _names(connection: Connection, statement: TextClause, asked: dict[str, Any]) -> list[str]:
    return [str(one) for one in connection.execute(statement, asked).scalars()]


def _keys_missing(connection: Connection, tables: list[Table], asked: dict[str, Any]) -> list[str]:
    """Keys, bounds and references that a table was made with and has no more."""
    keys = {(row[0], tuple(row[1])) for row in connection.execute(_KEYS, asked)}
    bounds = {tuple(row) for row in connection.execute(_BOUNDS, asked)}
    references = {f"{row[0]} → {row[1]} ({', '.join(row[2])})" for row in connection.execute(_REFERENCES, asked)}
    return [
        *(
            f"{one.name} ({', '.join(key)})"
            for one in tables
            for key in unique_keys(one)
            if (one.name, key) not in keys
        ),
        *(f"{one.name}: {name}" for one in tables for name in _bounds(one) if (one.name, name) not in bounds),
        *(told for one in tables for told in _references(one) if told not in references),
    ]


def _references(table: Table) -> Iterator[str]:
    for constraint in sorted(table.foreign_key_constraints, key=lambda one: tuple(one.column_keys)):
        yield f"{table.name} → {constraint.referred_table.name} ({', '.join(constraint.column_keys)})"


def _bounds(table: Table) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            yield str(constraint.name)
