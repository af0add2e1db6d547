"""Sentences of reports filled from the book: each slot with its value, what it takes in, its span and its query.

What the book cannot answer stays an open slot `XX` with the reason; no zero is invented for it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.errors import EvidenceError, InputError
from ledger.flows.public_money.entitlement.programmes import ONCE
from ledger.values.dates import Period
from ledger.values.money import fen_to_yuan
from ledger.values.quantities import consistent
from ledger.values.wording import average_yuan, count_worded, money_worded, percent
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.entities import entity_names
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_catalogue import SentencePlan, SlotPlan, Template
from ledger_projections.summaries.sentences_edges import first_month, last_paid_month
from ledger_projections.summaries.sentences_facts import Fact, fact, missing_fact, names_of

OPEN: Final = "XX"
"""What stands in a slot that the book cannot fill."""
WORDS: Final = {
    "fen": "万元",
    "households": "户",
    "household_times": "户次",
    "persons": "人",
    "person_times": "人次",
    "rate": "%",
    "average": "元",
}
"""Unit -> the word behind an open slot, and behind a count."""
_THING: Final = "个"
_GLOSSES: Final = {
    "households": " households",
    "household_times": " household-times",
    "persons": " persons",
    "person_times": " person-times",
}
_ABSENT: Final = {"zh": ",账内无", "en": "; not in the book: "}
_AND: Final = {"zh": "、", "en": ", "}
_APART: Final = {"zh": ";", "en": "; "}
_SLOT: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Slot(Answer):
    """One slot: what stands in the sentence, the style that said it, and the figure behind it.

    `reason` says why it is open: a `Missing` of the figure, or `negative`.
    """

    name: str
    text: str
    style: str
    reason: str | None
    fact: Fact


@dataclass(frozen=True, slots=True)
class Sentence(Answer):
    """A sentence in Chinese, its gloss in English, and its figures in the order of the template."""

    name: str
    zh: str
    en: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Paragraph(Answer):
    """The sentences of a template for the months `first` to `last`, of an entity (None: of all); `names` are what those
    are called whose figures it tells, where that must be said. `begins` and `ends` are the first and the last month
    that the book's payments are of.
    """

    template: str
    position: int
    as_of: date | None
    first: str
    last: str
    entity: str | None
    names: tuple[str, ...]
    begins: str | None
    ends: str | None
    sentences: tuple[Sentence, ...]


def span_of(template: Template, first: str | None, last: str, as_of: date | None) -> Span:
    """The months that a template speaks of, up to `last`; `first` overrides where it begins."""
    usual = _named_span(template.span, Span(last, last, as_of))
    return usual if first is None or template.span == "jan_sep" else Span(first, usual.last, as_of)


def _named_span(name: str | None, span: Span) -> Span:
    """A span by its name, up to the month in which another ends; that other itself without a name."""
    year = Period.parse(span.last).year
    if name == "jan_sep":
        return Span(f"{year:04d}-01", f"{year:04d}-09", span.as_of)
    if name == "month":
        return Span(span.last, span.last, span.as_of)
    return span if name is None else Span(f"{year:04d}-01", span.last, span.as_of)


def paragraph(
    connection: Connection, template: Template, span: Span, position: int, entity: str | None = None
) -> Paragraph:
    """A template filled with what the book says of a span, or an entity of it, as the log stood at a position."""
    shelf: dict[Span, Books] = {}

    def books_of(name: str | None) -> Books:
        wanted = _named_span(name, span)
        return shelf.setdefault(wanted, Books(connection, wanted, position, entity))

    told = tuple(_sentence(books_of, plan, span) for plan in template.sentences)
    known = entity_names(connection, position)
    names = names_of((slot.fact for one in told for slot in one.slots), known, entity)
    edges = first_month(connection, position, entity), last_paid_month(connection, position, entity)
    return Paragraph(template.name, position, span.as_of, span.first, span.last, entity, names, *edges, told)


def scope_words(found: Fact, language: str) -> str:
    """The programmes that a figure takes in, those of its set that the book has none of, and whose figure it is where
    it was asked of one entity or adds up several.
    """
    here = _names([one for one in found.schemes if one not in found.absent], language)
    absent = f"{_ABSENT[language]}{_names(found.absent, language)}" if found.absent else ""
    return _APART[language].join(one for one in (f"{here}{absent}", entity_words(found.names, language)) if one)


def entity_words(names: Sequence[str], language: str) -> str:
    """Whose figures they are; empty where that need not be said."""
    return say("figure_scope.entities", language, names=_AND[language].join(names)) if names else ""


def _names(schemes: Iterable[str], language: str) -> str:
    return _AND[language].join(say(f"scheme.{one}", language) for one in schemes)


def _sentence(books_of: Callable[[str | None], Books], whole: SentencePlan, span: Span) -> Sentence:
    plan = with_clauses(whole, books_of(None))
    slots = {name: _slot(books_of(one.span), name, one) for name, one in plan.slots.items() if one.scope_of is None}
    texts = {}
    for language, form in (("zh", plan.zh), ("en", plan.en)):
        told = {name: one.text if language == "zh" else _gloss(one) for name, one in slots.items()}
        words = _dates(span, language) | told
        for name, one in plan.slots.items():
            if one.scope_of is not None:
                words[name] = scope_words(slots[one.scope_of].fact, language)
        texts[language] = _filled(form, words)
    return Sentence(plan.name, texts["zh"], texts["en"], tuple(slots.values()))


def with_clauses(plan: SentencePlan, books: Books) -> SentencePlan:
    """A sentence with its clauses written out: of the schemes that anything was paid of, else of all."""
    each = plan.each
    if each is None:
        return plan
    schemes = [one for one in each.schemes if books.paid([one])] or list(each.schemes)
    said = {one: each.once if one in ONCE else each.standing for one in schemes}
    slots = {
        f"{scheme}_{name}": replace(each.slots[name], schemes=(scheme,))
        for scheme, forms in said.items()
        for name in _SLOT.findall(forms["zh"])
        if name in each.slots
    }
    forms = {}
    for language, whole in (("zh", plan.zh), ("en", plan.en)):
        clauses = (_clause(form_of[language], scheme, language) for scheme, form_of in said.items())
        forms[language] = whole.replace("{each}", each.joined[language].join(clauses))
    return SentencePlan(plan.name, forms["zh"], forms["en"], {**plan.slots, **slots})


def _clause(form: str, scheme: str, language: str) -> str:
    """A clause of one scheme: its name, and slots that are called by it."""
    named = form.replace("{scheme}", say(f"scheme.{scheme}", language))
    return _SLOT.sub(lambda found: f"{{{scheme}_{found[1]}}}", named)


def _filled(form: str, words: Mapping[str, str]) -> str:
    """Not `str.format`: a word from the book that holds a brace stays as it is."""
    return _SLOT.sub(lambda found: words[found[1]], form)


def _dates(span: Span, language: str) -> dict[str, str]:
    """The words for the span that every sentence may use: `term` and `until` are the year and 截至 for months from
    January on, and the months themselves for others; `now` is the month of one; `so_far` is for what is of the year up
    to the end also where the months begin later.
    """
    first, last = Period.parse(span.first), Period.parse(span.last)
    is_year, is_one = (first.year, first.month) == (last.year, 1), first == last
    if language == "en":
        months = span.last if is_one else f"{span.first} to {span.last}"
        return {
            "year": str(last.year),
            "term": f"In {last.year if is_year else months}",
            "until": f"Up to {span.last}" if is_year else f"In {months}",
            "now": "In the month" if is_one else f"In {months}",
            "so_far": "" if is_year else f"From January to {span.last}: ",
            "month": span.last,
            "months": months,
            "day": str(span.end),
            "since": span.first,
        }
    day, same = span.end, f"{last.year}年{last.month}月"
    months = f"{first.year}年{first.month}月至{same}"
    if first.year == last.year:
        months = same if is_one else f"{first.year}年{first.month}-{last.month}月"
    return {
        "year": f"{last.year}年",
        "term": f"{last.year}年" if is_year else months,
        "until": f"截至{same}" if is_year else months,
        "now": "当月" if is_one else months,
        "so_far": "" if is_year else f"{last.year}年1-{last.month}月,",
        "month": same,
        "months": months,
        "day": f"{day.year}年{day.month}月{day.day}日",
        "since": f"{first.year}年{first.month}月",
    }


def _slot(books: Books, name: str, plan: SlotPlan) -> Slot:
    found = missing_fact(books, "no_source") if plan.figure is None else fact(books, plan.figure, plan.schemes)
    word = plan.word or WORDS.get(found.unit, "")
    if found.missing is not None:
        return Slot(name, OPEN + word, "", found.missing, found)
    try:
        text, style = worded(found, plan.styles, plan.word)
    except InputError as error:
        if error.code not in {"E_WORDING_NEGATIVE", "E_WORDING_COUNT"}:
            raise
        return Slot(name, OPEN + word, "", "negative", found)
    return Slot(name, text, style, None, found)


def _gloss(slot: Slot) -> str:
    """A slot in English: the exact value, whatever the style of the sentence."""
    if slot.reason is not None or slot.fact.unit in {"rate", "average"}:
        return OPEN if slot.reason else slot.text.replace("元", " yuan")
    value = int(slot.fact.exact)
    if slot.fact.unit == "fen":
        return f"{fen_to_yuan(value, grouped=True)} yuan"
    return f"{value:,}{_GLOSSES.get(slot.fact.unit, '')}"


def worded(found: Fact, styles: tuple[str, ...] = (), word: str | None = None) -> tuple[str, str]:
    """A figure that has a value in words, and the style. Raises InputError E_WORDING_… where no style can say it.

    The words are read back before anybody sees them: EvidenceError E_WORDING_UNSOUND when they say another value.
    """
    if found.unit == "average":
        return average_yuan(found.exact), "average_yuan"
    if found.unit == "fen":
        text, style = money_worded(int(found.exact), styles)
    elif found.unit == "rate":
        text, style = percent(found.exact), "percent"
    else:
        text, style = count_worded(int(found.exact), word or WORDS.get(found.unit, _THING), styles)
    if not consistent(text, found.exact):
        raise EvidenceError("E_WORDING_UNSOUND", text=text, value=str(found.exact))
    return text, style
