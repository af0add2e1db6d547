"""The words of reports (`ledger/catalogue/reports/vocabulary.toml`), found in a sentence longest first.

A word is a subject (which programmes), a meaning (what of them, by unit), a mark (共, 其中), or says nothing; what is
left over is unknown, and decides that a number is not compared.
"""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ledger_projections.figures import RELIEF
from ledger_projections.summaries.sentences_catalogue import report_data

NARROW: Final = tuple(one for one in RELIEF if one not in {"orphan", "unsupported_child", "street_aid"})
"""The other reading of 困难群众救助补助资金: without children and street aid."""

_TRANSPARENT: Final = frozenset("“”‘’\"'「」『』《》·•・ \t\u3000\u00a0")

_APPEAL: Final = "appeal"
_NAME_MAX: Final = 8
"""Characters of an appeal's name; more are a clause."""
_NO_NAME: Final = frozenset("除外非未没")
"""Characters that say something of the appeal, and do not name it."""

Kind = Literal[
    "subject",
    "meaning",
    "neutral",
    "whole",
    "part",
    "running",
    "plan",
    "denial",
    "place",
    "named",
    "end",
    "own_end",
    "body",
    "common",
    "unknown",
    "exclusion",
]
"""`end` and `own_end` end the name of a place, before anybody looked at what stands in front; no word that is given out
is one. `named` is what an appeal is called by, a place or a disaster. `common` is unknown to its own number, and takes
none out of the book's reach after it.
"""

STRANGE: Final = frozenset({"unknown", "common", "place", "exclusion"})
"""Kinds of words beside which no number is compared."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Programmes that a word names: the readings of it, one or several. An `item` outdoes the people it is for. `topic`
    is what is spoken of with it where nothing else is.
    """

    readings: tuple[tuple[str, ...], ...]
    is_total: bool
    is_item: bool
    topic: str = ""


TOTAL: Final = Subject((RELIEF, NARROW), is_total=True, is_item=False)
"""All relief, in both readings."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word says of programmes (`by` paid or roster) or of the book (by ''): unit -> the figures it may be.

    What is said `once` holds for its own number and for none after it. `only` are the programmes that a word can be
    said of (none: of all); where those it is done for are named instead, they are `people`. What stands `apart` names
    one thing of the book by itself, whatever was spoken of before (火化遗体), and holds for its own number.
    """

    topic: str
    under: frozenset[str]
    by: str
    units: Mapping[str, tuple[str, ...]]
    is_once: bool
    only: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    is_apart: bool = False

    @property
    def claims(self) -> bool:
        """Whether a number beside it is of this alone: no other word can make it anything else."""
        return self.is_apart or bool(self.only)


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands, with what it is."""

    start: int
    end: int
    text: str
    kind: Kind
    subject: Subject | None = None
    meanings: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    kind: Kind
    subject: Subject | None = None
    meanings: tuple[Meaning, ...] = ()


def words_of(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Word]:
    """Every word of a sentence, in order; places in `taken` (figures, dates) are passed over, as is punctuation.

    Quotation marks and blanks part no words: 残疾人“两项”补贴 is one.
    """
    at = 0
    for start, end in [*sorted(taken), (len(text), len(text))]:
        places = [place for place in range(at, start) if text[place] not in _TRANSPARENT]
        yield from _with_names(list(_words("".join(text[place] for place in places), places)))
        at = max(at, end)


def _with_names(words: Sequence[Word]) -> Iterator[Word]:
    """The words, in which the unknown characters right before an appeal (灾情募捐) are its name: 资兴灾情募捐."""
    named: set[int] = set()
    for at, word in enumerate(words):
        if not any(one.topic == _APPEAL for one in word.meanings):
            continue
        before = at
        while before and words[before - 1].kind == "unknown" and words[before - 1].end == words[before].start:
            before -= 1
        name = "".join(one.text for one in words[before:at])
        if len(name) <= _NAME_MAX and not _NO_NAME.intersection(name):
            named.update(range(before, at))
    yield from (replace(one, kind="named") if at in named else one for at, one in enumerate(words))


def appeal_in(text: str) -> str:
    """The name by which a text calls an appeal; empty where it calls none."""
    return "".join(word.text for word in words_of(text, ()) if word.kind == "named")


def _words(text: str, places: Sequence[int]) -> Iterator[Word]:
    """The words of a text without transparent marks; `places` says where its characters stand in the sentence."""
    index, at, name, is_named = _index(), 0, "", False
    while at < len(text):
        entry = next((one for one in index.get(text[at], ()) if text.startswith(one.text, at)), None)
        if entry is None:
            if text[at].isalnum():
                yield Word(places[at], places[at] + 1, text[at], "unknown")
            name, is_named = (name + text[at], True) if text[at].isalnum() else ("", False)
            at += 1
            continue
        end = at + len(entry.text)
        kind = _end_of(entry, name, is_named=is_named) if entry.kind in {"end", "own_end"} else entry.kind
        yield Word(places[at], places[end - 1] + 1, entry.text, kind, entry.subject, entry.meanings)
        # A neutral character may be part of a name: 太和镇.
        name, is_named = (name + entry.text, is_named) if kind == "neutral" and len(entry.text) == 1 else ("", False)
        at = end


def _end_of(entry: "_Entry", name: str, *, is_named: bool) -> Kind:
    """What the end of a place's name is behind other characters (`is_named`: unknown ones), or behind none."""
    is_word = len(entry.text) > 1
    if is_named or (name and entry.kind == "end" and not is_word):
        return "place"
    return "neutral" if entry.kind == "own_end" else "common" if is_word else "unknown"


def place_in(text: str) -> str:
    """The first name of a place in a text, as far as it is read: 水东镇; empty where there is none."""
    before: list[Word] = []
    for word in _read_for(text, "own_ends", "place_ends", "places"):
        if before and before[-1].end != word.start:
            before = []
        before.append(word)
        if word.kind == "place":
            named = itertools.takewhile(lambda one: len(one.text) == 1, reversed(before[:-1]))
            return "".join(one.text for one in reversed(list(named))) + word.text
    return ""


def may_be_own(place: str) -> bool:
    """Whether the name of a place may be that of the body that reports: a county, a city or a district."""
    return place.endswith(tuple(report_data("vocabulary")["own_levels"]))


def denial_in(text: str) -> str:
    """The first word of a text that takes a number back; empty where there is none."""
    return next((word.text for word in _read_for(text, "denials") if word.kind == "denial"), "")


def exclusion_of(words: Iterable[Word]) -> str:
    """The first word that takes something out of a number: 不含, or 除 with 外 behind it; empty where there is none."""
    is_open = False
    for word in words:
        if word.kind == "exclusion":
            return word.text
        if is_open and word.kind == "unknown" and word.text == "外":
            return "除外"
        is_open = is_open or (word.kind == "unknown" and word.text == "除")
    return ""


def exclusion_in(text: str) -> str:
    """The first such word of a text."""
    may_hold = "外" in text or any(end in text for end in _endings("exclusions"))
    return exclusion_of(words_of(text, [])) if may_hold else ""


def _read_for(text: str, *names: str) -> Iterator[Word]:
    """The words of a text; none of one without any of the last characters of the words that are looked for."""
    if any(end in text for end in _endings(*names)):
        yield from words_of(text, [])


@functools.cache
def _endings(*names: str) -> tuple[str, ...]:
    data = report_data("vocabulary")
    return tuple({text[-1] for name in names for text in data[name]})


@functools.cache
def apart_topics() -> frozenset[str]:
    """The subjects of talk of what stands apart."""
    return frozenset(
        one["topic"] for one in report_data("vocabulary")["meaning"] if one.get("apart") and "topic" in one
    )


@functools.cache
def joins() -> frozenset[str]:
    """What joins two things into one list."""
    return frozenset(report_data("vocabulary")["joins"])


def turn_in(text: str) -> str:
    """What in the unknown words of a clause makes the numbers after it others than they seem: 同比, 较上年, 历年."""
    return next((one for one in _turns() if one in text), "")


@functools.cache
def _turns() -> tuple[str, ...]:
    return tuple(report_data("vocabulary")["turns"])


@functools.cache
def bodies() -> Mapping[str, str]:
    """Words for the body that reports (全县, 我市) -> the level of it."""
    return {text: level for level, many in report_data("vocabulary")["bodies"].items() for text in many}


@functools.cache
def _index() -> Mapping[str, tuple[_Entry, ...]]:
    """First character -> the words that begin with it, the longest first."""
    found: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in _entries(report_data("vocabulary")):
        text = "".join(character for character in entry.text if character not in _TRANSPARENT)
        found[text[0]].append(replace(entry, text=text))
    return {first: tuple(sorted(entries, key=lambda one: -len(one.text))) for first, entries in found.items()}


def _entries(data: Mapping[str, Any]) -> Iterator[_Entry]:
    plain: tuple[tuple[str, Kind], ...] = (
        ("neutral", "neutral"),
        ("whole", "whole"),
        ("part", "part"),
        ("plans", "plan"),
        ("running", "running"),
        ("denials", "denial"),
        ("places", "place"),
        ("place_ends", "end"),
        ("own_ends", "own_end"),
        ("common", "common"),
        ("unknown", "unknown"),
        ("exclusions", "exclusion"),
    )
    yield from (_Entry(text, "body") for text in bodies())
    for name, kind in plain:
        yield from (_Entry(text, kind) for text in data[name])
    for one in data["subject"]:
        subject = Subject(_readings(one), "total" in one, one.get("item", False), one.get("topic", ""))
        yield from (_Entry(text, "subject", subject) for text in one["words"])
    meanings: defaultdict[str, list[Meaning]] = defaultdict(list)
    for one in data["meaning"]:
        for text in one["words"]:
            meanings[text].append(_meaning(**{name: value for name, value in one.items() if name != "words"}))
    yield from (_Entry(text, "meaning", None, tuple(many)) for text, many in meanings.items())


def _readings(data: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    total = data.get("total")
    if total is None:
        return (tuple(data["schemes"]),)
    return (NARROW,) if total == "narrow" else TOTAL.readings


def _meaning(
    units: Mapping[str, Sequence[str]],
    topic: str = "",
    under: Sequence[str] = (),
    by: str = "",
    only: Sequence[str] = (),
    people: Sequence[str] = (),
    *,
    once: bool = False,
    apart: bool = False,
) -> Meaning:
    figures = {unit: tuple(keys) for unit, keys in units.items()}
    return Meaning(topic, frozenset(under), by, figures, once, frozenset(only), frozenset(people), apart)
