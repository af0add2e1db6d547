"""`kill -9` of the server while clients post: nothing acknowledged is lost, nothing asked twice is recorded twice.

The clients send what was not answered once more, as the interface tells them to. After each kill the file is read with
the bare driver; in the end every act that a client was answered for stands exactly once, and one order explains all
that anybody saw.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from ledger.signing.vkeys import NoteSigner
from tests.api.http.running.live import client_of, directory_of
from tests.application.proposing.county import ORIGIN, County
from tests.crash import remains
from tests.crash.clients import FUND, MAKER, Visitor, log_of
from tests.crash.dice import Dice
from tests.crash.history import History, Log, Recorded, faults
from tests.crash.webserver import Web, web
from tests.soaking import rounds

KILLS = rounds(60, 1_000)
CLIENTS = 4
OPERATIONS = rounds(2_500, 100_000)
"""On each kind of database."""

EARLIEST_MS, SPAN_MS = 20, 250
SEED = b"kill -9 of the server, 60 times."


@contextmanager
def visiting(visitors: list[Visitor], kinds: list[str], most: int) -> Iterator[None]:
    """The clients at work; what went wrong with one of them is raised here."""
    wrong: list[BaseException] = []

    def run(visitor: Visitor) -> None:
        try:
            visitor.run(kinds, most)
        except BaseException as error:  # noqa: BLE001 - raised again by the test, whatever it was
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
    if wrong:
        raise wrong[0]


def opening_of(server: Web, county: County) -> int:
    """What the fund holds before anybody acts."""
    with client_of(server.url, county.keys[MAKER]) as client:
        rows = client.get("/v1/balances").json()["rows"]
    return next(int(row["balance_fen"]) for row in rows if row["fund"] == FUND)


def test_kills_lose_and_double_nothing(sqlite_county: County) -> None:
    file, verifier = sqlite_county.folder / "book.db", NoteSigner(ORIGIN, sqlite_county.operator).verifier
    history, stop, dice = History(), threading.Event(), Dice(SEED)
    with web(directory_of(sqlite_county)) as server:
        opening = opening_of(server, sqlite_county)
        visitors = [Visitor(n, [server.url], sqlite_county.keys, history, stop) for n in range(CLIENTS)]
        with visiting(visitors, ["give"], 10**9):
            try:
                for name in range(KILLS):
                    time.sleep((EARLIEST_MS + dice.below(SPAN_MS)) / 1000)
                    server.kill()
                    with remains.opened(file) as connection:
                        assert remains.faults(connection, verifier) == [], name
                        posted = set(remains.posted(connection).values())
                    stood = {(one.number, one.first_position, one.leaf_hash) for one in posted}
                    known = {(one.number, one.position, one.leaf_hash.hex()) for one in history.of("ok", "give")}
                    assert known <= stood, name
                    server.begin()
            finally:
                stop.set()
        assert faults(history, log_of(sqlite_county.store, opening)) == []
    assert sum(visitor.broken for visitor in visitors) > KILLS / 2, "the kills met nobody"
    assert len(history.of("ok", "give")) > KILLS


@pytest.mark.parametrize("county", ["sqlite", "postgresql"], indirect=True)
def test_one_order_explains_all_that_was_seen(county: County) -> None:
    """Giving, spending and reading; on PostgreSQL two processes write beside each other, and each is killed in turn."""
    processes = 1 if county.store.engine.dialect.name == "sqlite" else 2
    history, stop, dice = History(), threading.Event(), Dice(SEED[::-1])
    directory = directory_of(county)
    with ExitStack() as stack:
        servers = [stack.enter_context(web(directory)) for _ in range(processes)]
        opening = opening_of(servers[0], county)
        urls = [server.url for server in servers]
        visitors = [Visitor(n, urls, county.keys, history, stop) for n in range(2 * CLIENTS)]
        with visiting(visitors, ["give", "give", "spend", "read"], OPERATIONS // len(visitors) + 1):
            turn = 0
            while len(history.operations) < OPERATIONS and not stop.is_set():
                time.sleep(1 + dice.below(2_000) / 1000)
                servers[turn % processes].kill()
                servers[turn % processes].begin()
                turn += 1
        assert faults(history, log_of(county.store, opening)) == []
    assert len(history.operations) >= OPERATIONS
    for outcome, kind in [("ok", "give"), ("ok", "spend"), ("ok", "read"), ("fail", "spend")]:
        assert len(history.of(outcome, kind)) > OPERATIONS / 50, (outcome, kind)


def small() -> tuple[History, Log]:
    """Two gifts, the balance between them, and money spent."""
    history = History()
    acts = []
    for place, (kind, fen) in enumerate([("give", 5), ("read", 5), ("give", 7), ("spend", 11)]):
        one = history.begin(0, kind, fen)  # type: ignore[arg-type]  # the words are those of the type
        one.begun, one.ended, one.outcome, one.number = place, place + 0.5, "ok", place + 1
        one.leaf_hash, one.seen = b"h", (1, b"root")
        one.position = place + 1 if kind != "read" else 1
        if kind != "read":
            acts.append(Recorded(one.name, one.kind, fen, place + 1, place + 1, b"h", "a", ("b",)))
    return history, Log(acts, 0, lambda _size: b"root")


def lost(history: History, acts: list[Recorded]) -> None:
    del history
    acts.pop()


def doubled(history: History, acts: list[Recorded]) -> None:
    del history
    acts.append(acts[0])


def refused_and_recorded(history: History, acts: list[Recorded]) -> None:
    del acts
    history.operations[0].outcome = "fail"


def stale(history: History, acts: list[Recorded]) -> None:
    del acts
    history.operations[1].position = 0
    history.operations[1].fen = 0


def torn(history: History, acts: list[Recorded]) -> None:
    del acts
    history.operations[1].fen = 4


def turned_round(history: History, acts: list[Recorded]) -> None:
    del acts
    first, _, second, _ = history.operations
    first.begun, first.ended, second.begun, second.ended = 9, 9.5, 0, 0.5


def overdrawn(history: History, acts: list[Recorded]) -> None:
    del history
    acts[-1] = replace(acts[-1], fen=13)


def alone(history: History, acts: list[Recorded]) -> None:
    del history
    acts[-1] = replace(acts[-1], checkers=("a",))


def forked(history: History, acts: list[Recorded]) -> None:
    del acts
    history.operations[2].seen = (1, b"another")


BROKEN: list[Callable[[History, list[Recorded]], None]] = [
    *(lost, doubled, refused_and_recorded, stale, torn, turned_round, overdrawn, alone, forked),
]


@pytest.mark.parametrize("breaking", BROKEN)
def test_the_check_finds_what_is_broken(breaking: Callable[[History, list[Recorded]], None]) -> None:
    history, log = small()
    assert faults(history, log) == []
    acts = list(log.acts)
    breaking(history, acts)
    assert faults(history, Log(acts, log.opening_fen, log.root_at))
