"""Three acts at the command line, one process each: a donation, the import of a bank's file, an approval.

Run as a program it does one act and answers its exit code: a fault can then be injected into that process alone.
"""

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ledger.signing.vkeys import parse_vkey
from ledger_api.books import Book
from tests.api.county import MAKER, NOW, Office, fee, gift, opened, voucher
from tests.application.importing.offices import SAMPLES
from tests.crash import remains

BANK_FILE = "bank_icbc.csv"
LATER = timedelta(hours=1)
"""The program's clock is after all that was prepared, and the test's own after the program's."""

ACTS = {
    "donation": (("submit", "gift.json"), MAKER),
    "import": (("import", BANK_FILE), MAKER),
    "approval": (("approve", "--all", "--yes"), "li"),
}
"""What is typed, and who signs."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a book holds: vouchers, events and vouchers that wait."""

    vouchers: int
    events: int
    waiting: int


def prepared(folder: Path) -> Office:
    """An office with a bank account, a gift to be recorded, a bank's file to be read and a fee that waits."""
    folder.mkdir()
    office = opened(folder)
    (folder / "gift.json").write_text(json.dumps(voucher("charity", gift("D50", 5_000))), encoding="utf-8")
    shutil.copyfile(SAMPLES / BANK_FILE, folder / BANK_FILE)
    account = {"account": "icbc", "holding": "bank", "bank": "工商银行", "default_fund": "general"}
    with Book.open(office.book) as book:
        number = book.vault.reference("account-number", "1911020109200009991")
    named = {"kind": "bank.account_registered", "aliases": [], "number_ref": number, "opened_on": "2025-09-01"}
    office.submit(voucher("charity", {**account, **named}))
    office.submit(voucher("charity", fee("F1", 100)))
    office.now += 2 * LATER
    return office


def act(office: Office, name: str) -> int:
    """Do one act in this process; its exit code, 0 when it is done."""
    words, officer = ACTS[name]
    given = [str(office.folder / word) if (office.folder / word).is_file() else word for word in words]
    return office.run(*given, officer=officer).exit_code


def standing(office: Office) -> Standing:
    """Open the file as after a crash, and count. The book must be whole, or this fails."""
    verifier = parse_vkey(office.asked("checkpoint")["vkey"])
    with remains.opened(office.book / "book.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert remains.faults(connection, verifier) == []
    with closing(sqlite3.connect(office.book / "book.db")) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("vouchers", "events")]
        waits = connection.execute("SELECT count(*) FROM pending WHERE state = 'pending'").fetchone()[0]
    return Standing(counts[0], counts[1], waits)


def again(office: Office, name: str, code: int, before: Standing, after: Standing) -> None:
    """After an act that met a fault: nothing acknowledged is lost, nothing is half done, and it can be done again.

    `before` and `after` are the standings of an act that met none.
    """
    found = standing(office)
    assert found in {before, after} or name == "import", "an act is done or not done"
    if code == 0:
        assert found == after, "what was acknowledged is there"
    assert before.events <= found.events <= after.events
    if found != after:
        assert act(office, name) == 0
    assert standing(office) == after


if __name__ == "__main__":
    sys.exit(act(Office(Path(sys.argv[1]), NOW + LATER), sys.argv[2]))
