"""As whom a mirror reads each book: a person's key file, opened once for all of them, or a read-only key."""

from pathlib import Path

from ledger.signing.keyfile import describe_key, key_file_bytes
from ledger.signing.keys import SigningKey
from ledger_api.books import read_passphrase
from ledger_api.cli.desk import Desk, open_named_key
from ledger_api.client import Client, Manners, Reader, ReadKey
from ledger_api.mirroring.directory import Followed


class Connections:
    """Makes the reader of a followed book; passphrases are asked for once a key file."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keys: dict[str, tuple[str, SigningKey]] = {}

    def __call__(self, book: Followed, folder: Path) -> Reader:
        """The reader, which keeps what it knows in `folder`."""
        certificates = None if book.certificates is None else Path(book.certificates)
        manners = Manners(plain=book.plain, certificates=certificates)
        if book.read_key is not None:
            shown = read_passphrase(Path(book.read_key))
            key = ReadKey(shown)
            return Reader(book.url, key.name, key, vkey=book.vkey, folder=folder, manners=manners)
        officer, own = self._opened(book)
        return Client(book.url, officer, own, vkey=book.vkey, folder=folder, manners=manners)

    def _opened(self, book: Followed) -> tuple[str, SigningKey]:
        file = book.key or ""
        if file not in self._keys:
            secret = self._desk.passphrase_file if book.passphrase_file is None else Path(book.passphrase_file)
            officer, _ = describe_key(key_file_bytes(Path(file)))
            self._keys[file] = officer, open_named_key(self._desk, Path(file), secret)
        return self._keys[file]
