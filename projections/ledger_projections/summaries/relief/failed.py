"""M3 失败及补发清单: every line of the months that did not reach its payee, and older ones that still have not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.enrolments import EnrolmentChanged, EnrolmentConfirmed
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger_projections.keeping.clocks import moment_of
from ledger_projections.keeping.items import reversals_of
from ledger_projections.public_money.failures import Failure, failures
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import lines_of_payments
from ledger_projections.summaries.programmes import Programmes, ordered, programmes
from ledger_projections.summaries.sentences_edges import last_posted_day
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of, total_of, word

M3: Final = columns(
    ("month", "text"),
    ("programme", "text"),
    ("township", "text"),
    ("village", "text"),
    ("enrolment", "text"),
    ("payee_name", "text"),
    ("failed_fen", "fen"),
    ("failure_code", "text"),
    ("bank_said", "text"),
    ("failed_on", "day"),
    ("tries", "count"),
    ("correction", "text"),
    ("state", "text"),
    ("reissue_batch", "text"),
    ("paid_again_on", "day"),
    ("waited", "days"),
    ("unpaid_fen", "fen"),
)


def failure_list(connection: Connection, asked: Asked) -> Table:
    """M3: one row a failed payment. Names stand in the vault; the enrolment's number leads to them."""
    moment = moment_of(connection, [PAYMENT_LINES], asked.as_of, asked.at)
    found = failures(connection, **asked.clocks).rows
    shown = [row for row in found if asked.wants(row.entity) and _shown(row, asked)]
    mine = sorted(shown, key=lambda row: row.month < asked.first)
    known = programmes(connection, asked, moment.position)
    villages = places_of(connection, sorted({row.enrolment for row in mine}), moment.position)
    paid_in = lines_of_payments(connection, moment, _later(mine), ("authorised", "paid"))
    waiting = {row.payment for row in found if row.state != "paid"}
    counted = _counted_to(connection, asked, moment.position)
    places = ordered(known, {(row.entity, row.programme) for row in mine}, asked)
    owners = {one.entity: one.whose for one in places}
    rows, months = [], list[str]()
    for parts in _by_line(mine):
        row = parts[0]
        later = (line for part in parts for line in paid_in[part.reissued_as or part.payment])
        batches = [line.batch for line in later if line.batch != row.batch]
        values = _values(row, known, counted)
        values["failed_fen"] = sum(part.fen for part in parts)
        values["unpaid_fen"] = sum(part.open_fen(waiting) for part in parts)
        values.update(zip(("township", "village"), villages.get(row.enrolment, (None, None)), strict=True))
        values["reissue_batch"] = batches[-1] if batches else row.batch if row.state == "paid" else ""
        tags = [f"payment:{part.payment}" for part in parts]
        whole = (*tags, f"enrolment:{row.enrolment}", f"batch:{row.batch}")
        rows.append(row_of(M3, values, whole, whose=owners.get(row.entity, "")))
        months.append(row.month)
    scopes = (
        Said("table.scope.failures", {"first": asked.first, "last": asked.last}),
        Said("table.scope.waited", {"on": counted}),
    )
    older = sum(month < asked.first for month in months)
    notes = [Said("table.note.names"), *([Said("table.note.older", {"lines": older})] if older else [])]
    return table_of("M3", asked, moment.position, M3, _totalled(rows, len(rows) - older), scopes, notes)


def _counted_to(connection: Connection, asked: Asked, position: int) -> date:
    """Up to which day whoever still waits has waited. The results of a month's batches come after it, and the table
    knows them: it counts to the day that is asked for, else to the last that the book holds.
    """
    day = asked.as_of or max(asked.open_on, last_posted_day(connection, position) or asked.open_on)
    return min(day, asked.today)


def _totalled(rows: Sequence[Row], ours: int) -> list[Row]:
    """The months' own lines with their total, which is that of M1; then the older ones with theirs."""
    found: list[Row] = []
    for part, label in ((rows[:ours], "months"), (rows[ours:], "older")):
        found += [*part, *([total_of(M3, part, word("total", label), {"tries": ""})] if part else [])]
    return found


def places_of(
    connection: Connection, enrolments: Sequence[str], position: int
) -> Mapping[str, tuple[str | None, str | None]]:
    """Enrolment -> township and village as its last decision says."""
    needs = {one: Need(f"enrolment:{one}", ("enrolment.confirmed", "enrolment.changed")) for one in enrolments}
    history = reading.history(connection, list(needs.values()))
    events = defaultdict(list)
    for one, need in needs.items():
        events[one] = [trusted_event(row.kind, row.data) for row in history[need] if row.position <= position]
    gone = reversals_of(connection, [event.id for found in events.values() for event in found], position)
    places: dict[str, tuple[str | None, str | None]] = {}
    for one, found in events.items():
        for event in found:
            if isinstance(event, EnrolmentConfirmed | EnrolmentChanged) and event.id not in gone:
                places[one] = (event.township, event.village)
    return places


def _shown(row: Failure, asked: Asked) -> bool:
    """Of the months, or older and still with nobody."""
    return asked.first <= row.month <= asked.last or (row.month < asked.first and row.state != "paid")


def _by_line(rows: Iterable[Failure]) -> Iterable[Sequence[Failure]]:
    """The failures of one line of the bank together, as far as the same became of them."""
    found: defaultdict[tuple[object, ...], list[Failure]] = defaultdict(list)
    for row in rows:
        found[row.line, row.state, row.paid_again_on, row.times].append(row)
    return found.values()


def _later(rows: Iterable[Failure]) -> list[str]:
    return [row.reissued_as or row.payment for row in rows]


def _values(row: Failure, known: Programmes, counted: date) -> dict[str, Value]:
    return {
        "month": row.month,
        "programme": known.of((row.entity, row.programme)).name,
        "enrolment": row.enrolment,
        "failed_fen": row.fen,
        "failure_code": word("failure", row.code),
        "bank_said": row.reason or "",
        "failed_on": row.failed_on,
        "tries": row.times,
        "state": word("failure", row.state),
        "paid_again_on": row.paid_again_on or "",
        "waited": max(0, (counted - row.failed_on).days) if row.days is None else row.days,
    }
