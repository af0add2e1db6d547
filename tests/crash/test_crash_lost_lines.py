"""The line to the database breaks: what was committed is answered, and nobody is told that nothing was recorded who
cannot know.
"""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.pool import PoolProxiedConnection

from ledger.application.outcomes import Outcome, Receipt, Waiting
from ledger.decisions.prepared import Submission
from ledger.errors import BusyError, LedgerError, UncertainError
from tests.application.office import Office, fee, gift
from tests.application.test_writer_group_commit import all_at_once

KILL = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where pid <> pg_backend_pid() and datname = current_database()"
)


@pytest.fixture
def office(pg_url: str) -> Iterator[Office]:
    """An opened book on PostgreSQL."""
    made = Office(pg_url).open()
    yield made
    made.store.close()


def size(office: Office) -> int:
    """How many vouchers the log has."""
    with office.store.read() as connection:
        return int(connection.exec_driver_sql("select number from head").scalar_one())


def cut_all(office: Office) -> None:
    """As when the server was started again: every connection is gone."""
    url = office.store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(KILL)


def cut_at_commits(office: Office, monkeypatch: pytest.MonkeyPatch, *done: str) -> None:
    """At each of the next commits the line breaks: after the server has done it, or before it hears of it."""
    left = list(done)
    dialect = office.store.engine.dialect
    do_commit = dialect.do_commit

    def commit(connection: PoolProxiedConnection) -> None:
        if left:
            driver = connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            if left.pop(0) == "done":
                driver.commit()
            driver.close()
        do_commit(connection)

    monkeypatch.setattr(dialect, "do_commit", commit)


WAYS: dict[str, Callable[[Office, Submission], Outcome]] = {
    "alone": lambda office, one: office.writer.submit(one),
    "together": lambda office, one: outcome(office.writer.submit_together([one])[0]),
}


def outcome(answer: Outcome | LedgerError) -> Outcome:
    """What is no error."""
    assert not isinstance(answer, LedgerError)
    return answer


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("done", ["done", "never heard of"])
def test_a_voucher_whose_commit_was_lost_gets_its_receipt(
    office: Office, monkeypatch: pytest.MonkeyPatch, way: str, done: str
) -> None:
    """An event without a natural key: made again, it would be counted twice."""
    before, one = size(office), office.draft("maker", [gift("g-1")])
    cut_at_commits(office, monkeypatch, done)
    receipt = WAYS[way](office, one)
    assert isinstance(receipt, Receipt)
    assert (receipt.number, receipt.repeated, size(office)) == (before + 1, done == "done", before + 1)
    assert office.writer.receipt(receipt.voucher).leaf == receipt.leaf
    following = office.post("maker", [gift("g-2")])
    assert isinstance(following, Receipt)
    assert following.number == before + 2


def test_a_voucher_that_waits_is_kept_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.post("maker", [gift("g-0", 1_000_000)])
    one = office.draft("maker", [fee("f-1")])
    cut_at_commits(office, monkeypatch, "done")
    first = office.writer.submit(one)
    assert isinstance(first, Waiting)
    assert office.writer.submit(one) == first


def test_of_a_batch_each_is_answered_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = size(office)
    cut_at_commits(office, monkeypatch, "done")
    answers = all_at_once(office, [office.draft("maker", [gift(f"g-{n}")]) for n in range(5)])
    assert sorted(one.number for one in answers if isinstance(one, Receipt)) == list(range(before + 1, before + 6))
    assert size(office) == before + 5


@pytest.mark.parametrize("way", WAYS)
def test_where_the_database_stays_away_nobody_says_that_nothing_was_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    before, one = size(office), office.draft("maker", [gift("g-1")])
    with monkeypatch.context() as patch:
        cut_at_commits(office, patch, "done", "done")
        with pytest.raises(UncertainError, match="E_POSTING_UNKNOWN") as told:
            WAYS[way](office, one)
    for language in ("zh", "en"):
        said = told.value.message(language)
        assert str(told.value.params["voucher"]) in said
        assert "没有记下" not in said
        assert "othing was" not in said
    again = WAYS[way](office, one)
    assert isinstance(again, Receipt)
    assert (again.repeated, again.voucher, size(office)) == (True, told.value.params["voucher"], before + 1)


@pytest.mark.parametrize("way", WAYS)
def test_what_fails_otherwise_after_a_lost_commit_tells_no_more(
    office: Office, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The lock is still held by the connection that broke, or the copy that answers now only reads."""
    one = office.draft("maker", [gift("g-1")])
    cut_at_commits(office, monkeypatch, "done")
    lock, asked = office.store._lock, list[bool]()  # noqa: SLF001 - what is asked first

    def busy(connection: object, *, wait: bool) -> None:
        asked.append(wait)
        if len(asked) > 1:
            raise BusyError("E_BOOK_BUSY")
        lock(connection, wait=wait)  # type: ignore[arg-type]  # as it was handed in

    monkeypatch.setattr(office.store, "_lock", busy)
    with pytest.raises(UncertainError, match="E_POSTING_UNKNOWN"):
        WAYS[way](office, one)


@pytest.mark.parametrize("way", WAYS)
def test_after_the_server_was_started_again_the_next_voucher_is_posted(office: Office, way: str) -> None:
    before, one = size(office), office.draft("maker", [gift("g-1")])
    cut_all(office)
    receipt = WAYS[way](office, one)
    assert isinstance(receipt, Receipt)
    assert (receipt.repeated, size(office)) == (False, before + 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("table", ["events", "head"])
def test_a_line_that_breaks_while_rows_are_written_is_no_fault_of_theirs(
    office: Office, monkeypatch: pytest.MonkeyPatch, way: str, table: str
) -> None:
    before, one, cut = size(office), office.draft("maker", [gift("g-1")]), list[str]()
    for _ in range(3):
        office.store.engine.connect().close()

    @event.listens_for(office.store.engine, "before_cursor_execute")
    def cuts(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if table in statement and statement.startswith(("INSERT", "UPDATE", "SELECT")) and not cut:
            cut.append(statement)
            cut_all(office)

    receipt = WAYS[way](office, one)
    assert isinstance(receipt, Receipt)
    assert (len(cut), size(office)) == (1, before + 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_database_that_is_away_may_be_asked_again(office: Office, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """It never heard of the voucher."""
    before, one = size(office), office.draft("maker", [gift("g-1")])
    with monkeypatch.context() as patch:
        patch.setattr(office.store.engine.dialect, "connect", refuses)
        cut_all(office)
        with pytest.raises(BusyError, match="E_DATABASE_AWAY") as told:
            WAYS[way](office, one)
    assert not isinstance(told.value, UncertainError)
    assert told.value.params["wait"] > 0
    assert size(office) == before
    assert isinstance(WAYS[way](office, one), Receipt)


def refuses(*_: object, **__: object) -> None:
    """Nobody listens."""
    raise psycopg.OperationalError("connection refused")
