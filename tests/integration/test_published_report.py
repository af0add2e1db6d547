"""A published report's own sentences held against a generated year: true ones hold, one changed number never does.

The phrases of the vocabulary that name one thing by themselves are all tried, each in every unit that it has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.log.appending import read_head
from ledger_api.demo.year.play import Year
from ledger_api.demo.year.targets import MONTHS
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_catalogue import report_data
from ledger_projections.summaries.sentences_checking import Claim, check_report
from ledger_projections.summaries.sentences_facts import fact
from tests.integration.published_report import PUBLISHED, Published

YEAR = Span(MONTHS[0], MONTHS[-1])
AHEAD = {"spring": "送温暖", "elders": "敬老月", "children": "困境儿童"}
"""What is spoken of -> words that speak of it, for those that mean nothing alone."""


@dataclass(frozen=True)
class Year2024:
    """The generated year, and what it says of its figures."""

    connection: Connection
    books: Books


@pytest.fixture(scope="module")
def book(hamlet: Year) -> Iterator[Year2024]:
    with hamlet.county.book.store.read() as connection:
        yield Year2024(connection, Books(connection, YEAR, read_head(connection).position))


def values(book: Year2024, one: Published) -> dict[str, int]:
    """Slot -> the book's value, in fen or pieces."""
    found = {name: fact(book.books, key, schemes) for name, (key, schemes, _) in one.slots.items()}
    assert {name: known.missing for name, known in found.items() if known.missing} == {}
    return {name: known.value or 0 for name, known in found.items()}


def written(value: int, unit: str) -> str:
    if unit != "元":
        return f"{value}{unit}"
    return f"{value // 100}元" if value % 100 == 0 else f"{value // 100}.{value % 100:02d}元"


def filled(one: Published, said: Mapping[str, int]) -> tuple[str, dict[str, int]]:
    """The text, and where the number of each slot stands."""
    text, places = "", dict[str, int]()
    for at, part in enumerate(one.form.replace("}", "{").split("{")):
        places |= {part: len(text)} if at % 2 else {}
        text += written(said[part], one.slots[part][2]) if at % 2 else part
    return text, places


def figures_of(book: Year2024, *paragraphs: str) -> list[list[Claim]]:
    """The numbers of each sentence that were held against the book."""
    report = check_report(book.connection, paragraphs, YEAR, book.books.position)
    return [[claim for claim in one.claims if claim.kind == "figure"] for one in report.sentences]


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.form[:12])
def test_a_true_sentence_holds_number_by_number(book: Year2024, one: Published) -> None:
    text, places = filled(one, values(book, one))
    (told,) = figures_of(book, text)
    verdicts = {claim.start: claim.verdict for claim in told}
    assert {name: verdicts.get(at) for name, at in places.items()} == dict.fromkeys(places, "supported")
    rest = [(claim.number, claim.reason) for claim in told if claim.start not in places.values()]
    assert rest == list(one.beside)


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.form[:12])
def test_one_changed_number_is_contradicted_by_what_it_was_changed(book: Year2024, one: Published) -> None:
    known = values(book, one)
    trials = [(name, off) for name in one.slots for off in (1, 7_319)]
    texts = [filled(one, known | {name: known[name] + off}) for name, off in trials]
    for (name, off), (text, places), told in zip(
        trials, texts, figures_of(book, *(text for text, _ in texts)) if texts else [], strict=True
    ):
        verdicts = {claim.start: claim for claim in told}
        assert verdicts[places[name]].verdict == "contradicted", text
        assert off in {found.off_by for found in verdicts[places[name]].figures}, text
        others = {one: verdicts[at].verdict for one, at in places.items() if one != name}
        assert others == dict.fromkeys(others, "supported"), text


def phrases(book: Year2024) -> list[tuple[str, str, int]]:
    """(words ahead of the number, unit, value) of every phrase that names a thing of the book by itself."""
    found = []
    for one in report_data("vocabulary")["meaning"]:
        if not one.get("apart"):
            continue
        for unit, (key, *others) in one["units"].items():
            assert others == []
            known = fact(book.books, key)
            assert (known.missing, known.value or 0) == (None, known.value)
            ahead = "".join(AHEAD[topic] for topic in one.get("under", ()))
            found += [(ahead + word, "元" if unit == "fen" else unit, known.value or 0) for word in one["words"]]
    return found


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(off=st.integers(-3, 9_999_999))
def test_every_phrase_with_any_other_number_is_contradicted_by_the_difference(book: Year2024, off: int) -> None:
    """And with the book's own it is supported: 火化遗体, 遗体火化, 福彩销售, 申报专项债…"""
    tried = [(ahead, unit, value) for ahead, unit, value in phrases(book) if value + off >= 0]
    told = figures_of(book, *(f"{ahead}{written(value + off, unit)}。" for ahead, unit, value in tried))
    for (ahead, unit, _), claims in zip(tried, told, strict=True):
        (claim,) = claims
        assert claim.verdict == ("contradicted" if off else "supported"), (ahead, unit, claim)
        assert [found.off_by for found in claim.figures] == [off], ahead
