"""How much of a year's cost a charity may spend on management (管理费用), and what a year's figures say of it.

An association or a service organisation that may raise funds in public may spend 13 % of its cost; one that may not
spends by its net assets at the end of the year before. Less than 200,000 yuan a year is bound by no rate. What the
limits of a foundation are is not told here, for the book does not know which charity is one.
Source: 关于慈善组织开展慈善活动年度支出和管理费用的规定 arts. 7, 9 and 11.
"""

from typing import Final

from sqlalchemy import Connection

from ledger.flows.authority.entities import EntityRegistered
from ledger_projections.keeping.answers import per_mille, per_mille_text
from ledger_projections.keeping.items import items_between
from ledger_projections.summaries.table import Said

PUBLIC_PER_MILLE: Final = 130
BY_NET_ASSETS: Final = ((1_000_000_000, 130), (500_000_000, 140), (100_000_000, 150), (0, 200))
"""Net assets in fen, from which on -> per mille of the year's cost."""
UNBOUND_FEN: Final = 20_000_000
"""Less than that is bound by no rate."""


def of_management(
    connection: Connection, whose: tuple[str, str], position: int, spent: tuple[int, int], net_before: int | None
) -> list[Said]:
    """The verdict on the management cost of an entity (id, name) that spent so much on it, and in all."""
    entity, name = whose
    fen, whole = spent
    rate = per_mille(fen, whole)
    if rate is None or not fen:
        return []
    said = {"entity": name, "management_fen": fen, "rate": per_mille_text(rate)}
    if fen < UNBOUND_FEN:
        return [Said("table.note.management_unbound", said)]
    raises = _raises_in_public(connection, entity, position)
    if not raises and net_before is None:
        return [Said("table.note.management_unknown", said)]
    steps = (limit for floor, limit in BY_NET_ASSETS if (net_before or 0) >= floor)
    limit = PUBLIC_PER_MILLE if raises else next(steps, BY_NET_ASSETS[-1][1])
    code = "table.note.management_over" if fen * 1000 > whole * limit else "table.note.management_within"
    return [Said(code, {**said, "limit": per_mille_text(limit)})]


def _raises_in_public(connection: Connection, entity: str, position: int) -> bool:
    events = (item.event for item in items_between(connection, 1, position, ("entity.registered",)))
    return any(isinstance(one, EntityRegistered) and one.entity == entity and one.public_fundraising for one in events)
