"""`/v1/red-flags` and `/v1/self-check`: what the book shows of itself, and the doubts that it would have raised.

Looking signs nothing. What is to be raised is answered as events, which the asker signs and hands in as any voucher.
"""

from collections import defaultdict
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.relief.terms.exclusions import names_of, unset_by_entity
from ledger.flows.event import Event
from ledger_api.asking import day_of, refuse_unknown
from ledger_api.http.answers import HEADERS, AsOf, At, EntityAsked, Snapshot, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.readings import READ, ReadingHere, kept_first
from ledger_api.http.routes.oversight import models
from ledger_api.self_checks import TESTS, hits, note_of, raised
from ledger_projections.red_flags import RedFlags, red_flags

router: Final = APIRouter(tags=["redress"], responses=RESPONSES)

Reader = Annotated[Caller, Depends(Door(Permission.BOOKS))]


@router.get(
    "/red-flags",
    operation_id="read_red_flags",
    response_model=RedFlags,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_red_flags(reading: ReadingHere, entity: EntityAsked = None, as_of: AsOf = None, at: At = None) -> Response:
    """红旗: the tests of an auditor's first day. Of late vouchers `as_of` says which are asked for, by their dates: how
    late they came is of the order of the log, so that only `at` changes it.
    """
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> RedFlags:
        return red_flags(found.connection, as_of=day_of(as_of), at=found.end, entity=wanted)

    return reading.answer(RedFlags, work, entity=wanted, at=at)


@router.get(
    "/self-check",
    operation_id="read_self_check",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def read_self_check(
    caller: Reader, service: ServiceHere, response: Response, entity: EntityAsked = None
) -> models.SelfCheck:
    """自查: doubts that the payments of the book raise now and nobody has raised before, with the vouchers that raise
    them, unsigned. It looks at what stands now, so that it has neither of the two clocks.
    """
    wanted = caller.entity(Permission.BOOKS, entity)
    context = Context(service.store, service.book.vault, Options(caller.officer or "", service.today()))
    with snapshot(service, response, folded=True) as found:
        refuse_unknown(found.connection, wanted, found.at)
        listed = [one for one in hits(found.connection, context) if wanted in {None, one.entity}]
    rows: list[models.DoubtFound] = []
    wanted_events: defaultdict[str, list[Event]] = defaultdict(list)
    for hit, event in raised(context, listed):
        clue = str(getattr(event, "clue", ""))
        rows.append(
            models.DoubtFound(
                entity=hit.entity,
                clue=clue,
                test=TESTS[hit.test],
                township=hit.township,
                exposure_fen=hit.fen,
                summary=hit.summary,
            )
        )
        wanted_events[hit.entity].append(event)
    unset = [pair for name, pairs in unset_by_entity(context).items() if wanted in {None, name} for pair in pairs]
    return models.SelfCheck(
        position=found.head,
        found=len(listed),
        rows=rows,
        vouchers=models.unsigned(wanted_events, note_of),
        exclusions_unset=names_of(unset),
    )
