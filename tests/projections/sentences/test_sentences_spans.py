"""Sentences of months that do not begin in January, or of several: each says its months, and is believed of them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ledger_projections.registry import catch_up
from ledger_projections.summaries.sentences import paragraph, span_of
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_catalogue import template
from ledger_projections.summaries.sentences_checking import check_report
from ledger_projections.summaries.sentences_facts import fact
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, opened
from tests.projections.small_county import county


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[Connection, int]]:
    with county() as found:
        yield found


def _verdicts(book: tuple[Connection, int], text: str, span: Span) -> dict[str, str]:
    report = check_report(book[0], [text], span, book[1])
    return {claim.number: claim.verdict for one in report.sentences for claim in one.claims}


@pytest.mark.parametrize("name", ["year", "month", "campaign"])
@pytest.mark.parametrize(("first", "last"), [("2025-08", "2025-09"), ("2025-09", "2025-09")])
def test_what_is_written_of_a_span_is_believed_of_that_span(
    book: tuple[Connection, int], name: str, first: str, last: str
) -> None:
    """Sentences of months that do not begin in January say those months, and are wholly true of them."""
    chosen, span = template(name), Span(first, last)
    made = paragraph(book[0], chosen, span_of(chosen, first, last, None), book[1])
    text = "".join(sentence.zh for sentence in made.sentences)
    report = check_report(book[0], [text], span, book[1])
    told = [claim for one in report.sentences for claim in one.claims if claim.reason not in {"open", "before"}]
    untrue = [(claim.number, claim.verdict) for claim in told if claim.verdict != "supported"]
    assert untrue == []
    assert ("当月" in text) == (name == "month" and first == last)
    assert "2025年,新增" not in text


def test_what_was_found_since_a_month_is_of_those_months(book: tuple[Connection, int]) -> None:
    for number, verdict in ((1, "supported"), (2, "contradicted")):
        said = f"自2025年8月以来,共排查{number}个问题"
        assert _verdicts(book, said, Span("2025-08", "2025-09")) == {f"{number}个": verdict}


def test_what_was_found_before_the_months_is_none_of_them(tmp_path: Path) -> None:
    """One matter of August and one of September: since September one was found."""
    made = opened(tmp_path)
    made.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    for name, on in (("F1", date(2025, 8, 6)), ("F2", date(2025, 9, 9))):
        made.post(BUREAU, redress.finding(finding=name, person=f"P{name}", on=on), on=on, note="认定")
    catch_up(made.store)
    with made.store.read() as connection:
        for first, count in (("2025-08", 2), ("2025-09", 1)):
            books = Books(connection, Span(first, "2025-09"), made.head)
            assert (fact(books, "matter_count").value, fact(books, "matter_done").value) == (count, 0)
    made.close()
