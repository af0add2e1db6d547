"""Triggers that refuse every change to an immutable table: they stop accidents, the proofs stop owners.

SQLite: no UPDATE, no DELETE, and no INSERT over an existing key (INSERT OR REPLACE would slip past the other two on a
connection without `recursive_triggers`). PostgreSQL: no UPDATE, DELETE or TRUNCATE, whatever
`session_replication_role` says; there, the primary key itself refuses the second INSERT.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection, Table, UniqueConstraint, text

REFUSAL: Final = "E_IMMUTABLE"

FUNCTION_NAME: Final = "ledger_refuse_change"
FUNCTION_BODY: Final = f"""
BEGIN
    RAISE EXCEPTION USING MESSAGE = '{REFUSAL}: ' || TG_OP || ' on ' || TG_TABLE_NAME, ERRCODE = 'restrict_violation';
END """
_SCHEMA: Final = text(
    "SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid = to_regclass(:name)"
)


def refuse_changes(connection: Connection, tables: Iterable[Table]) -> None:
    """Give each table the triggers of the connection's database."""
    wanted = list(tables)
    statements = _postgresql(connection, wanted) if connection.dialect.name == "postgresql" else _sqlite(wanted)
    for statement in statements:
        connection.exec_driver_sql(statement)


def sqlite_triggers(tables: Iterable[Table]) -> dict[str, str]:
    """Name -> text of every trigger that SQLite must have for these tables, as its catalogue keeps it."""
    return {statement.split(" ", 3)[2]: statement for statement in _sqlite(tables)}


def _postgresql(connection: Connection, tables: list[Table]) -> Iterator[str]:
    # No tables, no function: whoever makes one without need leaves it where their own tables go, and owns it.
    # A statement trigger also refuses ON CONFLICT DO UPDATE and MERGE, even when no row would match.
    if not tables:
        return
    function = f"{connection.scalar(_SCHEMA, {'name': tables[0].name})}.{FUNCTION_NAME}()"
    yield f"CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $${FUNCTION_BODY}$$"
    for table in tables:
        yield (
            f"CREATE TRIGGER {table.name}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}"
        )
        yield f"ALTER TABLE {table.name} ENABLE ALWAYS TRIGGER {table.name}_refuse_change"


def _sqlite(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        for verb in ("UPDATE", "DELETE"):
            yield _sqlite_trigger(table.name, verb, "")
        # One trigger a key: each is a probe of one index, on a page that the insert is about to visit anyway.
        for ordinal, key in enumerate(unique_keys(table)):
            same = " AND ".join(f"{name} = NEW.{name}" for name in key)
            exists = f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {same}) "  # noqa: S608 - our own names
            yield _sqlite_trigger(table.name, "INSERT", exists, str(ordinal))


def _sqlite_trigger(table: str, verb: str, when: str, suffix: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_refuse_{verb.lower()}{suffix} BEFORE {verb} ON {table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {verb} on {table}'); END"
    )


def unique_keys(table: Table) -> Iterator[tuple[str, ...]]:
    """The columns of each key of a table: the primary one, then the others by name."""
    yield tuple(column.name for column in table.primary_key)
    for constraint in sorted(
        (c for c in table.constraints if isinstance(c, UniqueConstraint)),
        key=lambda c: str(c.name),
    ):
        yield tuple(column.name for column in constraint.columns)
