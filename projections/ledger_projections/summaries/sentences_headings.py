"""Headings of a report: whose the paragraphs under them are, and of which months."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_clauses import Parsed, parsed
from ledger_projections.summaries.sentences_spans import is_title
from ledger_projections.summaries.sentences_vocabulary import may_be_own, place_in

_MARKS: Final = (
    re.compile(r"^\s*[一二三四五六七八九十]{1,3}[、.．](?![一二三四]季度)"),
    re.compile(r"^\s*[（(][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"^\s*[0-9０-９]{1,2}[、.．](?![0-9０-９])"),
    re.compile(r"^\s*[（(]?[0-9０-９]{1,2}[)）]"),
)
"""What stands before headings, from the highest on."""
_UNMARKED: Final = len(_MARKS)


@dataclass(slots=True)
class Headings:
    """What the headings above a paragraph say of it: `place` (empty: none), and the months.

    A heading holds up to the next one; months up to the next of its rank or of a higher one.
    """

    usual: Span
    place: str = ""
    _months: list[tuple[int, Span | None]] = field(default_factory=list)

    @property
    def span(self) -> Span | None:
        """The months of the paragraphs below; None where nobody can tell them."""
        return self._months[-1][1] if self._months else self.usual

    def see(self, at: int, paragraph: str) -> None:
        """Take note of a paragraph if it is a heading. The first line is the title, unless it is marked as a heading:
        its months are what the report as a whole is asked for.
        """
        if not is_title(paragraph):
            return
        place, rank = place_in(paragraph), _rank(paragraph)
        self.place = "" if at == 0 and may_be_own(place) else place
        if at > 0 or rank < _UNMARKED:
            self._see_months(paragraph, rank)

    def _see_months(self, heading: str, rank: int) -> None:
        parts = parsed(heading, self.span or self.usual, self.usual)
        if any(one.quantity is not None for one in parts.clauses) or (rank == _UNMARKED and _is_dateline(parts)):
            return
        while self._months and self._months[-1][0] >= rank:
            self._months.pop()
        said = parsed(heading, self.span or self.usual, self.usual).said
        if said:
            is_one = len(said) == 1 and not said[0].is_day
            self._months.append((rank, said[0].span if is_one else None))


def _rank(heading: str) -> int:
    return next((rank for rank, mark in enumerate(_MARKS) if mark.match(heading)), _UNMARKED)


def _is_dateline(parts: Parsed) -> bool:
    """Whether a line tells when a report was written: a day, or nothing but a date."""
    within = {at for one in parts.said for at in range(one.start, one.end)}
    is_bare = not any(mark.isalnum() and at not in within for at, mark in enumerate(parts.text))
    return bool(parts.said) and (is_bare or any(one.is_day for one in parts.said))


def own_names(names: Mapping[str, str], entity: str | None) -> re.Pattern[str]:
    """Where a sentence says whose its figures are, as those of this program do, and means no place of another body: the
    name of the entity that is asked about; else a list of several, for the name of one is of that one only.
    """
    if entity is not None:
        return re.compile(re.escape(names.get(entity, entity)))
    each = "|".join(re.escape(name) for name in sorted(names.values(), key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"(?:{each})(?:、(?:{each}))+")
