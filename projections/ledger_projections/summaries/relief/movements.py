"""M5 动态管理: who came and who left for which reason, in households and persons, and what changed within them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, get_args

from sqlalchemy import Connection, func, select

from ledger.flows.public_money.entitlement.enrolments import ChangeReason, ConfirmReason, EndReason
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.public_money.payment_queries import Place
from ledger_projections.public_money.roster_lines import DECISIONS, ROSTERS
from ledger_projections.public_money.rosters import RosterMonth, rosters
from ledger_projections.summaries.programmes import Programme, named, ordered, programmes
from ledger_projections.summaries.table import (
    Asked,
    Row,
    RowKind,
    Said,
    Table,
    Value,
    columns,
    row_of,
    table_of,
    total_of,
    word,
)

M5: Final = columns(
    ("way", "text"),
    ("reason", "text"),
    ("programme", "text"),
    ("households", "households"),
    ("persons", "persons"),
)
_REASONS: Final[Mapping[str, tuple[str, ...]]] = {"in": get_args(ConfirmReason), "out": get_args(EndReason)}

_MEMBERS: Final = {"in": "members_in", "out": "members_out"}
"""Way -> the word for persons who joined or left a household that stays."""

Counts = dict[Programme, list[int]]
"""Programme -> households and persons."""


def movements(connection: Connection, asked: Asked) -> Table:
    """M5: a row a reason with the programmes below it; a total for each way, then the changes."""
    moment = moment_of(connection, [ROSTERS], asked.as_of, asked.at)
    known = programmes(connection, asked, moment.position)
    listed = rosters(connection, asked.first, asked.last, **asked.clocks).rows
    found = [row for row in listed if asked.wants(row.entity) and not known.of((row.entity, row.programme)).is_once]
    shown = ordered(known, {(row.entity, row.programme) for row in found}, asked)
    names = {(one.entity, one.programme): one for one in shown}
    rows: list[Row] = []
    for way in ("in", "out"):
        mine = [row for part in _by_reason(found, way, names) for row in _rows(way, *part)]
        rows += [*mine, total_of(M5, mine, word("total", way))]
    rows += [row for part in _changes(connection, moment, asked, names) for row in _rows("changed", *part, kind="part")]
    pending = sum(row.pending_reasons for row in found)
    notes = [Said("table.note.changes")]
    if pending:
        notes.append(Said("table.note.pending", {"households": pending}))
    notes += _taken_over(found)
    scopes = (
        Said("table.scope.roster", {"first": asked.first, "last": asked.last}),
        Said("table.scope.set", {"programmes": named(shown)}),
    )
    return table_of("M5", asked, moment.position, M5, rows, scopes, notes)


def _by_reason(
    found: Sequence[RosterMonth], way: str, names: Mapping[Place, Programme]
) -> Iterable[tuple[str, Counts]]:
    """Reasons in the order of their code list; members who joined or left a household that stays come last."""
    counts: defaultdict[str, defaultdict[Programme, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for row in found:
        one_of = names[row.entity, row.programme]
        for one in row.movements:
            if one.way == way and not one.is_taken_over:
                counts[one.reason][one_of][0] += one.households
                counts[one.reason][one_of][1] += one.persons
        members = row.added_persons if way == "in" else row.removed_persons
        if members:
            counts[_MEMBERS[way]][one_of][1] += members
    known = _REASONS[way]
    for reason in sorted(counts, key=lambda one: (known.index(one) if one in known else len(known), one)):
        yield reason, dict(counts[reason])


def _rows(way: str, reason: str, counts: Counts, kind: RowKind = "row") -> Iterable[Row]:
    said: dict[str, Value] = {"way": word("way", way), "reason": word("reason", reason)}
    sums = [sum(part[place] for part in counts.values()) for place in (0, 1)]
    whole: dict[str, Value] = {"programme": word("word", "all_programmes"), "households": sums[0], "persons": sums[1]}
    owners = {one.whose for one in counts}
    yield row_of(M5, {**said, **whole}, tuple(one.tag for one in counts), kind, *(owners if len(owners) == 1 else ()))
    if len(counts) > 1:
        for one, (households, persons) in counts.items():
            part: dict[str, Value] = {"programme": one.name, "households": households, "persons": persons}
            yield row_of(M5, {**said, **part}, (one.tag,), "part", one.whose)


def _changes(
    connection: Connection, moment: Moment, asked: Asked, names: Mapping[Place, Programme]
) -> Iterable[tuple[str, Counts]]:
    """Changes that take effect in the months, by reason; a change with two reasons stands under both."""
    keys = (DECISIONS.c.entity, DECISIONS.c.programme, DECISIONS.c.reason)
    here = (
        moment.counts(DECISIONS),
        DECISIONS.c.act == "changed",
        DECISIONS.c.from_month >= asked.first,
        DECISIONS.c.from_month <= asked.last,
    )
    amounts = (func.count(DECISIONS.c.enrolment.distinct()), func.sum(DECISIONS.c.persons))
    counts: defaultdict[str, defaultdict[Programme, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for entity, programme, reasons, households, persons in connection.execute(
        select(*keys, *amounts).where(*here).group_by(*keys)
    ):
        if not asked.wants(entity):
            continue
        for reason in reasons.split(",") if reasons else ("pending",):
            place = (entity, programme)
            held = counts[reason][names.get(place) or Programme(*place, programme, "other", "")]
            held[0] += int(households)
            held[1] += int(persons)
    known = get_args(ChangeReason)
    for reason in sorted(counts, key=known.index):
        yield reason, dict(counts[reason])


def _taken_over(found: Iterable[RosterMonth]) -> Iterable[Said]:
    taken = sum(one.persons for row in found for one in row.movements if one.is_taken_over)
    if taken:
        yield Said("table.note.taken_over", {"persons": taken})
