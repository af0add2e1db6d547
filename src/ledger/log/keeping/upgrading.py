"""Taking an older book to the tables of today: side tables are added, what stands in the log is never touched.

A table of the log changes only by a column that may be NULL or by a table beside it, so an older book stays readable
as it is, and a newer one is made of it by adding what is not there. Nothing is ever rewritten, so nothing can be lost;
done twice, it does nothing.
"""

from sqlalchemy import Connection, inspect

from ledger.log.columns import METADATA
from ledger.log.keeping.life import enter, newest
from ledger.log.tables import IMMUTABLE, OPEN, SCHEMA_STEP, book_life
from ledger.log.triggers import refuse_changes


def upgrade(connection: Connection, at: str) -> list[str]:
    """Add the tables that the book lacks, with their triggers; the names of what was added, none when it is up to date.
    Needs the owner's role on PostgreSQL. The state of the copy stays as it is.
    """
    there = set(inspect(connection).get_table_names())
    missing = [table for table in METADATA.sorted_tables if table.name not in there]
    METADATA.create_all(connection, tables=missing, checkfirst=False)
    refuse_changes(connection, [table for table in missing if table in IMMUTABLE])
    state, step = OPEN, 0
    if book_life not in missing:
        life = newest(connection)
        state, step = life.state, life.schema_step
    if step < SCHEMA_STEP:
        enter(connection, state, at, upgraded_from=step or 1)
    return [table.name for table in missing]
