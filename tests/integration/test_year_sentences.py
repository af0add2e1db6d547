"""Written reports of a generated year: true figures in other words are never contradicted, changed ones never believed.

Every template's sentence, and each of its paraphrases, is filled with the book's own figures and held against the book;
then one figure after the other is changed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection

from ledger.log.appending import read_head
from ledger_api.demo.year.play import Year
from ledger_api.demo.year.targets import MONTHS
from ledger_projections.summaries.sentences import Paragraph, Slot, paragraph, span_of, with_clauses, worded
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, SentencePlan, SlotPlan, template
from ledger_projections.summaries.sentences_checking import Claim, check_report
from tests.projections.sentences.paraphrases import PARAPHRASES

YEAR = Span(MONTHS[0], MONTHS[-1])
SLOT = re.compile(r"\{([a-z_]+)\}")
MANY = 7_319
"""What a changed figure is more than the book's, in its own unit: no other figure of a small county is so near."""


@dataclass(frozen=True)
class Filled:
    """A form filled with words: the text, and where each slot's words stand."""

    text: str
    places: dict[str, int]


def filled(form: str, words: dict[str, str]) -> Filled:
    text, places = "", {}
    for at, part in enumerate(form.replace("}", "{").split("{")):
        if at % 2:
            places[part] = len(text)
        text += words[part] if at % 2 else part
    return Filled(text, places)


def forms(name: str, written: Sequence[SentencePlan]) -> Iterator[tuple[str, str]]:
    """(sentence, form) of a template: its own sentence, and its paraphrases."""
    for one in written:
        yield (
            one.name,
            one.zh if name in {"year", "quarter", "campaign"} or "{months}" in one.zh else "{months}," + one.zh,
        )
        yield from ((one.name, form) for form in PARAPHRASES.get(f"{name}.{one.name}", ()))


def words_of(told: Paragraph, sentence: str) -> tuple[dict[str, str], dict[str, Slot]]:
    """The words of a sentence's slots and of its months, and the slots that the book fills."""
    year, month = told.last.split("-")
    whole = f"{year}年{int(month)}月"
    words = {
        "year": f"{year}年",
        "month": whole,
        "months": whole if told.first == told.last else f"{year}年{int(told.first[5:])}-{int(month)}月",
        "day": f"{whole}{Span(told.first, told.last).end.day}日",
        "since": f"{year}年{int(told.first[5:])}月",
    }
    (mine,) = (one for one in told.sentences if one.name == sentence)
    slots = {one.name: one for one in mine.slots}
    return words | {name: one.text for name, one in slots.items()}, slots


def changed(slot: Slot, plan: SlotPlan) -> str:
    """The words of another value, which the slot's own do not stand for."""
    found = slot.fact
    step = MANY * 100 * 10_000 if found.unit == "fen" else MANY * 100 if found.unit == "average" else MANY
    of = found.of or 1
    other = type(found)(
        **{**{name: getattr(found, name) for name in found.__slots__}, "value": (found.value or 0) + step * of}
    )
    return worded(other, plan.styles, plan.word)[0]


def claims(connection: Connection, text: str, position: int) -> list[Claim]:
    report = check_report(connection, [text], YEAR, position)
    return [claim for sentence in report.sentences for claim in sentence.claims]


def trials(
    connection: Connection, name: str, last: str, position: int
) -> Iterator[tuple[Filled, str | None, list[Claim]]]:
    """Every form of a template: filled truly (None), and with one slot changed (its name)."""
    span = span_of(template(name), None, last, None)
    told = paragraph(connection, template(name), span, position)
    books = Books(connection, span, position)
    written = [with_clauses(one, books) for one in template(name).sentences]
    plans = {one.name: one.slots for one in written}
    for sentence, form in forms(name, written):
        words, slots = words_of(told, sentence)
        if not set(SLOT.findall(form)) <= {*words, *plans[sentence]}:
            continue  # a clause of a programme that paid nothing in the month
        scopes = {slot: "" for slot, plan in plans[sentence].items() if plan.scope_of is not None}
        said = filled(form, words | scopes)
        yield said, None, claims(connection, said.text, position)
        for slot in said.places:
            if slot in slots and slots[slot].reason is None:
                other = filled(form, words | scopes | {slot: changed(slots[slot], plans[sentence][slot])})
                yield other, slot, claims(connection, other.text, position)


@pytest.mark.parametrize(("name", "last"), [*((name, MONTHS[-1]) for name in TEMPLATES), ("month", MONTHS[4])])
def test_true_figures_in_other_words_are_never_contradicted(hamlet: Year, name: str, last: str) -> None:
    with hamlet.county.book.store.read() as connection:
        for said, slot, found in trials(connection, name, last, read_head(connection).position):
            if slot is None:
                wrong = [(claim.number, claim.figures) for claim in found if claim.verdict == "contradicted"]
                assert wrong == [], said.text
            else:
                at = [claim for claim in found if claim.start == said.places[slot] and claim.kind == "figure"]
                assert "supported" not in {claim.verdict for claim in at}, (said.text, slot)


@pytest.mark.parametrize(("name", "last"), [*((name, MONTHS[-1]) for name in TEMPLATES), ("month", MONTHS[8])])
def test_what_the_book_fills_in_it_knows_again(hamlet: Year, name: str, last: str) -> None:
    """A template's own text, fed back as it was written: each number that came from the book is supported."""
    with hamlet.county.book.store.read() as connection:
        position = read_head(connection).position
        told = paragraph(connection, template(name), span_of(template(name), None, last, None), position)
        span = Span(told.first, told.last)
        report = check_report(connection, [one.zh for one in told.sentences], span, position)
        filled = [slot for one in told.sentences for slot in one.slots if slot.reason is None]
        told_again = [one for sentence in report.sentences for one in sentence.claims if one.reason != "open"]
        assert [(one.number, one.reason, one.words) for one in told_again if one.verdict != "supported"] == []
        assert len([one for one in told_again if one.kind == "figure"]) == len(filled)


def test_paraphrases_are_of_sentences_that_exist(hamlet: Year) -> None:
    """And no form is passed over in every month: each clause is of a programme that pays somewhere in the year."""
    keys = {f"{name}.{one.name}" for name in TEMPLATES for one in template(name).sentences}
    assert set(PARAPHRASES) <= keys
    with hamlet.county.book.store.read() as connection:
        position = read_head(connection).position
        slots = {
            (one.name, slot.name)
            for month in MONTHS
            for one in paragraph(connection, template("month"), Span(month, month), position).sentences
            for slot in one.slots
        }
    wanted = {("programmes", slot) for form in PARAPHRASES["month.programmes"] for slot in SLOT.findall(form)}
    assert wanted - {("programmes", "months")} <= slots
