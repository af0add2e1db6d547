"""What the tests of checked reports share: the county's book, and the claims of a text that is held against it."""

from sqlalchemy import Connection

from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_checking import CheckedReport, Claim, check_report

Book = tuple[Connection, int]

SPAN = Span("2025-08", "2025-09")
"""From the book's first month on: what was paid before it, the book does not know."""


def check(book: Book, *paragraphs: str) -> CheckedReport:
    return check_report(book[0], paragraphs, SPAN, book[1])


def claims(book: Book, text: str) -> list[Claim]:
    return [claim for sentence in check(book, text).sentences for claim in sentence.claims]
