"""Y4 补发、退票与口径: how the authorised amount becomes the paid one, gross and net of what was recovered,
and what the total is when other programmes are taken in.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from ledger.values.dates import Period, periods
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_paths import payment_paths
from ledger_projections.public_money.payment_queries import joined, scopes
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.subsidies import COMPONENTS, SubsidySum, late_fen, subsidies
from ledger_projections.summaries.programmes import Programme, ordered, programmes, taken_in
from ledger_projections.summaries.relief.agreement import agreed
from ledger_projections.summaries.table import Asked, Row, RowKind, Said, Table, Value, columns, row_of, table_of, word

Y4: Final = columns(("item", "text"), ("amount_fen", "fen"), ("meaning", "text"))
_APART: Final = frozenset({"orphan", "unsupported_child", "street_aid"})
"""Schemes that some reports leave out of the total."""


def bridge(connection: Connection, asked: Asked) -> Table:
    """Y4: a row a step from what was authorised to what was paid, then the totals of two sets of programmes."""
    found = subsidies(connection, asked.first, asked.last, **asked.clocks)
    known = programmes(connection, asked, found.position)
    sums = {(row.entity, row.programme): row for row in found.span if asked.wants(row.entity)}
    shown = ordered(known, sums, asked)
    relief = [one for one in shown if one.in_relief]
    tags = tuple(one.tag for one in relief)
    mine = [sums[one.entity, one.programme] for one in relief]
    paid = sum(row.paid_fen for row in mine)
    recovered = _recovered(connection, asked, relief, found.position)
    moment = moment_of(connection, [PAYMENT_LINES], asked.as_of, found.position)
    road = _road(connection, asked, relief, mine, moment)
    steps: list[tuple[str, int, RowKind]] = [
        *((name, fen, "row") for name, fen in road.items() if fen or name not in _UNASKED),
        ("came_back", sum(row.returned_fen for row in mine), "row"),
        ("paid", paid, "total"),
        *((name, fen, "part") for name, fen in _components(mine).items()),
        ("reissued", sum(row.reissued_fen for row in mine), "part"),
        ("late", sum(map(late_fen, mine)), "row"),
        ("recovered", recovered, "row"),
        ("net", paid - recovered, "total"),
    ]
    rows = [_row(name, fen, kind, tags) for name, fen, kind in steps]
    without = [one for one in relief if one.scheme not in _APART]
    rows += [
        _row(name, sum(sums[one.entity, one.programme].paid_fen for one in chosen), "row", tuple(o.tag for o in chosen))
        for name, chosen in (("without", without), ("everything", shown))
    ]
    told = (
        Said("table.scope.months", {"first": asked.first, "last": asked.last}),
        Said("table.scope.set", {"programmes": taken_in(shown)}),
        Said("table.scope.recovered", asked.days),
    )
    money = {"net_fen": paid - recovered, "recovered_fen": recovered}
    notes = [*_bridged(road), *_booked(connection, asked, relief, money, moment)]
    return table_of("Y4", asked, found.position, Y4, rows if mine else [], told, notes)


def _road(
    connection: Connection, asked: Asked, relief: Sequence[Programme], mine: Sequence[SubsidySum], moment: Moment
) -> dict[str, int]:
    """Step -> fen, from what was authorised to what the bank credited."""
    months = [str(one) for one in periods(Period.parse(asked.first), Period.parse(asked.last))]
    paths = payment_paths(connection, moment, joined(scopes(connection, moment, months).values()))
    these = [paths[one.entity, one.programme] for one in relief if (one.entity, one.programme) in paths]
    return {
        "authorised": sum(row.authorised_fen for row in mine),
        "offset": sum(row.offset_fen for row in mine),
        "failed": sum(row.failed_fen for row in mine),
        "retried": sum(one.retried_fen for one in these),
        "excluded": sum(one.excluded_fen for one in these),
        "pending": sum(one.pending_fen for one in these),
        "unasked": sum(one.unasked_fen for one in these),
        "unlisted": sum(one.unlisted_fen for one in these),
        "differing": sum(one.differing_fen for one in these),
        "credited": sum(row.paid_fen + row.returned_fen for row in mine),
    }


_UNASKED: Final = ("unasked", "unlisted", "differing")
"""What no list asked for: steps that are shown where there is any."""
_SIGNS: Final = {
    "authorised": 1,
    "offset": -1,
    "failed": -1,
    "retried": 1,
    "excluded": -1,
    "pending": -1,
} | dict.fromkeys(_UNASKED, 1)


def _bridged(road: Mapping[str, int]) -> Iterable[Said]:
    """Whether the steps lead from the authorised amount to the credited one; each is summed by itself."""
    told = sum(sign * road[name] for name, sign in _SIGNS.items())
    if told != road["credited"]:
        yield Said(
            "check.bridge", {"told_fen": told, "credited_fen": road["credited"], "rest_fen": road["credited"] - told}
        )


def _booked(
    connection: Connection, asked: Asked, relief: Sequence[Programme], money: Mapping[str, int], moment: Moment
) -> Iterable[Said]:
    """How the net amount becomes the booked cost of the same programmes, and whether it does."""
    places = {(one.entity, one.programme) for one in relief}
    parts = [one for place, one in agreed(connection, asked, places, moment).items() if place in places]
    names = ("offset_fen", "timing_fen", "lessened_fen", "taken_over_fen")
    added = {**money, **{name: sum(getattr(one, name) for one in parts) for name in names}}
    cost = sum(one.cost_fen for one in parts)
    if parts:
        yield Said("table.note.booked", {**added, "cost_fen": cost})
    told = sum(added.values())
    if told != cost:
        yield Said("check.net", {"told_fen": told, "cost_fen": cost, "rest_fen": cost - told})


def _row(name: str, fen: int, kind: RowKind, tags: tuple[str, ...]) -> Row:
    said: dict[str, Value] = {"item": word("item", name), "amount_fen": fen, "meaning": word("meaning", name)}
    return row_of(Y4, said, tags, kind)


def _components(mine: Sequence[SubsidySum]) -> dict[str, int]:
    """Component -> fen paid; a component that nothing was paid of is left out."""
    named = {name: name or "unknown" for name in COMPONENTS}
    found = {named[name]: 0 for name in COMPONENTS}
    for row in mine:
        for part in row.components:
            found[named[part.component]] += part.paid_fen
    return {name: fen for name, fen in found.items() if fen}


def _recovered(connection: Connection, asked: Asked, relief: Sequence[Programme], position: int) -> int:
    """What was collected in the days for the programmes of the total, but for what came before the book began, and for
    what was kept back of a payment: that has left the amounts that the bank credited already.
    """
    wanted = {one.programme for one in relief}
    fen = []
    for day in (asked.until, asked.begin - timedelta(days=1)):
        found = recoveries(connection, day, as_of=day, at=position, entity=asked.entity).recoveries
        sums = [one.sums for one in found if one.programme in wanted]
        fen.append(sum(one.collected_fen - one.offset_fen - one.before_book_fen for one in sums))
    return fen[0] - fen[1]
