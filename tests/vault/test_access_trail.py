"""A row of the access log is written as it was meant, or nothing goes on."""

import pytest

from ledger.errors import EvidenceError
from ledger.log.side_tables import access_log
from ledger.log.store import LogStore
from ledger.vault.trail import note

AT = "2025-09-03T08:00:00Z"
_FUNCTION = "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {0} END$$;"
_TRIGGER = "CREATE TRIGGER quiet BEFORE INSERT ON access_log FOR EACH ROW EXECUTE FUNCTION quiet()"
QUIET = {
    "sqlite: dropped": "CREATE TRIGGER quiet BEFORE INSERT ON access_log BEGIN SELECT RAISE(IGNORE); END",
    "postgresql: dropped by a rule": "CREATE RULE quiet AS ON INSERT TO access_log DO INSTEAD NOTHING",
    "postgresql: dropped for one": (
        "CREATE RULE quiet AS ON INSERT TO access_log WHERE NEW.actor = 'li' DO INSTEAD NOTHING"
    ),
    "postgresql: dropped by a trigger": _FUNCTION.format("RETURN NULL;") + _TRIGGER,
    "postgresql: another's": _FUNCTION.format("NEW.actor := 'somebody'; RETURN NEW;") + _TRIGGER,
}


@pytest.mark.parametrize("case", QUIET)
def test_a_row_that_is_dropped_or_changed_without_a_word_is_refused(case: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("sqlite_book_url" if case.startswith("sqlite") else "pg_book_url")
    store = LogStore.open(url)
    with store.write() as connection:
        note(connection, AT, "li", "identity.show", "p1", "review")
    with store.write() as connection:
        connection.exec_driver_sql(QUIET[case])
    with pytest.raises(EvidenceError, match="E_ACCESS_UNWRITTEN"), store.write() as connection:
        note(connection, AT, "li", "identity.show", "p2", "review")
    with store.read() as connection:
        assert [tuple(row)[1:] for row in connection.execute(access_log.select())] == [
            (AT, "li", "identity.show", "p1", "review")
        ]
    store.close()
