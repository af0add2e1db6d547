"""Which figures a number may mean, by the words that stand with it and those that were carried over to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger_projections.figures import LISTED, ROSTERED
from ledger_projections.summaries.sentences_vocabulary import STRANGE, TOTAL, Meaning, Subject, Word, exclusion_of

_USUAL: Final = {
    "fen": ("paid_fen",),
    "人次": ("paid_person_times",),
    "户次": ("paid_household_times",),
    "人": ("paid_persons", "close_persons", "listed_persons"),
    "户": ("paid_households", "close_households", "listed_households"),
}
"""Unit -> what a programme's number is without a word that says it."""


AVERAGES: Final = frozenset({"level_fen", "paid_average_fen"})
"""Figures that no sum takes in."""
NOT_ARRIVED: Final = frozenset({"未到账", "尚未到账", "未补发", "待补发"})


@dataclass(frozen=True, slots=True)
class Ask:
    """One figure that a number may mean: a key, for these programmes (none: the figure's own)."""

    key: str
    schemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Figures:
    """What a word counts in one unit: the keys, whose they are, and the programmes that it can be said of."""

    by: str
    keys: tuple[str, ...]
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Carried:
    """What earlier clauses said: the programmes, the meaning, the subject of talk; and the unknown words among them."""

    subjects: tuple[Subject, ...] = ()
    meanings: tuple[Word, ...] = ()
    each: tuple[Word, ...] = ()
    """What is said once, in front of a list of programmes: 人均补助城镇低保480元、农村低保311元."""
    topic: str = ""
    subject_unknown: str = ""
    meaning_unknown: str = ""
    since_unknown: str = ""
    frame: str = ""
    """Unknown words of clauses without figure and meaning, and those that take something out: 据了解, 除低保外.
    They bear on every number to ;.
    """
    wholes: int | None = None
    """After 其中: how many numbers came before it; the whole is one of them."""
    part_at: int | None = None
    """After 其中: where it stands in the sentence; months that are spoken of behind it are those of the part."""


def asks_of(carried: Carried, context: Sequence[Word], unit: str) -> tuple[tuple[Ask, ...], str | None, str]:
    """The figures that a number of a unit may mean; else the reason, with the unknown words."""
    own_subjects = subjects_in(context)
    own_meanings = tuple(word for word in context if word.kind == "meaning")
    if own_subjects and not own_meanings:
        own_meanings = carried.each
    topic = _topic(carried.topic, own_meanings)
    subjects = own_subjects or carried.subjects
    unknown = [unknown_in(context), carried.frame]
    if not own_subjects and not own_meanings:
        unknown.append(carried.since_unknown)
    found = _figures(own_meanings, topic, unit)
    if not own_meanings:
        meant = _figures(carried.meanings, carried.topic, unit)
        found = [one for one in meant if one.by or not own_subjects]
        if meant and not found:
            # 追缴到位8万元,其中特困1万元: what was recovered is not told by programmes, and nothing else is said.
            return (), "unclear", ""
        unknown += [carried.meaning_unknown] if found else []
    needs_programmes = not found or any(one.by for one in found)
    if needs_programmes and not own_subjects:
        unknown.append(carried.subject_unknown)
    if any(unknown):
        return (), "unknown", unknown[0] or " ".join(dict.fromkeys(one for one in unknown if one))
    if subjects and not _is_total(subjects) and any(not one.by for one in found):
        found = [one for one in found if one.by]
        if not found:
            return (), "unclear", ""
    if not found:
        if own_meanings:
            is_said = any(_applicable(word, topic) for word in own_meanings)
            return (), "other_unit" if is_said else "unclear", ""
        found = [_Figures("paid", _USUAL.get(unit, ()))] if subjects else []
    if own_subjects and any(word.text == "等" for word in context):
        # A list that ends in 等 may stand for more than it names.
        subjects = (*subjects, TOTAL)
    asks = tuple(dict.fromkeys(_with_programmes(found, subjects, topic, is_own=bool(own_subjects))))
    return asks, None if asks else "unclear", ""


def carry(carried: Carried, words: Sequence[Word], *, is_bare: bool = False) -> Carried:
    """What is carried on after a clause; a bare one holds no figure."""
    subjects = subjects_in(words)
    meanings = tuple(word for word in words if word.kind == "meaning")
    unknown = unknown_in(words)
    after = replace(carried, topic=_topic(carried.topic, meanings))
    if is_bare:
        # 违规领取人员及时取消 tells of what was done beside; 假如发放低保 bears on what follows.
        framing = exclusion_of(words) if meanings else unknown_in([word for word in words if word.kind != "common"])
        after = replace(after, frame=f"{after.frame} {framing}".strip())
        if not subjects and not meanings:
            return after
    if subjects:
        after = replace(after, subjects=subjects, subject_unknown=unknown)
    if meanings:
        is_once = any(one.is_once for one in meanings[-1].meanings)
        is_listed = is_once and any(word.kind == "subject" and word.start > meanings[-1].start for word in words)
        each = meanings if is_listed else ()
        after = replace(after, meanings=() if is_once else meanings, each=each, meaning_unknown=unknown)
    if subjects or meanings:
        return replace(after, since_unknown="")
    return replace(after, since_unknown=f"{after.since_unknown} {unknown}".strip())


def unknown_in(words: Sequence[Word]) -> str:
    """The unknown characters, those side by side together."""
    parts: list[str] = []
    end = -1
    for word in words:
        if word.kind in STRANGE:
            parts.append(word.text if word.start != end or not parts else parts.pop() + word.text)
            end = word.end
    return " ".join(parts)


def subjects_in(words: Sequence[Word]) -> tuple[Subject, ...]:
    """The programmes that a clause names: its items, else all of them."""
    found = tuple(word.subject for word in words if word.subject is not None)
    return tuple(one for one in found if one.is_item) or found


def _topic(topic: str, words: Sequence[Word]) -> str:
    for word in words:
        topic = next((one.topic for one in _applicable(word, topic) if one.topic), topic)
    return topic


def denied_in(words: Sequence[Word], topic: str) -> str:
    """The first word of a clause that says that something did not arrive (未到账) where nothing that is talked of has
    such a part, as a pledge has; empty where there is none.
    """
    return next((word.text for word in words if word.text in NOT_ARRIVED and not _applicable(word, topic)), "")


def _applicable(word: Word, topic: str) -> tuple[Meaning, ...]:
    """The meanings of a word under a subject of talk; what needs one says nothing where none is being talked of."""
    narrow = tuple(one for one in word.meanings if topic in one.under)
    return narrow or tuple(one for one in word.meanings if not one.under)


def _figures(words: Sequence[Word], topic: str, unit: str) -> list[_Figures]:
    """Those of the last word that has figures in this unit; what is said once outdoes it: 因死亡退出35人."""
    usable = [[one for one in _applicable(word, topic) if unit in one.units] for word in words]
    usable = [many for many in usable if many]
    once = [many for many in usable if any(one.is_once for one in many)]
    return [_Figures(one.by, one.units[unit], one.only) for many in (once or usable)[-1:] for one in many]


def _with_programmes(
    found: Sequence[_Figures], subjects: Sequence[Subject], topic: str, *, is_own: bool
) -> Iterator[Ask]:
    """Each figure for each reading of the programmes."""
    for one in found:
        readings: Sequence[tuple[str, ...]] = _readings(subjects) if one.by else [()]
        if one.by == "roster" and topic in {"in", "out"} and (not subjects or (_is_total(subjects) and not is_own)):
            readings = [LISTED, ROSTERED]
        if one.only:
            readings = [schemes for schemes in readings if one.only.issuperset(schemes)]
        for key in one.keys:
            yield from (Ask(key, schemes) for schemes in readings if schemes or not one.by)


def _is_total(subjects: Sequence[Subject]) -> bool:
    return any(one.is_total for one in subjects)


def _readings(subjects: Sequence[Subject]) -> list[tuple[str, ...]]:
    """The total's readings, then what is named beside it, taken together."""
    found = [reading for one in subjects if one.is_total for reading in one.readings]
    named = dict.fromkeys(scheme for one in subjects if not one.is_total for scheme in one.readings[0])
    return [*found, tuple(named)] if named else found


def together(many: Sequence[tuple[Ask, ...]]) -> tuple[Ask, ...]:
    """The figures of several numbers as one: the same keys, over all their programmes; none where they differ."""
    keys = {tuple(ask.key for ask in asks) for asks in many}
    if len(keys) != 1 or not all(many) or not all(ask.schemes for asks in many for ask in asks):
        return ()
    columns = zip(*reversed(many), strict=True)
    return tuple(
        Ask(column[0].key, tuple(dict.fromkeys(scheme for ask in column for scheme in ask.schemes)))
        for column in columns
    )
