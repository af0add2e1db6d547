"""M6 比对预警: what each comparison of data raised in the months, and what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.flows.public_money.redress.clues import ClueVerified
from ledger_projections.public_money.doubts import Clue, clues
from ledger_projections.summaries.standing import standing
from ledger_projections.summaries.table import Asked, Said, Table, columns, row_of, table_of, total_of, word

M6: Final = columns(
    ("found_by", "text"),
    ("test", "text"),
    ("data_as_of", "day"),
    ("compared_persons", "persons"),
    ("hits", "lines"),
    ("exposure_fen", "fen"),
    ("issued", "lines"),
    ("founded", "lines"),
    ("refuted", "lines"),
    ("stopped", "lines"),
    ("to_recover_fen", "fen"),
    ("unanswered", "lines"),
    ("overdue", "lines"),
)
_FOUNDED: Final = frozenset({"founded", "partly"})


def matching_report(connection: Connection, asked: Asked) -> Table:
    """M6: a row a source, test and cut-off day, of the clues that were raised in the months."""
    found = clues(connection, asked.open_on, at=asked.at, entity=asked.entity)
    mine = [one for one in found.rows if asked.begin <= one.raised_on <= asked.until]
    stopped = _stopped(connection, found.position)
    parts: defaultdict[tuple[str, str, date], list[Clue]] = defaultdict(list)
    for one in mine:
        parts[one.found_by, one.test or "", one.data_as_of or date.min].append(one)
    rows = []
    for (found_by, test, cut_off), part in sorted(parts.items()):
        values = {
            "found_by": word("found_by", found_by),
            "test": test or None,
            "data_as_of": None if cut_off == date.min else cut_off,
            "hits": len(part),
            "exposure_fen": sum(one.exposure_fen for one in part),
            "issued": sum(one.unit is not None for one in part),
            "founded": sum(is_founded(one) for one in part),
            "refuted": sum(one.state == "refuted" for one in part),
            "stopped": sum(one.clue in stopped for one in part),
            "to_recover_fen": sum(one.recover_fen for one in part),
            "unanswered": sum(one.state == "assigned" for one in part),
            "overdue": sum(one.overdue for one in part),
        }
        rows.append(row_of(M6, values, tuple(f"clue:{one.clue}" for one in part)))
    scopes = (
        Said("table.scope.raised", {"first": asked.begin, "last": asked.until}),
        Said("table.scope.on", {"on": asked.open_on}),
    )
    notes = [*_states(mine), Said("table.note.as_of_position")]
    rows = [*rows, total_of(M6, rows, word("word", "total"))] if rows else []
    return table_of("M6", asked, found.position, M6, rows, scopes, notes)


def is_founded(one: Clue) -> bool:
    """Whether a clue was found to be true, wholly or in part, or became a finding."""
    return one.state == "confirmed" or one.result in _FOUNDED


def _states(mine: Sequence[Clue]) -> Iterable[Said]:
    """Clues that are neither answered nor refuted: what is missing between 命中 and the other columns."""
    raised = sum(one.state == "raised" for one in mine)
    unclear = sum(one.result == "unverifiable" and one.state == "verified" for one in mine)
    if raised or unclear:
        yield Said("table.note.clues_between", {"raised": raised, "unclear": unclear})


def _stopped(connection: Connection, position: int) -> set[str]:
    """Clues whose verification stopped a payment."""
    events = [item.event for item in standing(connection, ("clue.verified",), position)]
    return {one.clue for one in events if isinstance(one, ClueVerified) and one.stop_from is not None}
