"""Makes `kept_book_<format>.tar.xz`: a small book as the code of its day makes it, so that later code is tried on it.

Run from the repository root before the tables change, with the file to write; an asset that exists is never made anew.
In `kept_book_1` the passphrase of the operator's key is `经办`, that of every officer `开门`: sample secrets of an
invented office, from before a new key asked for eight characters.
"""

import sqlite3
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from tests.api.county import MAKER, gift, opened, voucher


def main(target: Path) -> None:
    """An office with a fund and seven gifts, as a tar file of its folder."""
    with tempfile.TemporaryDirectory() as name:
        office = opened(Path(name))
        for number in range(2, 8):
            office.submit(voucher("charity", gift(f"D{number}", 100 * number)), officer=MAKER)
        book = office.book
        with closing(sqlite3.connect(book / "book.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        settings = book / "book.toml"
        settings.write_text(settings.read_text(encoding="utf-8").replace(name, ".."), encoding="utf-8")
        with tarfile.open(target, "x:xz") as archive:
            for file in sorted(one for one in Path(name).rglob("*") if one.is_file()):
                archive.add(file, file.relative_to(name), recursive=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
