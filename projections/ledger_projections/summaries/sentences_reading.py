"""What the numbers of a written sentence mean: which figures, of which programmes, of which months.

A number is understood from the words of its own clause, and from those that were carried over from the clauses before
where its own say nothing. One word that stands in no list, and the number is not compared: nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ledger.values.quantities import Quantity
from ledger.values.sums import sum_gap
from ledger_projections.summaries.sentences_asking import AVERAGES, Ask, Carried, asks_of, carry, denied_in, together
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_clauses import (
    BREAKS,
    CLOSING,
    OPENING,
    Clause,
    Parsed,
    context_of,
    is_shared,
    is_taken_before,
    marks,
    parsed,
)
from ledger_projections.summaries.sentences_spans import Spoken
from ledger_projections.summaries.sentences_vocabulary import STRANGE, Word, exclusion_of

SENTENCE_MAX: Final = 2_000
"""No numbers are read from a longer sentence."""

_STANDING: Final = frozenset({"close_persons", "close_households", "listed_persons", "listed_households"})
"""What stands on a day; every other figure is a sum up to it, and from when on, a day does not say."""
_OF_A_MONTH: Final = ("start_", "stop_", "listed_")
"""Figures of the roster by which a month is paid; of more months the year's figures are meant."""


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
    unnoted: tuple[Ask, ...] = ()
    """What it may mean without the note 口径 behind it, which says nothing of other numbers."""


@dataclass(frozen=True, slots=True)
class _Bracket:
    """What was carried when a bracket opened, where, how many numbers had been read, and whether it is behind one."""

    carried: Carried
    start: int
    mentions: int
    is_behind: bool


@dataclass(slots=True)
class _Reader:
    """Goes through the clauses of one sentence."""

    parts: Parsed
    now: Span | None
    usual: Span
    mentions: list[Mention] = field(default_factory=list)
    carried: Carried = field(default_factory=Carried)
    stack: list[_Bracket] = field(default_factory=list)
    levels: list[int | None] = field(default_factory=list)
    """Of every number, the `wholes` that were in force."""
    asides: set[int] = field(default_factory=set)
    """The numbers of brackets that have closed."""
    closed: list[tuple[int, int]] = field(default_factory=list)
    """From where to where months are spoken of for an aside, or for a part, alone."""

    def read(self) -> list[Mention]:
        """Every number, in order."""
        clauses = self.parts.clauses
        for at, clause in enumerate(clauses):
            self._part(clause)
            self._take_back(clause)
            if clause.quantity is None:
                self.carried = carry(self.carried, self._aside_words(clause), is_bare=True)
                self._stop(clause, clauses[at - 1] if at else None)
                continue
            context, own = context_of(clause, clauses[at + 1 : at + 3])
            is_taken = (at > 0 and is_taken_before(clauses[at - 1], clause)) or is_shared(clause, clauses[at + 1])
            self._mention(clause, clause.quantity, context, own, is_taken=is_taken)
            self.carried = carry(self.carried, clause.words)
        return self.mentions

    def _take_back(self, clause: Clause) -> None:
        """What takes something out of the numbers before it, from the last ; on: ,不含特困供养; and ,均未到账."""
        words = exclusion_of(clause.words)
        if not words and clause.quantity is None:
            words = denied_in(clause.words, self.carried.topic)
        begin = max((place for place in self.parts.breaks if place < clause.end), default=-1)
        for at, one in enumerate(self.mentions if words else ()):
            if one.quantity.start > begin and one.reason is None:
                self.mentions[at] = replace(one, asks=(), reason="unknown", words=words)

    def after(self) -> Span | None:
        """The span that holds after the sentence; None where nobody can tell it."""
        part = self.carried.part_at
        said = [one for one in self.parts.said if not one.is_aside and not self._is_closed(one)]
        last = next((one for one in reversed(said) if part is None or one.start < part), None)
        return self.now if last is None else None if last.is_day else last.span

    def _part(self, clause: Clause) -> None:
        """其中 begins a part; a clause behind a comma that says what it counts ends it."""
        begins = next((word.start for word in clause.words if word.kind == "part"), None)
        if begins is not None:
            self._close_part(begins)
            self.carried = replace(self.carried, wholes=len(self.mentions), part_at=begins)
        elif self.carried.part_at is not None and len(self.mentions) > (self.carried.wholes or 0):
            own = [word for word in clause.words if word.kind == "meaning"]
            if own and self._is_apart(own[0].start) and not all(one.is_once for word in own for one in word.meanings):
                self._close_part(
                    next((said.start for said in self.parts.said if self._leads(said, own[0].start)), own[0].start)
                )
                self.carried = replace(self.carried, wholes=None, part_at=None)

    def _leads(self, said: Spoken, at: int) -> bool:
        """Whether months stand in the clause of a word, before it: ,9月新增3人."""
        return (
            said.end <= at
            and not any(said.start <= stop < at for stop in self.parts.stops)
            and self._is_apart(said.start)
        )

    def _close_part(self, at: int) -> None:
        if self.carried.part_at is not None:
            self.closed.append((self.carried.part_at, at))

    def _is_apart(self, at: int) -> bool:
        """Whether a stop stands between the last number and a place."""
        end = self.mentions[-1].quantity.end if self.mentions else 0
        return any(end <= stop < at for stop in self.parts.stops)

    def _aside_words(self, clause: Clause) -> Sequence[Word]:
        """The words of a clause without a figure; 上年 in a clause of its own is an unknown word of what follows."""
        if any(word.kind in {"subject", "meaning"} for word in clause.words):
            return clause.words
        last = self.mentions[-1].quantity.end - 1 if self.mentions else -1
        begin = max((stop for stop in self.parts.stops if last < stop < clause.end), default=last)
        aside = [one for one in self.parts.said if one.is_aside and begin < one.start < clause.end]
        named = [Word(one.start, one.end, self.parts.text[one.start : one.end], "unknown") for one in aside]
        return sorted([*clause.words, *named], key=lambda word: word.start)

    def _stop(self, clause: Clause, before: Clause | None) -> None:
        """What a stop does: a bracket is an aside, a ; begins anew."""
        if clause.stop in OPENING:
            behind = before is not None and before.quantity is not None and not clause.words
            self.stack.append(_Bracket(self.carried, clause.end, len(self.mentions), is_behind=behind))
        elif clause.stop in CLOSING and self.stack:
            bracket, framing, turn = self.stack.pop(), self.carried.frame, self.carried.turn
            self.carried = bracket.carried
            if bracket.mentions < len(self.mentions):
                self.asides.update(range(bracket.mentions, len(self.mentions)))
                self.closed.append((bracket.start, clause.end))
            elif not bracket.is_behind:
                # (同比)发放…: it says something of what follows, for no number stands before it.
                self.carried = replace(self.carried, frame=framing, turn=turn)
        elif clause.stop in BREAKS:
            self._close_part(clause.end)
            anew = replace(self.carried, subjects=(), meanings=(), frame="", turn="", is_past=False)
            self.carried = replace(self.stack[-1].carried if self.stack else anew, wholes=None, part_at=None)

    def _mention(
        self, clause: Clause, quantity: Quantity, context: Sequence[Word], own: Sequence[Word], *, is_taken: bool
    ) -> None:
        said = next((one for one in reversed(self.parts.said) if self._speaks(one, quantity.start)), None)
        span = self.now if said is None else said.span
        found = Mention(quantity, span or self.usual, condition=self.parts.conditions.get(quantity.start))
        before = self.mentions[-1] if self.mentions else None
        is_wordless = all(word.kind == "neutral" for word in clause.words)
        follows = before is not None and before.is_whole and is_wordless and not self._is_apart(quantity.start)
        is_whole = marks(own, "whole") or follows
        if clause.is_open:
            found = replace(found, reason="open")
        elif self._is_plan(quantity.start):
            found = replace(found, reason="plan")
        elif quantity.trouble is not None:
            found = replace(found, reason=quantity.trouble)
        elif span is None:
            found = replace(found, reason="span")
        elif is_taken or self._is_anybodys(said, quantity) or self._is_anew(quantity, context):
            found = replace(found, reason="unclear")
        else:
            asks, reason, words = asks_of(self.carried, context, quantity.unit)
            if found.span.first != found.span.last:
                asks = tuple(ask for ask in asks if not ask.key.startswith(_OF_A_MONTH))
            noted = _declared(asks, self.parts.declared.get(quantity.end))
            found = replace(found, asks=noted, unnoted=asks, reason=reason, words=words)
            is_sum = not all(ask.key in _STANDING for ask in asks)
            if is_sum and said is not None and said.is_day:
                found = replace(found, asks=(), reason="span")
            elif is_sum and marks(own, "running") and any(ask.schemes for ask in asks):
                found = self._running(found, said, own)
        found = replace(found, is_whole=is_whole)
        found = replace(found, part_of=self._whole_of(found))
        found = self._together(found, own, is_summed=is_whole)
        self._listed(found, clause, context)

    def _running(self, found: Mention, said: Spoken | None, own: Sequence[Word]) -> Mention:
        """累计 after a month may count from January on; after a number of its kind it may mean something else."""
        end = self.mentions[-1].quantity.end if self.mentions else 0
        is_own = said is not None and said.start >= end
        is_one_month = found.span.first == found.span.last
        is_spoken = is_own or found.span != self.usual
        if is_spoken and not found.span.first.endswith("-01") and (is_one_month or not is_own):
            return replace(found, asks=(), reason="span")
        alike = any(one.quantity.unit == found.quantity.unit for one in self.mentions)
        return _unclear(replace(found, asks=())) if alike and not marks(own, "meaning") else found

    def _listed(self, found: Mention, clause: Clause, context: Sequence[Word]) -> None:
        """Numbers of one kind with nothing but a joint between them are of a list of subjects, and of which of those
        nobody says: 低保、特困216人次、264人次.
        """
        before = self.mentions[-1] if self.mentions else None
        names = self._is_apart(found.quantity.start) and marks(context, "subject")
        is_joined = (
            before is not None
            and not names
            and not any(before.quantity.end <= said.start < found.quantity.start for said in self.parts.said)
            and before.quantity.unit == found.quantity.unit
            and all(word.kind == "neutral" for word in clause.words)
            and _keys(before) == _keys(found)
            and not found.sum_of
            and not any(before.quantity.end <= stop < found.quantity.start for stop in self.parts.breaks)
        )
        if is_joined and before is not None:
            self.mentions[-1] = _unclear(before)
            found = _unclear(found)
        self.mentions.append(found)
        self.levels.append(self.carried.wholes)

    def _speaks(self, said: Spoken, at: int) -> bool:
        """Whether a span that is written before a place still holds there."""
        if said.end > at or any(begin <= said.start < end <= at for begin, end in self.closed):
            return False
        return not (said.is_aside and any(said.end <= stop < at for stop in self.parts.stops))

    def _is_closed(self, said: Spoken) -> bool:
        return any(begin <= said.start < end for begin, end in self.closed)

    def _is_anybodys(self, said: Spoken | None, quantity: Quantity) -> bool:
        """Months within a part, then a comma: whether the next number is of them as well, nobody says."""
        part = self.carried.part_at
        if said is None or part is None or said.start < part or not self.mentions:
            return False
        last = self.mentions[-1].quantity
        return said.end <= last.start and self._is_apart(quantity.start)

    def _is_anew(self, quantity: Quantity, context: Sequence[Word]) -> bool:
        """Another programme behind a comma, after 人均补助 and a first one: whether it is an average, nobody says."""
        is_other = marks(context, "subject") and not marks(context, "meaning")
        return is_other and bool(self.carried.each) and self._is_apart(quantity.start)

    def _is_plan(self, at: int) -> bool:
        """Whether a word of plans stands in the same part of the sentence, from ; to ;."""
        begin = max((place for place in self.parts.breaks if place < at), default=-1)
        end = min((place for place in self.parts.breaks if place > at), default=SENTENCE_MAX)
        return any(begin < place < end for place in self.parts.plans)

    def _whole_of(self, found: Mention) -> int | None:
        """The last number of its kind before 其中; None without 其中, or where, behind a comma, it is of other
        programmes than the whole.
        """
        wholes = self.carried.wholes or 0
        places = range(wholes - 1, -1, -1)
        whole = next((at for at in places if self.mentions[at].quantity.unit == found.quantity.unit), None)
        if whole is None or len(self.mentions) == wholes or not self._is_apart(found.quantity.start):
            return whole
        mine = {scheme for ask in found.asks for scheme in ask.schemes}
        theirs = {scheme for ask in self.mentions[whole].asks for scheme in ask.schemes}
        return whole if mine and mine <= theirs else None

    def _together(self, found: Mention, own: Sequence[Word], *, is_summed: bool) -> Mention:
        """A 共 after several numbers of its kind is their sum; any other number behind a comma that names no programme
        after numbers of several is of nobody knows which, and never of the last alone.
        """
        if any(word.kind in {"subject", *STRANGE} for word in own):
            return found
        says = marks(own, "meaning")
        is_whole = is_summed and bool(found.quantity.readings)
        summed = self._summed(found, says=says) if is_whole else found
        if summed.sum_of or not (says or is_summed or marks(own, "running") or self._is_apart(found.quantity.start)):
            return summed
        by_programme = any(ask.schemes for ask in found.asks)
        return _unclear(summed) if by_programme and self._are_several(found) and self._is_parted(found) else summed

    def _is_parted(self, found: Mention) -> bool:
        """Whether a stop or a 、 stands between the last number and this one."""
        end = self.mentions[-1].quantity.end if self.mentions else 0
        return self._is_apart(found.quantity.start) or "、" in self.parts.text[end : found.quantity.start]

    def _are_several(self, found: Mention) -> bool:
        """Whether the numbers before it, up to a ;, are of different programmes."""
        begin = max((place for place in self.parts.breaks if place < found.quantity.start), default=-1)
        before = [
            frozenset(ask.schemes for ask in one.unnoted)
            for at, one in enumerate(self.mentions)
            if one.quantity.start > begin and at not in self.asides and any(ask.schemes for ask in one.asks)
        ]
        return len(set(before)) > 1

    def _summed(self, found: Mention, *, says: bool) -> Mention:
        """A 共 after several numbers of its kind is their sum, and means what they mean together.

        Its parts stand in one list: numbers that mean the same of several programmes, with no ; between. Where it says
        itself what it counts (`says`), they are counted so as well; where it does not, and the numbers before it are
        unlike, it is what adds up to it, or nobody knows of what.
        """
        places = self._list_before(found)
        keys = [_keys(self.mentions[at]) for at in places]
        alike = places[: next((at for at, one in enumerate(keys) if one != keys[0]), len(places))]
        if says and keys and _keys(found) != keys[0]:
            return found
        chosen = alike
        if not says and len(alike) < len(places):
            chosen = next((some for some in _tails(alike, places) if self._adds_up(found, some)), alike)
            if len(chosen) < 2:
                return replace(_nameless(found), sum_of=tuple(sorted(places)) if len(places) == 2 else ())
        if len(chosen) < 2:
            return found
        parts = [self.mentions[at] for at in chosen]
        is_one = len({found.span, *(one.span for one in parts)}) == 1 and len(chosen) <= len(alike)
        asks = together([one.asks for one in parts]) if is_one else ()
        return replace(found, sum_of=tuple(sorted(chosen)), asks=asks, reason=None if asks else "sum", words="")

    def _list_before(self, found: Mention) -> list[int]:
        """The numbers that a 共 may be the sum of, the nearest first: of its unit, and averages of none."""
        places: list[int] = []
        for at in range(len(self.mentions) - 1, -1, -1):
            one = self.mentions[at]
            if one.quantity.unit != found.quantity.unit or (at in self.asides and not self.stack):
                continue
            parted = any(one.quantity.end <= place < found.quantity.start for place in self.parts.breaks)
            if parted or one.is_whole or self.levels[at] != self.carried.wholes:
                break
            if not _keys(one) & AVERAGES:
                places.append(at)
        return places

    def _adds_up(self, found: Mention, places: Sequence[int]) -> bool:
        return sum_gap(found.quantity, [self.mentions[at].quantity for at in places]) == 0


def _tails(alike: list[int], places: list[int]) -> Iterator[list[int]]:
    """What a 共 may be the sum of: the last numbers that mean the same, else the last two, three and so on."""
    if len(alike) > 1:
        yield alike
    yield from (places[:count] for count in range(2, len(places) + 1))


def _nameless(found: Mention) -> Mention:
    """A 共 of figures that are not one figure of the book."""
    return found if found.reason not in {None, "unclear"} else replace(found, asks=(), reason="sum")


def _unclear(found: Mention) -> Mention:
    return found if found.reason is not None else replace(found, asks=(), reason="unclear")


def mentions_of(text: str, now: Span | None, usual: Span) -> tuple[list[Mention], Span | None]:
    """The numbers of a sentence, and the span spoken of after it; `now` is the one before, `usual` the report's.

    None is a span that nobody can tell: a sentence spoke of a day, or of months that are none.
    """
    parts = parsed(text, now or usual, usual)
    reader = _Reader(parts, now, usual)
    return reader.read(), reader.after()


def _declared(asks: tuple[Ask, ...], schemes: tuple[str, ...] | None) -> tuple[Ask, ...]:
    """A note that names the programmes leaves no other reading."""
    if schemes is None:
        return asks
    return tuple(dict.fromkeys(Ask(one.key, schemes if one.schemes else ()) for one in asks))


def _keys(mention: Mention) -> set[str]:
    return {ask.key for ask in mention.asks}
