"""What came in beyond its order (多收): in doubt until what stood in its way is taken back.

A recovery that was written off and is paid after all is over its order until the write-off is reversed, as the doubt
itself says; so is one of which a payment was recorded twice, until the first is; and whatever was too much is settled
when all of it was given back (退还多收).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from ledger.flows.knowledge import Need, Recorded
from ledger_projections.keeping.clocks import Moment
from ledger_projections.public_money.doubting.stood import Stood, stood_under

OVER: Final = "W_OVER_COLLECTED"
_LESS: Final = ("recovery.collected", "recovery.written_off")
"""What leaves less of an order to be collected; what is given back leaves more."""
_MORE: Final = ("recovery.refunded",)


class _Change(NamedTuple):
    """At which position an order came to leave how much more to be collected."""

    at: int
    fen: int
    is_new: bool
    """Whether it was recorded there, and not taken back."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What was collected, written off and given back of the recoveries that doubts name."""

    _moved: Mapping[str, Sequence[Stood]]
    """Recovery -> its movements, in position order."""

    @classmethod
    def read(cls, connection: Connection, details: Iterable[Mapping[str, Any]], moment: Moment) -> "Orders":
        """What stood at a moment."""
        named = dict.fromkeys(str(one["recovery"]) for one in details)
        needs = {one: Need(f"recovery:{one}", (*_LESS, *_MORE)) for one in named}
        stood = stood_under(connection, needs.values(), moment)
        return cls({one: stood[need] for one, need in needs.items()})

    def settled_at(self, item: Recorded, detail: Mapping[str, Any], gone: int | None) -> int | None:
        """Where the order came to leave as much as was collected, by what had been recorded before and was taken back
        since, and by what was given back since; or where the collection itself was taken back (`gone`).
        """
        left_fen, enough_at = int(detail["left_fen"]), None
        for change in sorted(self._since(item, str(detail["recovery"]))):
            if enough_at is not None and change.is_new:
                continue  # what comes in after that is a doubt of its own
            left_fen += change.fen
            enough_at = (enough_at or change.at) if left_fen >= detail["amount_fen"] else None
        return min((end for end in (enough_at, gone) if end is not None), default=None)

    def _since(self, item: Recorded, recovery: str) -> Iterable[_Change]:
        """What counted when something was collected and does not any more, and what counts since."""
        for one in self._moved[recovery]:
            if one.item.entity != item.entity or one.position == item.position:
                continue
            fen = one.event.amount_fen if one.event.kind in _LESS else -one.event.amount_fen
            if one.position > item.position and one.gone_at is None:
                yield _Change(one.position, -fen, is_new=True)
            elif one.position < item.position and one.gone_at is not None and one.gone_at > item.position:
                yield _Change(one.gone_at, fen, is_new=False)
