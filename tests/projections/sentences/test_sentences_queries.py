"""The command beside a figure gives the figure again, of one month, of three and of a year, and nothing of others."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from ledger.errors import InputError
from ledger_projections.figures import figures
from ledger_projections.public_money.doubts import clues
from ledger_projections.public_money.failures import FailureList, failures
from ledger_projections.public_money.rosters import RosterReport, rosters
from ledger_projections.public_money.subsidies import SubsidyReport, subsidies
from ledger_projections.registry import catch_up
from ledger_projections.summaries.handling.clue_totals import clues_told
from ledger_projections.summaries.relief.totals import (
    programmes_of,
    rosters_told,
    schemes_of,
    schemes_text,
    subsidies_of,
    subsidy_totals,
)
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import Fact, fact
from ledger_projections.summaries.sentences_measures import MEASURES
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import september, table

SPANS = [("2025-08", "2025-08"), ("2025-07", "2025-09"), ("2025-08", "2025-09"), ("2024-10", "2025-09")]
Shown = tuple[Connection, int]


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    """September's county, in which a line failed in each of four other months, the first of them long before."""
    with folder() as here:
        book = opened(here)
        september(book)
        for number, day in enumerate((date(2024, 9, 9), date(2025, 7, 9), date(2025, 8, 9), date(2025, 8, 10))):
            line = {"payment": f"L{number}", "batch": f"B0{number}", "enrolment": "E1"}
            failed = relief.returned(**line, amount_fen=100 * (number + 1), occurred_on=day)
            paid = relief.paid(
                **{**line, "payment": f"P{number}"}, amount_fen=7, occurred_on=day, period_from=f"{day:%Y-%m}",
                period_to=f"{day:%Y-%m}",
            )  # fmt: skip
            book.post(BUREAU, failed, paid, note="回盘")
        catch_up(book.store)
        with book.store.read() as connection:
            yield connection, failures(connection).position
        book.close()


def told(connection: Connection, query: str) -> Any:
    """What the reader of a query answers, asked as the command asks it."""
    words = shlex.split(query)
    options = dict(pairwise(words))
    clocks: dict[str, Any] = {"at": int(options["--at"])}
    if words[0] == "figures":
        return figures(connection, options["--from"], options["--to"], **clocks)
    first = options.get("--month")
    last = options.get("--until", first)
    if "--failures" in words:
        return failures(connection, month=first, last=last, **clocks)
    assert first is not None
    assert last is not None
    schemes = schemes_of(options.get("--scheme"))
    kept = programmes_of(connection, clocks["at"], schemes)
    if "--rosters" in words:
        return rosters_told(rosters(connection, first, last, **clocks), schemes, kept)
    return subsidies_of(subsidies(connection, first, last, **clocks), kept)


def _rows(of: str) -> Callable[[Any], int]:
    return lambda found: sum(getattr(row, of) for row in found.span)


ANSWERS: Mapping[str, Callable[[Any], int]] = {
    "failed_count": lambda found: found.lines,
    "failed_fen": lambda found: sum(row.fen for row in found.rows),
    "failed_open_count": lambda found: len({row.line for row in found.rows if row.state in {"open", "reissued"}}),
    "paid_fen": _rows("paid_fen"),
    "paid_household_times": _rows("household_times"),
    "offset_fen": _rows("offset_fen"),
}
KINDS = {"failed": FailureList, "paid": SubsidyReport, "offset": SubsidyReport}


def figure(shown: Shown, key: str, span: tuple[str, str]) -> Fact:
    return fact(Books(shown[0], Span(*span), shown[1]), key)


@pytest.mark.parametrize("span", SPANS, ids="–".join)
@pytest.mark.parametrize("key", ANSWERS)
def test_the_readers_answer_is_the_figure(shown: Shown, key: str, span: tuple[str, str]) -> None:
    found = figure(shown, key, span)
    assert found.value is not None
    answer = told(shown[0], found.query)
    assert isinstance(answer, KINDS[key.partition("_")[0]])
    assert ANSWERS[key](answer) == found.value


PAID = {
    "paid_households": "households",
    "paid_household_times": "household_times",
    "paid_persons": "persons",
    "paid_person_times": "person_times",
    "paid_average_fen": "paid_fen",
}
ROSTER = {"close_households": "closing_households", "close_persons": "closing_persons"}
FAILED = {"failed_count": "lines", "failed_paid_count": "paid_lines", "failed_open_count": "waiting_lines"}
PARTS = {"paid_average_fen": "person_times", "level_fen": "person_months"}
"""Figure -> the total that is it, where it has another name; and of averages, the total that it is taken of."""


@pytest.mark.parametrize("schemes", [(), ("rural_dibao",), ("urban_dibao", "rural_dibao"), ("destitute",)], ids=str)
@pytest.mark.parametrize("span", SPANS, ids="–".join)
def test_every_figure_of_payments_and_rosters_stands_in_the_totals_of_its_query(
    shown: Shown, span: tuple[str, str], schemes: tuple[str, ...]
) -> None:
    books = Books(shown[0], Span(*span), shown[1])
    counted = 0
    for key, measure in MEASURES.items():
        if not measure.reader.startswith("subsidies"):
            continue
        found = fact(books, key, schemes if measure.schemes else ())
        if found.value is None:
            continue
        answer = told(shown[0], found.query)
        if isinstance(answer, SubsidyReport):
            totals: Any = subsidy_totals(shown[0], answer, found.schemes)
            assert totals.schemes == () or set(totals.schemes) == set(found.schemes)
        else:
            totals = answer if isinstance(answer, FailureList) else answer.totals
        name = {**PAID, **ROSTER, **FAILED, "failed_fen": "fen"}.get(key, key)
        assert getattr(totals, name) == found.value, (key, found.query)
        if found.of is not None:
            assert getattr(totals, PARTS[key]) == found.of
        counted += 1
    assert counted > 0 or schemes == ("destitute",)


def test_clues_are_counted_below_their_table(tmp_path: Path) -> None:
    book = opened(tmp_path)
    on = date(2025, 9, 2)
    book.post(BUREAU, *(redress.clue(clue=f"YD-{number}", raised_on=on) for number in range(3)), on=on, note="疑点")
    book.post(BUREAU, *(redress.assigned(clue=f"YD-{number}", on=on) for number in range(2)), on=on, note="下发")
    answers = redress.verified(clue="YD-0", on=on, result="founded"), redress.refuted(clue="YD-1", on=on)
    book.post(BUREAU, *answers, on=on, note="核查")
    catch_up(book.store)
    with book.store.read() as connection:
        books = Books(connection, Span("2025-07", "2025-09"), book.head)
        found = {key: fact(books, key) for key in ("clue_count", "clue_founded", "clue_rate")}
        totals = clues_told(clues(connection, date(2025, 9, 30))).totals
    assert {one.query.split()[1] for one in found.values()} == {"C2"}
    (note,) = [one for one in table(book, "C2", "2025-07", "2025-09").notes if one.code == "table.note.clues"]
    rate = found["clue_rate"]
    assert dict(note.params) == {"clues": 3, "founded": 1, "answered": 2, "rate": "66.7%"}
    assert (found["clue_count"].value, found["clue_founded"].value, rate.value, rate.of) == (3, 1, 2, 3)
    assert (totals.clues, totals.founded, totals.answered, totals.rate_per_mille) == (3, 1, 2, 667)
    book.close()


def test_a_scheme_that_is_none_is_refused() -> None:
    assert schemes_of(None) == ()
    assert schemes_of("listed") == ("urban_dibao", "rural_dibao", "destitute")
    assert schemes_of(schemes_text(("orphan", "destitute"))) == ("orphan", "destitute")
    with pytest.raises(InputError, match="E_SCHEME_ASKED"):
        schemes_of("rural_dibao,低保")
    with pytest.raises(InputError, match="E_SCHEME_ASKED"):
        schemes_of("")


@pytest.mark.parametrize("span", SPANS, ids="–".join)
def test_the_annual_figures_are_given_again(shown: Shown, span: tuple[str, str]) -> None:
    books = Books(shown[0], Span(*span), shown[1])
    for key in books.figures:
        found = fact(books, key)
        if found.value is not None:
            again = {row.key: row.value for row in told(shown[0], found.query).rows}
            assert again[key] == found.value, key


@pytest.mark.parametrize("span", SPANS, ids="–".join)
def test_every_query_names_the_months_and_the_position(shown: Shown, span: tuple[str, str]) -> None:
    """Readers of a day are asked for the last day of the months, and those of a year for its last."""
    end = Span(*span).end
    for key, measure in MEASURES.items():
        query = figure(shown, key, span).query
        assert f"--at {shown[1]}" in query, key
        assert any(word in query for word in (span[1], str(end), "2025-10" if end.month == 9 else "2025-09")), query
        if measure.reader.startswith("subsidies"):
            assert "--month" in query, key
            assert "--until" in query, key
            if measure.reader == "subsidies --rosters":
                assert isinstance(told(shown[0], query), RosterReport)


def test_a_months_figure_says_that_it_holds_what_came_after_the_month(shown: Shown) -> None:
    """The results of a month's batches come later; a figure as of a day holds none that came after it."""
    span = ("2025-08", "2025-08")
    assert {figure(shown, key, span).on for key in ANSWERS} == {None}
    day = date(2025, 8, 20)
    books = Books(shown[0], Span(*span, day), shown[1])
    assert {fact(books, key).on for key in ANSWERS} == {day}
    assert figure(shown, "clue_count", span).on == date(2025, 8, 31), "doubts stand as on the last day"
