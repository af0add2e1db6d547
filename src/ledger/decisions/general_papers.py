"""Papers that name no voucher (minutes for a kind, a fund or a payee), and how much rests on each paper so far.

Kept beside the histories because such a paper is found by no tag: it is looked for by what it says. What rests on a
paper is told by the remark W_ON_PAPER of each voucher that was posted in its strength. Red letters are kept here
too, for they free what they take back.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import orjson
from sqlalchemy import Connection, select

from ledger.decisions.histories import REVERSED, recorded
from ledger.flows.books.papers import ApprovalRecorded
from ledger.flows.knowledge import Recorded
from ledger.log import reading, tables

ON_PAPER: Final = "W_ON_PAPER"
"""The remark on a voucher that a paper stands for a signature (线下审批): document, capacity, amount_fen."""

_KIND: Final = "approval.recorded"


class Rest(NamedTuple):
    """A voucher that rests on a paper with what it moves."""

    entity: str
    document: str
    number: int
    amount_fen: int


class RedLetter(NamedTuple):
    """Where an event stands that takes another back, and the id of the other."""

    number: int
    position: int
    target: str


class GeneralPapers:
    """The log's, read when they are first asked for, and those of this batch. Without a connection only the latter:
    whoever replays a log from its first voucher comes to know them all that way.
    """

    def __init__(self, connection: Connection | None) -> None:
        self._unread = self._unread_letters = connection
        self._papers: list[Recorded] = []
        self._rests: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(dict)
        """(entity, document) -> number of a voucher -> fen: each office numbers its own papers."""
        self._letters: dict[int, RedLetter] = {}
        self._tried: tuple[list[Recorded], list[Rest], list[RedLetter]] = ([], [], [])

    def of(self, entity: str) -> Sequence[Recorded]:
        """The papers that an entity recorded, in the order of the log."""
        self._read()
        return [item for item in self._papers if item.entity == entity]

    def rests_on(self, entity: str, document: str) -> Mapping[int, int]:
        """Number of each voucher that rests on a paper of an entity -> fen that it moves."""
        self._read()
        return self._rests.get((entity, document), {})

    def red_letters(self) -> Collection[RedLetter]:
        """Every red letter so far, without the voucher under judgement. Read from the log when first asked for."""
        connection, self._unread_letters = self._unread_letters, None
        if connection is not None:
            places = connection.scalars(select(tables.events.c.position).where(tables.events.c.kind == REVERSED)).all()
            stored = red_letters(recorded(connection, reading.events_at(connection, places)))
            self._letters.update((one.position, one) for one in stored)
        return self._letters.values()

    def attempt(self, items: Iterable[Recorded], rests: Iterable[Rest]) -> None:
        """What the voucher under judgement brings, until `accept` or `forget`."""
        items = list(items)
        self._tried = ([item for item in items if _is_general(item)], list(rests), list(red_letters(items)))

    def accept(self) -> None:
        """The voucher under judgement is accepted."""
        papers, rests, letters = self._tried
        self._letters.update((one.position, one) for one in letters)
        if papers or rests:
            self._read()
            self._papers += papers
            for entity, document, number, amount_fen in rests:
                self._rests[entity, document][number] = amount_fen
        self.forget()

    def forget(self) -> None:
        """The voucher under judgement is not accepted, or has been."""
        self._tried = ([], [], [])

    def _read(self) -> None:
        connection, self._unread = self._unread, None
        if connection is None:
            return
        places = connection.scalars(select(tables.events.c.position).where(tables.events.c.kind == _KIND)).all()
        self._papers += filter(_is_general, recorded(connection, reading.events_at(connection, places)))
        if not places:
            return
        found, vouchers = tables.findings.c, tables.vouchers.c
        marks = (
            select(vouchers.entity, vouchers.number, found.detail)
            .join_from(tables.findings, tables.vouchers, vouchers.first_position == found.position)
            .where(found.code == ON_PAPER, found.position >= min(places))
        )
        for entity, number, detail in connection.execute(marks):
            said = orjson.loads(detail)
            self._rests[entity, said["document"]][number] = said["amount_fen"]


def red_letters(items: Iterable[Recorded]) -> Iterator[RedLetter]:
    """Those of some events that take another back."""
    for item in items:
        if item.event.kind == REVERSED:
            yield RedLetter(item.number, item.position, str(getattr(item.event, "target", "")))


def _is_general(item: Recorded) -> bool:
    return isinstance(item.event, ApprovalRecorded) and not item.event.vouchers
