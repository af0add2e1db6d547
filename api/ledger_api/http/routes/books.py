"""What stands in the books: `/v1/balances`, `/v1/accounts`, `/v1/trial-balance`, `/v1/close-list` and the bank
reconciliation.

Each answer says its position, and carries an ETag that holds until the log grows; but for the close list, which also
says what waits.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response

from ledger.application.closing import open_matters
from ledger.catalogue import say
from ledger.values.dates import Period
from ledger_api.asking import day_of, refuse_unknown
from ledger_api.http.answers import HEADERS, AsOf, At, EntityAsked, Snapshot, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.languages import Language
from ledger_api.http.models import CloseList, MatterModel
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.readings import READ, ReadingHere, kept_first
from ledger_projections.books.balances import AccountBalances, FundBalances, account_balances, fund_balances
from ledger_projections.books.reconciliation import (
    Reconciliation,
    Reconciliations,
    reconciliation,
    reconciliations,
    require_account,
)
from ledger_projections.books.trial_balance import TrialReport, trial_balance

router: Final = APIRouter(tags=["books"], responses=RESPONSES)

EntityNeeded = Annotated[
    str, Query(max_length=64, description="会计主体。 Whose books.", examples=["charity"], alias="entity")
]

EndOf = Annotated[
    str | None, Query(description="哪一天终了;默认截至日或今天。 At the end of which day.", examples=["2025-09-30"])
]


@dataclass(frozen=True, slots=True)
class FundBalancesHere(FundBalances):
    """Every fund that was opened, or that money moved in, by entity and fund. `moved` says that the book was moved to
    another database: these are the balances of then, and nothing comes to them any more.
    """

    moved: bool = False


@router.get(
    "/balances",
    operation_id="read_balances",
    response_model=FundBalancesHere,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_balances(reading: ReadingHere, entity: EntityAsked = None, as_of: AsOf = None, at: At = None) -> Response:
    """What each fund holds and can promise."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> FundBalancesHere:
        held = fund_balances(found.connection, as_of=day_of(as_of), at=found.at, entity=wanted)
        return FundBalancesHere(held.position, held.as_of, held.rows, moved=reading.has_moved)

    return reading.answer(FundBalancesHere, work, entity=wanted, at=at, folded=False)


@router.get(
    "/accounts",
    operation_id="read_accounts",
    response_model=AccountBalances,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_accounts(reading: ReadingHere, entity: EntityAsked = None, as_of: AsOf = None, at: At = None) -> Response:
    """In which bank account, cash box, channel or quota the money of each fund lies."""
    wanted = reading.entity(entity)

    def work(found: Snapshot) -> AccountBalances:
        return account_balances(found.connection, as_of=day_of(as_of), at=found.at, entity=wanted)

    return reading.answer(AccountBalances, work, entity=wanted, at=at, folded=False)


@router.get(
    "/trial-balance",
    operation_id="read_trial_balance",
    response_model=TrialReport,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_trial_balance(
    reading: ReadingHere,
    entity: EntityNeeded,
    period: Annotated[str | None, Query(description="哪个月;默认本月。 Which month.", examples=["2025-09"])] = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """科目余额表: the trial balance of an entity's month; debit equals credit."""
    wanted = reading.entity(entity) or entity
    day = day_of(as_of)
    month = Period.of(day or reading.today) if period is None else Period.parse(period)

    def work(found: Snapshot) -> TrialReport:
        return trial_balance(found.connection, wanted, str(month), at=found.at, as_of=day)

    return reading.answer(TrialReport, work, entity=wanted, at=at, folded=False)


@router.get(
    "/close-list",
    operation_id="read_close_list",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def read_close_list(
    caller: Annotated[Caller, Depends(Door(Permission.BOOKS))],
    service: ServiceHere,
    response: Response,
    language: Language,
    entity: EntityNeeded,
    period: Annotated[str, Query(description="哪个月。 Which month.", examples=["2025-09"])],
    at: At = None,
) -> CloseList:
    """结账清单: what is still open of a month, to be settled or named before its close.

    With `at` the balances are those of that position, as a close judges them by its lock; what waits and what the bank
    says is as it is now, and a month ends on its last day, so that there is no `as_of`.
    """
    wanted = caller.entity(Permission.BOOKS, entity) or entity
    month = str(Period.parse(period))
    with snapshot(service, response, at) as found:
        refuse_unknown(found.connection, wanted, found.at)
        matters = open_matters(found.connection, wanted, month, found.end)
    told = [(one, one.finding(-1, wanted, month)) for one in matters]
    rows = [
        MatterModel(
            what=one.what,
            code=finding.code,
            count=one.count,
            names=list(one.names),
            detail=say(finding.code, language, **dict(finding.params)),
        )
        for one, finding in told
    ]
    return CloseList(position=found.end, entity=wanted, period=month, open=rows)


@router.get(
    "/reconciliations",
    operation_id="list_reconciliations",
    response_model=Reconciliations,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def list_reconciliations(
    reading: ReadingHere, entity: EntityNeeded, on: EndOf = None, as_of: AsOf = None, at: At = None
) -> Response:
    """银行存款余额调节表: bank and book of each account at the end of a day; `on` and `as_of` name it alike."""
    wanted = reading.entity(entity) or entity

    def work(found: Snapshot) -> Reconciliations:
        return reconciliations(found.connection, wanted, reading.at_end_of(on, as_of), at=found.at)

    return reading.answer(Reconciliations, work, entity=wanted, at=at)


@router.get(
    "/reconciliations/{account}",
    operation_id="read_reconciliation",
    response_model=Reconciliation,
    responses=READ,
    openapi_extra=opened_by(Permission.BOOKS),
)
@kept_first
def read_reconciliation(
    account: Annotated[str, Path(max_length=64, description="账户。 The account.", examples=["icbc-9991"])],
    reading: ReadingHere,
    entity: EntityNeeded,
    on: EndOf = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """One account's reconciliation with what only the bank has and what only the book has."""
    wanted = reading.entity(entity) or entity

    def work(found: Snapshot) -> Reconciliation:
        require_account(found.connection, wanted, account, at=found.at)
        return reconciliation(found.connection, wanted, account, reading.at_end_of(on, as_of), at=found.at)

    return reading.answer(Reconciliation, work, entity=wanted, at=at)
