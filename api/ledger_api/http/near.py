"""Which vouchers a caller sees: those of an entity, or of its townships only."""

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection

from ledger.flows.event import Event
from ledger_api.http.callers import Caller, Permission
from ledger_projections.keeping.townships import Townships

_ANYWHERE: Final = ("attachment.", "identity.", "voucher.")
"""What lies nowhere, and goes with what the rest of its voucher is about."""


def sees_voucher(
    connection: Connection, caller: Caller, entity: str, maker: str, events: Callable[[], Iterable[Event]]
) -> bool:
    """Whether a caller sees a voucher of an entity: the own, or one whose events all lie in the caller's townships,
    where roles narrow the caller to some.
    """
    names = caller.townships(Permission.BOOKS, entity)
    if names is None:
        return True
    if not names:
        return False
    if maker == caller.officer:
        return True
    within = Townships(connection, names)
    placed = [event for event in events() if not event.kind.startswith(_ANYWHERE)]
    return bool(placed) and all(within.has_event(event) for event in placed)
