"""The doctor and the log's tables: whether they are still kept as they were made, with nothing of anybody else's."""

import pytest

from ledger.log.keeping.checks import Check
from ledger.log.keeping.postgresql_checks import postgresql_checks
from ledger.log.keeping.sqlite_checks import sqlite_checks
from ledger.log.store import LogStore

FOREIGN_SQLITE = {
    "drops rows": "CREATE TRIGGER quiet BEFORE INSERT ON access_log BEGIN SELECT RAISE(IGNORE); END",
    "beside a derived table": "CREATE TRIGGER quiet AFTER UPDATE ON head BEGIN SELECT 1; END",
    "with a name like ours": "CREATE TRIGGER head_refuse_update BEFORE UPDATE ON head BEGIN SELECT 1; END",
}
_NOTHING = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;"
# What somebody does; the code of what the doctor finds, and what it names.
CHANGED_TABLES = {
    "emptied by a crash": ("ALTER TABLE requests SET UNLOGGED", "E_DOCTOR_UNLOGGED", "requests"),
    "all emptied by a crash": (
        "ALTER TABLE cosignatures SET UNLOGGED; ALTER TABLE checkpoints SET UNLOGGED; ALTER TABLE head SET UNLOGGED",
        "E_DOCTOR_UNLOGGED",
        "checkpoints, cosignatures, head",
    ),
    "damaged pages are read as empty": (
        "SET zero_damaged_pages = on",
        "E_DOCTOR_POSTGRESQL",
        "zero_damaged_pages",
    ),
    "damage is passed over": ("SET ignore_checksum_failure = on", "E_DOCTOR_POSTGRESQL", "ignore_checksum_failure"),
    "only reading": (
        "SET default_transaction_read_only = on",
        "E_DOCTOR_POSTGRESQL",
        "default_transaction_read_only",
    ),
    "triggers of a replica": (
        "SET session_replication_role = replica",
        "E_DOCTOR_POSTGRESQL",
        "session_replication_role",
    ),
    "no primary key": ("ALTER TABLE events DROP CONSTRAINT events_pkey", "E_DOCTOR_KEYS", "events (position)"),
    "a primary key of other columns": (
        "ALTER TABLE tree DROP CONSTRAINT tree_pkey; ALTER TABLE tree ADD PRIMARY KEY (level, idx, hash)",
        "E_DOCTOR_KEYS",
        "tree (level, idx)",
    ),
    "no unique key": (
        "ALTER TABLE vouchers DROP CONSTRAINT vouchers_voucher_no",
        "E_DOCTOR_KEYS",
        "vouchers (entity, period, word, no)",
    ),
    "a key of some rows only": (
        (
            "ALTER TABLE vouchers DROP CONSTRAINT vouchers_voucher_id; "
            "CREATE UNIQUE INDEX vouchers_voucher_id ON vouchers (voucher_id) WHERE number > 1"
        ),
        "E_DOCTOR_KEYS",
        "vouchers (voucher_id)",
    ),
    "a key that was not finished": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'head_pkey'::regclass",
        "E_DOCTOR_KEYS",
        "head (id)",
    ),
    "no bound": ("ALTER TABLE head DROP CONSTRAINT head_one_row", "E_DOCTOR_KEYS", "head: head_one_row"),
    "rows that are hidden": (
        "ALTER TABLE postings ENABLE ROW LEVEL SECURITY; CREATE POLICY half ON postings USING (line > 1)",
        "E_DOCTOR_ROW_SECURITY",
        "postings",
    ),
    "all rows that are hidden": ("ALTER TABLE drafts ENABLE ROW LEVEL SECURITY", "E_DOCTOR_ROW_SECURITY", "drafts"),
    "a trigger that drops rows": (
        f"{_NOTHING} CREATE TRIGGER quiet BEFORE INSERT ON access_log FOR EACH ROW EXECUTE FUNCTION nothing()",
        "E_DOCTOR_FOREIGN",
        "access_log: quiet",
    ),
    "a trigger with a name like ours": (
        f"{_NOTHING} CREATE TRIGGER head_refuse_change BEFORE UPDATE ON head FOR EACH ROW EXECUTE FUNCTION nothing()",
        "E_DOCTOR_FOREIGN",
        "head: head_refuse_change",
    ),
    "a rule that drops rows": (
        "CREATE RULE quiet AS ON INSERT TO access_log DO INSTEAD NOTHING",
        "E_DOCTOR_FOREIGN",
        "access_log: quiet",
    ),
}


def unsafe(url: str, statements: str) -> list[Check]:
    """What fails after statements that are forgotten with their connection, and did not fail before."""
    store = LogStore.open(url)
    looked = sqlite_checks if url.startswith("sqlite") else postgresql_checks
    with store.engine.connect() as connection:
        before = [one for one in looked(connection) if not one.holds]
        for statement in statements.split(";;"):
            connection.exec_driver_sql(statement)
        after = [one for one in looked(connection) if not one.holds]
    store.close()
    return [one for one in after if one not in before]


@pytest.mark.parametrize("statement", FOREIGN_SQLITE.values(), ids=FOREIGN_SQLITE)
def test_a_trigger_of_somebody_else_is_found_on_sqlite(statement: str, sqlite_book_url: str) -> None:
    (found,) = unsafe(sqlite_book_url, statement)
    assert (found.code, found.name) == ("E_DOCTOR_FOREIGN", "sqlite_master")
    assert found.found == f"{statement.partition(' ON ')[2].split(maxsplit=1)[0]}: {statement.split()[2]}"


def test_other_tables_are_nothing_to_us(sqlite_book_url: str) -> None:
    own = "CREATE TABLE rm_own (x TEXT);; CREATE TRIGGER own AFTER INSERT ON rm_own BEGIN SELECT 1; END"
    assert unsafe(sqlite_book_url, own) == []


@pytest.mark.parametrize(("statement", "code", "named"), CHANGED_TABLES.values(), ids=CHANGED_TABLES)
def test_each_table_that_is_not_kept_as_it_was_made_is_found(
    statement: str, code: str, named: str, pg_book_url: str
) -> None:
    (found,) = unsafe(pg_book_url, statement)
    assert found.code == code
    assert named in {found.name, found.found}
