"""M4 三方核对表: the province's system, the roster, the list that was sent, what the bank made of it, and what finance
paid, side by side.

The difference is what finance paid and the bank has not handed out; it must lie in the bank's transit account, and the
book's own balance of that account says whether it does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.public_money.payment.transit import BatchUnspentReturned
from ledger_projections.books.balances import account_balances
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.batches import Batch, batches
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import Place, persons_by_batch
from ledger_projections.public_money.roster_lines import ROSTERS
from ledger_projections.public_money.rosters import RosterMonth, rosters
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.summaries.programmes import Programme, named, once, ordered, programmes
from ledger_projections.summaries.relief.province import province_values, provincial, unexplained
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of, total_of

M4: Final = columns(
    ("programme", "text"),
    ("province_households", "households"),
    ("province_persons", "persons"),
    ("province_fen", "fen"),
    ("roster_households", "households"),
    ("roster_persons", "persons"),
    ("roster_fen", "fen"),
    ("gap_households", "households"),
    ("gap_persons", "persons"),
    ("gap_fen", "fen"),
    ("prepared_household_times", "times"),
    ("prepared_person_times", "times"),
    ("prepared_fen", "fen"),
    ("bank_household_times", "times"),
    ("bank_person_times", "times"),
    ("bank_fen", "fen"),
    ("uncredited_household_times", "times"),
    ("uncredited_fen", "fen"),
    ("cancelled_fen", "fen"),
    ("pending_fen", "fen"),
    ("funded_fen", "fen"),
    ("carried_fen", "fen"),
    ("unspent_fen", "fen"),
    ("difference_fen", "fen"),
    ("explanation", "text"),
    ("province_note", "text"),
)

OF_PROVINCE: Final = ("province_", "gap_")
"""How the columns begin that only programmes have which the province counted."""

_PLACES: Final = {column.key: place for place, column in enumerate(M4)}

Sent = tuple[str, str]
"""(entity, batch)."""


def three_way(connection: Connection, asked: Asked) -> Table:
    """M4: a row a programme, over the batches of the months."""
    moment = moment_of(connection, [PAYMENT_LINES, ROSTERS], asked.as_of, asked.at)
    found = batches(connection, first=asked.first, last=asked.last, **asked.clocks).rows
    sent: defaultdict[Place, list[Batch]] = defaultdict(list)
    for batch in found:
        sent[batch.entity, batch.programme].append(batch)
    known = programmes(connection, asked, moment.position)
    brief = {place for place, one in known.items() if one.is_once}
    listed = {
        (row.entity, row.programme): row
        for row in rosters(connection, asked.last, asked.last, **asked.clocks).rows
        if row.closing_households and (row.entity, row.programme) not in brief
    }
    carried = _carried_in(connection, moment)
    counted = provincial(connection, moment, asked.last)
    persons = persons_by_batch(connection, moment, [batch.batch for batch in found])
    shown = ordered(known, {*sent, *listed, *counted}, asked)
    rows = []
    for one in shown:
        place = (one.entity, one.programme)
        tags = (one.tag, *(f"batch:{batch.batch}" for batch in sent[place]))
        values = _values(one, sent[place], listed.get(place), carried)
        if sent[place]:
            values["bank_person_times"] = sum(persons.get(_sent(batch), 0) for batch in sent[place])
        rows.append(row_of(M4, values | province_values(counted.get(place), listed.get(place)), tags))
    totals = _totals(rows, Said("table.total.set", {"programmes": named(shown)}))
    scopes = (
        Said("table.scope.months", {"first": asked.first, "last": asked.last}),
        Said("table.scope.three_way"),
        Said("table.scope.set", {"programmes": named(shown)}),
    )
    checks = [*_checks(connection, asked, sent, carried, known), *unexplained(counted, listed, known, asked)]
    apart = [Said("table.note.uncounted")] if len(totals) > 1 else []
    notes = [*checks, *([] if counted else [Said("table.note.province")]), *apart, *once(shown)]
    return table_of("M4", asked, moment.position, M4, [*rows, *totals] if rows else [], scopes, notes)


def _totals(rows: Sequence[Row], label: Said) -> list[Row]:
    """The total, in which a difference stands only where both its sides take in the same programmes; those that the
    province counted have a total of their own.
    """
    compared = [row for row in rows if _cell(row, "gap_persons") is not None]
    is_apart = any(_cell(row, "roster_persons") is not None and row not in compared for row in rows)
    no_order = any(_cell(row, "bank_fen") and _cell(row, "difference_fen") is None for row in rows)
    blank: dict[str, Value] = {"difference_fen": ""} if no_order else {}
    if not compared or not is_apart:
        return [total_of(M4, rows, label, blank)]
    apart = {column.key: "" for column in M4 if column.key.startswith(OF_PROVINCE)}
    return [
        total_of(M4, compared, Said("table.total.compared"), blank),
        total_of(M4, rows, label, {**apart, **blank}),
    ]


def _cell(row: Row, key: str) -> Value:
    return row.cells[_PLACES[key]]


def _values(
    one: Programme, sent: Sequence[Batch], listed: RosterMonth | None, carried: Mapping[Sent, int]
) -> dict[str, Value]:
    values: dict[str, Value] = {"programme": one.name}
    if listed is not None:
        values["roster_households"] = listed.closing_households
        values["roster_persons"] = listed.closing_persons
        values["roster_fen"] = listed.closing_monthly_fen
    if not sent:
        return {**values, "explanation": Said("table.explain.not_sent")}
    values |= {
        "prepared_household_times": sum(batch.prepared_count for batch in sent),
        "prepared_person_times": sum(batch.persons for batch in sent),
        "prepared_fen": sum(batch.prepared_fen for batch in sent),
        "bank_household_times": sum(batch.paid_count for batch in sent),
        "bank_fen": sum(batch.paid_fen for batch in sent),
        "uncredited_household_times": sum(batch.failed_count for batch in sent),
        "uncredited_fen": sum(batch.failed_fen for batch in sent),
        "cancelled_fen": sum(batch.cancelled_fen for batch in sent),
        "pending_fen": sum(batch.pending_fen for batch in sent),
    }
    ordered_ones = [batch for batch in sent if batch.funded_fen or carried.get(_sent(batch))]
    if not ordered_ones:
        return {**values, "explanation": Said("table.explain.no_order")}
    funded = sum(batch.funded_fen for batch in sent)
    brought = sum(carried.get(_sent(batch), 0) for batch in sent)
    unspent = sum(batch.unspent_returned_fen for batch in sent)
    difference = funded + brought - unspent - sum(batch.paid_fen for batch in sent)
    money = {"funded_fen": funded, "carried_fen": brought, "unspent_fen": unspent, "difference_fen": difference}
    return {**values, **money, "explanation": _explained(sent, difference)}


def _explained(sent: Sequence[Batch], difference_fen: int) -> Said:
    """What the difference consists of; what nothing explains is named as such."""
    if not difference_fen:
        return Said("table.explain.same")
    parts = {
        "failed_fen": sum(batch.failed_fen for batch in sent),
        "pending_fen": sum(batch.pending_fen for batch in sent),
        "cancelled_fen": sum(batch.cancelled_fen for batch in sent),
    }
    rest = difference_fen - sum(parts.values())
    if not rest:
        return Said("table.explain.transit", parts)
    return Said("table.explain.rest", {**parts, "rest_fen": rest})


def _sent(batch: Batch) -> Sent:
    return batch.entity, batch.batch


def _carried_in(connection: Connection, moment: Moment) -> Mapping[Sent, int]:
    """(entity, batch) -> fen of earlier batches' failed lines that were carried to it."""
    carried: defaultdict[Sent, int] = defaultdict(int)
    for item in standing(connection, ("batch.unspent_returned",), moment.position, moment.as_of):
        if isinstance(item.event, BatchUnspentReturned) and item.event.carried_to:
            carried[item.entity, item.event.carried_to] += item.event.amount_fen
    return carried


def _checks(
    connection: Connection,
    asked: Asked,
    sent: Mapping[Place, Sequence[Batch]],
    carried: Mapping[Sent, int],
    known: Mapping[Place, Programme],
) -> Iterable[Said]:
    """Transit accounts that hold something else than the difference; payments that no batch of the months explains."""
    held: defaultdict[Sent, int] = defaultdict(int)
    for row in account_balances(connection, **asked.clocks).rows:
        held[row.entity, row.account] += row.balance_fen if row.role == Role.TRANSIT else 0
    paid = {(row.entity, row.programme): row.paid_fen for row in _paid(connection, asked)}
    for place, mine in sent.items():
        if not asked.wants(place[0]):
            continue
        said: dict[str, Any] = {"programme": known[place].name if place in known else place[1]}
        for batch in mine:
            road = batch.paid_fen + batch.pending_fen + batch.failed_fen + batch.cancelled_fen
            if batch.prepared_fen != road:
                yield Said(
                    "check.road", {**said, "batch": batch.batch, "told_fen": batch.prepared_fen, "road_fen": road}
                )
            funded = batch.funded_fen + carried.get(_sent(batch), 0)
            told = funded - batch.unspent_returned_fen - batch.paid_fen
            lies = held[_sent(batch)]
            if funded and told != lies:
                yield Said("check.transit", {**said, "batch": batch.batch, "told_fen": told, "held_fen": lies})
        in_batches = sum(batch.paid_fen for batch in mine)
        if paid.get(place, 0) != in_batches:
            yield Said("check.bank", {**said, "batches_fen": in_batches, "paid_fen": paid.get(place, 0)})


def _paid(connection: Connection, asked: Asked) -> Iterable[Any]:
    return subsidies(connection, asked.first, asked.last, **asked.clocks).span
