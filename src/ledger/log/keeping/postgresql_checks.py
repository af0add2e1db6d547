"""What of a PostgreSQL database durability and immutability rest on: the server's settings, the triggers, the role.

The role is the one that this connection works under: what it may not do, no fault of the program can do.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text

from ledger.log.engines import POSTGRESQL_OLDEST
from ledger.log.keeping.checks import Check
from ledger.log.keeping.life import guarded
from ledger.log.keeping.postgresql_tables import table_checks
from ledger.log.keeping.roles import READ_MODELS, others
from ledger.log.tables import IMMUTABLE, METADATA
from ledger.log.triggers import FUNCTION_BODY, FUNCTION_NAME

SETTINGS: Final[dict[str, tuple[str, ...]]] = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
    "transaction_isolation": ("read committed",),
    "server_encoding": ("UTF8",),
    "standard_conforming_strings": ("on",),
    "zero_damaged_pages": ("off",),  # a damaged page would be read as one without rows
    "ignore_checksum_failure": ("off",),
    "data_sync_retry": ("off",),  # what a failed fsync lost would be taken for written when it is tried again
    "session_replication_role": ("origin",),
}

_STATEMENT_BEFORE_ALL: Final = 2 | 8 | 16 | 32
"""pg_trigger.tgtype of BEFORE DELETE OR UPDATE OR TRUNCATE FOR EACH STATEMENT. Source: PostgreSQL pg_trigger.h."""

_TRIGGERS: Final = text(
    "SELECT c.relname, t.tgenabled::text AS enabled, t.tgtype AS type, t.tgqual IS NULL AS always, p.proname, p.prosrc "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE NOT t.tgisinternal AND t.tgname = c.relname || '_refuse_change'"
)
_KEPT: Final = text("SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'")
_ROLE: Final = text(
    "SELECT rolname, rolsuper, current_schema() AS here, "
    "current_setting('transaction_read_only') = 'on' AS reads_only, "
    "has_schema_privilege(current_schema(), 'CREATE') AS may_make, "
    "NOT rolsuper AND has_database_privilege(current_database(), 'CREATE') AS may_add_schemas, "
    "NOT rolsuper AND has_database_privilege(current_database(), 'TEMPORARY') AS may_add_temporary "
    "FROM pg_roles WHERE rolname = session_user"
)
_RIGHTS: Final = text(
    "SELECT c.relname, n.nspname, pg_has_role(c.relowner, 'USAGE') AS owned, "
    "has_table_privilege(c.oid, 'UPDATE') OR has_any_column_privilege(c.oid, 'UPDATE') AS may_update, "
    "has_table_privilege(c.oid, 'DELETE') AS may_delete, has_table_privilege(c.oid, 'TRUNCATE') AS may_truncate, "
    "has_schema_privilege(n.oid, 'CREATE') AS may_create "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND c.relname = ANY(:names) "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
)
_FUNCTION: Final = text(
    "SELECT pronamespace::regnamespace || '.' || proname || '()' FROM pg_proc "
    "WHERE proname = :name AND pg_has_role(proowner, 'USAGE') ORDER BY 1"
)

_AS_GOOD_AS_SUPERUSER: Final = ["pg_execute_server_program", "pg_write_server_files"]
"""Source: PostgreSQL, predefined roles: either gives whoever has it the server's own files."""

# A membership counts whether its rights are inherited or had by SET ROLE or ADMIN OPTION only: each is one step away.
_WITHIN_REACH: Final = text(
    "SELECT r.rolname FROM pg_roles r "
    "WHERE r.rolname <> current_user AND pg_has_role(session_user, r.oid, 'MEMBER') "
    "AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) "
    "AND (r.rolsuper OR r.rolcreaterole OR r.rolname = ANY(:powerful) "
    "OR EXISTS (SELECT FROM pg_proc WHERE proname = :function AND proowner = r.oid) "
    "OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND c.relname = ANY(:names) AND n.nspname = 'public' "
    "AND (c.relowner = r.oid OR has_schema_privilege(r.oid, n.oid, 'CREATE') "
    "OR c.relname = ANY(:fixed) AND (has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE') "
    "OR has_any_column_privilege(r.oid, c.oid, 'UPDATE'))))) "
    "UNION ALL SELECT 'CREATEROLE' FROM pg_roles WHERE rolname = session_user AND rolcreaterole AND NOT rolsuper "
    "ORDER BY 1"
)


def postgresql_checks(connection: Connection) -> Iterator[Check]:
    """Settings, checksums, version, a replica's connection, triggers (on TRUNCATE too), the tables themselves, what the
    role may do.
    """
    for name, allowed in SETTINGS.items():
        found = str(connection.scalar(text("SELECT current_setting(:name)"), {"name": name}))
        yield Check("E_DOCTOR_POSTGRESQL", name, found, "/".join(allowed), holds=found in allowed)
    # Every connection sets it, so only what it would be otherwise tells how the server is kept: a pool between us and
    # the server may hand out one of its connections that was never set.
    allowed, kept = SETTINGS["synchronous_commit"], str(connection.scalar(_KEPT))
    yield Check("E_DOCTOR_LAZY", "synchronous_commit (reset_val)", kept, "/".join(allowed), holds=kept in allowed)
    sums = str(connection.scalar(text("SELECT current_setting('data_checksums')")))
    yield Check("E_DOCTOR_CHECKSUMS", "data_checksums", sums, "on", holds=sums == "on")
    version = int(str(connection.scalar(text("SELECT current_setting('server_version_num')"))))
    oldest = POSTGRESQL_OLDEST
    yield Check("E_DOCTOR_VERSION", "server_version_num", str(version), f">= {oldest}", holds=version >= oldest)
    if connection.scalar(text("SELECT pg_is_in_recovery()")):
        receivers = int(str(connection.scalar(text("SELECT count(*) FROM pg_stat_wal_receiver"))))
        told = "streaming" if receivers else "alone"
        yield Check("E_DOCTOR_REPLICA", "wal_receiver", told, "streaming", holds=receivers > 0)
    yield from _triggers(connection)
    yield from table_checks(connection)
    yield from _role(connection)


def _triggers(connection: Connection) -> Iterator[Check]:
    found = {row.relname: row for row in connection.execute(_TRIGGERS)}
    for table in guarded(connection):
        row = found.get(table.name)
        faults = ["-"] if row is None else []
        if row is not None:
            faults += [f"tgenabled={row.enabled}"] if row.enabled != "A" else []
            faults += [f"tgtype={row.type}"] if row.type != _STATEMENT_BEFORE_ALL else []
            faults += ["WHEN"] if not row.always else []
            faults += [str(row.proname)] if row.proname != FUNCTION_NAME else []
            faults += ["prosrc"] if row.prosrc != FUNCTION_BODY else []
        yield Check("E_DOCTOR_TRIGGER", table.name, ", ".join(faults) or "1", "1", holds=not faults)


def _role(connection: Connection) -> Iterator[Check]:
    role = connection.execute(_ROLE).one()
    yield Check("E_DOCTOR_SUPERUSER", role.rolname, _yes(role.rolsuper), "no", holds=not role.rolsuper)
    names, fixed = list(METADATA.tables), [table.name for table in IMMUTABLE]
    rows = connection.execute(_RIGHTS, {"names": names}).all()
    owned = sorted(row.relname for row in rows if row.owned)
    owned += connection.execute(_FUNCTION, {"name": FUNCTION_NAME}).scalars()
    yield Check("E_DOCTOR_OWNER", role.rolname, _list(owned), "-", holds=not owned)
    changing = sorted(
        row.relname for row in rows if row.relname in fixed and (row.may_update or row.may_delete or row.may_truncate)
    )
    yield Check("E_DOCTOR_RIGHTS", role.rolname, _list(changing), "-", holds=not changing)
    asked = {"names": names, "fixed": fixed, "function": FUNCTION_NAME, "powerful": _AS_GOOD_AS_SUPERUSER}
    reached = list(connection.execute(_WITHIN_REACH, asked).scalars())
    yield Check("E_DOCTOR_BECOMES", role.rolname, _list(reached), "-", holds=not reached)
    beside_it = others(connection, [])
    if role.rolname in beside_it:  # this is the application's role: the owner and the reader do not know its name
        beside_it.remove(role.rolname)
        yield Check("E_DOCTOR_WRITERS", role.rolname, _list(beside_it), "-", holds=not beside_it)
    schemas = sorted({row.nspname for row in rows if row.may_create})
    yield Check("E_DOCTOR_DDL", role.rolname, _list(schemas), "-", holds=not schemas)
    beside = ["CREATE"] * role.may_add_schemas + ["TEMPORARY"] * role.may_add_temporary
    yield Check("E_DOCTOR_BESIDE", role.rolname, _list(beside), "-", holds=not beside)
    home = role.may_make or (role.reads_only and role.here == READ_MODELS)
    yield Check("E_DOCTOR_HOME", role.rolname, role.here or "-", READ_MODELS, holds=bool(home))
    twice = sorted({row.relname for row in rows if [one.relname for one in rows].count(row.relname) > 1})
    yield Check("E_DOCTOR_TWIN", role.rolname, _list(twice), "-", holds=not twice)


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _list(names: list[str]) -> str:
    return ", ".join(names) or "-"
