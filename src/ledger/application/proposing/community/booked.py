"""What the book already knows of a total that a register states."""

from ledger.application.proposing.context import Context
from ledger.flows.knowledge import Need


def booked_fen(context: Context, tag: str, kind: str, *, year: int | None = None, **same: str) -> int:
    """Fen that events of a kind under a tag stand for, of a year where one is given, and of those whose fields are the
    same. What waits for a signature counts too.
    """
    return sum(
        int(event.amount_fen)
        for event in context.events(Need(tag, (kind,)))
        if year in {None, event.occurred_on.year}
        and all(getattr(event, name, None) == value for name, value in same.items())
    )
