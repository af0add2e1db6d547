"""M4 三方核对表: the province's system, the roster, the list that was sent, what the bank made of it, and what finance
paid, side by side in households, persons and money; under each programme every two of them that differ, and why.

A payment order names money only, so finance counts households and persons of the lists that it paid. Its money less the
bank's must lie in transit, and the book's own balance of that account says whether it does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.public_money.payment.transit import BatchUnspentReturned
from ledger.values.dates import Period, periods
from ledger_projections.books.balances import account_balances
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.batches import Batch, batches
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import Place, persons_by_batch
from ledger_projections.public_money.roster_lines import ROSTERS
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.summaries.programmes import Programme, named, once, ordered, programmes
from ledger_projections.summaries.relief.compared import Difference, chained, differences, explained, merged
from ledger_projections.summaries.relief.counts import Count, Parts, added
from ledger_projections.summaries.relief.differences import NO_ROADS, Roads, roads
from ledger_projections.summaries.relief.province import (
    Counted,
    by_township,
    of_other_offices,
    province_values,
    provincial,
    remarked,
)
from ledger_projections.summaries.table import (
    Asked,
    Column,
    Row,
    RowKind,
    Said,
    Table,
    Value,
    columns,
    row_of,
    table_of,
    total_of,
)

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
    ("beyond_fen", "fen"),
    ("funded_fen", "fen"),
    ("carried_fen", "fen"),
    ("unspent_fen", "fen"),
    ("finance_household_times", "times"),
    ("finance_person_times", "times"),
    ("finance_fen", "fen"),
    ("difference_household_times", "times"),
    ("difference_person_times", "times"),
    ("difference_fen", "fen"),
    ("explanation", "text"),
    ("province_note", "text"),
)

_SPAN: Final = {
    "province_households": "province_household_times",
    "province_persons": "province_person_times",
    "roster_households": "roster_household_times",
    "roster_persons": "roster_person_times",
    "gap_households": "gap_household_times",
    "gap_persons": "gap_person_times",
}
"""Who stands in several months' counts is counted in each of them, 户次 and 人次, and the columns are called so."""
M4_SPAN: Final = tuple(Column(_SPAN[one.key], "times") if one.key in _SPAN else one for one in M4)
"""M4 of several months: all its sides are added over them, so that they can be held against each other."""

GAP: Final = ("gap_persons", _SPAN["gap_persons"])
"""What the column is called, over one month or several, that only those have whom the province counted."""
DIFFERENCE: Final = ("difference_household_times", "difference_person_times", "difference_fen")
"""Of a programme, what finance has more than the bank; of a part, the first of its two sides more than the other."""

OF_PROVINCE: Final = ("province_", "gap_")
"""How the columns begin that only programmes have which the province counted."""

_PLACES: Final = {column.key: place for place, column in enumerate(M4)}

Sent = tuple[str, str]
"""(entity, batch)."""


def three_way(connection: Connection, asked: Asked) -> Table:
    """M4: a row a programme, over the batches of the months, and a part for every two sides that differ. Of several
    months the roster and the province's counts are added as the other sides are.
    """
    heads = M4 if asked.months == 1 else M4_SPAN
    moment = moment_of(connection, [PAYMENT_LINES, ROSTERS], asked.as_of, asked.at)
    found = batches(connection, first=asked.first, last=asked.last, **asked.clocks).rows
    sent: defaultdict[Place, list[Batch]] = defaultdict(list)
    for batch in found:
        sent[batch.entity, batch.programme].append(batch)
    known = programmes(connection, asked, moment.position)
    months = [str(one) for one in periods(Period.parse(asked.first), Period.parse(asked.last))]
    carried = _carried_in(connection, moment)
    counted = {month: provincial(connection, moment, month) for month in months}
    in_province = {place for of_month in counted.values() for place in of_month}
    leads = roads(connection, moment, asked, months, sent, carried, lambda place: known.of(place).is_once)
    listed = {place: held for place, road in leads.items() if (held := road.roster).households}
    shown = ordered(known, {*sent, *listed, *in_province}, asked)
    persons = persons_by_batch(connection, moment, [batch.batch for batch in found])
    others = of_other_offices([place for place, road in leads.items() if road.roster], in_province, known)
    rows, told = [], []
    for one in shown:
        place = (one.entity, one.programme)
        mine, road = sent.get(place, []), leads.get(place, NO_ROADS)
        values = _values(one, mine, listed.get(place), carried, road)
        values["bank_person_times"] = sum(persons.get(_sent(batch), 0) for batch in mine)
        provinces = {month: counted[month].get(place) for month in months}
        sides = _sides(values, provinces) | {"roster": None if one.is_once else road.roster}
        beside = [leads[other] for other in others.get(place, ())]
        differ = differences(sides, _remarked(provinces, road, one, beside), road)
        values |= next((_counts(pair) for pair in differ if pair.pair == ("finance", "bank")), {})
        values |= province_values(provinces, listed.get(place), is_once=one.is_once)
        values["explanation"] = explained(differ, _no_order(values, mine))
        tags = (one.tag, *(f"batch:{batch.batch}" for batch in mine))
        rows.append(_row(heads, values, tags, whose=one.whose))
        told.append(differ)
    names = named(shown)
    totals = _totals(heads, rows, Said("table.total.set", {"programmes": names}))
    scopes = (
        Said("table.scope.months", {"first": asked.first, "last": asked.last}),
        Said("table.scope.three_way"),
        Said("table.scope.finance_count"),
        Said("table.scope.differences"),
        Said("table.scope.set", {"programmes": names}),
    )
    labels = {(one.entity, one.programme): one.label for one in shown}
    checks = [*_checks(connection, asked, sent, carried, labels), *_unexplained(shown, told)]
    apart = [Said("table.note.uncounted")] if len(totals) > 1 else []
    notes = [*checks, *_uncounted(counted), *apart, *once(shown)]
    made = [part for row, differ in zip(rows, told, strict=True) for part in (row, *_parts(heads, differ, row.whose))]
    made += [*totals, *_parts(heads, merged(told))] if rows else []
    return table_of("M4", asked, moment.position, heads, made, scopes, notes)


def _row(
    heads: Sequence[Column], values: Mapping[str, Value], tags: Iterable[str], kind: RowKind = "row", whose: str = ""
) -> Row:
    """A row of the table's columns, whatever they are called over its months."""
    named_so = values if heads is M4 else {_SPAN.get(key, key): one for key, one in values.items()}
    return row_of(heads, named_so, tags, kind, whose)


def _uncounted(counted: Mapping[str, Mapping[Place, Counted]]) -> Iterable[Said]:
    """The months of which the province's counts are not in the book."""
    without = [month for month, found in counted.items() if not found]
    if len(without) == len(counted):
        yield Said("table.note.province")
    elif without:
        yield Said("table.note.province_months", {"months": "、".join(without)})


Provinces = Mapping[str, Counted | None]
"""Month -> what the province counted."""


def _sides(values: Mapping[str, Value], provinces: Provinces) -> dict[str, Count | None]:
    """What each side but the roster counts over the months; None where the book does not know it."""

    def count(*names: str) -> Count | None:
        known = [value for name in names if isinstance(value := values.get(name), int)]
        return Count(*known) if len(known) == len(names) else None

    all_counted = [one for one in provinces.values() if one is not None]
    return {
        "province": added(one.count for one in all_counted) if len(all_counted) == len(provinces) else None,
        "bank": count("bank_household_times", "bank_person_times", "bank_fen"),
        "finance": count("finance_household_times", "finance_person_times", "finance_fen"),
    }


def _remarked(provinces: Provinces, road: Roads, one: Programme, beside: Sequence[Roads]) -> Parts:
    """What the exports' remarks are about, and what of their counts other offices have on their rosters, `beside`; of
    aid given once the remarks stand beside the lists.
    """
    said = {month: found for month, found in provinces.items() if found is not None}
    if one.is_once:
        is_said = any(found.remarked for found in said.values())
        return {"remarked": added(found.count for found in said.values()) - road.listed} if is_said else {}
    rosters = {month: by_township([one.rosters.get(month, {}) for one in (road, *beside)]) for month in said}
    return {
        "remarked": added(remarked(found, rosters[month]) for month, found in said.items()),
        "other_office": added(one.roster_of(month) for month in said for one in beside),
    }


def _parts(heads: Sequence[Column], told: Sequence[Difference], whose: str = "") -> Iterable[Row]:
    """A row for every two sides that differ, of the entity of the row that it explains."""
    blank: dict[str, Value] = {column.key: "" for column in M4}
    for one in told:
        if not one.is_none:
            said: dict[str, Value] = {"programme": one.between, "explanation": one.explanation}
            yield _row(heads, {**blank, **said, **_counts(one)}, (), "part", whose)


def _counts(one: Difference) -> dict[str, Value]:
    """What two sides differ by, in the columns of a difference."""
    return dict(zip(DIFFERENCE, (one.count.households, one.count.persons, one.count.fen), strict=True))


def _no_order(values: Mapping[str, Value], sent: Sequence[Batch]) -> Iterable[Said]:
    """That the book knows of no payment order for anything that was listed."""
    return [Said("table.explain.no_order")] if sent and "finance_fen" not in values else []


def _unexplained(shown: Sequence[Programme], told: Sequence[Sequence[Difference]]) -> Iterable[Said]:
    """What is left of the differences when all that is known was taken off."""
    for one, differ in zip(shown, told, strict=True):
        for pair in chained(differ):
            rest = {"households": pair.rest.households, "persons": pair.rest.persons}
            if pair.rest and pair.pair == ("province", "roster"):
                yield Said("check.province", {"programme": one.label, **rest, "gap_fen": pair.rest.fen})
            elif pair.rest:
                said = {"programme": one.label, "between": pair.between, **rest, "rest_fen": pair.rest.fen}
                yield Said("check.three_way", said)


def _totals(heads: Sequence[Column], rows: Sequence[Row], label: Said) -> list[Row]:
    """The total, in which a difference stands only where both its sides take in the same programmes; those that the
    province counted have a total of their own.
    """
    compared = [row for row in rows if _cell(row, "gap_persons") is not None]
    is_apart = any(_cell(row, "roster_persons") is not None and row not in compared for row in rows)
    no_order = any(_cell(row, "bank_fen") and _cell(row, "difference_fen") is None for row in rows)
    blank: dict[str, Value] = dict.fromkeys(DIFFERENCE, "") if no_order else {}
    if not compared or not is_apart:
        return [total_of(heads, rows, label, blank)]
    apart = {column.key: "" for column in heads if column.key.startswith(OF_PROVINCE)}
    return [
        total_of(heads, compared, Said("table.total.compared"), blank),
        total_of(heads, rows, label, {**apart, **blank}),
    ]


def _cell(row: Row, key: str) -> Value:
    return row.cells[_PLACES[key]]


def _values(
    one: Programme, sent: Sequence[Batch], listed: Count | None, carried: Mapping[Sent, int], road: Roads
) -> dict[str, Value]:
    values: dict[str, Value] = {"programme": one.name}
    if listed is not None:
        values["roster_households"] = listed.households
        values["roster_persons"] = listed.persons
        values["roster_fen"] = listed.fen
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
        "beyond_fen": sum(batch.beyond_fen for batch in sent),
    }
    if not any(batch.funded_fen or carried.get(_sent(batch)) for batch in sent):
        return values
    funded = sum(batch.funded_fen for batch in sent)
    brought = sum(carried.get(_sent(batch), 0) for batch in sent)
    unspent = sum(batch.unspent_returned_fen for batch in sent)
    finance = funded + brought - unspent
    return {
        **values,
        "funded_fen": funded,
        "carried_fen": brought,
        "unspent_fen": unspent,
        "finance_fen": finance,
        "finance_household_times": road.ordered.households,
        "finance_person_times": road.ordered.persons,
    }


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
    labels: Mapping[Place, str],
) -> Iterable[Said]:
    """Transit accounts that hold something else than the difference; payments that no batch of the months explains."""
    held: defaultdict[Sent, int] = defaultdict(int)
    for row in account_balances(connection, **asked.clocks).rows:
        held[row.entity, row.account] += row.balance_fen if row.role == Role.TRANSIT else 0
    paid = {(row.entity, row.programme): row.paid_fen for row in _paid(connection, asked)}
    for place, mine in sent.items():
        if not asked.wants(place[0]):
            continue
        said: dict[str, Any] = {"programme": labels[place]}
        for batch in mine:
            if batch.overrun_fen:
                road = batch.prepared_fen + batch.overrun_fen
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
