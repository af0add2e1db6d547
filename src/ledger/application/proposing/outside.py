"""Events that are not in the log yet and must not be proposed again: those that wait for a signature or are rehearsed.

A register that states totals is booked by its increase over what is known, so what waits counts as known; otherwise
next month's register would book it a second time before anybody has signed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from ledger.application import waiting
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.registry import read_event
from ledger.log.side_tables import pending
from ledger.signing.statements import Statement
from ledger.values.dates import parse_day

OUTSIDE: int = 0
"""The position, and voucher number, of an event that is not in the log."""

_WAITING: Final = (
    select(pending.c.voucher_id)
    .where(pending.c.state == waiting.PENDING)
    .order_by(pending.c.submitted_at, pending.c.voucher_id)
)
"""The vouchers that wait; asked with every look into the book, and therefore made once."""


class Outside:
    """Events outside the log by tag. Waiting vouchers are read when they appear and forgotten when they are gone."""

    def __init__(self) -> None:
        self._vouchers: dict[str, list[Recorded]] = {}
        self._rehearsed: list[Recorded] = []
        self._rehearsed_ids: set[int] = set()
        self._put_off: list[Recorded] = []
        self._by_tag: defaultdict[str, list[Recorded]] = defaultdict(list)

    def refresh(self, connection: Connection) -> None:
        """Look which vouchers wait now."""
        now = list(connection.scalars(_WAITING))
        if now == list(self._vouchers):
            return
        self._vouchers = {name: self._vouchers.get(name) or _read(connection, name) for name in now}
        self._index()

    def rehearse(self, entity: str, day: str, events: Iterable[Event]) -> None:
        """Take events of a rehearsal for known."""
        self._rehearsed += self._told(entity, day, events)
        self._index()

    def put_off(self, told: Iterable[tuple[str, str, Iterable[Event]]]) -> None:
        """Take (entity, day, events) that the import hands in at last for known: other files of it may say the same."""
        for entity, day, events in told:
            self._put_off += self._told(entity, day, events)
        self._index()

    def take_up(self) -> None:
        """Forget what was put off: it is handed in now."""
        self._rehearsed_ids -= {id(one) for one in self._put_off}
        self._put_off.clear()
        self._index()

    def _told(self, entity: str, day: str, events: Iterable[Event]) -> list[Recorded]:
        told = [Recorded(OUTSIDE, event, entity, parse_day(day), OUTSIDE) for event in events]
        self._rehearsed_ids |= {id(one) for one in told}
        return told

    def find(self, need: Need) -> Sequence[Recorded]:
        """The events of a need."""
        return [item for item in self._by_tag.get(need.tag, ()) if not need.kinds or item.event.kind in need.kinds]

    def of_kind(self, kind: str) -> Sequence[Recorded]:
        """The events of a kind."""
        waiting_now = (one for part in self._vouchers.values() for one in part)
        return [item for item in (*waiting_now, *self._not_kept) if item.event.kind == kind]

    def waits(self, need: Need) -> bool:
        """Whether an event of a need is among those that wait for a signature."""
        return any(id(item) not in self._rehearsed_ids for item in self.find(need))

    def vouchers(self) -> Mapping[str, Sequence[Recorded]]:
        """The events of each voucher that waits for a signature, in order, as of the last look."""
        return self._vouchers

    @property
    def _not_kept(self) -> Sequence[Recorded]:
        return [*self._rehearsed, *self._put_off]

    def _index(self) -> None:
        self._by_tag.clear()
        for item in (*(one for part in self._vouchers.values() for one in part), *self._not_kept):
            for tag in item.event.tags():
                self._by_tag[tag].append(item)


def _read(connection: Connection, voucher: str) -> list[Recorded]:
    found = waiting.waiting(connection, voucher)
    day = parse_day(Statement.from_bytes(found.submission.envelope.payload).voucher_date)
    return [Recorded(OUTSIDE, read_event(data), found.entity, day, OUTSIDE) for data in found.submission.events]
