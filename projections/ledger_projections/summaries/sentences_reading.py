"""What the numbers of a written sentence mean: which figures, of which programmes, of which months.

A number is understood from the words of its own clause, and from those that were carried over from the clauses before
where its own say nothing. One word that stands in no list, and the number is not compared: nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ledger.values.quantities import Quantity
from ledger_projections.figures import LISTED
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_clauses import BREAKS, CLOSING, OPENING, Clause, Parsed, parsed
from ledger_projections.summaries.sentences_spans import Spoken
from ledger_projections.summaries.sentences_vocabulary import STRANGE, TOTAL, Meaning, Subject, Word

SENTENCE_MAX: Final = 2_000
"""No numbers are read from a longer sentence."""

_USUAL: Final = {
    "fen": ("paid_fen",),
    "人次": ("paid_person_times",),
    "户次": ("paid_household_times",),
    "人": ("paid_persons", "close_persons"),
    "户": ("paid_households", "close_households"),
}
"""Unit -> what a programme's number is without a word that says it."""


_STANDING: Final = frozenset({"close_persons", "close_households"})
"""What stands on a day; every other figure is a sum up to it, and from when on, a day does not say."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One figure that a number may mean: a key, for these programmes (none: the figure's own)."""

    key: str
    schemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A number of a sentence: what it may mean, or the reason why nobody can say (with the unknown words).

    `part_of` is the number (by its place in the sentence) that it is 其中 of; `sum_of` those that it is the 共 of;
    `condition` is what it is counted by: 不少于3万元 of 不少于3万元2家.
    """

    quantity: Quantity
    span: Span
    asks: tuple[Ask, ...] = ()
    reason: str | None = None
    words: str = ""
    is_whole: bool = False
    part_of: int | None = None
    sum_of: tuple[int, ...] = ()
    condition: Quantity | None = None


@dataclass(frozen=True, slots=True)
class _Carried:
    """What earlier clauses said: the programmes, the meaning, the subject of talk; and the unknown words among them."""

    subjects: tuple[Subject, ...] = ()
    meanings: tuple[Word, ...] = ()
    topic: str = ""
    subject_unknown: str = ""
    meaning_unknown: str = ""
    since_unknown: str = ""
    frame: str = ""
    """Unknown words of clauses without figure, subject and meaning: 据了解, 较上年. They bear on every number to ;."""
    wholes: int | None = None
    """After 其中: how many numbers came before it; the whole is one of them."""


@dataclass(frozen=True, slots=True)
class _Bracket:
    """What was carried when a bracket opened, how many numbers had been read, and whether it opened behind one."""

    carried: _Carried
    mentions: int
    is_behind: bool


@dataclass(slots=True)
class _Reader:
    """Goes through the clauses of one sentence."""

    parts: Parsed
    now: Span | None
    usual: Span
    mentions: list[Mention] = field(default_factory=list)
    carried: _Carried = _Carried()
    stack: list[_Bracket] = field(default_factory=list)

    def read(self) -> list[Mention]:
        """Every number, in order."""
        clauses = self.parts.clauses
        for at, clause in enumerate(clauses):
            if clause.quantity is None:
                self.carried = _after(self.carried, self._aside_words(clause), is_bare=True)
                self._stop(clause, clauses[at - 1] if at else None)
                continue
            if _marks(clause.words, "part"):
                self.carried = replace(self.carried, wholes=len(self.mentions))
            context, own = _context(clause, clauses[at + 1 : at + 3])
            self._mention(clause, context, own)
            self.carried = _after(self.carried, clause.words)
        return self.mentions

    def _aside_words(self, clause: Clause) -> Sequence[Word]:
        """The words of a clause without a figure; 上年 in a clause of its own is an unknown word of what follows."""
        if any(word.kind in {"subject", "meaning"} for word in clause.words):
            return clause.words
        begin = max((stop for stop in self.parts.stops if stop < clause.end), default=-1)
        aside = [one for one in self.parts.said if one.is_aside and begin < one.start < clause.end]
        named = [Word(one.start, one.end, self.parts.text[one.start : one.end], "unknown") for one in aside]
        return sorted([*clause.words, *named], key=lambda word: word.start)

    def _stop(self, clause: Clause, before: Clause | None) -> None:
        """What a stop does: a bracket is an aside, a ; begins anew."""
        if clause.stop in OPENING:
            behind = before is not None and before.quantity is not None and not clause.words
            self.stack.append(_Bracket(self.carried, len(self.mentions), is_behind=behind))
        elif clause.stop in CLOSING and self.stack:
            bracket = self.stack.pop()
            framing = self.carried.frame
            self.carried = bracket.carried
            if not bracket.is_behind and bracket.mentions == len(self.mentions):
                # (同比)发放…: it says something of what follows, for no number stands before it.
                self.carried = replace(self.carried, frame=framing)
        elif clause.stop in BREAKS:
            anew = replace(self.carried, subjects=(), meanings=(), frame="")
            self.carried = replace(self.stack[-1].carried if self.stack else anew, wholes=None)

    def _mention(self, clause: Clause, context: Sequence[Word], own: Sequence[Word]) -> None:
        quantity = clause.quantity
        if quantity is None:
            return
        said = next((one for one in reversed(self.parts.said) if self._speaks(one, quantity.start)), None)
        span = self.now if said is None else said.span
        found = Mention(quantity, span or self.usual, condition=self.parts.conditions.get(quantity.start))
        before = self.mentions[-1] if self.mentions else None
        follows = before is not None and before.is_whole and not clause.words and before.quantity.end == quantity.start
        is_whole = _marks(own, "whole") or follows
        if self._is_plan(quantity.start):
            found = replace(found, reason="plan")
        elif clause.is_open:
            found = replace(found, reason="open")
        elif quantity.trouble is not None:
            found = replace(found, reason=quantity.trouble)
        elif span is None:
            found = replace(found, reason="span")
        else:
            asks, reason, words = _asks(self.carried, context, quantity.unit)
            found = replace(
                found, asks=_declared(asks, self.parts.declared.get(quantity.end)), reason=reason, words=words
            )
            if said is not None and said.is_day and not all(ask.key in _STANDING for ask in asks):
                found = replace(found, asks=(), reason="span")
        found = replace(found, is_whole=is_whole, part_of=self._whole_of(quantity))
        if is_whole and quantity.readings and not any(word.kind in {"subject", "meaning", *STRANGE} for word in own):
            found = self._summed(found)
        self.mentions.append(found)

    def _speaks(self, said: Spoken, at: int) -> bool:
        """Whether a span that is written before a place still holds there."""
        return said.end <= at and not (said.is_aside and any(said.end <= stop < at for stop in self.parts.stops))

    def _is_plan(self, at: int) -> bool:
        """Whether a word of plans stands in the same part of the sentence, from ; to ;."""
        begin = max((place for place in self.parts.breaks if place < at), default=-1)
        end = min((place for place in self.parts.breaks if place > at), default=SENTENCE_MAX)
        return any(begin < place < end for place in self.parts.plans)

    def _whole_of(self, quantity: Quantity) -> int | None:
        """The last number of its kind before 其中; None where no 其中 stands."""
        places = range((self.carried.wholes or 0) - 1, -1, -1)
        return next((at for at in places if self.mentions[at].quantity.unit == quantity.unit), None)

    def _summed(self, found: Mention) -> Mention:
        """A 共 after several numbers of its kind is their sum, and means what they mean together.

        Its parts stand in one list: numbers that mean the same of several programmes, with no ; between.
        """
        parts: list[int] = []
        for at in range(len(self.mentions) - 1, -1, -1):
            one = self.mentions[at]
            if one.quantity.unit != found.quantity.unit:
                continue
            parted = any(one.quantity.end <= place < found.quantity.start for place in self.parts.breaks)
            if (
                parted
                or one.is_whole
                or at < (self.carried.wholes or 0)
                or (parts and _keys(one) != _keys(self.mentions[parts[0]]))
            ):
                break
            parts.append(at)
        if len(parts) < 2:
            return found
        together = _together([self.mentions[at].asks for at in parts])
        reason = None if together else "sum"
        return replace(found, sum_of=tuple(sorted(parts)), asks=together, reason=reason, words="")


def mentions_of(text: str, now: Span | None, usual: Span) -> tuple[list[Mention], Span | None]:
    """The numbers of a sentence, and the span spoken of after it; `now` is the one before, `usual` the report's.

    None is a span that nobody can tell: a sentence spoke of a day, or of months that are none.
    """
    parts = parsed(text, now or usual, usual)
    reader = _Reader(parts, now, usual)
    found = reader.read()
    last = next((one for one in reversed(parts.said) if not one.is_aside), None)
    return found, now if last is None else None if last.is_day else last.span


def _context(clause: Clause, following: Sequence[Clause]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words that a number is understood by, and those of them that stand before it.

    What follows up to a stop or a 、 belongs to it; what follows up to a number only where nothing stands before. A
    bracket behind it that holds no number says something of it as well: 401余万元(不含某某).
    """
    own, behind = clause.words, following[0]
    if behind.quantity is None:
        aside = following[1] if behind.stop in OPENING and not behind.words and len(following) > 1 else None
        qualified = aside.words if aside is not None and aside.quantity is None else ()
        return (*own, *(word for word in behind.words if word.start < behind.pause), *qualified), own
    if any(word.kind in {"subject", "meaning"} for word in own):
        return own, own
    return (*own, *(word for word in behind.words if word.start < behind.pause)), own


def _marks(words: Sequence[Word], kind: str) -> bool:
    return any(word.kind == kind for word in words)


def _unknown(words: Sequence[Word]) -> str:
    """The unknown characters, those side by side together."""
    parts: list[str] = []
    end = -1
    for word in words:
        if word.kind in STRANGE:
            parts.append(word.text if word.start != end or not parts else parts.pop() + word.text)
            end = word.end
    return " ".join(parts)


def _after(carried: _Carried, words: Sequence[Word], *, is_bare: bool = False) -> _Carried:
    """What is carried on after a clause; a bare one holds no figure."""
    subjects = _subjects(words)
    meanings = tuple(word for word in words if word.kind == "meaning")
    unknown = _unknown(words)
    after = replace(carried, topic=_topic(carried.topic, meanings))
    if is_bare and not subjects and not meanings:
        framing = _unknown([word for word in words if word.kind != "common"])
        return replace(after, frame=f"{after.frame} {framing}".strip())
    if subjects:
        after = replace(after, subjects=subjects, subject_unknown=unknown)
    if meanings:
        is_once = any(one.is_once for one in meanings[-1].meanings)
        after = replace(after, meanings=() if is_once else meanings, meaning_unknown=unknown)
    if subjects or meanings:
        return replace(after, since_unknown="")
    return replace(after, since_unknown=f"{after.since_unknown} {unknown}".strip())


def _subjects(words: Sequence[Word]) -> tuple[Subject, ...]:
    """The programmes that a clause names: its items, else all of them."""
    found = tuple(word.subject for word in words if word.subject is not None)
    return tuple(one for one in found if one.is_item) or found


def _topic(topic: str, words: Sequence[Word]) -> str:
    for word in words:
        topic = next((one.topic for one in _applicable(word, topic) if one.topic), topic)
    return topic


def _applicable(word: Word, topic: str) -> tuple[Meaning, ...]:
    """The meanings of a word under a subject of talk; all of them where nothing is being talked of."""
    narrow = tuple(one for one in word.meanings if topic in one.under)
    if narrow:
        return narrow
    wide = tuple(one for one in word.meanings if not one.under)
    return wide if wide or topic else word.meanings


def _asks(carried: _Carried, context: Sequence[Word], unit: str) -> tuple[tuple[Ask, ...], str | None, str]:
    """The figures that a number of a unit may mean; else the reason, with the unknown words."""
    own_subjects = _subjects(context)
    own_meanings = tuple(word for word in context if word.kind == "meaning")
    topic = _topic(carried.topic, own_meanings)
    subjects = own_subjects or carried.subjects
    unknown = [_unknown(context), carried.frame]
    if not own_subjects and not own_meanings:
        unknown.append(carried.since_unknown)
    found = _figures(own_meanings, topic, unit)
    if not own_meanings:
        found = [one for one in _figures(carried.meanings, carried.topic, unit) if one[0] or not own_subjects]
        unknown += [carried.meaning_unknown] if found else []
    needs_programmes = not found or any(by for by, _ in found)
    if needs_programmes and not own_subjects:
        unknown.append(carried.subject_unknown)
    if any(unknown):
        return (), "unknown", unknown[0] or " ".join(dict.fromkeys(one for one in unknown if one))
    if subjects and not _is_total(subjects) and any(not by for by, _ in found):
        return (), "unclear", ""
    if not found:
        if own_meanings:
            return (), "other_unit", ""
        found = [("paid", _USUAL.get(unit, ()))] if subjects else []
    if own_subjects and any(word.text == "等" for word in context):
        # A list that ends in 等 may stand for more than it names.
        subjects = (*subjects, TOTAL)
    asks = tuple(dict.fromkeys(_with_programmes(found, subjects, topic, is_own=bool(own_subjects))))
    return asks, None if asks else "unclear", ""


def _declared(asks: tuple[Ask, ...], schemes: tuple[str, ...] | None) -> tuple[Ask, ...]:
    """A note that names the programmes leaves no other reading."""
    if schemes is None:
        return asks
    return tuple(dict.fromkeys(Ask(one.key, schemes if one.schemes else ()) for one in asks))


def _figures(words: Sequence[Word], topic: str, unit: str) -> list[tuple[str, tuple[str, ...]]]:
    """(by, keys) of the last word that has figures in this unit; what is said once outdoes it: 因死亡退出35人."""
    usable = [[one for one in _applicable(word, topic) if unit in one.units] for word in words]
    usable = [many for many in usable if many]
    once = [many for many in usable if any(one.is_once for one in many)]
    return [(one.by, one.units[unit]) for many in (once or usable)[-1:] for one in many]


def _with_programmes(
    found: Sequence[tuple[str, tuple[str, ...]]], subjects: Sequence[Subject], topic: str, *, is_own: bool
) -> Iterator[Ask]:
    """Each figure for each reading of the programmes."""
    for by, keys in found:
        readings: Sequence[tuple[str, ...]] = _readings(subjects) if by else [()]
        if by == "roster" and topic in {"in", "out"} and (not subjects or (_is_total(subjects) and not is_own)):
            readings = [LISTED]
        for key in keys:
            yield from (Ask(key, schemes) for schemes in readings if schemes or not by)


def _is_total(subjects: Sequence[Subject]) -> bool:
    return any(one.is_total for one in subjects)


def _readings(subjects: Sequence[Subject]) -> list[tuple[str, ...]]:
    """The total's readings, then what is named beside it, taken together."""
    found = [reading for one in subjects if one.is_total for reading in one.readings]
    named = dict.fromkeys(scheme for one in subjects if not one.is_total for scheme in one.readings[0])
    return [*found, tuple(named)] if named else found


def _keys(mention: Mention) -> set[str]:
    return {ask.key for ask in mention.asks}


def _together(many: Sequence[tuple[Ask, ...]]) -> tuple[Ask, ...]:
    """The figures of several numbers as one: the same keys, over all their programmes; none where they differ."""
    keys = {tuple(ask.key for ask in asks) for asks in many}
    if len(keys) != 1 or not all(many) or not all(ask.schemes for asks in many for ask in asks):
        return ()
    columns = zip(*reversed(many), strict=True)
    return tuple(
        Ask(column[0].key, tuple(dict.fromkeys(scheme for ask in column for scheme in ask.schemes)))
        for column in columns
    )
