"""Read models that follow the year in another process: asked to when it is worth it, and up to the log's end."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger.application.importing.ahead import ReadAhead
from ledger.log.appending import read_head
from ledger.log.store import LogStore
from ledger_api.demo.year.following import WORTHWHILE_EVENTS, Following, follow
from ledger_api.demo.year.play import Year
from ledger_projections.registry import PROJECTIONS, states


class Asked(ReadAhead):
    """Keeps what it was asked to do beside; at first it is at something else."""

    def __init__(self) -> None:
        super().__init__()
        self.works: list[tuple[Any, ...]] = []

    def beside(self, *work: Any) -> bool:
        self.works.append(work)
        return len(self.works) > 1


def test_a_log_that_has_grown_enough_is_followed_once_and_asked_for_until_it_is(hamlet: Year) -> None:
    book = hamlet.county.book
    with book.store.read() as connection:
        end = read_head(connection).position
    reader = Asked()
    follower = Following(reader, book.store, book.settings.database, end - WORTHWHILE_EVENTS + 1)
    follower.look()
    assert reader.works == []
    follower.reached -= 1
    for _ in range(3):
        follower.look()
    assert reader.works == [(follow, book.settings.database)] * 2


def test_the_second_process_folds_every_model_up_to_the_end(hamlet: Year, tmp_path: Path) -> None:
    copy = tmp_path / "book.db"
    whole = Path(hamlet.county.book.settings.database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(whole)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    with closing(LogStore.open(f"sqlite:///{copy}")) as store:
        with store.write(beside=True) as connection:
            connection.execute(text("DELETE FROM rm_positions"))
        with store.read() as connection:
            assert {one.position for one in states(connection)} == {0}
        reader = ReadAhead()
        reader.beside(follow, f"sqlite:///{copy}")
        reader.close()
        with store.read() as connection:
            end, reached = read_head(connection).position, states(connection)
    assert [(one.name, one.position, one.failure) for one in reached] == [(name, end, None) for name in PROJECTIONS]
