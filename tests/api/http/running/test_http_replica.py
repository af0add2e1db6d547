"""A streaming replica for reads: what it answers is true for the position it says, and nothing is written on it.

The primary works under the application's role; the replica's directory has its address under the reader's role, and
neither the operator's key nor the vault's.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from typer.testing import CliRunner

from ledger.errors import BusyError, RefusedError
from ledger.log.keeping.roles import Roles, apply_roles
from ledger.log.store import LogStore
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.books import SETTINGS
from ledger_api.cli.program import app
from ledger_api.client import Client, Manners
from ledger_api.clients import Client as AtTheBook
from ledger_api.http.access.ways import COOKIE
from ledger_projections.registry import catch_up, rebuild, states
from tests.api.http.house import body_of, donation
from tests.api.http.running.live import client_of, directory_of, live, voucher
from tests.api.keeping.test_roles import as_role
from tests.application.proposing.county import ORIGIN, TODAY, County
from tests.replica import Replica, replica_of

MAKER = "acct-charity"
SENT = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}
READ_MODELS = "/v1/pledges?entity=charity"


@pytest.fixture(scope="module")
def replica(pg_server: str) -> Iterator[Replica]:
    with replica_of(pg_server) as found:
        yield found


@dataclass
class Pair:
    """A county on the primary, its store under the application's role, and the replica's directory."""

    county: County
    replica: Replica
    folder: Path
    store: LogStore

    @property
    def key(self) -> SigningKey:
        """The accountant's."""
        return self.county.keys[MAKER]

    def give(self, number: int) -> None:
        """One more gift on the primary."""
        self.county.post(MAKER, "charity", [donation(number)], day=TODAY)

    def fold(self) -> None:
        """The primary's read models follow, and the replica sees it."""
        catch_up(self.store)
        self.replica.caught_up()

    def run(self, *words: str) -> Any:
        """A command in the replica's directory."""
        return CliRunner().invoke(app, [*words, "--book", str(self.folder), "--lang", "en"])

    def client(self, url: str, limit_s: float) -> Client:
        """A clerk's program that keeps what it knows in one place, wherever it asks."""
        manners = Manners(limit_s=limit_s)
        return Client(url, MAKER, self.key, folder=self.county.folder / "known", manners=manners)


@pytest.fixture
def pair(pg_county: County, replica: Replica, tmp_path: Path) -> Iterator[Pair]:
    url = pg_county.store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    stem = str(pg_county.store.engine.url.database)
    names = Roles(f"{stem}_owner", f"{stem}_app", f"{stem}_reader")
    with pg_county.store.write(beside=True) as connection:
        apply_roles(connection, names)
    store = LogStore.open(as_role(url, names.application))
    folder = tmp_path / "replica"
    folder.mkdir(mode=0o700)
    settings = f'[book]\norigin = "{ORIGIN}"\ndatabase = {json.dumps(replica.of(url, names.reader))}\n'
    (folder / SETTINGS).write_text(settings, encoding="utf-8")
    (folder / SETTINGS).chmod(0o600)
    found = Pair(pg_county, replica, folder, store)
    found.fold()
    yield found
    store.close()
    with psycopg.connect(url, autocommit=True) as connection:
        for role in (names.application, names.reader, names.owner):
            connection.execute(f"DROP OWNED BY {role} CASCADE")
            connection.execute(f"DROP ROLE {role}")


def test_a_replica_is_served_for_reading(pair: Pair) -> None:
    """One pair of servers for all of it: starting them takes longest."""
    pair.give(1)
    pair.fold()
    with live(directory_of(pair.county)) as first, live(pair.folder) as second:
        with client_of(first.url, pair.key) as primary, client_of(second.url, pair.key) as reading:
            answers_for_the_position_that_it_says(pair, primary, reading)
            writes_nothing(pair, reading)
        tells_a_client_that_knows_more(pair, first.url, second.url)
        assert second.stop() == 0
        assert not [line for line in second.said if "Traceback" in line]


def answers_for_the_position_that_it_says(pair: Pair, primary: httpx2.Client, reading: httpx2.Client) -> None:
    assert reading.get("/v1/ready").status_code == 200
    for path in ("/v1/balances", READ_MODELS, "/v1/events?limit=1000"):
        told, wanted = reading.get(path), primary.get(path)
        assert (told.status_code, told.json()) == (200, wanted.json()), path
        for name in ("ledger-position", "ledger-checkpoint"):
            assert told.headers[name] == wanted.headers[name], path
    assert reading.get("/v1/checkpoint").json() == {**primary.get("/v1/checkpoint").json(), "replica": True}
    before = reading.get(READ_MODELS)
    pair.give(2)  # and nobody folds it: the read models of the primary are behind the log
    pair.replica.caught_up()
    after, balances = reading.get(READ_MODELS), reading.get("/v1/balances")
    assert int(balances.headers["ledger-position"]) == int(before.headers["ledger-position"]) + 1
    assert after.headers["ledger-position"] == before.headers["ledger-position"]
    assert after.json() == before.json()
    assert "etag" not in after.headers
    late = reading.get(READ_MODELS + f"&at={balances.headers['ledger-position']}")
    assert (late.status_code, late.json()["code"]) == (503, "E_PROJECTION_BEHIND")
    pair.fold()
    assert reading.get(READ_MODELS).headers["ledger-position"] == balances.headers["ledger-position"]


def writes_nothing(pair: Pair, reading: httpx2.Client) -> None:
    size, body = pair.county.size(), body_of(voucher(pair.county, MAKER, "charity", donation(9)))
    answer = reading.post("/v1/vouchers", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "E_BOOK_READ_ONLY"), answer.text
    person = reading.get("/v1/people/aaaaaaaaaaaaaaaaaaaaaaaaaa", params={"purpose": "核查"})
    assert (person.status_code, person.json()["code"]) == (409, "E_BOOK_READ_ONLY"), "there are no keys of people here"
    # A session and a read-only key are looked up where the reader's role does not look.
    shown = f"Bearer clk_{'0' * 16}_{'x' * 43}"
    for sent, code in (({"Cookie": f"{COOKIE}=x"}, "E_SESSION_ENDED"), ({"Authorization": shown}, "E_READ_KEY")):
        told = httpx2.get(f"{reading.base_url}/v1/balances", headers=sent, trust_env=False)
        assert (told.status_code, told.json()["code"]) == (401, code)
        assert "ac_" not in told.text
    first = {"officer": MAKER, "password": "x" * 20, "code": ""}
    told = httpx2.post(f"{reading.base_url}/v1/session", json=first, headers=SENT, trust_env=False)
    assert (told.status_code >= 400, "ac_" in told.text, "permission denied" in told.text) == (True, False, False)
    assert pair.county.size() == size


def tells_a_client_that_knows_more(pair: Pair, first: str, second: str) -> None:
    pair.replica.stop()
    try:
        pair.give(3)
        with pair.client(first, 10) as client:
            known = client.checkpoint()
        with pair.client(second, 0.3) as client:
            with pytest.raises(BusyError, match="E_REPLICA_BEHIND") as told:
                client.checkpoint()
            assert told.value.params == {"size": known.size - 1, "known": known.size}
            for read in (client.balances, client.pending, lambda: list(client.events("donation:http-3"))):
                with pytest.raises(BusyError, match="E_REPLICA_BEHIND"):
                    read()
            kept = client.known()
            assert kept is not None
            assert open_checkpoint(kept.note, None).size == known.size, "what is known does not go back"
        resumed = threading.Timer(0.5, pair.replica.go_on)
        resumed.start()
        with pair.client(second, 60) as client:
            assert client.checkpoint() == known
        resumed.join()
    finally:
        pair.replica.go_on()


def test_commands_read_a_replica_and_say_where_it_stands(pair: Pair) -> None:
    for words in (("balances", "--json"), ("pledges", "--json"), ("checkpoint", "--json")):
        told = pair.run(*words)
        assert told.exit_code == 0, (words, told.output)
    assert json.loads(pair.run("verify", "--json").stdout)["integrity"]["ok"]
    assert all(model["ok"] for model in json.loads(pair.run("check", "--json").stdout)["models"])
    for word in ("rebuild", "upgrade"):
        told = pair.run(word)
        assert (told.exit_code, "E_BOOK_READ_ONLY" in told.stderr) == (2, True), (word, told.output)
        assert "Traceback" not in told.output


def test_read_models_of_a_replica_are_those_of_its_primary(pair: Pair) -> None:
    url = pair.replica.of(pair.store.engine.url.render_as_string(hide_password=False))
    store = LogStore.open(url)
    pair.give(1)
    pair.replica.caught_up()
    with store.read() as connection:
        before = states(connection)
    assert catch_up(store) == before
    assert {one.head - one.position for one in before} == {1}
    with pytest.raises(RefusedError, match="E_BOOK_READ_ONLY"):
        rebuild(store, "pledges")
    with pytest.raises(RefusedError, match="E_BOOK_READ_ONLY"), store.write():
        pass
    pair.fold()
    assert {one.head - one.position for one in catch_up(store)} == {0}
    assert (store.is_replica, store.is_read_only, pair.store.is_replica, pair.store.is_read_only) == (
        True,
        True,
        False,
        False,
    )
    store.close()


def test_a_person_at_a_replica_is_told_that_it_is_behind(pair: Pair) -> None:
    store = LogStore.open(pair.replica.of(pair.store.engine.url.render_as_string(hide_password=False)))
    known, vkey = pair.county.folder / "known", NoteSigner(ORIGIN, pair.county.operator).vkey
    here, there = (AtTheBook(one, ORIGIN, MAKER, pair.key, known) for one in (store, pair.store))
    pair.replica.stop()
    try:
        pair.give(1)
        newest = there.refresh(vkey)
        assert newest is not None
        with pytest.raises(BusyError, match="E_REPLICA_BEHIND") as told:
            here.signer(vkey)
        assert told.value.params == {"size": newest.size - 1, "known": newest.size}
    finally:
        pair.replica.go_on()
    pair.replica.caught_up()
    assert here.refresh(vkey) == newest
    store.close()


def test_the_doctor_knows_a_replica(pair: Pair) -> None:
    found = json.loads(pair.run("doctor", "--json").stdout)
    assert [one for one in found["checks"] if not one["ok"]] == []
    assert [one["found"] for one in found["checks"] if one["code"] == "E_DOCTOR_REPLICA"] == ["streaming"]
    with psycopg.connect(pair.replica.address, autocommit=True) as connection:
        row = connection.execute("SELECT current_setting('primary_conninfo')").fetchone()
        assert row is not None
        connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
        connection.execute("SELECT pg_reload_conf()")
        pair.replica.until("SELECT count(*) = 0 FROM pg_stat_wal_receiver")
        told = pair.run("doctor", "--json")
        assert (told.exit_code, [one["code"] for one in json.loads(told.stdout)["checks"] if not one["ok"]]) == (
            1,
            ["E_DOCTOR_REPLICA"],
        )
        connection.execute(psycopg.sql.SQL("ALTER SYSTEM SET primary_conninfo = {}").format(row[0]))
        connection.execute("SELECT pg_reload_conf()")
        pair.replica.until("SELECT count(*) = 1 FROM pg_stat_wal_receiver")
