"""What was promised, raised and allocated: `/v1/pledges`, `/v1/societies`, `/v1/lottery`."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response

from ledger_api.asking import day_of
from ledger_api.http.answers import AsOf, At, EntityAsked, Snapshot
from ledger_api.http.callers import Permission
from ledger_api.http.doors import opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.readings import READ, On, ReadingHere, kept_first
from ledger_projections.charity.pledge_report import PledgeList, PledgeReport, pledge_list, pledge_report
from ledger_projections.charity.societies import SocietyList, societies
from ledger_projections.public_money.lottery.report import LotteryReport, lottery_report

router: Final = APIRouter(tags=["charity"], responses=RESPONSES)

YEAR_FIRST, YEAR_LAST = 1900, 2999


@router.get(
    "/pledges",
    operation_id="list_pledges",
    response_model=PledgeList,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def list_pledges(
    reading: ReadingHere, entity: EntityAsked = None, on: On = None, as_of: AsOf = None, at: At = None
) -> Response:
    """认捐台账: what was promised, what arrived, what is overdue."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> PledgeList:
        return pledge_list(found.connection, reading.on(on, as_of), as_of=day_of(as_of), at=found.at, entity=wanted)

    return reading.answer(PledgeList, work, entity=wanted, at=at)


@router.get(
    "/pledges/{year}",
    operation_id="read_pledge_year",
    response_model=PledgeReport,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_pledge_year(
    year: Annotated[int, Path(ge=YEAR_FIRST, le=YEAR_LAST, description="年度。 The year.", examples=[2025])],
    reading: ReadingHere,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """A year of pledges: promised, arrived, outstanding, the rate."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> PledgeReport:
        clocks: dict[str, Any] = {"as_of": day_of(as_of), "at": found.at}
        return pledge_report(found.connection, year, today=reading.today, entity=wanted, **clocks)

    return reading.answer(PledgeReport, work, entity=wanted, at=at)


@router.get(
    "/societies",
    operation_id="list_societies",
    response_model=SocietyList,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def list_societies(
    reading: ReadingHere, entity: EntityAsked = None, on: On = None, as_of: AsOf = None, at: At = None
) -> Response:
    """互助社: what each raised, granted and holds, and whether it reaches the line of registered funds."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> SocietyList:
        return societies(found.connection, reading.on(on, as_of), as_of=day_of(as_of), at=found.at, entity=wanted)

    return reading.answer(SocietyList, work, entity=wanted, at=at)


@router.get(
    "/lottery",
    operation_id="read_lottery",
    response_model=LotteryReport,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_lottery(
    reading: ReadingHere,
    year: Annotated[
        int | None,
        Query(
            ge=YEAR_FIRST,
            le=YEAR_LAST,
            description="年度(含上年结转,支付按日期计)。 Which year, with what was carried into it.",
        ),
    ] = None,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """福彩公益金: allocated, used, returned and left, by level and purpose, with every project."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> LotteryReport:
        return lottery_report(found.connection, year=year, as_of=day_of(as_of), at=found.at, entity=wanted)

    return reading.answer(LotteryReport, work, entity=wanted, at=at)
