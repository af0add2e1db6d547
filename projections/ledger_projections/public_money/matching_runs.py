"""Matching runs (疑点数据汇总表): each list that was compared, what it hit, and what came of its doubts.

The honest rate of refutation says how good a test is, so it stands beside every run. Source: 疑点数据汇总表 (D1).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection

from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.redress.clues import ClueRaised
from ledger.flows.public_money.redress.matching import MatchingPerformed
from ledger_projections.keeping.answers import Answer, per_mille
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.items import items_between
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.doubts import Clue, clues


@dataclass(frozen=True, slots=True)
class MatchingRun(Answer):
    """One run. `hits` were found by it; `raised` are the doubts that were new with it, and the counts after it say how
    they stand. Amounts are fen; `founded_per_mille` is the share of the answered ones that were founded, None when
    nothing is answered.
    """

    position: int
    entity: str
    voucher_date: date
    """凭证日期 of the run; the event itself says of which day the list is, not when it was compared."""
    test: str
    data: str
    data_as_of: date
    organisation: str
    list_digest: str
    file_digest: str
    listed: int
    compared: int
    hits: int
    exposure_fen: int
    raised: int
    issued: int
    founded: int
    partly: int
    refuted: int
    unverifiable: int
    unanswered: int
    confirmed_fen: int
    founded_per_mille: int | None


@dataclass(frozen=True, slots=True)
class MatchingRunList(Answer):
    """Runs in the order in which they were recorded."""

    position: int
    on: date
    rows: tuple[MatchingRun, ...]


def matching_runs(
    connection: Connection, on: date, *, as_of: date | None = None, at: int | None = None, entity: str | None = None
) -> MatchingRunList:
    """Every run that was not taken back by a day (None: by now), of an entity (None: of all)."""
    moment = log_moment(connection, None, at)
    found = items_between(connection, 1, moment.position, ("clue.raised",))
    runs = standing(connection, ("matching.performed",), moment.position, as_of)
    of_run = _of_runs(runs, found)
    stands = {row.clue: row for row in clues(connection, on, as_of=as_of, at=moment.position).rows}
    rows = [
        _row(item, [stands[name] for name in of_run[item.position] if name in stands])
        for item in runs
        if entity in (None, item.entity)
    ]
    return MatchingRunList(moment.position, on, tuple(rows))


def _of_runs(runs: Sequence[Recorded], found: Sequence[Recorded]) -> dict[int, list[str]]:
    """Run (by position) -> the doubts that were raised after it from the same list, before the list came again."""
    by_list: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for item in runs:
        run = cast("MatchingPerformed", item.event)
        by_list[run.test, run.data_as_of, run.source.file_digest].append(item.position)
    raised: defaultdict[int, list[str]] = defaultdict(list)
    for item in found:
        event = item.event
        if isinstance(event, ClueRaised) and event.source is not None:
            places = by_list.get((event.test, event.data_as_of, event.source.file_digest), [])
            before = [place for place in places if place < item.position]
            if places:
                raised[max(before, default=places[0])].append(event.clue)
    return raised


def _row(item: Recorded, doubts: Sequence[Clue]) -> MatchingRun:
    event = cast("MatchingPerformed", item.event)
    results = [row.result for row in doubts]
    founded, partly = results.count("founded"), results.count("partly")
    unverifiable, unanswered = results.count("unverifiable"), results.count(None)
    return MatchingRun(
        item.position,
        item.entity,
        item.voucher_date,
        event.test,
        event.data,
        event.data_as_of,
        event.source.organisation,
        event.list_digest,
        event.source.file_digest,
        event.listed,
        event.compared,
        event.hits,
        event.exposure_fen,
        len(doubts),
        sum(row.issued_on is not None for row in doubts),
        founded,
        partly,
        len(results) - founded - partly - unverifiable - unanswered,
        unverifiable,
        unanswered,
        sum(row.confirmed_fen for row in doubts),
        per_mille(founded + partly, len(results) - unanswered),
    )
