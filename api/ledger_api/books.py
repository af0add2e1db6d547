"""A book on disk: a directory whose `book.toml` names its database, its operator's sealed key and its vault.

This is where the rooms are wired together. Reading needs the directory only; writing in this process needs the
operator's passphrase, because every batch ends with a checkpoint that the operator signs.
"""

import json
import os
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Self

from ledger.application.application import Ledger
from ledger.application.writer import Writer
from ledger.errors import InputError, LedgerError, NotFoundError, RefusedError
from ledger.flows.forms import form
from ledger.log.store import LogStore
from ledger.signing.keyfile import (
    MODERATE_MEM,
    MODERATE_OPS,
    describe_key,
    key_file_bytes,
    read_key_file,
    write_key_file,
)
from ledger.signing.keys import PublicKey, SigningKey
from ledger.signing.passphrases import require_strong
from ledger.signing.vkeys import NoteSigner
from ledger.vault.people import Vault
from ledger.vault.standing import vault_of
from ledger_api.given_files import machine_reason

SETTINGS: Final = "book.toml"
OPERATOR_KEY: Final = "operator.clkey"
VAULT_KEYS: Final = "vault.keys"
PASSPHRASE_VARIABLE: Final = "LEDGER_OPERATOR_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable, no secret
SOFTWARE: Final = f"charity-ledger/{version('charity-ledger')}"

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Settings:
    """What `book.toml` says; paths are absolute once read."""

    directory: Path
    origin: str
    database: str
    operator_key: Path
    operator_passphrase_file: Path | None
    client_state: Path | None = None
    """Where the commands of this machine keep the checkpoints that they verified; None for the person's own folder."""
    mirror: bool = False
    """A verified copy of another operator's book: it is read like any other and written to by nobody here."""


def read_settings(directory: Path) -> Settings:
    """Read `book.toml`. Raises E_BOOK_MISSING, E_BOOK_SETTING (with the key at fault)."""
    path = directory / SETTINGS
    if not path.is_file():
        raise NotFoundError("E_BOOK_MISSING", directory=str(directory))
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["book"]
        origin, database = found["origin"], found["database"]
        key, passphrase = found.get("operator_key", OPERATOR_KEY), found.get("operator_passphrase_file")
        state = found.get("client_state")
    except (tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as error:
        raise InputError("E_BOOK_SETTING", file=str(path), reason=str(error)) from None
    named = os.environ.get(PASSPHRASE_VARIABLE, passphrase)
    return Settings(
        directory,
        origin,
        located(database, directory),
        directory / key,
        None if named is None else directory / named,
        None if state is None else directory / state,
        mirror=found.get("mirror") is True,
    )


def write_settings(directory: Path, values: Mapping[str, str]) -> None:
    """Write `book.toml`, readable by its owner only: written beside and moved over, so that it is never half."""
    # A JSON string is a TOML basic string.
    text = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
    beside = directory / f".{SETTINGS}.{os.getpid()}"
    beside.touch(mode=0o600)
    beside.write_text("[book]\n" + text, encoding="utf-8")
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(directory / SETTINGS)


def change_settings(directory: Path, values: Mapping[str, str]) -> None:
    """Put other values into `book.toml`; what else it says stays."""
    found = tomllib.loads((directory / SETTINGS).read_text(encoding="utf-8"))["book"]
    write_settings(directory, {**found, **values})


def located(database: str, directory: Path) -> str:
    """A database's address: a SQLite file is named relative to the book, so that a book moves as one directory."""
    prefix = "sqlite:///"
    if database.startswith(prefix) and not database.startswith(prefix + "/"):
        return prefix + str((directory / database.removeprefix(prefix)).resolve())
    return database


class Book:
    """An open book. `close` it, or use it as a context manager."""

    def __init__(self, settings: Settings, clock: Clock = system_clock, *, verifying: bool = False) -> None:
        self.settings = settings
        self.clock = clock
        self.store = LogStore.open(settings.database, verifying=verifying)
        self._vault: Vault | None = None

    @classmethod
    def open(cls, directory: Path, clock: Clock = system_clock, *, verifying: bool = False) -> "Book":
        """Open the book of a directory; for `verifying` whatever its head says (see `LogStore.open`)."""
        return cls(read_settings(directory), clock, verifying=verifying)

    @classmethod
    def create(
        cls,
        directory: Path,
        origin: str,
        operator_passphrase: str,
        *,
        database: str = "sqlite:///book.db",
        clock: Clock = system_clock,
        passphrase_file: Path | None = None,
        kdf: tuple[int, int] = (MODERATE_OPS, MODERATE_MEM),
    ) -> "Book":
        """Make a book's directory, its empty database and its operator's sealed key. E_BOOK_DIRECTORY_TAKEN.

        `passphrase_file` is where later runs of this machine find the operator's passphrase; `kdf` is how many passes
        over how many bytes of memory opening the operator's key takes.
        """
        if (directory / SETTINGS).exists():
            raise InputError("E_BOOK_DIRECTORY_TAKEN", directory=str(directory))
        require_strong(operator_passphrase, origin)  # before anything is made
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        LogStore.create(located(database, directory)).close()
        key, (ops, mem) = SigningKey.generate(), kdf
        write_key_file(directory / OPERATOR_KEY, key, operator_passphrase, origin, ops=ops, mem=mem)
        values = {"origin": origin, "database": database, "operator_key": OPERATOR_KEY}
        if passphrase_file is not None:
            values["operator_passphrase_file"] = str(passphrase_file.resolve())
        write_settings(directory, values)
        return cls.open(directory, clock)

    @property
    def origin(self) -> str:
        """The log's origin, which is also its operator's key name."""
        return self.settings.origin

    @property
    def vault(self) -> Vault:
        """The people of the book. EvidenceError E_VAULT_KEYS when the keys they were registered under are not here,
        RefusedError E_BOOK_READ_ONLY on a replica without any: no reading can be written down there, so none is shown.
        """
        if self._vault is None:
            path = self.settings.directory / VAULT_KEYS
            if not path.exists() and self.store.is_read_only:
                raise RefusedError("E_BOOK_READ_ONLY")
            with self.store.read() as connection:
                self._vault = vault_of(connection, path)
        return self._vault

    def operator(self, passphrase: str | None = None) -> NoteSigner:
        """The operator's signer; the passphrase is read from the file that the settings name when none is given."""
        if self.settings.mirror:
            raise RefusedError("E_MIRROR_READ_ONLY", directory=str(self.settings.directory))
        if passphrase is None:
            file = self.settings.operator_passphrase_file
            if file is None:
                raise InputError("E_OPERATOR_PASSPHRASE", setting="operator_passphrase_file")
            passphrase = read_passphrase(file)
        return NoteSigner(self.origin, read_key_file(self.settings.operator_key, passphrase))

    def writer(self, operator: NoteSigner) -> Writer:
        """The one writer of this process."""
        return self.ledger(operator).writer

    def ledger(self, operator: NoteSigner) -> Ledger:
        """The application, for those who also follow what is posted. RefusedError E_MIRROR_READ_ONLY for a mirror."""
        if self.settings.mirror:
            raise RefusedError("E_MIRROR_READ_ONLY", directory=str(self.settings.directory))
        found = Ledger(self.store, operator, self.clock, SOFTWARE)
        found.writer.at_hand = self._require_key_file
        return found

    def _require_key_file(self, key: str) -> None:
        """Before the operator's key is changed: the machine that writes must have the file of the new one."""
        public = PublicKey.parse(key)
        if key_file_of(self.settings, public) is None:
            directory = str(self.settings.directory)
            raise RefusedError("E_OPERATOR_KEY_AWAY", directory=directory, keyid=public.keyid)

    def close(self) -> None:
        """Give the database back."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def key_file_of(settings: Settings, key: PublicKey) -> Path | None:
    """The key file in a book's directory that says it holds this key; None when there is none."""
    files = sorted(settings.directory.glob("*.clkey"))
    return next((file for file in files if stated_key(file) == key), None)


def stated_key(file: Path) -> PublicKey | None:
    """The public key that a key file states; None for what is no key file, or is open to others."""
    with suppress(LedgerError):
        return describe_key(key_file_bytes(file))[1]
    return None


def read_passphrase(file: Path) -> str:
    """The first line of a passphrase file; E_PASSPHRASE_FILE when it cannot be read or is empty."""
    try:
        line = file.read_bytes().split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8")
    except OSError as error:
        raise InputError("E_PASSPHRASE_FILE", file=str(file), reason=machine_reason(error)) from None
    except UnicodeDecodeError:
        raise InputError("E_PASSPHRASE_FILE", file=str(file), reason=form("file_utf8")) from None
    if not line:
        raise InputError("E_PASSPHRASE_FILE", file=str(file), reason=form("file_empty"))
    return line
