"""What stands in the books: `/v1/balances`, `/v1/accounts`, `/v1/trial-balance`. Each answer says its position."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from ledger.values.dates import Period
from ledger_api.asking import day_of, refuse_unknown
from ledger_api.http.answers import HEADERS, AsOf, At, EntityAsked, snapshot
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.kept import kept
from ledger_api.http.problems import RESPONSES
from ledger_projections.books.balances import AccountBalances, FundBalances, account_balances, fund_balances
from ledger_projections.books.trial_balance import TrialReport, trial_balance

router: Final = APIRouter(tags=["books"], responses=RESPONSES)

Reader = Annotated[Caller, Depends(Door(Permission.BOOKS))]

FUNDS: Final = TypeAdapter(FundBalances)
ACCOUNTS: Final = TypeAdapter(AccountBalances)


@router.get(
    "/balances",
    operation_id="read_balances",
    response_model=FundBalances,
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
async def read_balances(
    request: Request,
    caller: Reader,
    service: ServiceHere,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """What each fund holds and can promise."""
    wanted = caller.entity(Permission.BOOKS, entity)

    def read(response: Response) -> FundBalances:
        with snapshot(service, response, at) as found:
            refuse_unknown(found.connection, wanted, found.at)
            return fund_balances(found.connection, as_of=day_of(as_of), at=found.at, entity=wanted)

    return await kept(request, ("fund_balances", wanted, as_of) if at is None else None, FUNDS, read)


@router.get(
    "/accounts",
    operation_id="read_accounts",
    response_model=AccountBalances,
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
async def read_accounts(
    request: Request,
    caller: Reader,
    service: ServiceHere,
    entity: EntityAsked = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """In which bank account, cash box, channel or quota the money of each fund lies."""
    wanted = caller.entity(Permission.BOOKS, entity)

    def read(response: Response) -> AccountBalances:
        with snapshot(service, response, at) as found:
            refuse_unknown(found.connection, wanted, found.at)
            return account_balances(found.connection, as_of=day_of(as_of), at=found.at, entity=wanted)

    return await kept(request, ("account_balances", wanted, as_of) if at is None else None, ACCOUNTS, read)


@router.get(
    "/trial-balance",
    operation_id="read_trial_balance",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.BOOKS),
)
def read_trial_balance(
    entity: Annotated[str, Query(max_length=64, description="会计主体。 Whose books.", examples=["charity"])],
    caller: Reader,
    service: ServiceHere,
    response: Response,
    period: Annotated[str | None, Query(description="哪个月;默认本月。 Which month.", examples=["2025-09"])] = None,
    as_of: AsOf = None,
    at: At = None,
) -> TrialReport:
    """科目余额表: the trial balance of an entity's month; debit equals credit."""
    wanted = caller.entity(Permission.BOOKS, entity) or entity
    day = day_of(as_of)
    month = Period.of(day or service.today()) if period is None else Period.parse(period)
    with snapshot(service, response, at) as found:
        refuse_unknown(found.connection, wanted, found.at)
        return trial_balance(found.connection, wanted, str(month), at=found.at, as_of=day)
