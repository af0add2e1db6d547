"""The vault: references, sealed fields, commitments, erasure."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from ledger.errors import EvidenceError, InputError, NotFoundError
from ledger.log.side_tables import access_log, identities
from ledger.log.store import LogStore
from ledger.vault.keystore import KeyStore
from ledger.vault.people import Subject, Vault, commit

NOW = "2025-09-30T10:00:00+08:00"


@pytest.fixture
def store(sqlite_url: str) -> LogStore:
    """A book's database."""
    return LogStore.create(sqlite_url)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An empty vault."""
    return Vault(KeyStore.create(tmp_path / "vault.keys"))


def _person(vault: Vault, number: str = "431099194803120016", name: str = "示例甲") -> Subject:
    return Subject("person", vault.reference("person", number), (("id_number", number), ("name", name)))


def test_registering_twice_adds_nothing(store: LogStore, vault: Vault) -> None:
    """The same person from a second file keeps the commitments of the first."""
    with store.write() as connection:
        first = vault.register(connection, [_person(vault)])
        second = vault.register(connection, [_person(vault)])
        changed = vault.register(connection, [_person(vault, name="示例佳")])
        kept = vault.commitments(connection, [_person(vault).reference])[_person(vault).reference]
    reference = _person(vault).reference
    assert set(first[reference]) == {"id_number", "name"}
    assert second == {}
    assert set(changed[reference]) == {"name"}
    assert kept["id_number"] == first[reference]["id_number"]
    assert kept["name"] == changed[reference]["name"] != first[reference]["name"]


def test_what_is_disclosed_proves_its_commitment_and_is_written_down(store: LogStore, vault: Vault) -> None:
    """An auditor opens a field with its key; the reading stands in the access log."""
    with store.write() as connection:
        made = vault.register(connection, [_person(vault)])
        reference = _person(vault).reference
        shown = {field.name: field for field in vault.show(connection, reference, "auditor-1", "入户抽查", NOW)}
        log = connection.execute(select(access_log)).all()
    assert shown["name"].value == "示例甲"
    assert shown["name"].holds()
    assert shown["name"].commitment == made[reference]["name"]
    assert [(row.actor, row.action, row.subject, row.detail) for row in log] == [
        ("auditor-1", "identity.show", reference, "入户抽查"),
    ]


def test_nothing_readable_lies_in_the_database(store: LogStore, vault: Vault, tmp_path: Path) -> None:
    """Neither the name nor the number stands in the files of the database."""
    with store.write() as connection:
        vault.register(connection, [_person(vault)])
    store.close()
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert b"431099194803120016" not in data, file.name
        assert "示例甲".encode() not in data, file.name


def test_blind_index_finds_only_the_same_value(store: LogStore, vault: Vault) -> None:
    """Matching works by exact value and not by field alone."""
    with store.write() as connection:
        vault.register(connection, [_person(vault), _person(vault, "431099196207050129", "示例乙")])
        assert vault.find(connection, "name", ["示例甲", "示例丙"]) == {
            "示例甲": [_person(vault).reference],
            "示例丙": [],
        }
        assert vault.find(connection, "id_number", ["示例甲"]) == {"示例甲": []}


def test_erased_is_gone_for_good(store: LogStore, vault: Vault) -> None:
    """Row and key are destroyed: a sealed field kept in an old backup does not open any more."""
    person = _person(vault)
    with store.write() as connection:
        vault.register(connection, [person])
        old = connection.execute(select(identities).where(identities.c.field == "name")).one()
        vault.erase(connection, person.reference, "admin-1", NOW)
        vault.destroy(person.reference)
        with pytest.raises(NotFoundError, match="E_IDENTITY_UNKNOWN"):
            vault.show(connection, person.reference, "auditor-1", "", NOW)
        connection.execute(identities.insert(), [dict(old._mapping)])  # noqa: SLF001 - a row from an old backup
        with pytest.raises(EvidenceError, match="E_VAULT_KEY_AWAY"):  # this log does not say that it was erased
            vault.show(connection, person.reference, "auditor-1", "", NOW)


def test_a_sealed_field_cannot_be_moved(store: LogStore, vault: Vault) -> None:
    """A field put under another person's reference does not open: the reference is associated data."""
    one, two = _person(vault), _person(vault, "431099196207050129", "示例乙")
    with store.write() as connection:
        vault.register(connection, [one, two])
        mine = identities.c.reference == one.reference, identities.c.field == "name"
        sealed = connection.scalar(select(identities.c.sealed).where(*mine))
        theirs = identities.c.reference == two.reference, identities.c.field == "name"
        connection.execute(update(identities).where(*theirs).values(sealed=sealed))
        with pytest.raises(EvidenceError, match="E_VAULT_KEY_AWAY"):
            vault.show(connection, two.reference, "auditor-1", "", NOW)


def test_references_depend_on_the_book_key_alone(tmp_path: Path) -> None:
    """Same key file, same reference; another book, another reference."""
    one = Vault(KeyStore.create(tmp_path / "a")).reference("person", "x")
    assert Vault(KeyStore.create(tmp_path / "a")).reference("person", "x") == one
    assert Vault(KeyStore.create(tmp_path / "b")).reference("person", "x") != one
    assert Vault(KeyStore.create(tmp_path / "a")).reference("household", "x") != one


def test_keys_readable_by_others_are_refused(tmp_path: Path) -> None:
    """A key file that the group may read is no secret."""
    path = tmp_path / "keys"
    KeyStore.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(InputError, match="E_VAULT_MODE"):
        KeyStore(path)


@given(value=st.text(max_size=40), other=st.text(max_size=40), key=st.binary(min_size=32, max_size=32))
def test_a_commitment_binds_name_and_value(value: str, other: str, key: bytes) -> None:
    """Another value, or the same value under another name, has another commitment."""
    assert commit("name", value, key) != commit("phone", value, key)
    assert (commit("name", value, key) == commit("name", other, key)) == (value == other)


@pytest.mark.parametrize("purpose", ["核查431099196207050129", "致电13807350001", "核查\n二", "核查\u200b"])
def test_no_purpose_brings_a_number_or_a_line_into_the_access_log(store: LogStore, vault: Vault, purpose: str) -> None:
    person = _person(vault)
    with store.write() as connection:
        vault.register(connection, [person])
        with pytest.raises(InputError, match="E_TEXT_"):
            vault.show_all(connection, [person.reference], "clerk-1", purpose, NOW)
        assert not connection.scalar(select(access_log.c.id).where(access_log.c.action == "identity.show"))


def test_many_are_shown_at_once_and_each_reading_is_written_down(store: LogStore, vault: Vault) -> None:
    """Whoever was never kept or is erased is left out; a key that is lost alone is told."""
    people = [
        _person(vault),
        _person(vault, "431099196207050129", "示例乙"),
        _person(vault, "43109919361230052X", "示例戊"),
    ]
    one, two, erased = (person.reference for person in people)
    with store.write() as connection:
        vault.register(connection, people)
        vault.erase(connection, erased, "admin", NOW)
        shown = vault.show_all(connection, [two, one, two, erased, "nobody"], "clerk-1", "核查", NOW)
        read = [(row.actor, row.subject, row.detail) for row in connection.execute(select(access_log)) if row.detail]
    assert {ref: {field.name: field.value for field in fields}["name"] for ref, fields in shown.items()} == {
        one: "示例甲",
        two: "示例乙",
    }
    assert read == [("clerk-1", two, "核查"), ("clerk-1", one, "核查")]
    vault.destroy(one)
    with store.write() as connection, pytest.raises(EvidenceError, match="E_VAULT_KEY_AWAY"):
        vault.show_all(connection, [one, two], "clerk-1", "核查", NOW)


def test_a_fingerprint_is_the_books_own(vault: Vault, tmp_path: Path) -> None:
    other = Vault(KeyStore.create(tmp_path / "other.keys"))
    assert vault.fingerprint(b"list") == vault.fingerprint(b"list") != vault.fingerprint(b"tsil")
    assert vault.fingerprint(b"list") != other.fingerprint(b"list")
