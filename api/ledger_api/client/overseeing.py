"""Doubts through the network: raised and given out. The server proposes and this side signs, so this side looks first:
nothing but what was asked for is signed, and `accept` may refuse a voucher before the key is used.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final, Protocol

from ledger.application.outcomes import Outcome
from ledger.errors import EvidenceError
from ledger.flows.event import Event
from ledger.flows.registry import read_event
from ledger_api.client.wire import Wire
from ledger_api.http.reading.negotiating import XLSX
from ledger_api.http.routes.oversight.models import SelfCheck, SheetList, UnsignedModel

SELF_CHECK: Final = "/v1/self-check"
CHECK_SHEETS: Final = "/v1/check-sheets"
Accept = Callable[[str, Sequence[Event]], bool]
"""Is shown the entity and the events that would be signed; True signs."""


class Poster(Protocol):
    """Who signs and hands in."""

    def today(self) -> date:
        """Today in China."""

    def post(self, entity: str, day: date, events: Sequence[Event], *, note: str = "") -> Outcome:
        """Sign events as one voucher of an entity and hand it in."""


def self_check(wire: Wire, poster: Poster, entity: str | None, accept: Accept) -> list[Outcome]:
    """Raise what a self-check finds new; EvidenceError E_ANSWER_OTHER where the server would have anything else
    signed.
    """
    found = wire.read(SelfCheck, SELF_CHECK, {"entity": entity})
    return list(_posted(poster, found.vouchers, "clue.raised", SELF_CHECK, accept))


def give_out(wire: Wire, poster: Poster, township: str | None, due: date | None, accept: Accept) -> list[Outcome]:
    """Assign the open doubts to their townships; EvidenceError E_ANSWER_OTHER as `self_check`."""
    found = wire.read(SheetList, CHECK_SHEETS, {"township": township, "due": due})
    return list(_posted(poster, found.vouchers, "clue.assigned", CHECK_SHEETS, accept))


def workbook(wire: Wire, path: str, query: dict[str, object]) -> bytes:
    """An Excel file; EvidenceError E_ANSWER_FORM for anything else."""
    answer = wire.ask("GET", path, query)
    if answer.media != XLSX:
        raise EvidenceError("E_ANSWER_FORM", path=path, reason=answer.media[:64])
    return answer.body


def _posted(
    poster: Poster, vouchers: Sequence[UnsignedModel], kind: str, path: str, accept: Accept
) -> Iterator[Outcome]:
    for one in vouchers:
        events = [read_event(text.encode()) for text in one.events]
        if other := next((event.kind for event in events if event.kind != kind), None):
            raise EvidenceError("E_ANSWER_OTHER", path=path, found=other)
        if accept(one.entity, events):
            yield poster.post(one.entity, poster.today(), events, note=one.note)
