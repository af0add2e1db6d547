"""Papers in the place of a personal signature (线下审批): what one covers, and what rests on it already."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from ledger.decisions.model import World
from ledger.decisions.prepared import Prepared
from ledger.flows.knowledge import Need
from ledger.log import tables


def paper_need(voucher: str) -> Need:
    """Papers recorded to stand in the place of a personal signature on a voucher."""
    return Need(f"voucher:{voucher}", ("approval.recorded",))


def on_paper(world: World, voucher: Prepared, amount_fen: int, number: int) -> bool:
    """Whether a paper of the voucher's entity covers what it moves, beside all that rests on the paper already."""
    return any(
        _used_fen(world, paper, voucher.statement.voucher, number) + amount_fen <= paper.max_fen
        for paper in _papers(world, voucher)
    )


def _papers(world: World, voucher: Prepared) -> Iterator[Any]:
    """Recorded papers that name the voucher, and papers that it brings for itself."""
    own, entity = voucher.statement.voucher, voucher.statement.entity
    need = paper_need(own)
    for item in world.histories.history(need.tag, need.kinds):
        if item.entity == entity:
            yield item.event
    for event in voucher.events:
        if event.kind == "approval.recorded" and getattr(event, "vouchers", ()) in ((), (own,)):
            yield event


def _used_fen(world: World, paper: Any, voucher: str, number: int) -> int:
    """What the other vouchers that a paper names have moved, recorded before this one or accepted in this batch."""
    others = [one for one in paper.vouchers if one != voucher]
    if not others:
        return 0
    columns = tables.vouchers.c
    chosen = select(func.coalesce(func.sum(columns.amount_fen), 0)).where(
        columns.voucher_id.in_(others), columns.number < number
    )
    stored = int(world.connection.scalar(chosen) or 0)
    return stored + sum(world.moved.get(one, 0) for one in others)
