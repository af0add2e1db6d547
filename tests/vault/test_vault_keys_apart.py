"""Two machines with a file of keys each on one database: whose key is missing is told so, and never as erased."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from ledger.errors import EvidenceError
from ledger.log.side_tables import identities
from ledger.log.store import LogStore
from ledger.vault.keystore import KeyStore
from ledger.vault.people import Subject, Vault

NOW = "2025-09-30T10:00:00+08:00"


@pytest.fixture
def store(sqlite_url: str) -> LogStore:
    """A book's database."""
    return LogStore.create(sqlite_url)


@pytest.fixture
def machines(store: LogStore, tmp_path: Path) -> tuple[Vault, Vault]:
    """Two vaults whose files were one when the book was set up."""
    first = Vault(KeyStore.create(tmp_path / "vault.keys"))
    with store.write() as connection:
        first.register(connection, [person(first, "431099194803120016")])
    shutil.copyfile(tmp_path / "vault.keys", tmp_path / "second.keys")
    (tmp_path / "second.keys").chmod(0o600)
    return first, Vault(KeyStore(tmp_path / "second.keys"))


def person(vault: Vault, number: str, name: str = "示例甲") -> Subject:
    return Subject("person", vault.reference("person", number), (("id_number", number), ("name", name)))


@pytest.fixture
def new(store: LogStore, machines: tuple[Vault, Vault]) -> Subject:
    """Somebody who was registered at the first machine since then."""
    made = person(machines[0], "431099196207050129")
    with store.write() as connection:
        machines[0].register(connection, [made])
    return made


def askers(vault: Vault, connection: Connection, subject: Subject) -> list[Callable[[], object]]:
    """Whatever opens what is kept of somebody."""
    return [
        lambda: vault.show(connection, subject.reference, "auditor-1", "", NOW),
        lambda: vault.opened(connection, [subject.reference]),
        lambda: vault.register(connection, [subject]),
    ]


def test_whose_key_lies_on_the_other_machine_is_not_told_as_erased(
    store: LogStore, machines: tuple[Vault, Vault], new: Subject, tmp_path: Path
) -> None:
    here, there = machines
    with store.write() as connection:
        before = connection.execute(select(identities)).all()
        for asks in askers(there, connection, new):
            with pytest.raises(EvidenceError) as caught:
                asks()
            assert (caught.value.code, caught.value.http_status) == ("E_VAULT_KEY_AWAY", 503)
            assert caught.value.params["file"] == str(tmp_path / "second.keys")
        assert (here.away(connection), there.away(connection)) == (0, 1)
        assert connection.execute(select(identities)).all() == before
        assert KeyStore(tmp_path / "second.keys").keys_of([new.reference]) == {}, "no second key was made"
        assert here.opened(connection, [new.reference])[new.reference]["name"] == "示例甲"


def test_a_key_that_does_not_open_is_told_as_one_that_is_missing(
    store: LogStore, machines: tuple[Vault, Vault], new: Subject, tmp_path: Path
) -> None:
    """As an earlier release left it, that made a key of its own for somebody who had one elsewhere."""
    KeyStore(tmp_path / "second.keys").make_keys([new.reference])
    renamed = person(machines[1], "431099196207050129", "示例乙")
    with store.write() as connection:
        for asks in askers(machines[1], connection, renamed):
            with pytest.raises(EvidenceError, match="E_VAULT_KEY_AWAY"):
                asks()
