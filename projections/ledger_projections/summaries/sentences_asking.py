"""Which figures a number may mean, by the words that stand with it and those that were carried over to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger_projections.figures import LISTED, ROSTERED
from ledger_projections.summaries.sentences_vocabulary import (
    STRANGE,
    TOTAL,
    Meaning,
    Subject,
    Word,
    apart_topics,
    exclusion_of,
    turn_in,
)

_USUAL: Final = {
    "fen": ("paid_fen",),
    "人次": ("paid_person_times",),
    "户次": ("paid_household_times",),
    "人": ("paid_persons", "close_persons", "listed_persons"),
    "户": ("paid_households", "close_households", "listed_households"),
}
"""Unit -> what a programme's number is without a word that says it."""


_DONE: Final = frozenset({"paid", "stock"})
"""Subjects of talk whose words say that something was paid or is there."""
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
    """What a word counts in one unit: the keys, whose they are, and the programmes and people it can be said of."""

    by: str
    keys: tuple[str, ...]
    only: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    is_apart: bool = False


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
    turn: str = ""
    """Those of them that bear on a number whose own words name it wholly, too: 同比, 除低保外."""
    is_past: bool = False
    """Whether something that stands apart was spoken of since the programmes: nobody says that they are still meant."""
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
    topic = _topic(carried.topic, own_meanings, is_named=bool(own_subjects))
    found = _figures(own_meanings, topic, unit)
    is_apart = bool(found) and all(one.is_apart for one in found)
    subjects = own_subjects if is_apart else own_subjects or carried.subjects
    unknown = [unknown_in(context), _astray(own_meanings, topic), carried.turn if is_apart else carried.frame]
    if not own_subjects and not own_meanings:
        unknown.append(carried.since_unknown)
    if not own_meanings:
        meant = _figures(carried.meanings, carried.topic, unit)
        found = [one for one in meant if one.by or not own_subjects]
        if meant and not found:
            # 追缴到位8万元,其中特困1万元: what was recovered is not told by programmes, and nothing else is said.
            return (), "unclear", ""
        unknown += [carried.meaning_unknown] if found else []
    is_left = not own_subjects and (not found or any(one.by for one in found))
    if is_left:
        unknown.append(carried.subject_unknown)
    if any(unknown):
        return (), "unknown", unknown[0] or " ".join(dict.fromkeys(one for one in unknown if one))
    if own_meanings and not found:
        is_said = any(_applicable(word, topic) for word in own_meanings)
        return (), "other_unit" if is_said else "unclear", ""
    if is_left and carried.is_past and not any(one.people for one in found):
        return (), "unclear", ""
    if subjects and not found:
        found = [_Figures("paid", _USUAL.get(unit, ()))]
    if subjects and not _is_total(subjects):
        found = [one for one in found if one.by]
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
    after = replace(carried, topic=_topic(carried.topic, meanings, is_named=bool(subjects)))
    if is_bare:
        # 违规领取人员及时取消 tells of what was done beside; 假如发放低保 bears on what follows.
        is_said = subjects or any(not one.only for word in meanings for one in word.meanings)
        strange = unknown_in([word for word in words if word.kind != "common"])
        framing = exclusion_of(words) if meanings and is_said else strange
        turn = exclusion_of(words) or turn_in(unknown)
        after = replace(after, frame=f"{after.frame} {framing}".strip(), turn=f"{after.turn} {turn}".strip())
        if not subjects and not meanings:
            return after
    is_apart = any(one.is_apart for word in meanings for one in _applicable(word, after.topic))
    if is_apart:
        after = replace(after, meanings=(), each=(), meaning_unknown="", is_past=True)
    if subjects:
        topic = _topic_beside(after.topic, subjects, meanings)
        after = replace(after, subjects=subjects, subject_unknown=unknown, is_past=False, topic=topic)
    if meanings and not is_apart:
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


def _topic(topic: str, words: Sequence[Word], *, is_named: bool) -> str:
    """The subject of talk after some words. That something was paid or is there leaves what stands apart being spoken
    of (敬老月…发放慰问资金), unless a programme is named beside it.
    """
    for word in words:
        told = next((one.topic for one in _applicable(word, topic) if one.topic), topic)
        topic = topic if told in _DONE and not is_named and topic in apart_topics() else told
    return topic


def _topic_beside(topic: str, subjects: Sequence[Subject], words: Sequence[Word]) -> str:
    """The subject of talk once programmes were named: theirs, and no more that of what stands apart, but where those
    are named whom it is done for (火化…,减免低保和特困人员).
    """
    if any(one.people for word in words for one in _applicable(word, topic)):
        return topic
    before = "" if topic in apart_topics() or topic in _DONE else topic
    return before or next((one.topic for one in subjects if one.topic), topic if topic in _DONE else "")


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
    usable = [[one for one in _applicable(word, topic) if unit in one.units] for word in _deciding(words, topic)]
    usable = [many for many in usable if many]
    once = [many for many in usable if any(one.is_once for one in many)]
    return [
        _Figures(one.by, one.units[unit], one.only, one.people, one.is_apart)
        for many in (once or usable)[-1:]
        for one in many
    ]


def _deciding(words: Sequence[Word], topic: str) -> Sequence[Word]:
    """The words that may say what a number is. One that names a thing by itself (登记社会组织, 返乡) outdoes that it
    was paid or is there (发放, 共有); beside anything else (新增社会组织) nobody knows what is counted.
    """
    claiming = [one for word in words for one in _applicable(word, topic) if one.claims]
    if not claiming:
        return words
    topics = {one.topic for one in claiming if one.is_apart and one.topic}
    mine = [
        word
        for word in words
        if any(one.claims or one.topic in topics or topics & one.under for one in _applicable(word, topic))
    ]
    others = [one for word in words if word not in mine for one in _applicable(word, topic)]
    return mine if all(one.topic in _DONE and not one.is_once for one in others) else ()


def _astray(words: Sequence[Word], topic: str) -> str:
    """The words that say nothing where nothing of theirs is being talked of (到账), beside others that do."""
    lost = [word.text for word in words if not _applicable(word, topic)]
    return " ".join(lost) if len(lost) < len(words) else ""


def _with_programmes(
    found: Sequence[_Figures], subjects: Sequence[Subject], topic: str, *, is_own: bool
) -> Iterator[Ask]:
    """Each figure for each reading of the programmes."""
    for one in found:
        readings: Sequence[tuple[str, ...]] = _readings(subjects) if one.by else [()]
        if one.by == "roster" and topic in {"in", "out"} and (not subjects or (_is_total(subjects) and not is_own)):
            readings = [LISTED, ROSTERED]
        if one.people and (not subjects or any(one.people == set(schemes) for schemes in readings)):
            readings = [tuple(sorted(one.only))]
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
