"""Taking an older book to the tables of today: side tables are added, what stands in the log is never touched.

A table of the log changes only by a column that may be NULL or by a table beside it, so an older book stays readable
as it is, and a newer one is made of it by adding what is not there. Nothing is ever rewritten, so nothing can be lost;
done twice, it does nothing.
"""

from typing import Final

from sqlalchemy import Connection, inspect, text

from ledger.errors import AuthorityError
from ledger.log.columns import METADATA
from ledger.log.keeping.life import enter, newest
from ledger.log.keeping.roles import grants_like
from ledger.log.tables import IMMUTABLE, OPEN, SCHEMA_STEP, book_life
from ledger.log.triggers import refuse_changes

_PLACE: Final = text(
    "SELECT current_schema() AS here, n.nspname AS log, current_user AS role, pg_get_userbyid(c.relowner) AS owner, "
    "pg_has_role(c.relowner, 'USAGE') AS owned "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass('head')"
)


def upgrade(connection: Connection, at: str) -> list[str]:
    """Add the tables that the book lacks, with their triggers; the names of what was added, none when it is up to date.
    The state of the copy stays as it is. On PostgreSQL it needs the owner's role (AuthorityError E_UPGRADE_OWNER), and
    the other roles get the rights on a new table that they have on its like.
    """
    found = inspect(connection)  # wherever a table is: the application's role looks into its own schema first
    missing = [table for table in METADATA.sorted_tables if not found.has_table(table.name)]
    if missing and connection.dialect.name == "postgresql":
        _require_beside_the_log(connection)
    METADATA.create_all(connection, tables=missing, checkfirst=False)
    refuse_changes(connection, [table for table in missing if table in IMMUTABLE])
    if connection.dialect.name == "postgresql":
        for statement in grants_like(connection, missing):
            connection.execute(text(statement))
    state, step = OPEN, 0
    if book_life not in missing:
        life = newest(connection)
        state, step = life.state, life.schema_step
    if step < SCHEMA_STEP:
        enter(connection, state, at, upgraded_from=step or 1)
    return [table.name for table in missing]


def _require_beside_the_log(connection: Connection) -> None:
    """A new table must lie beside the log's and belong to their owner: no other role makes one that counts."""
    row = connection.execute(_PLACE).one()
    if row.here != row.log or not row.owned:
        raise AuthorityError("E_UPGRADE_OWNER", role=row.role, owner=row.owner)
