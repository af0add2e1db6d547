"""What the tests of the stranger share: how a package is judged, and vouchers that should not have been posted."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger_audit.verifier.findings import Findings
from ledger_audit.verifier.formats.notes import parse_vkey
from ledger_audit.verifier.whole import Trust, Verdict, verify_package
from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_writer import Files, MiniBook, Pen

NOW = datetime.fromisoformat("2025-09-12T09:00:00+08:00")
KEY = parse_vkey(Pen(100).vkey())
TRUST = Trust(key=KEY)
Case = Callable[[MiniBook], Any]


def verdict_on(files: Files, folder: Path, trust: Trust = TRUST) -> Verdict:
    return verify_package(mini.write(files, folder), trust, NOW, jobs=1)


def codes(findings: Findings) -> set[str]:
    return {finding.code for finding in findings.kept}


def post(maker: str = "mei", entity: str = "e1", *approvals: tuple[str, str], **changes: Any) -> Case:
    """One more voucher with a gift, changed as the keywords say."""

    def change(book: MiniBook) -> None:
        book.voucher(maker, entity, [books.gift(book, "d9", 900)], approvals, **changes)

    return change


def act(*events: Callable[[MiniBook], dict[str, Any]], approvals: Any = (("bo", "administrator"),)) -> Case:
    """One more voucher of the administrators, with these events."""

    def change(book: MiniBook) -> None:
        book.voucher("an", "book", [event(book) for event in events], approvals, numbered=False)

    return change


def then(*changes: Case) -> Case:
    """One change after another."""

    def change(book: MiniBook) -> None:
        for one in changes:
            one(book)

    return change


def rotated(book: MiniBook, **changes: Any) -> dict[str, Any]:
    new = Pen(101)
    values = {"previous": book.operator.text, "operator_key": new.text, "possession": new.possession("operator")}
    return book.event("operator_key.rotated", **{**values, "reason": "", **changes})


ANOTHER = "01990000-0000-7000-8000-0000000000bb"
