"""What went wrong and what came of it: `/v1/doubts`, `/v1/clues`, `/v1/matching-runs`, `/v1/recoveries`."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

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
from ledger_projections.public_money.doubts import clues, doubts, require_kind
from ledger_projections.public_money.doubts_told import DoubtsTold, doubts_told
from ledger_projections.public_money.matching_runs import MatchingRunList, matching_runs
from ledger_projections.public_money.recoveries import RecoveryReport, recoveries
from ledger_projections.summaries.handling.clue_totals import CluesTold, clues_told

router: Final = APIRouter(tags=["redress"], responses=RESPONSES)


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
    remarks: Annotated[
        bool, Query(description="连同审批时的提醒。 What was remarked when something was decided too.")
    ] = False,
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
        clocks: dict[str, Any] = {"as_of": day_of(as_of), "at": found.at}
        listed = doubts(found.connection, entity=wanted, code=code, kept=kept, remarks=remarks, **clocks)
        return doubts_told(found.connection, listed, reading.language)

    return reading.answer(DoubtsTold, work, entity=wanted, at=at)


@router.get(
    "/clues",
    operation_id="list_clues",
    response_model=CluesTold,
    responses=READ_PARTED,
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
@parted_kept_first
def list_clues(
    reading: PartedReadingHere, entity: EntityAsked = None, on: On = None, as_of: AsOf = None, at: At = None
) -> Response:
    """线索台账: where each clue came from, where it stands, what is overdue."""
    wanted = reading.place(entity)

    def work(found: Snapshot) -> CluesTold:
        within = reading.within(found)
        kept = None if within is None else lambda row: within.has_clue(row.clue)
        scope: dict[str, Any] = {"as_of": day_of(as_of), "at": found.at, "entity": wanted, "kept": kept}
        return clues_told(clues(found.connection, reading.on(on, as_of), **scope))

    return reading.answer(CluesTold, work, entity=wanted, at=at)


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
