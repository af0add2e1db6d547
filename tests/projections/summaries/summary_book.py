"""A small county's September in the real book, and how its tables are asked for."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledger_projections import registry
from ledger_projections.summaries.registry import TABLES, settled
from ledger_projections.summaries.table import Asked, Row, Table
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, TODAY, OpenedBook

KEPT_FEN = 24_000
HOMES: Mapping[str, str] = {"E1": "石岭镇", "E2": "石岭镇", "E3": "城关镇"}
"""Enrolment -> township; each is two persons of 345.00 yuan a month."""


def table(book: OpenedBook, code: str, first: str, last: str | None = None, **more: Any) -> Table:
    """A table of a book whose models are caught up."""
    registry.catch_up(book.store)
    with book.store.read() as connection:
        given = {"today": TODAY, "at": settled(connection), **more}
        return TABLES[code].make(connection, Asked(first, first if last is None else last, **given))


def cells(found: Table, row: Row) -> dict[str, Any]:
    """A row's cells by column."""
    return {column.key: value for column, value in zip(found.columns, row.cells, strict=True)}


def rows(found: Table, kind: str = "row") -> list[dict[str, Any]]:
    """The rows of a kind, as cells by column."""
    return [cells(found, row) for row in found.rows if row.kind == kind]


def codes(found: Table) -> set[str]:
    """The codes of a table's notes."""
    return {one.code for one in found.notes}


def checks(found: Table) -> list[str]:
    """The codes of what does not agree."""
    return [one.code for one in found.notes if one.is_check]


def september(book: OpenedBook, quota_on: date = date(2025, 1, 2), fund_kind: str = "fiscal") -> None:
    """Three households are to be paid in September: one is, one fails, one is paid less a deduction; one has left."""
    *standing, quota = relief.setup(fund_kind)
    book.post(BUREAU, *standing, on=date(2025, 1, 2))
    book.post(BUREAU, quota, on=quota_on)
    homes = [home(one, township) for one, township in HOMES.items()]
    book.post(BUREAU, *homes, home("E4", "石岭镇"), on=date(2025, 1, 10))
    gone = {"enrolment": "E4", "household": "HE4", "persons": ("PE4", "QE4"), "reason": "death"}
    book.post(BUREAU, relief.ended(**gone), on=date(2025, 8, 20), note="退出")
    total = 3 * relief.LINE_FEN - KEPT_FEN
    lines = [relief.authorised(payment=f"L{one}", enrolment=one, subjects=(f"P{one}",)) for one in HOMES]
    kept = relief.offset(payment="LE3", enrolment="E3", on=date(2025, 9, 3), amount_fen=KEPT_FEN)
    list_of = relief.prepared(count=3, persons=6, total_fen=total, on=date(2025, 9, 2))
    book.post(BUREAU, list_of, *lines, kept, on=date(2025, 9, 2), note="制表")
    signed = relief.approved(count=3, total_fen=total, on=date(2025, 9, 3))
    book.post(BUREAU, relief.reviewed(on=date(2025, 9, 3)), signed, on=date(2025, 9, 3), note="签批")
    book.post(BUREAU, relief.funded(amount_fen=total, account="transit"), on=relief.DAY, note="支付令")
    credited = [
        relief.paid(payment="LE1", enrolment="E1"),
        relief.paid(payment="LE3", enrolment="E3", amount_fen=relief.LINE_FEN - KEPT_FEN),
    ]
    failed = relief.returned(payment="LE2", enrolment="E2", code="NAME_MISMATCH", occurred_on=date(2025, 9, 9))
    book.post(BUREAU, *credited, failed, on=date(2025, 9, 9), note="回盘")


def home(enrolment: str, township: str, **over: Any) -> Any:
    """A household of two persons, entitled from February on."""
    said = {"enrolment": enrolment, "household": f"H{enrolment}", "person": f"P{enrolment}", "township": township}
    members = relief.members(f"P{enrolment}", f"Q{enrolment}")
    return relief.confirmed(**{**said, "village": "上坪村", "members": members, **over})


def paid_again(book: OpenedBook) -> None:
    """The failed line of September, authorised anew in a batch of October and credited on the 30th of September."""
    again = {"batch": "B2", "payment": "L9", "enrolment": "E2", "component": "arrears"}
    new = relief.authorised(**again, subjects=("PE2",), reason="退票重发", reference=relief.reference(payment="LE2"))
    on = date(2025, 9, 29)
    book.post(BUREAU, relief.prepared(batch="B2", month="2025-10", on=on), new, note="补发制表")
    book.post(BUREAU, relief.reviewed(batch="B2", on=on), relief.approved(batch="B2", on=on), note="补发签批")
    order = relief.funded(batch="B2", movement="order-2", account="transit", occurred_on=TODAY)
    book.post(BUREAU, order, note="补发支付令")
    book.post(BUREAU, relief.paid(**again, subjects=("PE2",), occurred_on=TODAY), note="补发回盘")
