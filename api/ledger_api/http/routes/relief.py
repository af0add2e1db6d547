"""Aid from public money: `/v1/subsidies`, `/v1/batches`, `/v1/failures`, `/v1/rosters`, and the year's figures.

Months are those of the batches. Who may see one entity only is answered for that entity.
"""

from dataclasses import dataclass
from datetime import date
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
    PartedReadingHere,
    Programme,
    Reading,
    ReadingHere,
    kept_first,
    parted_kept_first,
)
from ledger_api.spans import months_from, usual_month, year_to
from ledger_api.tables.speaking import Speech
from ledger_api.telling.paragraphs import figure_scope
from ledger_projections.figures import figures
from ledger_projections.keeping.answers import Answer
from ledger_projections.public_money.batches import BatchList, batches
from ledger_projections.public_money.failures import FailureList, failures
from ledger_projections.public_money.rosters import rosters
from ledger_projections.public_money.subsidies import newest_month, newest_paid_month
from ledger_projections.summaries.programmes import require_programme
from ledger_projections.summaries.relief.totals import (
    RostersTold,
    SubsidiesTold,
    programmes_of,
    rosters_told,
    schemes_of,
    subsidies_told,
)

router: Final = APIRouter(tags=["relief"], responses=RESPONSES)

Month = Annotated[
    str | None,
    Query(description="哪个月;默认最近有发放的一月。 Which month; else the newest.", examples=["2025-09"]),
]
Until = Annotated[str | None, Query(description="到哪个月。 Up to which month.", examples=["2025-12"])]
Scheme = Annotated[
    str | None,
    Query(
        description="救助类别,几个用逗号隔开,或 relief、listed。 Which schemes, apart by commas, or a set of them.",
        examples=["rural_dibao,urban_dibao"],
    ),
]


@dataclass(frozen=True, slots=True)
class FiguresTold(Answer):
    """What an annual report says in numbers, of an entity (None: of all): by key the value, its unit, the programmes
    it takes in, whose it is where that must be said (with their `names`), and its scope.

    `begun` has the entities whose books were taken over within the months, with the day, and `paid_since` the first
    month of payments where that is later than `first`: sums hold only what came since.
    """

    position: int
    as_of: str | None
    first: str
    last: str
    entity: str | None
    figures: dict[str, int]
    units: dict[str, str]
    schemes: dict[str, list[str]]
    entities: dict[str, list[str]]
    scopes: dict[str, str]
    names: dict[str, str]
    begun: dict[str, str]
    paid_since: str | None


@router.get(
    "/subsidies",
    operation_id="read_subsidies",
    response_model=SubsidiesTold,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_subsidies(
    reading: ReadingHere,
    month: Month = None,
    until: Until = None,
    programme: Programme = None,
    scheme: Scheme = None,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """补助发放进度: households, persons, authorised, paid, returned, failed; the batches; and the totals."""
    wanted, day, schemes = reading.entity(entity), day_of(as_of), schemes_of(scheme)

    def work(found: Snapshot) -> SubsidiesTold:
        require_programme(found.connection, programme, entity=wanted, at=found.at)
        scope: dict[str, Any] = {"as_of": day, "at": found.at, "programme": programme, "entity": wanted}
        return subsidies_told(found.connection, _months(found, reading, (month, until), day, wanted), schemes, **scope)

    return reading.answer(SubsidiesTold, work, entity=wanted, at=at)


@router.get(
    "/batches",
    operation_id="list_batches",
    response_model=BatchList,
    responses=READ_PARTED,
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
@parted_kept_first
def list_batches(
    reading: PartedReadingHere,
    month: Annotated[str | None, Query(description="从哪个月。 From which month.", examples=["2025-09"])] = None,
    until: Until = None,
    programme: Programme = None,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """发放批次: where every fen of each batch is; prepared = paid + pending + failed + cancelled. Whoever sees some
    townships only sees their batches, and none of the whole county.
    """
    wanted = reading.place(entity)
    first, last = months_from(month, until)

    def work(found: Snapshot) -> BatchList:
        require_programme(found.connection, programme, entity=wanted, at=found.at)
        within = reading.within(found)
        return batches(
            found.connection,
            first=first,
            last=last,
            programme=programme,
            as_of=day_of(as_of),
            at=found.at,
            entity=wanted,
            kept=None if within is None else lambda row: within.has(row.township),
        )

    return reading.answer(BatchList, work, entity=wanted, at=at)


@router.get(
    "/failures",
    operation_id="list_failures",
    response_model=FailureList,
    responses=READ_PARTED,
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
@parted_kept_first
def list_failures(
    reading: PartedReadingHere,
    month: Annotated[str | None, Query(description="哪个月的批次。 Of which month.", examples=["2025-09"])] = None,
    until: Until = None,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """失败与补发: payments that failed, why, and what was done about them."""
    wanted = reading.place(entity)
    chosen, last = months_from(month, until)

    def work(found: Snapshot) -> FailureList:
        within = reading.within(found)
        kept = None if within is None else lambda row: within.has_enrolment(row.enrolment)
        clocks: dict[str, Any] = {"as_of": day_of(as_of), "at": found.at}
        return failures(found.connection, month=chosen, last=last, entity=wanted, kept=kept, **clocks)

    return reading.answer(FailureList, work, entity=wanted, at=at)


@router.get(
    "/rosters",
    operation_id="read_rosters",
    response_model=RostersTold,
    responses=READ_PARTED,
    openapi_extra=opened_by(Permission.BOOKS, parted=True),
)
@parted_kept_first
def read_rosters(
    reading: PartedReadingHere,
    month: Month = None,
    until: Until = None,
    programme: Programme = None,
    scheme: Scheme = None,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """花名册增减: who was there, came and left, by programme and month, and in all."""
    wanted, day, schemes = reading.place(entity), day_of(as_of), schemes_of(scheme)

    def work(found: Snapshot) -> RostersTold:
        require_programme(found.connection, programme, entity=wanted, at=found.at)
        first, last = _months(found, reading, (month, until), day, wanted)
        within = reading.within(found)
        names = None if within is None else within.names
        scope: dict[str, Any] = {"as_of": day, "at": found.at, "entity": wanted, "townships": names}
        every = rosters(found.connection, first, last, programme=programme, **scope)
        return rosters_told(every, schemes, programmes_of(found.connection, every.position, schemes))

    return reading.answer(RostersTold, work, entity=wanted, at=at)


@router.get(
    "/figures",
    operation_id="read_figures",
    response_model=FiguresTold,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_figures(
    reading: ReadingHere,
    first: Annotated[str | None, Query(alias="from", description="从哪个月;默认当年一月。 First month.")] = None,
    last: Annotated[str | None, Query(alias="to", description="到哪个月;默认最近已发放的。 Last month.")] = None,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """年度数字: what an annual report says in numbers, each with its scope, which names the entities where it adds up
    several.
    """
    wanted, day, speech = reading.entity(entity), day_of(as_of), Speech(reading.language)

    def work(found: Snapshot) -> FiguresTold:
        newest = usual_month(newest_paid_month, found.connection, (day, found.at), reading.today, wanted)
        since, until = year_to(first, newest if last is None else last)
        told = figures(found.connection, since, until, as_of=day, at=found.at, entity=wanted)
        return FiguresTold(
            told.position,
            None if told.as_of is None else told.as_of.isoformat(),
            told.first,
            told.last,
            told.entity,
            dict(told.by_key()),
            {one.key: one.unit for one in told.rows},
            {one.key: list(one.schemes) for one in told.rows},
            {one.key: list(one.entities) for one in told.rows},
            {one.key: figure_scope(speech, told, one) for one in told.rows},
            dict(told.names),
            {name: begun.isoformat() for name, begun in told.begun.items()},
            told.paid_since,
        )

    return reading.answer(FiguresTold, work, entity=wanted, at=at)


def _months(
    found: Snapshot,
    reading: Reading,
    months: tuple[str | None, str | None],
    as_of: date | None,
    entity: str | None,
) -> tuple[str, str]:
    """The months that are asked for; without any, the newest in which the entity had payments then."""
    month, until = months
    if month is None:
        month = usual_month(newest_month, found.connection, (as_of, found.at), reading.today, entity)
    return months_from(month, until)
