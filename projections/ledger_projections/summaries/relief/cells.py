"""What M1, M2 and Y1 have in common: the cells of rosters and of money, and rosters over several months as one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from ledger.values.dates import Period, periods
from ledger_projections.public_money.payment_groups import GroupSum
from ledger_projections.public_money.rosters import TRANSFERS, RosterMonth
from ledger_projections.summaries.programmes import Programmes
from ledger_projections.summaries.table import Asked, Said, Value, columns

ROSTER: Final = columns(
    ("opening_households", "households"),
    ("opening_persons", "persons"),
    ("in_households", "households"),
    ("in_persons", "persons"),
    ("in_transferred", "persons"),
    ("out_households", "households"),
    ("out_persons", "persons"),
    ("out_transferred", "persons"),
    ("out_deaths", "persons"),
    ("closing_households", "households"),
    ("closing_persons", "persons"),
)
MONEY: Final = columns(
    ("household_times", "times"),
    ("person_times", "times"),
    ("authorised_fen", "fen"),
    ("paid_fen", "fen"),
)


def months_of(span: tuple[str, str]) -> list[str]:
    """Every month of a span."""
    return [str(month) for month in periods(Period.parse(span[0]), Period.parse(span[1]))]


def months_asked(asked: Asked) -> list[str]:
    """Every month that a table is asked for."""
    return months_of((asked.first, asked.last))


def scopes_of(asked: Asked) -> tuple[Said, ...]:
    """Which months, and what is paid."""
    return Said("table.scope.months", {"first": asked.first, "last": asked.last}), Said("table.scope.paid")


def spans_of(months: Iterable[RosterMonth]) -> dict[tuple[str, str, str], dict[str, int]]:
    """(entity, programme, group) -> the roster over all the months: where it began, what moved, where it ended."""
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in months:
        key = (row.entity, row.programme, row.group)
        begun = {"opening_households": row.opening_households, "opening_persons": row.opening_persons}
        values = found.setdefault(key, defaultdict(int, begun))
        moves = [one for one in row.movements if not one.is_taken_over]
        taken = [one for one in row.movements if one.is_taken_over]
        values["taken_over"] += sum(one.persons for one in taken)
        values["opening_households"] += sum(one.households for one in taken)
        values["opening_persons"] += sum(one.persons for one in taken)
        for one in moves:
            values[f"{one.way}_households"] += one.households
            values[f"{one.way}_persons"] += one.persons
            values[f"{one.way}_transferred"] += one.persons if one.reason in TRANSFERS else 0
            values["out_deaths"] += one.persons if (one.way, one.reason) == ("out", "death") else 0
        values["in_persons"] += row.added_persons
        values["out_persons"] += row.removed_persons
        values["closing_households"], values["closing_persons"] = row.closing_households, row.closing_persons
    return found


def standing_of(
    listed: Mapping[tuple[str, str, str], dict[str, int]], known: Programmes
) -> dict[tuple[str, str, str], dict[str, int]]:
    """The rosters without programmes whose aid is given once."""
    return {key: values for key, values in listed.items() if not known.of(key[:2]).is_once}


def moved(values: Mapping[str, int] | None) -> dict[str, Value]:
    """The roster's cells; a programme without a roster has none."""
    return {} if values is None else {column.key: values.get(column.key, 0) for column in ROSTER}


def counted(group: GroupSum) -> dict[str, Value]:
    """The money's cells of a township or category."""
    names = ("household_times", "person_times", "authorised_fen", "paid_fen", "offset_fen")
    return {name: getattr(group, name) for name in names}
