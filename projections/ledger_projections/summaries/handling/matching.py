"""M6 比对预警: what each comparison of data raised in the months, and what became of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from ledger.flows.public_money.redress.clues import ClueVerified
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.doubts import Clue, acted_on, clues
from ledger_projections.public_money.households.to_do import stops_not_made
from ledger_projections.public_money.matching_runs import MatchingRun, matching_runs
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of, total_of, word

M6: Final = columns(
    ("found_by", "text"),
    ("test", "text"),
    ("data_as_of", "day"),
    ("listed", "lines"),
    ("compared_persons", "persons"),
    ("matched", "lines"),
    ("hits", "lines"),
    ("exposure_fen", "fen"),
    ("issued", "lines"),
    ("founded", "lines"),
    ("refuted", "lines"),
    ("stopped_persons", "persons"),
    ("still_paid_persons", "persons"),
    ("to_recover_fen", "fen"),
    ("unanswered", "lines"),
    ("overdue", "lines"),
)
_MATCHING: Final = "matching"
_FOUNDED: Final = frozenset({"founded", "partly"})

Key = tuple[str, str, date]
"""(source, test, cut-off day of the data); `date.min` where a clue names no day."""


def matching_report(connection: Connection, asked: Asked) -> Table:
    """M6: a row a source, test and cut-off day, of the clues that tests raised and the lists compared in the months."""
    clocks: dict[str, Any] = {"as_of": asked.until, "at": asked.at, "entity": asked.entity}
    found = clues(connection, asked.open_on, **clocks)
    raised = [one for one in found.rows if asked.begin <= one.raised_on <= asked.until]
    mine = [one for one in raised if one.test]
    stopped = _stopped(connection, asked, found.position)
    runs: defaultdict[Key, list[MatchingRun]] = defaultdict(list)
    for run in matching_runs(connection, asked.open_on, **clocks).rows:
        runs[_MATCHING, run.test, run.data_as_of].append(run)
    parts: defaultdict[Key, list[Clue]] = defaultdict(list)
    for one in mine:
        parts[one.found_by, one.test or "", one.data_as_of or date.min].append(one)
    for key, many in runs.items():
        if any(run.voucher_date >= asked.begin for run in many):
            parts.setdefault(key, [])
    paid = _still_paid(connection, asked, found.position)
    rows = [_row(key, part, runs.get(key, ()), (stopped, stopped & paid)) for key, part in sorted(parts.items())]
    scopes = (
        Said("table.scope.raised", asked.days),
        Said("table.scope.compared"),
        Said("table.scope.on", {"on": asked.open_on}),
    )
    persons: dict[str, Value] = {"stopped_persons": len(_people(mine, stopped))}
    persons["still_paid_persons"] = len(_people(mine, stopped & paid))
    total = [total_of(M6, rows, word("word", "total"), persons)] if rows else []
    others = len(raised) - len(mine)
    notes = [*_states(mine), *([Said("table.note.other_clues", {"clues": others})] if others else [])]
    return table_of("M6", asked, found.position, M6, [*rows, *total], scopes, notes)


def _people(many: Iterable[Clue], stopped: Collection[str]) -> set[str]:
    """Of whom a payment was stopped on verification; somebody with two doubts is one."""
    return {one.person or one.clue for one in many if one.clue in stopped}


def _row(key: Key, part: Sequence[Clue], runs: Sequence[MatchingRun], stops: tuple[set[str], set[str]]) -> Row:
    """A source, test and cut-off day; a list that an office compared again counts once, as it was compared last.
    `stops` are the clues whose answer stops a payment, and those of them that a list pays all the same.
    """
    found_by, test, cut_off = key
    lists = {(run.entity, run.list_digest): run for run in runs}.values()
    known: dict[str, Value] = {
        "listed": sum(run.listed for run in lists),
        "compared_persons": sum(run.compared for run in lists),
        "matched": sum(run.hits for run in lists),
    }
    nothing: Value = None if found_by == _MATCHING else ""
    values: dict[str, Value] = {
        "found_by": word("found_by", found_by),
        "test": test or None,
        "data_as_of": None if cut_off == date.min else cut_off,
        **(known if runs else dict.fromkeys(known, nothing)),
        "hits": len(part),
        "exposure_fen": sum(one.exposure_fen for one in part),
        "issued": sum(one.unit is not None for one in part),
        "founded": sum(is_founded(one) for one in part),
        "refuted": sum(one.state == "refuted" for one in part),
        "stopped_persons": len(_people(part, stops[0])),
        "still_paid_persons": len(_people(part, stops[1])),
        "to_recover_fen": sum(one.recover_fen for one in part if is_founded(one)),
        "unanswered": sum(one.state == "assigned" for one in part),
        "overdue": sum(one.overdue for one in part),
    }
    return row_of(M6, values, tuple(f"clue:{one.clue}" for one in part))


@dataclass(frozen=True, slots=True)
class Warned:
    """What comparisons raised in some months: whether the book knows of any comparison or such doubt at all, how many
    doubts of a test there were, and of how many persons a payment was stopped on verification.
    """

    is_held: bool
    doubts: int
    stopped_persons: int


def warned(connection: Connection, asked: Asked) -> Warned:
    """The rows of M6 that name a test, added up; a person with two doubts is one."""
    found = clues(connection, asked.open_on, as_of=asked.until, at=asked.at, entity=asked.entity)
    tested = [one for one in found.rows if one.test]
    mine = [one for one in tested if asked.begin <= one.raised_on <= asked.until]
    stopped = _stopped(connection, asked, found.position)
    held = bool(tested or matching_runs(connection, asked.open_on, **asked.clocks, entity=asked.entity).rows)
    return Warned(held, len(mine), len(_people(mine, stopped)))


def is_founded(one: Clue) -> bool:
    """Whether a clue was found to be true, wholly or in part, or became a finding."""
    return one.state == "confirmed" or one.result in _FOUNDED


def _states(mine: Sequence[Clue]) -> Iterable[Said]:
    """Clues that are neither answered nor refuted: what is missing between 命中 and the other columns."""
    raised = sum(one.state == "raised" for one in mine)
    unclear = sum(one.result == "unverifiable" and one.state == "verified" for one in mine)
    if raised or unclear:
        yield Said("table.note.clues_between", {"raised": raised, "unclear": unclear})


def _stopped(connection: Connection, asked: Asked, position: int) -> set[str]:
    """Clues that were founded by the last day, and whose verification stopped a payment."""
    events = [item.event for item in standing(connection, ("clue.verified",), position, asked.until, acted_on)]
    return {
        one.clue
        for one in events
        if isinstance(one, ClueVerified) and one.result in _FOUNDED and one.stop_from is not None
    }


def _still_paid(connection: Connection, asked: Asked, position: int) -> set[str]:
    """Clues whose answer stops a payment that lists still pay, as far as is known."""
    return {stop.clue for stop, _ in stops_not_made(connection, Moment(position, asked.as_of))}
