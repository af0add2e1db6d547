"""`/v1/red-flags` and `/v1/self-check`: what the book shows of itself, and the doubts that it would have raised.

Looking signs nothing. What is to be raised is answered as events, which the asker signs and hands in as any voucher.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response

from ledger.application.proposing.context import Context, Options
from ledger.flows.event import Event
from ledger.flows.registry import write_event
from ledger_api.asking import refuse_unknown
from ledger_api.check_sheets import in_parts
from ledger_api.http.answers import HEADERS, At, EntityAsked, Snapshot, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.readings import READ, ReadingHere, kept_first
from ledger_api.http.routes.oversight import models
from ledger_api.self_checks import TESTS, hits, note_of, raised
from ledger_projections.books.late_entries import LateEntry, late_entries
from ledger_projections.charity.receipt_gaps import ReceiptGap, receipt_gaps
from ledger_projections.keeping.answers import Answer
from ledger_projections.public_money.overlaps import Overlap, overlaps
from ledger_projections.public_money.shared_accounts import ApartAccount, SharedAccount, shared_accounts

router: Final = APIRouter(tags=["redress"], responses=RESPONSES)

Reader = Annotated[Caller, Depends(Door(Permission.BOOKS))]


@dataclass(frozen=True, slots=True)
class RedFlags(Answer):
    """What somebody should look at: paid twice over, accounts that several households share (and those that may be),
    receipts that are missing from a run, vouchers entered long after their day.
    """

    position: int
    overlaps: tuple[Overlap, ...]
    shared_accounts: tuple[SharedAccount, ...]
    accounts_shared_by_right: tuple[ApartAccount, ...]
    receipt_gaps: tuple[ReceiptGap, ...]
    late_entries: tuple[LateEntry, ...]


@router.get(
    "/red-flags",
    operation_id="read_red_flags",
    response_model=RedFlags,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_red_flags(reading: ReadingHere, entity: EntityAsked = None, at: At = None) -> Response:
    """红旗: the tests of an auditor's first day. They look at whole histories, so that they have one clock: `at`."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> RedFlags:
        scope: dict[str, Any] = {"at": found.end, "entity": wanted}
        shared = shared_accounts(found.connection, **scope)
        return RedFlags(
            found.end,
            overlaps(found.connection, **scope).rows,
            shared.rows,
            shared.apart,
            receipt_gaps(found.connection, **scope).rows,
            late_entries(found.connection, **scope).rows,
        )

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
    unsigned = [
        models.UnsignedModel(entity=name, note=note_of(part), events=[write_event(one).decode() for one in part])
        for name, part in in_parts(wanted_events)
    ]
    return models.SelfCheck(position=found.head, found=len(listed), rows=rows, vouchers=unsigned)
