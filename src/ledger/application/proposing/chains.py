"""A row that is a chain of acts: what happened first stands first, and each act is known by itself.

Registers of oversight are cumulative, so next month's row is this month's with more in it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal
from ledger.flows.event import Event
from ledger.flows.knowledge import Need


class Chain:
    """Collects the acts of one row; `close` proposes them as one item dated on the latest of their days."""

    def __init__(self, context: Context, since: date = date.min) -> None:
        """`since` is the first day on which the book may tell of the row: what was before it is dated then."""
        self._context = context
        self._since = since
        self._acts: list[tuple[Need, Event]] = []
        self._days: list[date] = []
        self._reports: set[Need] = set()
        self._restates: dict[Need, str] = {}
        self._firm: dict[Need, frozenset[str]] = {}

    def add(self, tag: str, day: date | None, kind: str, **fields: Any) -> Need:
        """An act of a kind under a tag; answers the need by which it is known. One without a day bears its own and
        does not date the others.
        """
        need = Need(tag, (kind,))
        self._acts.append((need, self._context.event(kind, **fields)))
        if day is not None:
            self._days.append(day)
        return need

    def add_report(self, tag: str, day: date, kind: str, **fields: Any) -> None:
        """An act that is reported again and again (a sheet's totals): only the same content is the same act."""
        need = self.add(tag, day, kind, **fields)
        self._reports.add(need)

    def restate(self, tag: str, day: date, kind: str, **fields: Any) -> None:
        """An act of which the newest stands (a deadline), of those of the same `as_of` where it has one: what was said
        before it may be said again after it.
        """
        self.add_report(tag, day, kind, **fields)
        self._restates[Need(tag, (kind,))] = "as_of"

    def restate_of_day(self, tag: str, day: date, kind: str, **fields: Any) -> None:
        """The same of an act that stands from its day (`on`) on: the newest of each day stands."""
        self.restate(tag, day, kind, **fields)
        self._restates[Need(tag, (kind,))] = "on"

    def hold(self, need: Need, *fields: str) -> None:
        """What a payment that the book knows must have been when a row tells of it again."""
        self._firm[need] = frozenset(fields)

    @property
    def day(self) -> date:
        """The latest day of the acts so far, at the latest today."""
        today = self._context.options.today
        return min(max(max(self._days, default=today), self._since), today)

    def close(
        self, proposal: Proposal, row: CleanRow, entity: str, known_by: Need, soft: frozenset[str] = frozenset()
    ) -> None:
        """Propose the chain; it is dated today at the latest, for a register also tells what is planned. `soft` fields
        may differ in a later file without making the row another one.
        """
        reports = frozenset(self._reports)
        proposal.add_chain(row, known_by, entity, self.day, self._acts, reports, soft, self._restates, self._firm)


def coded(words: Mapping[str, str], text: Any, other: str = "other") -> str:
    """The code of the first word that stands in a text."""
    return next((code for word, code in words.items() if word in str(text or "")), other)


def day_of(value: Any, context: Context) -> date:
    """A row's day, or today when the register does not say."""
    return value if isinstance(value, date) else context.options.today
