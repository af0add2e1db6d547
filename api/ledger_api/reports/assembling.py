"""A report put together: every part from the same snapshot at the same position, each with its scope and its query."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.values.dates import Period
from ledger_api.asking import open_on
from ledger_api.reports.kinds import KINDS, Reader, Scope
from ledger_api.tables.coded import counted, is_for_programs, worded
from ledger_api.tables.papers import asked_of, worded_table
from ledger_api.tables.wording import Wording
from ledger_audit.notes import note_over
from ledger_projections.keeping.answers import Answer, plain

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody asks a report for; `months` None leaves each table its usual ones."""

    kind: str
    entity: str | None
    months: tuple[str, str] | None
    as_of: date | None
    language: str


@dataclass(frozen=True, slots=True)
class Told:
    """A reader's answer with the line that gives it again."""

    name: str
    query: str
    answer: Answer

    def title(self, language: str) -> str:
        """What people call the answer."""
        return say(f"report_part.{self.name.replace('-', '_')}", language)


@dataclass(frozen=True, slots=True)
class Making:
    """Which ledger a report is made of, by the name that it signs under, and when."""

    origin: str
    today: date
    made_at: str


@dataclass(frozen=True, slots=True)
class Report:
    """Tables and readers of one kind at one position. `checkpoint` are the size and the signed note of the first one
    over that position, which ties the report to the log; None where nothing covers it yet.
    """

    asking: Asking
    position: int
    making: Making
    checkpoint: tuple[int, str] | None
    tables: tuple[Wording, ...]
    readers: tuple[Told, ...]

    @property
    def title(self) -> str:
        """What the report is called."""
        return say(f"report_kind.{self.asking.kind}", self.asking.language)

    def about(self) -> list[tuple[str, str]]:
        """Title and scope, line by line: (label, text)."""
        asking, language = self.asking, self.asking.language
        months = say("report.usual", language) if asking.months is None else " — ".join(asking.months)
        day = say("report.every_day", language) if asking.as_of is None else asking.as_of.isoformat()
        entity = say("report.every_entity", language) if asking.entity is None else asking.entity
        lines = {
            "title": self.title,
            "origin": self.making.origin,
            "entity": entity,
            "months": months,
            "as_of": day,
            "position": str(self.position),
            "checkpoint": say("report.no_checkpoint", language) if self.checkpoint is None else self.checkpoint[1],
            "made_at": self.making.made_at,
        }
        return [(say(f"report.{name}", language), text) for name, text in lines.items()]

    def to_json(self) -> dict[str, Any]:
        """The whole report for programs."""
        asking = self.asking
        first, last = asking.months or (None, None)
        return {
            "kind": asking.kind,
            "title": self.title,
            "origin": self.making.origin,
            "entity": asking.entity,
            "first": first,
            "last": last,
            "as_of": None if asking.as_of is None else asking.as_of.isoformat(),
            "position": self.position,
            "checkpoint": None
            if self.checkpoint is None
            else dict(zip(("size", "note"), self.checkpoint, strict=True)),
            "made_at": self.making.made_at,
            "tables": [one.to_json() for one in self.tables],
            "readers": [{"name": one.name, "query": one.query, "answer": one.answer.to_json()} for one in self.readers],
        }


def assemble(
    connection: Connection, asking: Asking, making: Making, at: int | None, step: Step | None = None
) -> Report:
    """A report from one snapshot; `at` is a position (None: the newest).

    Where months are named, what stands at a day is told as of their last day, as their tables tell it.
    """
    kind, today = KINDS[asking.kind], making.today
    span = None if asking.months is None else (Period.parse(asking.months[0]), Period.parse(asking.months[1]))
    total, tables = len(kind.tables) + len(kind.readers), list[Wording]()
    position = at
    for name in kind.tables:
        asked = asked_of(connection, name, span, today, asking.entity, (asking.as_of, position))
        position = asked.at
        tables.append(worded_table(connection, name, asked, asking.language))
        if step is not None:
            step(len(tables), total)
    on = open_on(asking.as_of, today if span is None else min(span[1].last_day, today))
    scope = Scope(on, asking.as_of, position or 0, asking.entity, asking.months, asking.language)
    by_day = scope if span is None else replace(scope, as_of=open_on(asking.as_of, span[1].last_day))
    readers = list[Told]()
    for one in kind.readers:
        mine = scope if one.of_months else by_day
        readers.append(Told(one.name, _query(one, mine), one.ask(connection, mine)))
        if step is not None:
            step(len(tables) + len(readers), total)
    return Report(asking, scope.at, making, note_over(connection, scope.at), tuple(tables), tuple(readers))


def _query(reader: Reader, scope: Scope) -> str:
    """The line that gives the same answer again, from the same position."""
    words = ["charity-ledger", reader.command]
    if reader.name in {"pledges", "recoveries", "societies", "clues", "matching-runs"}:
        words += ["--on", scope.on.isoformat()]
    if reader.of_months and scope.months is not None:
        words += ["--month", scope.months[0], "--until", scope.months[1]]
    if reader.name == "lottery" and scope.year is not None:
        words += ["--year", str(scope.year)]
    if scope.entity is not None:
        words += ["--entity", scope.entity]
    if scope.as_of is not None:
        words += ["--as-of", scope.as_of.isoformat()]
    return " ".join([*words, "--at", str(scope.at)])


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list of an answer as heads and cells. A cell is a text, a whole number, a day or nothing."""

    name: str
    title: str
    heads: tuple[tuple[str, str], ...]
    """(field, title)"""
    rows: tuple[tuple[int | str | date | None, ...], ...]


def sheets(told: Told, language: str) -> Iterator[Sheet]:
    """Every list of an answer, and first what it says beside them; what a row holds itself is spread over columns, and
    counts by code are a list of their own.
    """
    title = told.title(language)
    lists: list[Sheet] = []
    single: dict[str, Any] = {}
    for field in fields(told.answer):
        value = getattr(told.answer, field.name)
        if isinstance(value, tuple) and (not value or is_dataclass(value[0])):
            spread = [_spread(row, language) for row in value]
            names = list(dict.fromkeys(name for row in spread for name in row))
            cells = tuple(tuple(row.get(name) for name in names) for row in spread)
        elif isinstance(value, Mapping):
            names, cells = ["code", field.name], tuple(counted(told.answer, field.name, language).items())
        else:
            single |= _spread_one(field.name, value, language)
            continue
        part = say(f"column.{field.name}", language)
        lists.append(Sheet(f"{told.name}-{field.name}", f"{title}·{part}", _heads(names, language), cells))
    yield Sheet(told.name, title, _heads(single, language), (tuple(single.values()),))
    yield from lists


def _spread(row: Any, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(row):
        if is_for_programs(row, field.name):
            continue
        found |= _spread_one(field.name, worded(row, field.name, language), language)
    return found


def _spread_one(name: str, value: Any, language: str) -> dict[str, Any]:
    """A field as columns: sums one by one, lists and tables as JSON, truth as 0 or 1."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f"{name}.{inner}": cell for inner, cell in _spread(value, language).items()}
    if isinstance(value, bool):
        return {name: int(value)}
    if value is None or isinstance(value, int | str | date):
        return {name: value}
    return {name: orjson.dumps(plain(value)).decode()}


def _heads(names: Iterable[str], language: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, " · ".join(say(f"column.{part}", language) for part in name.split("."))) for name in names)
