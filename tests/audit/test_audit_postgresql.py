"""The same book on PostgreSQL: derived alike, exported alike."""

import datetime as dt
import io
from pathlib import Path

from ledger.signing.vkeys import NoteSigner
from ledger_audit.derivation import verify_book
from ledger_audit.events_export import export_events
from ledger_audit.journals import FORMATS, export_journal
from ledger_audit.packages import export_package
from ledger_audit.verifier.__main__ import main as stranger
from tests.audit.full_book import filled
from tests.projections.opened_book import ORIGIN, OpenedBook


def test_a_book_on_postgresql_is_derived_and_exported(pg_url: str, tmp_path: Path) -> None:
    book = filled(OpenedBook.create(pg_url))
    operator = NoteSigner(ORIGIN, book.operator)
    with book.store.read() as connection:
        verdict = verify_book(connection, dt.date(2025, 10, 1))
        made = export_package(connection, operator, tmp_path / "package", "2025-10-01T09:00:00+08:00")
        trailer = export_events(connection, io.BytesIO(), None)
        transactions = export_journal(connection, io.BytesIO(), ORIGIN, FORMATS["beancount"])
    assert verdict.holds, list(verdict.integrity)
    assert verdict.events == made.position == trailer["count"] == book.head
    assert transactions == 12
    assert stranger([str(tmp_path / "package"), "--key", operator.vkey]) == 0
    book.close()
