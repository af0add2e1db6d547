"""`/v1/hooks`: who is told of new vouchers, and how that goes. `charity-ledger hooks` sets them up."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from ledger_api.hooks.registry import Hook
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.models import Instant, Strict
from ledger_api.http.problems import RESPONSES

router: Final = APIRouter(tags=["service"], responses=RESPONSES)

Keeper = Annotated[Caller, Depends(Door(Permission.SYSTEM))]


class HookModel(Strict):
    """A web hook. Empty `entities` or `kinds` mean any."""

    id: str
    url: str
    entities: tuple[str, ...]
    kinds: tuple[str, ...]
    state: str = Field(description="active, paused, gone (the receiver answered 410), failed (for too many days)")
    made_at: Instant
    delivered: int = Field(description="The number of the last voucher that is done with (存证号)")
    failures: int = Field(description="Failed attempts in a row")
    failing_since: Instant | None
    next_at: Instant | None = Field(description="When it is tried again; null for at once")
    tried_at: Instant | None
    last_answer: str = Field(description="The last status, or why there was none")
    public_keys: tuple[str, ...] = Field(description="`whpk_…`, newest first: with these its messages are verified")


class HookList(Strict):
    """Every hook, the oldest first."""

    hooks: list[HookModel]


@router.get("/hooks", operation_id="list_hooks", openapi_extra=opened_by(Permission.SYSTEM))
def list_hooks(caller: Keeper, service: ServiceHere) -> HookList:  # noqa: ARG001 - its door
    """Every web hook and how it stands."""
    return HookList(hooks=[_told(one) for one in service.hooks.all(service.unix_now())])


@router.get("/hooks/{hook}", operation_id="read_hook", openapi_extra=opened_by(Permission.SYSTEM))
def read_hook(
    hook: Annotated[str, Path(max_length=32, description="The hook's id")],
    caller: Keeper,  # noqa: ARG001 - its door
    service: ServiceHere,
) -> HookModel:
    """One web hook."""
    return _told(service.hooks.find(hook, service.unix_now()))


def _told(one: Hook) -> HookModel:
    return HookModel(**one.told())
