"""The figures that sentences name, each with what it takes in and the query that gives it, or why the book has none.

A figure is asked for by its key: one of `figures`, or one of the measures. A zero is told only where the book holds
what is counted (a programme that was opened, a recovery that was ordered); else the figure is missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from ledger.values.dates import Period
from ledger_projections.figures import LISTED, whose
from ledger_projections.keeping.answers import Answer
from ledger_projections.public_money.rosters import RosterMonth
from ledger_projections.public_money.subsidies import SubsidySum
from ledger_projections.summaries.relief.totals import schemes_text
from ledger_projections.summaries.sentences_books import Books, knows_moves
from ledger_projections.summaries.sentences_edges import LastMonths
from ledger_projections.summaries.sentences_measures import MEASURES, OF_DOCUMENTS, SUMS, Measure, Tally
from ledger_projections.summaries.table import Said

Missing = Literal["no_figure", "no_programme", "no_record", "no_source", "no_base", "before", "after"]
"""Why there is no figure: no such key; no programme of these kinds; nothing of the kind recorded; the ledger keeps no
such thing at all; nothing to take a rate of; a sum over months of which the first are before the book; anything of
months of which the last are after all that the book holds of the kind."""


def _posted(ends: LastMonths) -> str | None:
    return ends.posted


_LAST_OF: Final[Mapping[str, Callable[[LastMonths], str | None]]] = {
    "subsidies": lambda ends: ends.paid,
    "subsidies --failures": lambda ends: ends.paid,
    "subsidies --rosters": lambda ends: ends.decided,
    "summary M1": lambda ends: ends.listed,
}
"""Reader of measures -> the last month of what it counts; of the others, that of the newest voucher."""


_OF_PROVINCE: Final = "provincial_grant_fen"
"""The figure of funding documents that is of the span's own months; the others are of the year up to its end."""
_OF_MONTHS: Final = frozenset({*_LAST_OF, "figures"})
"""Readers that count all that is known of their months, whenever it came; the others stand as on the last day."""


@dataclass(frozen=True, slots=True)
class Fact(Answer):
    """A figure: `value` in `unit`, or of `of` for rates and averages; None when `missing` says why there is none.

    `of_unit` is the unit of `of` (empty: nothing to take a part of); the `value` of a rate has the same, of an average
    it is fen. `schemes` are the programmes it takes in, `absent` those of them that the book has none of; `query` gives
    it again. `edge` is the book's first month where that is why it is missing (`before`), or its last one (`after`).
    """

    key: str
    value: int | None
    of: int | None
    unit: str
    of_unit: str
    schemes: tuple[str, ...]
    absent: tuple[str, ...]
    entities: tuple[str, ...]
    """The one that was asked for, else all that the figure adds up where they are several; `names` are theirs."""
    names: tuple[str, ...]
    missing: Missing | None
    first: str
    last: str
    on: date | None
    position: int
    query: str
    edge: str = ""

    @property
    def exact(self) -> Fraction:
        """The value as a number: a ratio for rates, fen for money and averages; 0 when it is missing."""
        return Fraction(self.value or 0, self.of or 1)

    @property
    def parts(self) -> Said:
        """What a rate or an average is made of, as it is written: 15,280.00元/49人月."""
        value, of = self.value or 0, self.of or 0
        counted = {"value": f"{value:,}", "of": f"{of:,}"}
        return Said(f"exact.{self.of_unit}", {**counted, "value_fen": value, "of_fen": of})


def fact(books: Books, key: str, schemes: Sequence[str] = ()) -> Fact:
    """The figure of a key for these schemes (none: the usual ones); keys that nobody knows are missing, too."""
    measure = MEASURES.get(key)
    if measure is not None:
        wanted = tuple(schemes) or measure.schemes
        return _measured(books, key, measure, tuple(one for one in wanted if one not in measure.without) or wanted)
    row = books.figures.get(key)
    if row is None:
        return _fact(books, key, "", "figures", None, missing="no_figure")
    found = Tally(row.value, is_held=_is_held(books, key, row.value))
    return _counted(books, key, row.unit, "figures", found, row.schemes)


def names_of(facts: Iterable[Fact], known: Mapping[str, str], entity: str | None) -> tuple[str, ...]:
    """What the entity that was asked for is called, else those that some figures name."""
    found = {entity} if entity is not None else {name for one in facts for name in one.entities}
    return tuple(known.get(one, one) for one in sorted(found))


def missing_fact(books: Books, reason: Missing) -> Fact:
    """A slot for which the ledger has nothing to ask."""
    return _fact(books, "", "", "", None, missing=reason)


def _measured(books: Books, key: str, measure: Measure, schemes: tuple[str, ...]) -> Fact:
    found = measure.count(books, schemes)
    if found.of == 0 and found.is_held and not (key in SUMS and _begins_later(books)) and not _ends_earlier(books, key):
        return _fact(books, key, measure.unit, measure.reader, None, schemes=schemes, missing="no_base")
    return _counted(books, key, measure.unit, measure.reader, found, schemes)


def _counted(books: Books, key: str, unit: str, reader: str, found: Tally, schemes: tuple[str, ...]) -> Fact:
    absent = tuple(one for one in schemes if not books.knows_scheme(one))
    if schemes and len(absent) == len(schemes):
        return _fact(books, key, unit, reader, None, schemes=schemes, absent=absent, missing="no_programme")
    if not found.is_held:
        return _fact(books, key, unit, reader, None, schemes=schemes, absent=absent, missing="no_record")
    if (_is_sum(key, schemes) and _begins_later(books)) or _since(books, key) is not None:
        return _fact(books, key, unit, reader, None, schemes=schemes, absent=absent, missing="before")
    if _ends_earlier(books, key):
        return _fact(books, key, unit, reader, None, schemes=schemes, absent=absent, missing="after")
    return _fact(books, key, unit, reader, found.value, of=found.of, schemes=schemes, absent=absent)


def _is_sum(key: str, schemes: Sequence[str]) -> bool:
    """Whether a figure adds up the months of its span; those of the annual report do so over their programmes."""
    if key in MEASURES:
        return key in SUMS
    return key in {"in", "out"} or (bool(schemes) and not key.endswith("_close"))


def _begins_later(books: Books) -> bool:
    """Whether the book's first month of payments is after the first of the span."""
    return books.begins is not None and books.span.first < books.begins


def _since(books: Books, key: str) -> str | None:
    """The month in which the books begin whose documents a sum is of: of one of the year where that is within the year
    and their opening does not tell of the documents before it, of one of the span where that is within the span.
    """
    since = books.documented_since if key == _OF_PROVINCE else books.funding.since if key in OF_DOCUMENTS else None
    return None if since is None else str(Period.of(since))


def _ends_earlier(books: Books, key: str) -> bool:
    """Whether the last month that the book holds of what a figure counts is before the last one of the span."""
    last = _last_month(books, key)
    return last is not None and books.span.last > last


def _last_month(books: Books, key: str) -> str | None:
    """The last month that the book holds of what a figure counts: of payments, of rosters, or of anything at all."""
    if key in MEASURES:
        return _LAST_OF.get(MEASURES[key].reader, _posted)(books.ends)
    if key in {"in", "out"} or key.endswith("_close"):
        return books.ends.decided
    row = books.figures.get(key)
    return books.ends.paid if row is not None and row.schemes else books.ends.posted


def _fact(
    books: Books,
    key: str,
    unit: str,
    reader: str,
    value: int | None,
    *,
    of: int | None = None,
    schemes: tuple[str, ...] = (),
    absent: tuple[str, ...] = (),
    missing: Missing | None = None,
) -> Fact:
    span = books.span
    query = _query(books, reader, schemes) if reader else ""
    on = span.as_of if reader in _OF_MONTHS else span.end
    place = (span.first, span.last, on, books.position, query)
    of_unit = MEASURES[key].of_unit if key in MEASURES else ""
    edges = {"before": _since(books, key) or books.begins, "after": _last_month(books, key)} if missing and key else {}
    entities = _entities(books, key, reader, schemes) if reader else ()
    names = tuple(books.names.get(one, one) for one in entities)
    edge = edges.get(missing or "") or ""
    return Fact(key, value, of, unit, of_unit, schemes, absent, entities, names, missing, *place, edge)


Rows = Callable[[Books, Sequence[str]], Sequence[SubsidySum | RosterMonth]]


def _givers(rows_of: Rows) -> Callable[[Books, Sequence[str]], Iterable[str]]:
    """Who opened programmes of some schemes, and who gives them for another."""
    return lambda books, schemes: (*books.openers(schemes), *(row.entity for row in rows_of(books, schemes)))


ENTITIES: Final[Mapping[str, Callable[[Books, Sequence[str]], Iterable[str]]]] = {
    "subsidies": _givers(Books.paid),
    "subsidies --rosters": _givers(Books.listed),
    "summary M1": _givers(Books.current),
    "subsidies --failures": lambda books, _: (one.entity for one in books.failed),
    "recoveries": lambda books, _: (one.entity for one in books.redress.recoveries),
    "summary C1": lambda books, _: (one.entity for one in books.redress.matters),
    "summary Y9": lambda books, _: (one.entity for one in books.redress.matters),
    "summary M6": lambda books, _: (one.entity for one in books.every_clue),
    "summary C2": lambda books, _: (one.entity for one in books.every_clue),
    "societies": lambda books, _: (one.entity for one in books.societies.rows),
    "lottery": lambda books, _: books.lottery_of,
    "pledges": lambda books, _: (one.entity for one in books.pledged),
    "summary Q1": lambda books, _: books.funding.entities,
}
"""Reader of measures -> the entities that have anything of what it counts."""


def _entities(books: Books, key: str, reader: str, schemes: Sequence[str]) -> tuple[str, ...]:
    """Whose figure it is, as far as that must be told."""
    if reader == "figures":
        row = books.figures.get(key)
        return () if row is None else row.entities
    return whose(books.entity, ENTITIES[reader](books, schemes))


def _query(books: Books, reader: str, schemes: Sequence[str]) -> str:
    """The command that shows the figure, among its totals."""
    span = books.span
    at = f"{'' if books.entity is None else f' --entity {books.entity}'} --at {books.position}"
    scheme = f" --scheme {schemes_text(schemes)}" if schemes else ""
    as_of = "" if span.as_of is None else f" --as-of {span.as_of}"
    if reader == "figures" or reader.startswith("summary "):
        return f"{reader} {span.options()}{at}"
    if reader == "subsidies --failures":
        return f"{reader} --month {span.first} --until {span.last}{as_of}{at}"
    if reader == "subsidies --rosters":
        first, last = (Period.parse(month).next() for month in (span.first, span.last))
        return f"{reader} --month {first} --until {last}{scheme}{as_of}{at}"
    if reader == "subsidies":
        return f"{reader} --month {span.first} --until {span.last}{scheme}{as_of}{at}"
    if reader in {"pledges", "lottery"}:
        return f"{reader} --year {span.end.year} --as-of {span.end}{at}"
    return f"{reader} --on {span.end} --as-of {span.end}{at}"


def _is_held(books: Books, key: str, value: int) -> bool:
    """Whether a figure of the annual report counts something that the book holds."""
    if key.startswith("recovery_"):
        return bool(books.redress.recoveries)
    if key.startswith("pledge_"):
        return bool(books.pledged)
    if key.startswith("disaster_"):
        return any(books.figures[one].value for one in books.figures if one.startswith("disaster_"))
    if key in {"in", "out"}:
        return knows_moves(books.listed(LISTED))
    if key.endswith("_close"):
        return bool(books.closing(books.figures[key].schemes))
    # What nothing tells apart from nothing recorded is no figure.
    return books.any_paid if books.figures[key].schemes else bool(value)
