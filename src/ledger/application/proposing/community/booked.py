"""What the book already knows of a total that a register states."""

from ledger.application.proposing.context import Context
from ledger.flows.knowledge import Need


def booked(
    context: Context, tag: str, kind: str, *, field: str = "amount_fen", year: int | None = None, **same: str
) -> int:
    """The sum of a field (fen, unless another is named) of the events of a kind under a tag, of a year where one is
    given, and of those whose fields are the same. What waits for a signature counts too.
    """
    return sum(
        int(getattr(event, field))
        for event in context.events(Need(tag, (kind,)))
        if year in {None, event.occurred_on.year}
        and all(getattr(event, name, None) == value for name, value in same.items())
    )
