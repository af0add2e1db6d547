"""Three PostgreSQL roles of one book: who owns the tables, who works with them, and who only reads.

The owner is needed for upgrades only. The application adds to immutable tables, and can neither change a row nor drop a
trigger nor make a table beside the log's; read models lie in a schema of its own, which it may drop and fold again. The
reader sees all but people's sealed fields, drafts and what ways in and web hooks are kept by, in transactions that
cannot write.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import Connection, Table, text

from ledger.errors import InputError
from ledger.log.access_tables import attempts, duties, logins, mappings, proposals, reading_keys, sessions
from ledger.log.side_tables import hooks
from ledger.log.store import owning
from ledger.log.tables import IMMUTABLE, METADATA, drafts, head, identities, requests
from ledger.log.triggers import FUNCTION_NAME

READ_MODELS: Final = "ledger_read"
"""The schema of the read models."""

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)

PRIVATE: Final = (identities, drafts, logins, attempts, sessions, reading_keys, mappings, hooks)
"""What a reader does not see."""

ACCESS: Final = (logins, attempts, sessions, reading_keys, duties, proposals, mappings)
"""Who may come in, and what imports remember."""

_HELD: Final = text(
    "SELECT pg_get_userbyid(a.grantee) AS role, a.privilege_type AS right FROM pg_class c, aclexplode(c.relacl) a "
    "WHERE c.oid = to_regclass(:like) AND a.grantee NOT IN (0, c.relowner) ORDER BY 1, 2"
)


_WRITERS: Final = text(
    "SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND c.relname = ANY(:names) AND a.grantee <> c.relowner "
    "AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')"
)


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of roles. They are made if they are not there; a password is given to each by the server's keeper."""

    owner: str
    application: str
    reader: str

    def __post_init__(self) -> None:
        """InputError E_ROLE_NAME for a name that would need quoting, or that stands twice."""
        names = [str(getattr(self, one.name)) for one in fields(self)]
        for name in names:
            if _NAME.fullmatch(name) is None or names.count(name) > 1:
                raise InputError("E_ROLE_NAME", value=name)


def role_statements(roles: Roles, database: str) -> list[str]:
    """SQL that makes the three roles and gives each its rights, whatever they had before; run it as a superuser."""
    return [
        *_made(roles),
        *_schemas(roles, database.replace('"', '""')),
        *_strays(),
        *_tables(roles),
        *_read_models(roles),
    ]


def apply_roles(connection: Connection, roles: Roles) -> None:
    """Run the statements in the caller's transaction. Raises E_ROLES_DATABASE on SQLite, which has no roles, and
    E_DATABASE_OWNER where the role that connects may not give what they give.
    """
    if connection.dialect.name != "postgresql":
        raise InputError("E_ROLES_DATABASE")
    with owning():
        for statement in role_statements(roles, str(connection.engine.url.database)):
            connection.execute(text(statement))  # `text` leaves no `%` to the driver


def others(connection: Connection, known: Iterable[str]) -> list[str]:
    """Who may write the log's tables beside their owner and the known roles: a former application's role, or PUBLIC."""
    found = connection.execute(_WRITERS, {"names": list(METADATA.tables)}).scalars()
    return sorted(set(found) - set(known))


def grants_like(connection: Connection, tables: Iterable[Table]) -> Iterator[str]:
    """SQL that gives whoever has rights on a table of the same sort those rights on new ones; run it as the owner."""
    for table in tables:
        like = requests if table in IMMUTABLE else drafts if table in PRIVATE else head
        for role, right in connection.execute(_HELD, {"like": like.name}).all():
            yield f'GRANT {right} ON {table.name} TO "{role}"'


def _made(roles: Roles) -> Iterator[str]:
    for name in (roles.owner, roles.application, roles.reader):
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
            f"THEN CREATE ROLE {name} LOGIN; END IF; END $$"
        )
        yield f"ALTER ROLE {name} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    # Whatever way it was given: rights that are not inherited are had by SET ROLE all the same.
    yield f"REVOKE {roles.owner} FROM {roles.application}, {roles.reader}"
    yield f"REVOKE {roles.application} FROM {roles.reader}"


def _schemas(roles: Roles, database: str) -> Iterator[str]:
    everyone = f"{roles.owner}, {roles.application}, {roles.reader}"
    beside = f"{roles.application}, {roles.reader}"
    yield f'REVOKE CREATE, TEMPORARY ON DATABASE "{database}" FROM PUBLIC, {beside}'
    yield f'GRANT CONNECT ON DATABASE "{database}" TO {everyone}'
    yield f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {everyone}"
    yield f"GRANT USAGE ON SCHEMA public TO {everyone}"
    yield f"GRANT CREATE ON SCHEMA public TO {roles.owner}"
    yield f"CREATE SCHEMA IF NOT EXISTS {READ_MODELS}"
    yield f"ALTER SCHEMA {READ_MODELS} OWNER TO {roles.application}"
    yield f"GRANT USAGE ON SCHEMA {READ_MODELS} TO {roles.reader}"
    for name in (roles.application, roles.reader):
        # Read models are made in the first schema; the log's tables are found in the second.
        yield f'ALTER ROLE {name} IN DATABASE "{database}" SET search_path = {READ_MODELS}, public'
    yield f'ALTER ROLE {roles.reader} IN DATABASE "{database}" SET default_transaction_read_only = on'


def _strays() -> Iterator[str]:
    """Tables of access that an earlier release made under the application's role, among its read models, move beside
    the log's. Of two the empty one makes room; where both hold rows, both stay, and the doctor says so.
    """
    for name in (table.name for table in ACCESS):
        stray, home = f"{READ_MODELS}.{name}", f"public.{name}"
        yield (
            "DO $$ DECLARE astray boolean; held boolean := false; BEGIN "  # noqa: S608 - our own names
            f"IF to_regclass('{stray}') IS NOT NULL THEN "
            f"EXECUTE 'SELECT EXISTS (SELECT FROM {stray})' INTO astray; "
            f"IF to_regclass('{home}') IS NOT NULL THEN "
            f"EXECUTE 'SELECT EXISTS (SELECT FROM {home})' INTO held; "
            f"IF NOT held THEN DROP TABLE {home}; ELSIF NOT astray THEN DROP TABLE {stray}; END IF; END IF; "
            f"IF NOT held THEN ALTER TABLE {stray} SET SCHEMA public; END IF; "
            "END IF; END $$"
        )
    # An earlier `upgrade` under the application's role made the triggers' function once more, where no trigger is.
    stray = f"{READ_MODELS}.{FUNCTION_NAME}()"
    yield (
        f"DO $$ BEGIN IF to_regprocedure('{stray}') IS NOT NULL "
        f"AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = to_regprocedure('{stray}')) "
        f"THEN DROP FUNCTION {stray}; END IF; END $$"
    )


def _tables(roles: Roles) -> Iterator[str]:
    yield f"ALTER FUNCTION public.{FUNCTION_NAME}() OWNER TO {roles.owner}"
    for table in METADATA.sorted_tables:
        yield f"ALTER TABLE public.{table.name} OWNER TO {roles.owner}"
        yield f"REVOKE ALL ON public.{table.name} FROM PUBLIC, {roles.application}, {roles.reader}"
        yield f"GRANT {_rights(table)} ON public.{table.name} TO {roles.application}"
        if table not in PRIVATE:
            yield f"GRANT SELECT ON public.{table.name} TO {roles.reader}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {roles.application}"


def _rights(table: Table) -> str:
    return "SELECT, INSERT" if table in IMMUTABLE else "SELECT, INSERT, UPDATE, DELETE"


def _read_models(roles: Roles) -> Iterator[str]:
    """Read models that are there already move to their schema and to their owner."""
    yield (
        "DO $$ DECLARE name text; BEGIN "  # noqa: S608 - the names were checked
        "FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND starts_with(tablename, 'rm_') "
        "LOOP "
        f"EXECUTE format('ALTER TABLE public.%I SET SCHEMA {READ_MODELS}', name); END LOOP; "
        f"FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '{READ_MODELS}' LOOP "
        f"EXECUTE format('ALTER TABLE {READ_MODELS}.%I OWNER TO {roles.application}', name); END LOOP; END $$"
    )
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {READ_MODELS} TO {roles.reader}"
    yield (
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {roles.application} IN SCHEMA {READ_MODELS} "
        f"GRANT SELECT ON TABLES TO {roles.reader}"
    )
