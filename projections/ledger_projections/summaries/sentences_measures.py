"""Measures: what sentences count beyond the figures of the annual report, each over the programmes it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.flows.public_money.entitlement.programmes import ONCE
from ledger_projections.figures import LISTED, RELIEF
from ledger_projections.public_money.failures import WAITING, lines_of
from ledger_projections.public_money.rosters import TRANSFERS, RosterMonth
from ledger_projections.public_money.subsidies import SubsidySum, late_fen
from ledger_projections.summaries.handling.clue_totals import clue_totals
from ledger_projections.summaries.handling.problems import disciplined, rules_of
from ledger_projections.summaries.relief.totals import CLEARED, came_households, came_persons, ways
from ledger_projections.summaries.sentences_books import Books, knows_moves

_DEATH: Final = frozenset({"death"})
_DONE: Final = frozenset({"accepted", "closed"})


@dataclass(frozen=True, slots=True)
class Tally:
    """What a measure finds: a value, what it is a part of, and whether the book holds what is counted."""

    value: int
    of: int | None = None
    is_held: bool = True


Count = Callable[[Books, Sequence[str]], Tally]
Number = Callable[[Books], int]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that is made here: its unit, the reader that shows it, its usual programmes, and how it is counted.

    `of_unit` is the unit of what a rate or an average is taken of; of a rate its part has the same, of an average fen.
    `without` are schemes that have nothing of the kind: aid that is given once has no roster.
    """

    unit: str
    reader: str
    schemes: tuple[str, ...]
    count: Count
    without: frozenset[str] = frozenset()
    of_unit: str = ""


def _paid(value: Callable[[SubsidySum], int], of: Callable[[SubsidySum], int] | None = None) -> Count:
    def count(books: Books, schemes: Sequence[str]) -> Tally:
        rows = books.paid(schemes)
        whole = None if of is None else sum(map(of, rows))
        return Tally(sum(map(value, rows)), whole, is_held=books.any_paid)

    return count


def _component(name: str) -> Count:
    return _paid(lambda row: sum(part.paid_fen for part in row.components if part.component == name))


def _level(books: Books, schemes: Sequence[str]) -> Tally:
    found = books.level(schemes)
    return Tally(found.fen, found.person_months, is_held=books.any_paid)


Rosters = Callable[[Books, Sequence[str]], list[RosterMonth]]


def _moved(rows_of: Rosters, value: Callable[[RosterMonth], int]) -> Count:
    """Who came or went, over some rosters."""

    def count(books: Books, schemes: Sequence[str]) -> Tally:
        rows = rows_of(books, schemes)
        return Tally(sum(map(value, rows)), is_held=knows_moves(rows))

    return count


def _stands(rows_of: Rosters, value: Callable[[RosterMonth], int]) -> Count:
    """Who stands on one roster a programme."""

    def count(books: Books, schemes: Sequence[str]) -> Tally:
        rows = rows_of(books, schemes)
        return Tally(sum(map(value, rows)), is_held=bool(rows))

    return count


def _last(books: Books, schemes: Sequence[str]) -> list[RosterMonth]:
    return [row for row in books.current(schemes) if row.month == books.span.last]


def _of(held: Callable[[Books], object], value: Number, of: Number | None = None) -> Count:
    """A number of the whole book, told only where `held` is something."""
    return lambda books, _schemes: Tally(value(books), None if of is None else of(books), is_held=bool(held(books)))


def _failed(value: Callable[[Books], int]) -> Count:
    return _of(lambda books: books.any_paid, value)


def _unpaid(books: Books) -> int:
    return lines_of(row for row in books.failed if row.state != "paid")


def _done(books: Books) -> int:
    return sum(one.matter.state in _DONE for one in books.problems)


def _looked_back(books: Books) -> int:
    names = {one.finding for one in books.looked_back}
    return sum(one.is_among(names) for one in books.every_problem)


def _relapsed(books: Books) -> int:
    names = {one.finding for one in books.looked_back if one.relapsed}
    return sum(one.is_among(names) for one in books.every_problem)


def _categories(books: Books) -> int:
    return len({one.matter.category for one in books.problems} - {None})


def _systems(books: Books) -> set[str]:
    names = (name for problem in books.problems for name in problem.findings)
    return rules_of(one for name in names for one in books.reports.get(name, ()))


def _answered(books: Books) -> int:
    return clue_totals(books.clues).answered


def _founded(books: Books) -> int:
    return clue_totals(books.clues).founded


def _recovery(value: Number, of: Number | None = None) -> Count:
    return _of(lambda books: books.redress.recoveries, value, of)


def _matter(value: Number, of: Number | None = None) -> Count:
    return _of(lambda books: books.every_problem, value, of)


def _clue(value: Number, of: Number | None = None) -> Count:
    return _of(lambda books: books.every_clue, value, of)


def _society(value: Number) -> Count:
    return _of(lambda books: books.societies.rows, value)


def _lottery(value: Number, of: Number | None = None) -> Count:
    return _of(lambda books: books.has_lottery, value, of)


def _fund(value: Number, of: Number | None = None) -> Count:
    return _of(lambda books: books.funding.documents, value, of)


def _pledge(value: Number, of: Number | None = None) -> Count:
    return _of(lambda books: books.pledged, value, of)


_PAID: Final[Mapping[str, tuple[str, Count]]] = {
    "paid_fen": ("fen", _paid(lambda row: row.paid_fen)),
    "paid_households": ("households", _paid(lambda row: row.households)),
    "paid_household_times": ("household_times", _paid(lambda row: row.household_times)),
    "paid_persons": ("persons", _paid(lambda row: row.persons)),
    "paid_person_times": ("person_times", _paid(lambda row: row.person_times)),
    "paid_average_fen": ("average", _paid(lambda row: row.paid_fen, lambda row: row.person_times)),
    "level_fen": ("average", _level),
    "late_fen": ("fen", _paid(late_fen)),
    "arrears_fen": ("fen", _component("arrears")),
    "uplift_fen": ("fen", _component("uplift")),
    "reissued_fen": ("fen", _paid(lambda row: row.reissued_fen)),
    "offset_fen": ("fen", _paid(lambda row: row.offset_fen)),
}


def _came_over(row: RosterMonth) -> int:
    return ways(row, "in", TRANSFERS)[1]


def _left_households(row: RosterMonth) -> int:
    return row.out_households


def _left_persons(row: RosterMonth) -> int:
    return row.out_persons + row.removed_persons


def _left_over(row: RosterMonth) -> int:
    return ways(row, "out", TRANSFERS)[1]


def _died(row: RosterMonth) -> int:
    return ways(row, "out", _DEATH)[1]


def _flow(names: tuple[str, ...], at: Rosters, within: Rosters) -> dict[str, tuple[str, Count]]:
    """Who stands, came and left, under nine names: `at` answers the rosters of a moment, `within` those of a term."""
    counts: tuple[tuple[str, Count], ...] = (
        ("households", _stands(at, lambda row: row.closing_households)),
        ("persons", _stands(at, lambda row: row.closing_persons)),
        ("households", _moved(within, came_households)),
        ("persons", _moved(within, came_persons)),
        ("persons", _moved(within, _came_over)),
        ("households", _moved(within, _left_households)),
        ("persons", _moved(within, _left_persons)),
        ("persons", _moved(within, _left_over)),
        ("persons", _moved(within, _died)),
    )
    return dict(zip(names, counts, strict=True))


_DECIDED: Final = (
    "close_households",
    "close_persons",
    "in_households",
    "in_persons",
    "in_transfer_persons",
    "out_households",
    "out_persons",
    "out_transfer_persons",
    "out_death_persons",
)
_EFFECTIVE: Final = (
    "listed_households",
    "listed_persons",
    "start_households",
    "start_persons",
    "start_transfer_persons",
    "stop_households",
    "stop_persons",
    "stop_transfer_persons",
    "stop_death_persons",
)
_ROSTER: Final[Mapping[str, tuple[str, Count]]] = {
    **_flow(_DECIDED, Books.closing, Books.listed),
    "out_cleared_households": ("households", _moved(Books.listed, lambda row: ways(row, "out", CLEARED)[0])),
    "out_cleared_persons": ("persons", _moved(Books.listed, lambda row: ways(row, "out", CLEARED)[1])),
}
_CURRENT: Final[Mapping[str, tuple[str, Count]]] = _flow(_EFFECTIVE, _last, Books.current)
"""The same by the month in which a decision takes effect, as the monthly table has it."""
_FAILED: Final[Mapping[str, tuple[str, Count]]] = {
    "failed_count": ("count", _failed(lambda books: lines_of(books.failed))),
    "failed_fen": ("fen", _failed(lambda books: sum(row.fen for row in books.failed))),
    "failed_paid_count": ("count", _failed(lambda books: lines_of(books.failed) - _unpaid(books))),
    "failed_open_count": (
        "count",
        _failed(lambda books: lines_of(row for row in books.failed if row.state in WAITING)),
    ),
}
_REDRESS: Final[Mapping[str, tuple[str, Count]]] = {
    "recovery_offset_fen": ("fen", _recovery(lambda books: books.redress.total.offset_fen)),
    "recovery_open_fen": ("fen", _recovery(lambda books: books.redress.total.open_fen)),
    "recovery_rate": (
        "rate",
        _recovery(lambda books: books.redress.total.collected_fen, lambda books: books.redress.total.ordered_fen),
    ),
}
_LOOKED: Final[Mapping[str, tuple[str, Count]]] = {
    "matter_looked_back": ("count", _matter(_looked_back)),
    "matter_relapsed": ("count", _matter(_relapsed)),
}
_MATTERS: Final[Mapping[str, tuple[str, Count]]] = {
    "matter_count": ("count", _matter(lambda books: len(books.problems))),
    "matter_done": ("count", _matter(_done)),
    "matter_rate": ("rate", _matter(_done, lambda books: len(books.problems))),
    "matter_referred": ("count", _matter(lambda books: sum(one.is_referred for one in books.problems))),
    "matter_categories": ("count", _matter(_categories)),
    "matter_disciplined": (
        "persons",
        _of(lambda books: books.reports, lambda books: sum(disciplined(one, books.reports) for one in books.problems)),
    ),
    "matter_systems": ("count", _of(lambda books: books.reports, lambda books: len(_systems(books)))),
}
_WARNED: Final[Mapping[str, tuple[str, Count]]] = {
    "warned_count": ("count", _of(lambda books: books.warned.is_held, lambda books: books.warned.doubts)),
    "warned_stopped_persons": (
        "persons",
        _of(lambda books: books.warned.is_held, lambda books: books.warned.stopped_persons),
    ),
}
_CLUES: Final[Mapping[str, tuple[str, Count]]] = {
    "clue_count": ("count", _clue(lambda books: len(books.clues))),
    "clue_founded": ("count", _clue(_founded)),
    "clue_rate": ("rate", _clue(_answered, lambda books: len(books.clues))),
}
_SOCIETIES: Final[Mapping[str, tuple[str, Count]]] = {
    "society_count": ("count", _society(lambda books: books.societies.totals.societies)),
    "society_registered": ("count", _society(lambda books: books.societies.totals.registered)),
    "society_reaching": ("count", _society(lambda books: books.societies.totals.reaching)),
    "society_line_fen": (
        "fen",
        _of(lambda books: books.societies.line_fen, lambda books: books.societies.line_fen or 0),
    ),
    "society_raised_fen": ("fen", _society(lambda books: books.societies.totals.raised_fen)),
    "society_granted_fen": ("fen", _society(lambda books: books.societies.totals.granted_fen)),
    "society_helped": ("household_times", _society(lambda books: books.societies.totals.helped_households)),
    "society_year_granted_fen": (
        "fen",
        _society(lambda books: sum(row.year_granted_fen for row in books.societies.rows)),
    ),
    "society_year_helped": (
        "household_times",
        _society(lambda books: sum(row.year_helped_households for row in books.societies.rows)),
    ),
}
_LOTTERY: Final[Mapping[str, tuple[str, Count]]] = {
    "lottery_allocated_fen": ("fen", _lottery(lambda books: books.lottery.allocated_fen)),
    "lottery_carried_fen": ("fen", _lottery(lambda books: books.lottery_carried_fen)),
    "lottery_used_fen": ("fen", _lottery(lambda books: books.lottery.used_fen)),
    "lottery_rate": (
        "rate",
        _lottery(lambda books: books.lottery.used_fen, lambda books: books.lottery.allocated_fen),
    ),
}
_PLEDGES: Final[Mapping[str, tuple[str, Count]]] = {
    "pledge_rate": (
        "rate",
        _pledge(
            lambda books: sum(row.pledged_arrived_fen for row in books.pledged),
            lambda books: sum(row.pledged_fen for row in books.pledged),
        ),
    ),
    "pledge_open_fen": ("fen", _pledge(lambda books: sum(row.outstanding_fen for row in books.pledged))),
}
_FUNDS: Final[Mapping[str, tuple[str, Count]]] = {
    "appropriation_relief_fen": ("fen", _fund(lambda books: books.funding.given_fen)),
    "appropriation_relief_carried_fen": ("fen", _fund(lambda books: books.funding.carried_fen)),
    "appropriation_relief_spent_fen": ("fen", _fund(lambda books: books.funding.spent_fen)),
    "appropriation_relief_rate": (
        "rate",
        _fund(lambda books: books.funding.spent_fen, lambda books: books.funding.given_fen),
    ),
}
_TABLES: Final = (
    ("subsidies", RELIEF, _PAID),
    ("subsidies --rosters", LISTED, _ROSTER),
    ("summary M1", RELIEF, _CURRENT),
    ("subsidies --failures", (), _FAILED),
    ("recoveries", (), _REDRESS),
    ("summary C1", (), _MATTERS),
    ("summary Y9", (), _LOOKED),
    ("summary M6", (), _WARNED),
    ("summary C2", (), _CLUES),
    ("societies", (), _SOCIETIES),
    ("lottery", (), _LOTTERY),
    ("pledges", (), _PLEDGES),
    ("summary Q1", (), _FUNDS),
)
_OF_UNITS: Final[Mapping[str, str]] = {
    "paid_average_fen": "person_times",
    "level_fen": "person_months",
    "matter_rate": "count",
    "clue_rate": "count",
    **dict.fromkeys(("recovery_rate", "lottery_rate", "pledge_rate", "appropriation_relief_rate"), "fen"),
}
_NOT_ONCE: Final = frozenset({*_ROSTER, *_CURRENT, "level_fen"})
MEASURES: Final[Mapping[str, Measure]] = {
    key: Measure(unit, reader, schemes, count, ONCE if key in _NOT_ONCE else frozenset(), _OF_UNITS.get(key, ""))
    for reader, schemes, table in _TABLES
    for key, (unit, count) in table.items()
}
"""Key -> the measure."""
OF_DOCUMENTS: Final = frozenset(_FUNDS)
"""Measures of the year's funding documents."""
SUMS: Final = frozenset(
    {
        *_PAID,
        *(key for key in (*_ROSTER, *_CURRENT) if not key.startswith(("close_", "listed_"))),
        *_FAILED,
        *_WARNED,
    }
)
"""Measures that are counted over every month of the span: nobody knows them where the book begins later than it."""
