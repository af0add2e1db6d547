"""The doctor and the log's tables: whether they are still kept as they were made, with nothing of anybody else's."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import make_url

from ledger.log.keeping.checks import Check
from ledger.log.keeping.postgresql_checks import postgresql_checks
from ledger.log.keeping.sqlite_checks import sqlite_checks
from ledger.log.store import LogStore

FOREIGN_SQLITE = {
    "drops rows": "CREATE TRIGGER quiet BEFORE INSERT ON access_log BEGIN SELECT RAISE(IGNORE); END",
    "beside a derived table": "CREATE TRIGGER quiet AFTER UPDATE ON head BEGIN SELECT 1; END",
    "with a name like ours": "CREATE TRIGGER head_refuse_update BEFORE UPDATE ON head BEGIN SELECT 1; END",
}
# The table whose text in the catalogue is altered, what of it becomes what, and what the doctor names.
ALTERED_SQLITE = {
    "no primary key of a number": ("events", "PRIMARY KEY (position)", "CHECK (position > 0)", "events (position)"),
    "a primary key of other columns": (
        "tree",
        "PRIMARY KEY (level, idx)",
        "PRIMARY KEY (level, hash)",
        "tree (level, idx)",
    ),
    "a primary key that overwrites": (
        "events",
        "PRIMARY KEY (position)",
        "PRIMARY KEY (position) ON CONFLICT REPLACE",
        "events (position), events + primary key ( position ) on conflict replace",
    ),
    "a unique key that drops rows": (
        "vouchers",
        "UNIQUE (voucher_id)",
        "UNIQUE (voucher_id) ON CONFLICT IGNORE",
        ("vouchers (voucher_id), vouchers + constraint vouchers_voucher_id unique ( voucher_id ) on conflict ignore"),
    ),
    "a column that drops rows": (
        "events",
        "kind TEXT NOT NULL",
        "kind TEXT NOT NULL ON CONFLICT IGNORE",
        "events.kind, events + kind text not null on conflict ignore",
    ),
    "no bound": ("head", "CHECK (id = 1)", "CHECK (1 = 1)", "head: head_one_row"),
    "a bound that is a comment": (
        "head",
        "CONSTRAINT head_one_row CHECK (id = 1)",
        "CHECK (1) /* CONSTRAINT head_one_row CHECK (id = 1) */",
        "head: head_one_row",
    ),
    "a bound in a name": (
        "head",
        "CONSTRAINT head_one_row CHECK (id = 1)",
        'CONSTRAINT "head_one_row CHECK (id = 1)" CHECK (1)',
        "head: head_one_row",
    ),
    "no foreign key": (
        "cosignatures",
        "FOREIGN KEY(size) REFERENCES checkpoints (size)",
        "CHECK (size > 0)",
        "cosignatures → checkpoints (size)",
    ),
    "a column that may be empty": (
        "postings",
        "amount_fen INTEGER NOT NULL",
        "amount_fen INTEGER",
        "postings.amount_fen",
    ),
    "any value in any column": ("head", "STRICT", "", "head: STRICT"),
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
    "no foreign key": (
        "ALTER TABLE cosignatures DROP CONSTRAINT cosignatures_size_fkey",
        "E_DOCTOR_KEYS",
        "cosignatures → checkpoints (size)",
    ),
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


def altered(url: str, table: str, was: str, becomes: str) -> list[Check]:
    """What fails for whoever opens the book once the text by which a table was made says something else."""
    store = LogStore.open(url)
    with store.engine.connect() as connection:
        assert [one for one in sqlite_checks(connection) if not one.holds] == []
    store.close()
    path = make_url(url).database
    assert path is not None
    with closing(sqlite3.connect(path)) as raw:
        (text,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        assert was in text
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (text.replace(was, becomes), table))
        raw.commit()
    store = LogStore.open(url)
    with store.engine.connect() as connection:
        found = [one for one in sqlite_checks(connection) if not one.holds]
    store.close()
    return found


@pytest.mark.parametrize(("table", "was", "becomes", "named"), ALTERED_SQLITE.values(), ids=ALTERED_SQLITE)
def test_a_table_that_was_altered_by_hand_is_found_on_sqlite(
    table: str, was: str, becomes: str, named: str, sqlite_book_url: str
) -> None:
    (found,) = altered(sqlite_book_url, table, was, becomes)
    assert (found.code, found.name, found.found) == ("E_DOCTOR_KEYS", "sqlite_master", named)


@pytest.mark.parametrize("table", ["balances", "identities", "pending"])
def test_a_table_that_is_gone_is_found(table: str, book_url: str) -> None:
    """No refusing trigger would be missed with it."""
    found = {one.code: one.found for one in unsafe(book_url, f"DROP TABLE {table}")}
    assert found["E_DOCTOR_KEYS"] == f"{table}: DROP TABLE"


def test_tables_made_again_without_their_keys_are_named_one_by_one(sqlite_book_url: str) -> None:
    again = ";;".join(
        f"ALTER TABLE {name} RENAME TO was_{name};; CREATE TABLE {name} AS SELECT * FROM was_{name}"
        for name in ("findings", "balances")
    )
    (found,) = unsafe(sqlite_book_url, again)
    assert found.code == "E_DOCTOR_KEYS"
    for named in ("balances: WITHOUT ROWID", "findings (position, code, ordinal)", "findings.stage"):
        assert named in found.found


def test_another_key_that_drops_rows_is_found_and_so_is_that_it_has_no_page(sqlite_book_url: str) -> None:
    """SQLite's own check gives up on such a catalogue; that is a finding too, and hides no other."""
    dropping = "PRIMARY KEY (position), UNIQUE (data) ON CONFLICT IGNORE"
    keys, pages = altered(sqlite_book_url, "events", "PRIMARY KEY (position)", dropping)
    assert (keys.code, keys.found) == ("E_DOCTOR_KEYS", "events + unique ( data ) on conflict ignore")
    assert (pages.code, pages.found) == ("E_DOCTOR_PAGES", "database disk image is malformed")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("CHECK (id = 1)", 'check\n(\n"id"=1 )  -- as it was'),
        ("head (", '"head"('),
        ("position INTEGER NOT NULL", "[position] integer /* of the log */ Not Null"),
        ("posted_at TEXT NOT NULL", "posted_at TEXT NOT NULL, added TEXT"),
    ],
)
def test_the_same_table_in_other_words_is_the_same(was: str, becomes: str, sqlite_book_url: str) -> None:
    assert altered(sqlite_book_url, "head", was, becomes) == []


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
