"""People, households, donors and payees: register, find, show, disclose, erase.

A field is sealed with `nacl.secret.Aead` under the person's data key, the reference and field name as associated data;
beside the value lies the key of its commitment. References are keyed digests of what identifies the person (an ID
number, a household number), so the same person has the same reference from whichever file and in whichever order.
Register first, then sign.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from nacl.exceptions import CryptoError
from nacl.secret import Aead
from nacl.utils import random
from sqlalchemy import Connection, delete, insert, select

from ledger.errors import EvidenceError, NotFoundError
from ledger.log.bulk import insert_rows
from ledger.log.reading import tag_positions
from ledger.log.side_tables import identities, vault_check
from ledger.signing.canonical import canonical
from ledger.signing.digests import blake2b_commit, commitment_text
from ledger.vault.keystore import KEY_BYTES, OTHER, KeyStore
from ledger.vault.trail import note, require_writable

REFERENCE_CHARS: Final = 26
_REFERENCE_BYTES: Final = 20  # 32 characters of base 32: what the reference is cut from
_REFERENCE: Final = b"clv-reference"
_INDEX: Final = b"clv-index"
_LIST: Final = b"clv-list"
_CHECK: Final = b"clv-check"
_AT_ONCE: Final = 500
_ERASED: Final = ("identity.erased",)


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody to register: what kind, the reference, and the fields in clear."""

    subject: str
    reference: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A field opened for somebody who may check it: the value, its commitment and the key that proves it."""

    name: str
    value: str
    commitment: str
    commitment_key: bytes

    def holds(self) -> bool:
        """Whether the commitment is that of the value."""
        return commitment_text(commit(self.name, self.value, self.commitment_key)) == self.commitment


def commit(name: str, value: str, key: bytes) -> bytes:
    """BLAKE2b-256 of the canonical field under its own key: what the log holds instead of the field."""
    return blake2b_commit(key, canonical({"name": name, "value": value}))


class KeyAwayError(EvidenceError):
    """Somebody is registered under a key that this file does not hold; with the right file the same is answered."""

    http_status: ClassVar[int] = 503


class Vault:
    """The people of one book."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def reference(self, subject: str, natural: str) -> str:
        """The reference of a natural key, such as an ID number: the same for ever, telling nothing without the book
        key.
        """
        digest = self._keys.keyed(_REFERENCE, canonical({"subject": subject, "natural": natural}))
        return base64.b32encode(digest[:_REFERENCE_BYTES]).decode().lower()[:REFERENCE_CHARS]

    def fingerprint(self, said: bytes) -> bytes:
        """Keyed BLAKE2b-256 of what a list says, 32 bytes: nobody without the book key can try who stands in it."""
        return self._keys.keyed(_LIST, said)

    def register(self, connection: Connection, subjects: Iterable[Subject]) -> dict[str, dict[str, str]]:
        """Keep the fields of subjects and answer their commitments by reference and field.

        A field that is already kept with the same value keeps its commitment; only what is answered with a value that
        was not kept before is new. Answers {reference: {field: commitment}} of the new fields only. The first time, the
        book takes this vault for its own; EvidenceError E_VAULT_KEYS where it has another, E_VAULT_KEY_AWAY where
        somebody was registered under a key that is not here.
        """
        self._bind(connection)
        wanted = {one.reference: one for one in subjects}
        kept = self._kept(connection, wanted)
        self._require_keys(connection, kept)  # before any is made: a second key would open nothing of what is kept
        keys = self._keys.make_keys(wanted)
        rows = []
        answer: dict[str, dict[str, str]] = {}
        for reference, one in wanted.items():
            opened = {name: self._open(keys[reference], reference, name, row) for name, row in kept[reference].items()}
            fresh = [(n, v) for n, v in one.fields if n not in opened or opened[n].value != v]
            for name, value in fresh:
                row = self._row(keys[reference], reference, name, value)
                rows.append((row, name in opened))
                answer.setdefault(reference, {})[name] = str(row["commitment"])
        self._write(connection, rows)
        return answer

    def show(self, connection: Connection, reference: str, actor: str, purpose: str, now: str) -> list[Disclosed]:
        """A person's fields, opened; who asked, when and what for is written down. E_IDENTITY_UNKNOWN."""
        found = self.show_all(connection, [reference], actor, purpose, now).get(reference)
        if found is None:
            raise NotFoundError("E_IDENTITY_UNKNOWN", reference=reference)
        return found

    def show_all(
        self, connection: Connection, references: Iterable[str], actor: str, purpose: str, now: str
    ) -> dict[str, list[Disclosed]]:
        """The fields of many people, opened; each reading is written down. Whoever has no fields is left out;
        E_IDENTITY_GONE where the log says that somebody was erased and the fields stand, E_VAULT_KEY_AWAY where the
        key is not here for another reason, E_TEXT_… for a purpose with a person's number.
        """
        require_writable(purpose)
        kept = {one: rows for one, rows in self._kept(connection, dict.fromkeys(references)).items() if rows}
        keys = self._require_keys(connection, kept)
        for one in kept:
            note(connection, now, actor, "identity.show", one, purpose)
        return {
            one: [self._open(keys[one], one, name, row) for name, row in sorted(rows.items())]
            for one, rows in kept.items()
        }

    def opened(self, connection: Connection, references: Iterable[str]) -> dict[str, dict[str, str]]:
        """Kept fields in clear, by reference and name, for comparing inside the program: this month's list with the
        last one. What a person is shown goes through `show`; whoever was erased has no fields. E_VAULT_KEY_AWAY.
        """
        # Rows first: whoever has rows was given a key before they were written.
        kept = self._kept(connection, dict.fromkeys(references))
        keys = self._keys.keys_of(kept)
        lost = [one for one, rows in kept.items() if rows and one not in keys]
        for one in self.not_erased(connection, lost):
            raise self._away(one)
        return {
            reference: {name: self._open(key, reference, name, row).value for name, row in kept[reference].items()}
            for reference, key in keys.items()
        }

    def away(self, connection: Connection) -> int:
        """How many people are kept whom the log does not say erased, and whose keys are not here."""
        columns, after, count = identities.c, "", 0
        while True:
            chosen = select(columns.reference).where(columns.reference > after).distinct().order_by(columns.reference)
            some = connection.scalars(chosen.limit(_AT_ONCE)).all()
            if not some:
                return count
            keys = self._keys.keys_of(some)
            count += len(self.not_erased(connection, [one for one in some if one not in keys]))
            after = some[-1]

    @staticmethod
    def not_erased(connection: Connection, references: Iterable[str]) -> list[str]:
        """Those of whom the log does not say that they were erased: a key that is missing alone does not say it."""
        return [one for one in references if not tag_positions(connection, f"identity:{one}", _ERASED, limit=1)]

    def _require_keys(self, connection: Connection, kept: Mapping[str, object]) -> dict[str, bytes]:
        """The keys of whoever has fields. Raises E_VAULT_KEY_AWAY, and E_IDENTITY_GONE for whoever was erased."""
        registered = [reference for reference, rows in kept.items() if rows]
        keys = self._keys.keys_of(registered)
        for one in (reference for reference in registered if reference not in keys):
            if self.not_erased(connection, [one]):
                raise self._away(one)
            raise EvidenceError("E_IDENTITY_GONE", reference=one)
        return keys

    def _away(self, reference: str) -> "KeyAwayError":
        return KeyAwayError("E_VAULT_KEY_AWAY", reference=reference, file=str(self._keys.path))

    def find(self, connection: Connection, name: str, values: Iterable[str]) -> dict[str, list[str]]:
        """Value -> the references that have a field of exactly this value, by the blind index, sorted."""
        by_index = {self._index(name, value): value for value in values}
        found: dict[str, list[str]] = {value: [] for value in by_index.values()}
        indexes = list(by_index)
        columns = identities.c
        for start in range(0, len(indexes), _AT_ONCE):
            some = columns.blind_index.in_(indexes[start : start + _AT_ONCE])
            chosen = select(columns.reference, columns.blind_index).where(columns.field == name, some)
            for row in connection.execute(chosen):
                found[by_index[bytes(row.blind_index)]].append(row.reference)
        return {value: sorted(references) for value, references in found.items()}

    def commitments(self, connection: Connection, references: Iterable[str]) -> dict[str, dict[str, str]]:
        """The commitments of the kept fields, by reference and name."""
        kept = self._kept(connection, references)
        return {one: {name: row.commitment for name, row in fields.items()} for one, fields in kept.items()}

    def erase(self, connection: Connection, reference: str, actor: str, now: str) -> None:
        """Delete the fields of a person, after the event that says so is signed. `destroy` follows the commit.

        Doing it again does no harm and leaves no second note.
        """
        if connection.execute(delete(identities).where(identities.c.reference == reference)).rowcount:
            note(connection, now, actor, "identity.erase", reference)

    def destroy(self, reference: str) -> None:
        """Destroy a person's key once the rows are gone for good; doing it again does no harm."""
        self._keys.destroy(reference)

    @property
    def check(self) -> bytes:
        """A digest that only this vault's book key gives, and that tells nothing of it."""
        return self._keys.keyed(_CHECK, canonical({"purpose": "vault"}))

    def opens(self, connection: Connection) -> bool:
        """Whether what is kept was sealed and indexed with these keys, tried on somebody who is not erased; False where
        there is nobody whom they open. A restored book may hold rows of people who were erased since.
        """
        columns, after = identities.c, ""
        while True:
            chosen = select(columns.reference).where(columns.reference > after).distinct().order_by(columns.reference)
            some = connection.scalars(chosen.limit(_AT_ONCE)).all()
            if not some:
                return False
            for reference, key in self._keys.keys_of(some).items():
                mine = select(identities).where(columns.reference == reference).order_by(columns.field).limit(1)
                row = connection.execute(mine).one()
                try:
                    told = self._open(key, reference, row.field, _Row(row.sealed, row.commitment))
                except KeyAwayError:
                    return False
                return self._index(told.name, told.value) == bytes(row.blind_index)
            after = some[-1]

    def _bind(self, connection: Connection) -> None:
        found = connection.scalar(select(vault_check.c.digest))
        if found is None:
            connection.execute(insert(vault_check), {"id": 1, "digest": self.check})
        elif bytes(found) != self.check:
            raise EvidenceError("E_VAULT_KEYS", file=str(self._keys.path), reason=OTHER)

    def _kept(self, connection: Connection, references: Iterable[str]) -> dict[str, dict[str, "_Row"]]:
        wanted = list(references)
        found: dict[str, dict[str, _Row]] = {reference: {} for reference in wanted}
        columns = identities.c
        for start in range(0, len(wanted), _AT_ONCE):
            some = columns.reference.in_(wanted[start : start + _AT_ONCE])
            chosen = select(columns.reference, columns.field, columns.sealed, columns.commitment).where(some)
            for reference, name, sealed, commitment in connection.execute(chosen).all():
                found[reference][name] = _Row(sealed, commitment)
        return found

    def _row(self, key: bytes, reference: str, name: str, value: str) -> dict[str, object]:
        commitment_key = random(KEY_BYTES)
        sealed = Aead(key).encrypt(commitment_key + value.encode(), _associated(reference, name))
        return {
            "reference": reference,
            "field": name,
            "sealed": bytes(sealed),
            "commitment": commitment_text(commit(name, value, commitment_key)),
            "blind_index": self._index(name, value),
            "state": "kept",
            "created_at": "",
        }

    def _open(self, key: bytes, reference: str, name: str, row: "_Row") -> Disclosed:
        try:
            plain = Aead(key).decrypt(row.sealed, _associated(reference, name))
        except CryptoError:  # sealed under a key of another machine, or altered
            raise self._away(reference) from None
        return Disclosed(name, plain[KEY_BYTES:].decode(), row.commitment, plain[:KEY_BYTES])

    def _index(self, name: str, value: str) -> bytes:
        return self._keys.keyed(_INDEX, canonical({"name": name, "value": value}))

    @staticmethod
    def _write(connection: Connection, rows: list[tuple[dict[str, object], bool]]) -> None:
        for row, replaces in rows:
            if replaces:
                connection.execute(
                    delete(identities).where(
                        identities.c.reference == row["reference"], identities.c.field == row["field"]
                    ),
                )
        names = [column.name for column in identities.columns]
        insert_rows(connection, identities, [tuple(row[name] for name in names) for row, _ in rows])


@dataclass(frozen=True, slots=True)
class _Row:
    sealed: bytes
    commitment: str


def _associated(reference: str, name: str) -> bytes:
    return f"{reference}/{name}".encode()
