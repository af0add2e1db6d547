"""A written sentence taken apart: its figures, its months, and the words between them, clause by clause."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ledger.values.numerals import numerals
from ledger.values.quantities import Quantity, plain_digits, quantities
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_spans import Spoken, spans
from ledger_projections.summaries.sentences_vocabulary import STRANGE, Word, words_of

OPENING: Final = frozenset("（(")
CLOSING: Final = frozenset("）)")
BREAKS: Final = frozenset(";；")
_STOPS: Final = frozenset("，,。!！?？") | OPENING | CLOSING | BREAKS
_MARKER: Final = re.compile(
    r"^\s*(?![一二三四、]+季度)"
    r"(?:[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、是.．]|[（(]?[0-9]{1,2}[)）、.．](?![0-9]))"
)
_NOTE: Final = re.compile(r"(?<=[（(])口径[:：]([^,，;；)）]*)[^;；)）]*")
_OPEN_SLOT: Final = re.compile(r"[XＸ×Ⅹ]{2,}[余多]?[万亿]?[余多]?(?:人次|户次|元|人|名|户|家|个|%)?")
_BOUNDS: Final = ("不少于", "不低于", "至少", "不足", "不到", "低于", "超过", "超", "逾", "突破")


@dataclass(frozen=True, slots=True)
class Clause:
    """Words up to a figure, a stop or the end; `is_open`: the figure is a slot that nobody has filled."""

    words: tuple[Word, ...]
    pause: int
    """Where the first 、 stands, or the end: what comes after it belongs to the next figure."""
    stop: str
    end: int
    """Where it ends: the place of the stop or of the figure."""
    quantity: Quantity | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A sentence in parts.

    `conditions`: start of a figure -> the figure that it is counted by (不少于3万元 of 不少于3万元2家).
    `declared`: end of a figure -> the programmes that a note behind it names (口径).
    """

    text: str
    clauses: Sequence[Clause]
    said: Sequence[Spoken]
    stops: Sequence[int]
    breaks: Sequence[int]
    plans: Sequence[int]
    conditions: Mapping[int, Quantity]
    declared: Mapping[int, tuple[str, ...]]


def parsed(text: str, now: Span, usual: Span) -> Parsed:
    """A sentence taken apart; `now` is the span that is spoken of before it, `usual` the report's."""
    plain = plain_digits(text)
    declared = dict(_declared(plain))
    for aside in (_MARKER, _NOTE):
        plain = aside.sub(lambda found: " " * len(found[0]), plain)
    said = list(spans(plain, now, usual))
    dates = [(one.start, one.end) for one in said]
    figures = sorted([*quantities(plain), *numerals(plain)], key=lambda one: one.start)
    found = [one for one in figures if not any(start < one.end and one.start < end for start, end in dates)]
    slots = [Quantity(one[0], one.start(), one.end(), "", ()) for one in _OPEN_SLOT.finditer(plain)]
    taken = [*dates, *((one.start, one.end) for one in (*found, *slots))]
    within = {at for start, end in taken for at in range(start, end)}
    stops = [at for at, mark in enumerate(plain) if mark in _STOPS and at not in within]
    conditions = dict(_conditions(plain, found, stops))
    bounds = [id(one) for one in conditions.values()]
    numbers = [one for one in found if id(one) not in bounds]
    words = list(words_of(plain, taken))
    return Parsed(
        plain,
        list(_clauses(plain, words, stops, numbers, slots)),
        said,
        stops,
        breaks=[at for at in stops if plain[at] in BREAKS],
        plans=[word.start for word in words if word.kind == "plan"],
        conditions=conditions,
        declared=declared,
    )


def _declared(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(end of the figure before, programmes) of every note 口径 that names programmes, and nothing unknown."""
    for note in _NOTE.finditer(text):
        words = list(words_of(note[1], []))
        schemes = dict.fromkeys(
            scheme for word in words if word.subject is not None for scheme in word.subject.readings[0]
        )
        if schemes and not any(word.kind in {"unknown", "exclusion"} for word in words):
            yield note.start() - 1, tuple(schemes)


def _conditions(text: str, found: Sequence[Quantity], stops: Sequence[int]) -> Iterator[tuple[int, Quantity]]:
    """A figure right before another, or before 的 and another in the same clause, is what that is counted by."""
    for one, following in pairwise(found):
        is_bound = one.text.startswith(_BOUNDS) or one.text.endswith("以上")
        touches = is_bound and one.end == following.start
        of_it = text.startswith("的", one.end) and not any(one.end <= stop < following.start for stop in stops)
        if touches or of_it:
            yield following.start, one


def _clauses(
    text: str, words: Sequence[Word], stops: Sequence[int], numbers: Sequence[Quantity], slots: Sequence[Quantity]
) -> Iterator[Clause]:
    marks: list[tuple[int, str, Quantity | None, bool]] = [(at, text[at], None, False) for at in stops]
    marks += [(one.start, "", one, False) for one in numbers] + [(one.start, "", one, True) for one in slots]
    at = end = 0
    for place, stop, quantity, is_open in [*sorted(marks, key=lambda one: one[0]), (len(text), "", None, False)]:
        inside: list[Word] = []
        while at < len(words) and words[at].start < place:
            inside.append(words[at])
            at += 1
        begin, end = end, place
        yield Clause(tuple(inside), _pause(text, inside, begin, end), stop, end, quantity, is_open)


def _pause(text: str, words: Sequence[Word], begin: int, end: int) -> int:
    """The first 、 between two places that stands within no word (困境、困难儿童), or the end."""
    within = {at for word in words for at in range(word.start, word.end)}
    return next((at for at in range(begin, end) if text[at] == "、" and at not in within), end)


def is_taken_before(before: Clause, clause: Clause) -> bool:
    """Whether the programme in front of a 、 is the number's before it: 3万元孤儿生活费、5万元低保."""
    if before.quantity is None or any(word.kind == "subject" for word in before.words):
        return False
    return any(word.kind == "subject" and word.start < clause.pause < clause.end for word in clause.words)


def is_shared(clause: Clause, behind: Clause) -> bool:
    """Whether the list behind a number may be the next number's as well: 1名低保、特困人员减免费用1765元."""
    before = [word for word in behind.words if word.start < behind.pause]
    after = behind.words[len(before) :]
    return (
        behind.quantity is not None
        and not any(word.kind in {"subject", "meaning"} for word in clause.words)
        and marks(before, "subject")
        and any(word.kind in {"subject", "meaning"} for word in after)
    )


def context_of(clause: Clause, following: Sequence[Clause]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words that a number is understood by, and those of them that stand before it.

    What follows up to a stop or a 、 belongs to it; what follows up to a number only where nothing stands before, or
    where it says what was done for those who are counted: 为特困人员1人减免费用. A bracket behind it that holds no
    number says something of it as well: 401余万元(不含某某).
    """
    own, behind = clause.words, following[0]
    if behind.quantity is None:
        aside = following[1] if behind.stop in OPENING and not behind.words and len(following) > 1 else None
        qualified = aside.words if aside is not None and aside.quantity is None else ()
        return (*own, *(word for word in behind.words if word.start < behind.pause), *qualified), own
    near = [word for word in behind.words if word.start < behind.pause]
    if marks(own, "meaning"):
        return own, own
    if marks(own, "subject"):
        return (*own, *(word for word in near if word.kind in STRANGE or any(one.only for one in word.meanings))), own
    return (*own, *near), own


def marks(words: Sequence[Word], kind: str) -> bool:
    """Whether a word of a kind is among some."""
    return any(word.kind == kind for word in words)
