"""A batch of which lines were sent back (退回、撤回、失效、冲销) is prepared anew, with the total of the mended list.

A batch promises its total before its lines are signed. Where lines end without being posted, or are reversed, and the
list is mended, it comes to something else than was promised, and no list would fill that promise any more. What was
prepared is then reversed and prepared anew in one voucher, which a checker signs as any reversal. What was taken out of
the batch released a part of the promise: it is reversed with it, and taken out of the new one.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from ledger.application import waiting
from ledger.application.proposing.context import Context
from ledger.application.proposing.outside import OUTSIDE
from ledger.decisions.histories import REVERSED
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.payment.batches import LINES
from ledger.flows.registry import read_event

_REASON = "批次内的行被退回、撤回、失效或冲销，名册改正后重新制表"


def reversed_need(batch: str) -> Need:
    """The reversals of what a batch consists of."""
    return Need(f"batch:{batch}", (REVERSED,))


def was_sent_back(context: Context, entity: str, batch: str) -> bool:
    """Whether a line of a batch waited in a voucher that was ended, or stood and was reversed. An import that was cut
    off left none of either: its list goes on as it is.
    """
    undone: list[Any] = context.events(reversed_need(batch))
    if any(tag.startswith("payment:") for one in undone for tag in one.target_tags):
        return True
    with context.store.read() as connection:
        ended = [
            data
            for voucher in waiting.ended_with(connection, entity, batch)
            for data in voucher.submission.events
            if batch.encode() in data
        ]
    events = map(read_event, ended)
    return any(event.kind in LINES and getattr(event, "batch", None) == batch for event in events)


def prepared_anew(context: Context, before: Recorded, out: Sequence[Recorded], anew: Event) -> tuple[Event, ...]:
    """The preparation `before` reversed and made `anew`, and what was taken `out` of the batch with it."""
    day = day_of(before, out).isoformat()
    again = [context.event(one.event.kind, **_said(one.event)) for one in out]
    return (*(_reversal(context, one, day) for one in (*out, before)), anew, *again)


def day_of(before: Recorded, out: Sequence[Recorded]) -> date:
    """The voucher's day: nothing is undone before it happened."""
    return max(one.voucher_date for one in (before, *out))


def voucher_of(context: Context, event: Event) -> str | None:
    """The waiting voucher that holds an event; None for one that is in the log."""
    held = context.outside.vouchers().items()
    return next((voucher for voucher, items in held if any(one.event.id == event.id for one in items)), None)


def is_recorded(one: Recorded) -> bool:
    """Whether an event is in the log, and not only waits."""
    return one.position != OUTSIDE


def _reversal(context: Context, one: Recorded, day: str) -> Event:
    target = {"target": one.event.id, "target_position": one.position, "target_tags": list(one.event.tags())}
    return context.event(REVERSED, **target, reason=_REASON, on=day)


def _said(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.model_dump(mode="json").items() if name not in ("id", "kind")}
