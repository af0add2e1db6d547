"""A written report held against the book, and why a number of it is what it is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from ledger.catalogue import say
from ledger_api.asking import day_of
from ledger_api.books import Book
from ledger_api.spans import year_to
from ledger_api.tables.speaking import Speaker
from ledger_api.telling.paragraphs import moment_and_month, reason_of, scope_of

if TYPE_CHECKING:
    from ledger_projections.summaries.sentences_checking import CheckedReport, Claim


def checked(
    book: Book,
    connection: Connection,
    paragraphs: Sequence[str],
    months: tuple[str | None, str | None],
    as_of: str | None,
    at: str | None,
    entity: str | None = None,
) -> "CheckedReport":
    """A report's paragraphs held against the book, or what it says of an entity; without months they are those of its
    title, else the year's.
    """
    from ledger_projections.summaries.sentences_books import Span
    from ledger_projections.summaries.sentences_checking import check_report
    from ledger_projections.summaries.sentences_spans import title_span

    first, last = months
    position, until = moment_and_month(book, connection, last, (day_of(as_of), at), entity)
    since, until = year_to(first, until)
    usual = Span(since, until, day_of(as_of))
    titled = title_span(paragraphs[0], usual) if first is None and last is None else None
    return check_report(connection, paragraphs, titled or usual, position, entity)


def checked_json(desk: Speaker, found: "CheckedReport") -> dict[str, Any]:
    """The answer, each claim with its reason and each figure with its scope in words."""
    told = found.to_json()
    for sentence, checked in zip(told["sentences"], found.sentences, strict=True):
        for claim, one in zip(sentence["claims"], checked.claims, strict=True):
            claim["told"] = "" if one.reason is None else why_of(desk, one)
            for figure, compared in zip(claim["figures"], one.figures, strict=True):
                figure["scope"] = scope_of(desk, compared.fact)
    return told


def why_of(desk: Speaker, claim: "Claim") -> str:
    """Why nothing can be said of a number, or not what its sentence says."""
    if claim.figures:
        return reason_of(desk, claim.reason or "", claim.words)
    return say(f"unread.{claim.reason}", desk.language, words=claim.words)
