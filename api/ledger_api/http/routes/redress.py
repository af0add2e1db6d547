"""What went wrong and what came of it: `/v1/doubts`, `/v1/clues`, `/v1/matching-runs`, `/v1/recoveries`."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from ledger.catalogue import say
from ledger_api.asking import day_of
from ledger_api.http.answers import AsOf, At, EntityAsked, Snapshot
from ledger_api.http.callers import Permission
from ledger_api.http.doors import opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.readings import (
    READ,
    READ_PARTED,
    On,
    PartedReadingHere,
    ReadingHere,
    kept_first,
    parted_kept_first,
)
from ledger_projections.keeping.answers import Answer
from ledger_projections.public_money.doubts import ClueList, Doubt, clues, doubts, require_kind
from ledger_projections.public_money.doubts_told import details_told
from ledger_projections.public_money.matching_runs import MatchingRunList, matching_runs
from ledger_projections.public_money.recoveries import RecoveryReport, recoveries

router: Final = APIRouter(tags=["redress"], responses=RESPONSES)


@dataclass(frozen=True, slots=True)
class DoubtTold(Doubt):
    """A doubt with its sentence in the reader's language."""

    message: str


@dataclass(frozen=True, slots=True)
class DoubtsTold(Answer):
    """Doubts by position; `counts` says how many there are of each code, those that are settled left out."""

    position: int
    as_of: date | None
    rows: tuple[DoubtTold, ...]
    counts: dict[str, int]


@router.get(
    "/doubts",
    operation_id="list_doubts",
    response_model=DoubtsTold,
    responses=READ_PARTED,
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
@parted_kept_first
def list_doubts(
    reading: PartedReadingHere,
    code: Annotated[
        str | None, Query(max_length=64, description="只看一种。 One kind only.", examples=["W_PAYEE_DEAD"])
    ] = None,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """疑点: recorded facts that broke a rule, one by one."""
    wanted = reading.place(entity)

    def work(found: Snapshot) -> DoubtsTold:
        require_kind(found.connection, code)
        within = reading.within(found)
        kept = None if within is None else within.has_positions
        listed = doubts(found.connection, as_of=day_of(as_of), at=found.at, entity=wanted, code=code, kept=kept)
        details = details_told(found.connection, listed.rows, listed.position)
        rows = tuple(
            DoubtTold(**_fields(row), message=say(row.code, reading.language, **detail))
            for row, detail in zip(listed.rows, details, strict=True)
        )
        return DoubtsTold(listed.position, listed.as_of, rows, dict(listed.counts))

    return reading.answer(DoubtsTold, work, entity=wanted, at=at)


@router.get(
    "/clues",
    operation_id="list_clues",
    response_model=ClueList,
    responses=READ_PARTED,
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
@parted_kept_first
def list_clues(
    reading: PartedReadingHere, entity: EntityAsked = None, on: On = None, as_of: AsOf = None, at: At = None
) -> Response:
    """线索台账: where each clue came from, where it stands, what is overdue."""
    wanted = reading.place(entity)

    def work(found: Snapshot) -> ClueList:
        within = reading.within(found)
        kept = None if within is None else lambda row: within.has_clue(row.clue)
        scope: dict[str, Any] = {"as_of": day_of(as_of), "at": found.at, "entity": wanted, "kept": kept}
        return clues(found.connection, reading.on(on, as_of), **scope)

    return reading.answer(ClueList, work, entity=wanted, at=at)


@router.get(
    "/matching-runs",
    operation_id="list_matching_runs",
    response_model=MatchingRunList,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def list_matching_runs(
    reading: ReadingHere, entity: EntityAsked = None, on: On = None, as_of: AsOf = None, at: At = None
) -> Response:
    """疑点数据汇总表: the lists that were compared, and what came of each."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> MatchingRunList:
        return matching_runs(found.connection, reading.on(on, as_of), as_of=day_of(as_of), at=found.at, entity=wanted)

    return reading.answer(MatchingRunList, work, entity=wanted, at=at)


@router.get(
    "/recoveries",
    operation_id="list_recoveries",
    response_model=RecoveryReport,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def list_recoveries(
    reading: ReadingHere, entity: EntityAsked = None, on: On = None, as_of: AsOf = None, at: At = None
) -> Response:
    """追缴与整改台账: ordered, collected, open and aged; matters and where they stand."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> RecoveryReport:
        return recoveries(found.connection, reading.on(on, as_of), as_of=day_of(as_of), at=found.at, entity=wanted)

    return reading.answer(RecoveryReport, work, entity=wanted, at=at)


def _fields(row: Doubt) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(row)}
